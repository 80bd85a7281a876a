"""Names people go by: offered by the server, checked when chosen, and never close enough to pose as another."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Collection
from functools import cache
from itertools import pairwise

from confusable_homoglyphs import categories
from confusable_homoglyphs.confusables import confusables_data

from forum.accounts.name_words import FIRST, ROLES, SECOND, STONES, TREES
from forum.base.characters import fold, normalise
from forum.base.errors import Invalid
from forum.base.words import _

LEAST = 3  # letters; shorter ones are often real initials
MOST = 30  # characters; longer ones push the words off a small screen
MOST_DIGITS = 4  # a year at most: five or more digits in a row of words are how telephone numbers get in

# Two spellings that look alike in most typefaces, after everything else has become plain small letters.
_LOOK_ALIKE = [("rn", "m"), ("vv", "w"), ("l", "i"), ("1", "i"), ("0", "o"), ("5", "s"), ("3", "e")]

# Writing systems that one word of an honest name mixes (Unicode TS 39, "highly restrictive").
_MIXED_HONESTLY = [{"HAN", "HIRAGANA", "KATAKANA"}, {"HAN", "HANGUL"}, {"HAN", "BOPOMOFO"}]
_ANY_SCRIPT = {"COMMON", "INHERITED"}
_LOOKS_LATIN = {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"}

_APOSTROPHES = re.compile("[’‘ʼ`´′]")
_HYPHENS = re.compile("[‐‑‒–—−]")
_ADDRESS = re.compile(
    r"@|://|www\.|\w\.\w{2,}|\bdot\s+(?:com|org|net|uk|co)\b|\b(?:gmail|hotmail|whatsapp|insta|snapchat)\b"
)
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}\b")
# Letters to a program and blanks to a person: a name of these would be nobody's.
_BLANK_LETTERS = re.compile("[\u115f\u1160\u3164\uffa0\u17b4\u17b5]")


def offer(n: int, taken: Callable[[set[str]], set[str]]) -> list[str]:
    """Return names to choose from, two plain words each, that nobody in the group has.

    :param n: how many, 1 to 20. Fewer come back only if twenty rounds of drawing found no more.
    :param taken: asked with a set of skeletons, answers with those in use; called once or twice as a rule.
    """
    free: dict[str, str] = {}
    for drawn in range(20):
        # There are over 25,000 pairs. Should a group use them up, a number keeps people apart.
        number = f" {secrets.randbelow(90) + 10}" if drawn >= 10 else ""
        batch = {skeleton(name): name for name in (_pair(FIRST, SECOND) + number for _ in range(2 * n))}
        used = taken(set(batch))
        free |= {key: name for key, name in batch.items() if key not in used}
        if len(free) >= n:
            break
    return list(free.values())[:n]


def offer_alias(taken: Collection[str]) -> str:
    """Return a name for somebody who hides theirs in one conversation: a stone or a tree, as in "Someone (Slate)".

    :param taken: every alias already in this conversation, so that no two people are taken for one.
    """
    free = [word for word in STONES + TREES if word not in taken]
    if free:
        return secrets.choice(free)
    pairs = [pair for stone in STONES for tree in TREES if (pair := f"{stone} {tree}") not in taken]
    return secrets.choice(pairs) if pairs else _numbered(taken)


def check_name(name: str) -> str:
    """Return the name as it will be shown, or say kindly what to change.

    Three to thirty letters, digits, spaces, hyphens or apostrophes of any script; no way to reach the person; no two
    writing systems in one word; nothing that only the team may be called.

    :raises Invalid: with the reason, for the field "name".
    """
    name = _tidied(name)
    folded = fold(name)
    for wrong, message in _objections(name, folded):
        if wrong:
            raise Invalid(message, "name")
    return name


def is_of_our_words(name: str) -> bool:
    """Whether a name is made of the words that we offer, with a number at most: then it points at nobody."""
    words = [word for word in re.split(r"[\s'-]+", _tidied(name)) if not word.isdecimal()]
    return bool(words) and all(skeleton(word) in _offered_words() for word in words)


def skeleton(name: str) -> str:
    """Return what is left of a name when all that the eye may miss is taken away; equal for names that look alike.

    Case, accents, spaces, hyphens and apostrophes do not count, nor letters of another script or digits that look
    the same (Cyrillic "а", "0" for "o", "rn" for "m"). Never shown. At most 60 characters for a checked name.
    """
    bare = "".join(_prototype(character) for character in fold(_tidied(name)))
    bare = "".join(
        character for character in bare if character.isalnum() or unicodedata.category(character) in {"Mc", "Mn"}
    )
    for one, other in _LOOK_ALIKE:
        bare = bare.replace(one, other)
    return bare


def _objections(name: str, folded: str) -> list[tuple[bool, str]]:
    letters = sum(character.isalpha() for character in name)
    return [
        (
            _reachable(folded),
            _("A name cannot hold a phone number, an address or a link. It keeps you safe to leave it out."),
        ),
        (not LEAST <= len(name) <= MOST, _("Choose a name of 3 to 30 letters.")),
        (not all(map(_may_stand_in_a_name, name)), _("You can use letters, numbers, spaces and the marks - and '.")),
        (letters < 2, _("Use at least two letters in your name.")),
        (
            not all(map(_one_script, re.split(r"[\s'-]+", name))),
            _("Use letters of one alphabet in each word of your name."),
        ),
        (_claims_a_role(folded), _("Only the team may use that word in a name. Please choose another.")),
        (_is_like_an_alias(folded), _("Someone here has a name like that. Please choose another.")),
    ]


def _tidied(name: str) -> str:
    name = _BLANK_LETTERS.sub("", unicodedata.normalize("NFKC", normalise(name)))
    name = "".join(character for character in name if unicodedata.category(character) != "Cf")
    return " ".join(_HYPHENS.sub("-", _APOSTROPHES.sub("'", name)).split())


def _may_stand_in_a_name(character: str) -> bool:
    return character in " -'" or unicodedata.category(character) in {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"}


def _reachable(folded: str) -> bool:
    digits = sum(character.isdecimal() for character in folded)
    return digits > MOST_DIGITS or bool(_ADDRESS.search(folded) or _POSTCODE.search(folded))


def _one_script(word: str) -> bool:
    scripts = {categories.alias(character) for character in word} - _ANY_SCRIPT
    return len(scripts) <= 1 or any(scripts <= mixed for mixed in _MIXED_HONESTLY)


def _claims_a_role(folded: str) -> bool:
    """One word, two together, or the whole name however it is cut up; long ones also inside a word ("Moderatorx")."""
    each = [skeleton(word) for word in re.split(r"[\s'-]+", folded)]
    words = {*each, *(one + other for one, other in pairwise(each))}
    whole = skeleton(folded)
    return bool(words & _roles()) or whole in _roles() or any(role in whole for role in _roles() if len(role) >= 9)


def _is_like_an_alias(folded: str) -> bool:
    """Stones and trees alone, as aliases are made of: a member "Slate" and somebody hidden as "Slate" look the same."""
    words = [word for word in re.split(r"[\s'-]+", folded) if not word.isdecimal()]
    return bool(words) and all(skeleton(word) in _alias_words() for word in words)


@cache
def _alias_words() -> frozenset[str]:
    return frozenset(skeleton(word) for word in STONES + TREES)


@cache
def _offered_words() -> frozenset[str]:
    return frozenset(skeleton(word) for word in FIRST + SECOND)


@cache
def _roles() -> frozenset[str]:
    return frozenset(skeleton(role + plural) for role in ROLES for plural in ("", "s"))


@cache
def _prototype(character: str) -> str:
    """Return the plain letter that a folded letter of a Latin-looking script is mistaken for, or itself."""
    if character.isascii() or categories.alias(character) not in _LOOKS_LATIN:
        return character
    for form in (character, character.upper()):
        for found in confusables_data.get(form, []):
            first = found["c"][0]
            if first.isascii() and first.isalnum():
                return str(first.lower())
    return character


def _pair(first: Collection[str], second: Collection[str]) -> str:
    return f"{secrets.choice(tuple(first))} {secrets.choice(tuple(second))}"


def _numbered(taken: Collection[str]) -> str:
    """After more than a thousand people in one conversation: a pair with a number."""
    number = 2
    while (alias := f"{_pair(STONES, TREES)} {number}") in taken:
        number += 1
    return alias
