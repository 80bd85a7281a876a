"""Finds ways out of the forum in a text: links, telephone numbers, e-mail addresses, also when they are disguised.

What is found makes a person look; it never refuses, punishes or tells the author they did wrong. So near misses that
fill these groups' days (doses, dates, scores, counting to calm down) matter as much as hits.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache

from moderation.detectors.tokens import words_in

_GAP = r"\s{0,2}"
_SPOKEN_DOT = rf"(?:{_GAP}[\[({{<]\s?(?:dot|\.)\s?[\])}}>]{_GAP}|\s{{1,2}}dot\s{{1,2}}|\s\.\s?)"
_SPOKEN_AT = rf"(?:{_GAP}[\[({{<]\s?(?:at|@)\s?[\])}}>]{_GAP}|\s{{1,2}}at\s{{1,2}})"
_ANY_DOT = rf"(?:{_SPOKEN_DOT}|\.)"

# Endings that are not also a word, a unit or a note on a prescription: "day.it", "5.ml", "my.gp" and "e.g.me" are
# what tired thumbs leave behind. Those endings count only with a page after them, as in "wa.me/44".
_ENDINGS = (
    "com org net info biz edu gov uk ie eu de fr nl es ca pk cn jp ru io app dev xyz tv gg gl ly onion tk icu co "
    "au nz za se dk fi cz hu gr tr ua il ae scot wales london ngo zone tech"
).replace(" ", "|")
_WORDY_ENDINGS = (
    "it is in to so me my be at am as do no by ai us la ma id ms pl ch pt st sh md cc ml online site shop live life "
    "today link page blog cloud store pro club group chat space top news fun"
).replace(" ", "|")

_EMAIL = re.compile(
    rf"[\w+-]{_GAP}@{_GAP}[\w-]{{1,63}}{_ANY_DOT}\w|[\w+-]{_SPOKEN_AT}[\w-]{{1,63}}{_SPOKEN_DOT}(?:{_ENDINGS})\b"
    r"|\w(?:\sat\s|\s?@)(?:gmail|googlemail|hotmail|icloud|protonmail)\b"
)
_LINK = re.compile(
    r"\b(?:https?|hxxps?|ftp)\s?:\s?/"
    r"|\bwww\d?\s?\.\s?\w"
    rf"|(?<![\w@-])[\w-]{{2,63}}\.(?:{_ENDINGS})(?![\w-])"
    rf"|(?<![\w@-])[\w-]{{1,63}}\.(?:{_WORDY_ENDINGS}|{_ENDINGS})/\w"
    rf"|(?<![\w-])(?!(?:the|a|an|this|that|old|early)\b)[\w-]{{2,63}}{_SPOKEN_DOT}(?:com|org|net|info|co{_ANY_DOT}uk|uk|io)\b"
    r"|ڈاٹ کام\b"
)

_DAY_AND_MONTH = r"(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-]"
_NOT_NUMBERS = re.compile(
    rf"(?<!\d){_DAY_AND_MONTH}(?:(?:19|20)\d\d|\d\d)(?!\d)|(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)"
    r"|(?<![\d.])\d{1,3}\.\d{1,2}(?!\d|\.\d)"  # 0.5 mg, £12.99, 37.8
)
_NAMED = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_DIGIT_WORDS = {name: str(digit) for digit, name in enumerate(_NAMED)}
_DIGIT_WORDS |= dict.fromkeys(["oh", "o", "nought", "naught"], "0")
_SPOKEN_DIGIT = re.compile(rf"\b(?:(double|triple|treble)[\s-])?({'|'.join(_DIGIT_WORDS)}|\d)\b(?:\s?,(?=\s?[a-z]))?")
_DISGUISED = re.compile(r"(?<![a-z\d])(?=(?:[oil|]*\d){4})[\doil|]{5,15}(?![a-z\d])")
_DISGUISED_RUN = re.compile(r"(?<![a-z\d])[o0]7[\doil|]{2,9}(?:[\s.-]{1,2}(?=[oil|]*\d)[\doil|]{2,9}){0,3}(?![a-z\d])")
_GROUPS = re.compile(r"\+?\d+(?:[ \t().\-/_–—*·]{1,3}\d+)*")
_AFTER_A_CUE = re.compile(
    r"\b(?:call|ring|text|phone|mobile|whatsapp|number is|tel)\b[^\d\n]{0,20}(\d[\d -]{5,11}\d)(?!\d)"
)


#: Without one of these there is nothing to look for; most posts end here, which keeps posting quick. A plain piece of text
#: is found twenty times as quickly as a choice of patterns.
_SIGNS_OF_LINKS = ("/", "www", "dot", "ڈاٹ")
_SIGNS_OF_EMAIL = ("@", "dot", "gmail", "googlemail", "hotmail", "icloud", "protonmail")
_DOT_INSIDE = re.compile(r"\.(?:\w|(?<=[\s\[({<]\.))")
_DOT_APART = re.compile(r"\.(?<=[\s\[({<]\.)")
_AT_APART = re.compile(r"[\[({<]\s?at\b")
_FIGURE = re.compile(r"\d")
#: A run of this many figures may hide more of them in letters: "o77oo9ool23".
_LEAST_FIGURES = 4
#: No number is shorter; a word stands for three figures at most, as in "triple five".
_LEAST_NUMBER, _MOST_IN_A_WORD = 7, 3


def has_link(folded: str) -> bool:
    """Say whether the text holds a web address, with or without http, or one said in words.

    :param folded: text from `characters.fold`.
    """
    return _may_be_link(folded) and bool(_LINK.search(_EMAIL.sub(" ", folded)))


def has_email(folded: str) -> bool:
    """Say whether the text holds an e-mail address, or one said in words."""
    return _may_be_email(folded) and bool(_EMAIL.search(folded))


def has_phone(folded: str, allowed: Collection[str]) -> bool:
    """Say whether the text holds a telephone number: British in any grouping, foreign with a + or 00, or said in words.

    :param allowed: numbers that may always be passed on (crisis lines); in any grouping.
    """
    return _may_be_number(folded) and _finds_number(folded, frozenset(allowed))


#: Words are looked through for the question to their author and then for the gate.
TEXTS_KEPT = 4


@lru_cache(maxsize=TEXTS_KEPT)
def _finds_number(folded: str, allowed: frozenset[str]) -> bool:
    known = _known(allowed)
    text = _NOT_NUMBERS.sub(" x ", folded)
    for disguised in (_DISGUISED, _DISGUISED_RUN):
        text = disguised.sub(lambda found: found[0].translate(str.maketrans("oil|", "0111")), text)
    spoken = _SPOKEN_DIGIT.sub(_as_digits, text)
    return any(_holds_number(found[0], known) for found in _GROUPS.finditer(spoken)) or any(
        _digits(found[1]) not in known and 7 <= len(_digits(found[1])) <= 10 for found in _AFTER_A_CUE.finditer(text)
    )


def _holds_number(run: str, known: Collection[str]) -> bool:
    """Look at every stretch of whole groups: "07700 900123 9 am" ends in something else, "116 123" may stand before."""
    groups = re.findall(r"\d+", run)
    start = 0
    while start < len(groups):
        stretches = list(_stretches(groups, start))
        past = [end for digits, end in stretches if digits in known]
        if past:
            start = max(past)
            continue
        foreign = run.startswith("+") and start == 0
        if any(_is_number(digits, groups[start:end], foreign) for digits, end in stretches):
            return True
        start += 1
    return False


def _stretches(groups: list[str], start: int) -> Iterator[tuple[str, int]]:
    digits = ""
    for end in range(start, len(groups)):
        digits += groups[end]
        if len(digits) > 15:  # the longest number there is
            return
        yield digits, end + 1


def _is_number(digits: str, groups: list[str], foreign: bool) -> bool:
    if counts(digits):  # not dialling
        return False
    if foreign:
        return len(digits) >= 10
    if re.fullmatch(r"00[1-9]\d{8,12}|44[12378]\d{9}", digits):
        return True
    # Mobiles are given in any rhythm; for the others one longer group tells them from a row of small figures.
    return bool(re.fullmatch(r"07\d{9}", digits)) or (
        bool(re.fullmatch(r"0[12389]\d{9}|0[18]\d{8}", digits)) and max(map(len, groups)) >= 3
    )


def counts(digits: str) -> bool:
    """Say whether figures only count up, as people do to calm down."""
    return digits in "01234567890123456789"


def _may_be_link(folded: str) -> bool:
    """A dot inside a word, a slash, or a dot that is said or set apart."""
    return any(sign in folded for sign in _SIGNS_OF_LINKS) or _DOT_INSIDE.search(folded) is not None


def _may_be_email(folded: str) -> bool:
    """A sign, the name of a place for mails, or a dot or an "at" that is said or set apart."""
    if any(sign in folded for sign in _SIGNS_OF_EMAIL):
        return True
    return _DOT_APART.search(folded) is not None or _AT_APART.search(folded) is not None


def _may_be_number(folded: str) -> bool:
    """As many figures, also in words, as make a number."""
    figures = len(_FIGURE.findall(folded))
    if figures >= _LEAST_FIGURES or "o7" in folded:
        return True
    said = sum(map(_DIGIT_WORDS.__contains__, words_in(folded)))
    return figures + _MOST_IN_A_WORD * said >= _LEAST_NUMBER


def _as_digits(found: re.Match[str]) -> str:
    digit = _DIGIT_WORDS.get(found[2], found[2])
    return digit * {"double": 2, "triple": 3, "treble": 3}.get(found[1] or "", 1)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


#: Crisis lines, which are asked about with every post that has figures; there are some dozens.
NUMBERS_KEPT = 500


@cache
def _known(allowed: frozenset[str]) -> frozenset[str]:
    """Every form of numbers that may be passed on; the crisis lines, so the same each time."""
    return frozenset(form for number in allowed for form in _forms(number))


@lru_cache(maxsize=NUMBERS_KEPT)
def _forms(number: str) -> frozenset[str]:
    digits = _digits(number)
    abroad = (f"44{digits[1:]}", f"0044{digits[1:]}", f"440{digits[1:]}") if digits.startswith("0") else ()
    return frozenset((digits, *abroad))
