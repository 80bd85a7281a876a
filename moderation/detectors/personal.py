"""Details that tell strangers who or where somebody is, and whose they seem to be: the author's own, or somebody else's.

The author is asked before anything is posted, and offered the same words with the details covered. Numbers and boxes of
organisations, crisis lines above all, are nobody's details and never covered.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from forum.base.characters import fold
from moderation.detectors import contacts
from moderation.detectors.tokens import words_in

#: What stands in place of a detail that its author covered. No word of it is found by any detector.
COVER = "[…]"
#: How far before a detail it is asked whose it is; about a line on a phone.
_BEFORE, _AFTER = 90, 30

_STREETS = "street|road|lane|avenue|close|drive|crescent|gardens|terrace|court|grove|way|rd|ave|cres"
_APPS = (
    "insta(?:gram)?|snap(?:chat)?|tik ?tok|discord|telegram|facebook|fb|twitter|skype|kik|signal|steam|psn|xbox|reddit|whatsapp"
    "|linkedin"
)
_DIGIT_WORD = "(?:zero|oh|o|nought|naught|one|two|three|four|five|six|seven|eight|nine|double|triple|treble)"
_NUMBER = re.compile(
    rf"(?<![\w£$€])\(?(?:\+|\b{_DIGIT_WORD}\b|[oil|]*\d)(?:[\s().,\-/_–—*·]{{0,3}}(?:\b{_DIGIT_WORD}\b|[\doil|]*\d[oil|]*))*"
)
_CALLED = re.compile(
    r"\b(?:call|ring|text|phone|mobile|whatsapp|number is|tel)\b[^\d\n]{0,20}(?P<it>\d[\d -]{5,11}\d)(?!\d)"
)
_EMAIL = re.compile(
    r"[\w.+-]+\s{0,2}(?:@|[\[({<]\s?(?:at|@)\s?[\])}>])\s{0,2}[\w-]+(?:\s{0,2}(?:\.|[\[({<]\s?(?:dot|\.)\s?[\])}>])\s{0,2}\w+)*"
    r"|[\w.+-]+\s{1,2}at\s{1,2}[\w-]+(?:\s{1,2}(?:dot|\.)\s{0,2}\w+){1,3}"
    r"|[\w.+-]+\s(?:at\s|@)(?:gmail|googlemail|hotmail|icloud|protonmail|yahoo|outlook)\b"
)
_MAILBOX = re.compile(
    r"^(?:info|help|helpline|hello|contact|support|enquir(?:y|ies)|admin|office|team|reception|advice|referrals?"
    r"|jo@samaritans)\b"
)
_FOR_EVERYONE = re.compile(r"^(?:0|\+?44|0044)(?:3\d|80|84|87|9\d)")

_AREA = (
    "(?:ab|al|b|ba|bb|bd|bh|bl|bn|br|bs|bt|ca|cb|cf|ch|cm|co|cr|ct|cv|cw|da|dd|de|dg|dh|dl|dn|dt|dy|e|ec|eh|en|ex|fk|fy|g"
    "|gl|gu|ha|hd|hg|hp|hr|hs|hu|hx|ig|im|ip|iv|ka|kt|kw|ky|l|la|ld|le|ll|ln|ls|lu|m|me|mk|ml|n|ne|ng|nn|np|nr|nw|ol|ox|pa"
    "|pe|ph|pl|po|pr|rg|rh|rm|s|sa|se|sg|sk|sl|sm|sn|so|sp|sr|ss|st|sw|sy|ta|td|tf|tn|tq|tr|ts|tw|ub|w|wa|wc|wd|wf|wn|wr|ws"
    "|wv|yo|ze)"
)
#: The second half never has C, I, K, M, O or V; "b12 2nd", "e1 2hr" and "n1 3x" are days and doses.
_POSTCODE = re.compile(
    rf"\b{_AREA}\d[a-z\d]?\s?\d(?!st\b|nd\b|rd\b|th\b|hr\b|pd\b|xd\b|lb\b|ft\b|st\b)[abd-hjlnp-uw-z]{{2}}\b"
)
_STREET = re.compile(
    r"\b(?:flat \d+\w?,? )?\d{1,4}[a-d]?,? (?:[a-z']+ ){1,3}"
    rf"(?:{_STREETS})\b"
)
_NOT_A_STREET = re.compile(
    r"\b(?:the|my|his|her|a|this|that|other|long|hard|any|no|their|of|on|in|to|and|by|all|half|each|years?|months?|weeks?|days?"
    r"|hours?|minutes?|miles?|times?|people|steps?|down|along|every|which)\b"
)
_NHS = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")
_NINO = re.compile(r"\b[a-z]{2} ?\d\d ?\d\d ?\d\d ?[a-d]\b")
_BORN = re.compile(
    r"\b(?:dob|d\.o\.b\.?|date of birth|born on(?: the)?|birthday is(?: the)?)\W{0,3}(?:is\s|was\s|the\s)?"
    r"(?P<it>\d{1,2}(?:st|nd|rd|th)?(?:[./ -]| of )(?:\d{1,2}|[a-z]{3,9})[./ -](?:19|20)?\d\d)\b"
)
_HANDLE = re.compile(
    rf"\b(?:{_APPS})\b(?:(?: username| handle| name| tag| user| id| account)?(?:,? name of|,? called| is| as| at| under|'s|s)?[\s:,=-]{{1,3}}"
    r"(?P<it>@[\w.]{3,}|(?=[a-z._]*[\d_.#])[a-z\d][\w.#]{3,}\w))"
    r"|(?P<front>@[\w.]{3,}) on (?:insta|snap|tik ?tok|twitter|x\b|telegram|discord|facebook)"
)
#: Names begin with capitals, so this looks at the text as it was written.
_NAME = re.compile(
    r"\b(?P<whose>[Mm]y|[Hh]is|[Hh]er|[Tt]heir) (?:real |full |actual |proper )*name(?: is|['’]s| was)(?: actually| really)? "
    r"(?P<it>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+)"
)

#: One of these stands in every text that has a detail; most posts have none, which keeps posting quick.
_FIGURES = re.compile(
    rf"(?:\d\D{{0,4}}){{4}}|\b[a-z]{{1,2}}\d[a-z\d]?\s?\d[a-z]|\d[a-d]?,? (?:[a-z']+ ){{1,3}}(?:{_STREETS})\b|\bborn\b|birth|d\.?o\.?b"
)
_TELLING = frozenset(
    words_in(
        "name names dot gmail googlemail hotmail icloud protonmail yahoo outlook insta instagram snap snapchat tiktok tik discord "
        "telegram facebook fb twitter skype kik signal steam psn xbox reddit whatsapp linkedin"
    )
)
_NUMBER_WORDS = frozenset(words_in(_DIGIT_WORD))
#: Fewer figures are no telephone number, said in words or not.
_LEAST_NUMBER = 5
_DIGIT = re.compile(r"\d")

_KIN = (
    "mum|mam|mom|mother|dad|father|ex|husband|wife|partner|boyfriend|girlfriend|son|daughter|sister|brother|friend|mate|boss"
    "|manager|neighbour|landlord|nan|gran|grandad|aunt|uncle|cousin|doctor|therapist|counsellor|cpn|social worker|key ?worker"
    "|stepdad|stepmum|teacher|colleague|carer|bf|gf|kid|child|niece|nephew|flatmate|consultant|nurse"
)
_OTHERS = re.compile(
    rf"\b(?:(?:my|our|the|a|that|his|her)\s(?:\w+\s)?(?:{_KIN})(?:'?s)?\b|his|hers?|their|theirs|he|she|him|them|they"
    r"|(?!it|that|there|here|what|who|let|she|he|how|where)[a-z]{3,}'s (?:\w+ )?(?:number|address|email|mobile|phone|insta\w*|snap\w*|details|house|postcode|flat|home|place|door))\b"
)
_OWN = re.compile(r"\b(?:me|i|im|i'm|ive|i've|my|mine|myself|we|our)\b")
_AFTER_OTHER = re.compile(rf"^[\s,)\]-]*(?:is|thats|that's|was|=)\s(?:his|hers?|their|my\s(?:\w+\s)?(?:{_KIN})|him)\b")


@dataclass(frozen=True)
class Detail:
    """One detail: what kind it is, whose it seems to be, and where it stands, for as long as it takes to ask."""

    rule: str
    own: bool
    start: int
    end: int


def may_have_details(folded: str) -> bool:
    """Whether it is worth looking: most posts have no figure, no sign and no name of an app."""
    tokens = words_in(folded)
    if (
        "@" in folded
        or not _TELLING.isdisjoint(tokens)
        or sum(map(_NUMBER_WORDS.__contains__, tokens)) >= _LEAST_NUMBER
    ):
        return True
    return _DIGIT.search(folded) is not None and _FIGURES.search(folded) is not None


def list_details(text: str, allowed: Collection[str] = ()) -> list[Detail]:
    """Find details of people in a text.

    :param text: normalised, at most 20,000 characters. :param allowed: crisis lines, in any grouping.
    """
    folded = _same_length(text)
    found: list[Detail] = []
    for rule, start, end in _each(text, folded, allowed):
        if not any(start < one.end and one.start < end for one in found):
            found.append(Detail(rule, _is_own(folded, start, end), start, end))
    return sorted(found, key=lambda one: one.start)


def cover(text: str, allowed: Collection[str] = ()) -> str:
    """Return the text with its details covered; the rest stays as it was."""
    covered, upto = [], 0
    for one in list_details(text, allowed):
        covered += [text[upto : one.start], COVER]
        upto = one.end
    return "".join([*covered, text[upto:]])


def _each(text: str, folded: str, allowed: Collection[str]) -> Iterator[tuple[str, int, int]]:
    """What is more telling comes first: a number that is an NHS number is not a telephone as well."""
    if any(character.isdigit() for character in folded):
        yield from (("nhs", *span) for span in _spans(_NHS, folded) if _is_nhs(folded[slice(*span)]))
        yield from (("nino", *span) for span in _spans(_NINO, folded))
        yield from (("born", *span) for span in _spans(_BORN, folded))
        yield from (("postcode", *span) for span in _spans(_POSTCODE, folded))
        yield from (("address", *span) for span in _spans(_STREET, folded) if _is_street(folded[slice(*span)]))
    yield from _emails(folded)
    yield from _phones(folded, allowed)
    yield from (("handle", *span) for span in _spans(_HANDLE, folded))
    yield from (("name", *span) for span in _spans(_NAME, text))


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    for found in pattern.finditer(text):
        named = [name for name, value in found.groupdict().items() if value and name in ("it", "front")]
        yield found.span(named[0]) if named else found.span()


def _emails(folded: str) -> Iterator[tuple[str, int, int]]:
    if not contacts.has_email(folded):
        return
    for start, end in _spans(_EMAIL, folded):
        if contacts.has_email(folded[start:end]) and not _MAILBOX.search(folded[start:end]):
            yield "email", start, end


def _phones(folded: str, allowed: Collection[str]) -> Iterator[tuple[str, int, int]]:
    """Each run of figures by itself: what stands beside a number stays readable."""
    if not contacts.has_phone(folded, allowed):
        return
    for start, end in _spans(_NUMBER, folded):
        run = folded[start:end]
        if contacts.has_phone(run, allowed) and not _FOR_EVERYONE.match(re.sub(r"\D", "", run)):
            yield "phone", start, end
    for start, end in _spans(_CALLED, folded):
        run = folded[start:end]
        if contacts.has_phone(f"call {run}", allowed) and not _FOR_EVERYONE.match(re.sub(r"\D", "", run)):
            yield "phone", start, end


def _is_nhs(found: str) -> bool:
    """NHS numbers end in a figure that the others give."""
    digits = [int(character) for character in found if character.isdigit()]
    if contacts.counts("".join(map(str, digits))):
        return False
    check = 11 - sum(digit * (10 - n) for n, digit in enumerate(digits[:9])) % 11
    return check % 11 == digits[9] and len(set(digits)) > 1


def _is_street(found: str) -> bool:
    return not _NOT_A_STREET.search(found)


def _is_own(folded: str, start: int, end: int) -> bool:
    """The nearest word before it that says whose it is, in its own sentence; without any it is the author's."""
    if _AFTER_OTHER.search(folded[end : end + _AFTER]):
        return False
    before = re.split(r"[.!?\n]\s", folded[max(0, start - _BEFORE) : start])[-1]
    others = [found.end() for found in _OTHERS.finditer(before)]
    own = [found.end() for found in _OWN.finditer(before)]
    return not others or bool(own and own[-1] > others[-1])


def _same_length(text: str) -> str:
    """The text folded one character for one, so that places in it are places in the text."""
    if text.isascii():
        return text.lower()
    return "".join(fold(character)[:1] or "\u200b" for character in text).replace("’", "'")
