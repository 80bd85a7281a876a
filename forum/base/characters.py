"""Characters: what may stay in text that other people will read, and when two spellings count as the same."""

import re
import unicodedata

# Marks stacked on one letter. Vietnamese, pointed Arabic and Hebrew with chant marks need four at most;
# stacks of dozens ("zalgo") cover the lines above and below, which are somebody else's words.
MAX_MARKS_ON_A_LETTER = 6

_BREAKS = dict.fromkeys([0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029], "\n")
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], None)
# Letters that take no room. They can hide a word from the word list or carry a message nobody can see.
# The two joiners (200C, 200D) stay: Urdu, Persian and family emoji are misspelt without them.
_INVISIBLE = dict.fromkeys(
    [
        *(0xAD, 0x180E, 0x200B, 0xFEFF),
        *range(0x2060, 0x2066),
        *range(0x206A, 0x2070),
        *range(0xFFF9, 0xFFFC),
        *range(0x1BCA0, 0x1BCA4),
        *range(0x1D173, 0x1D17B),
    ]
)
# These force letters to run backwards: a link or a name would read as something it is not. No language needs them.
_OVERRIDES = dict.fromkeys([0x202D, 0x202E])
_NOT_CHARACTERS = dict.fromkeys(
    [*range(0xFDD0, 0xFDF0), *(p + e for p in range(0, 0x110000, 0x10000) for e in (0xFFFE, 0xFFFF))]
)
_HALF_CHARACTERS = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_CLEANED = {
    **_CONTROLS,
    0x09: "\t",
    0x0A: "\n",
    **_BREAKS,
    **_INVISIBLE,
    **_OVERRIDES,
    **_NOT_CHARACTERS,
    **_HALF_CHARACTERS,
}

# Tag characters spell the flags of England, Scotland and Wales behind a black flag; anywhere else they are hidden text.
_TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)|[\U000e0000-\U000e007f]")

_DIRECTIONS = re.compile("[\u202a-\u202c\u2066-\u2069]")
_CLOSED_BY = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}

# Ask for the coloured or the plain form of the sign before them.
_STYLES = {chr(code) for code in range(0xFE00, 0xFE10)}

# One letter with two codes: keyboards for Arabic and for Urdu differ, the reader sees the same letter.
_ONE_LETTER = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ھ": "ہ", "ة": "ہ", "ۃ": "ہ"})


def normalise(text: str) -> str:
    """Return the text as it is kept: same words, one spelling, nothing invisible or out of hand.

    Line ends become a line feed. Control and invisible characters go, save tab and the joiners. Characters that
    force a direction go; marks that open a direction and do not close it on their line go with their line's others.

    :param text: as it was typed or sent; may hold anything a browser or a script can send.
    """
    text = _TAGS.sub(lambda tag: tag[1] or "", text.replace("\r\n", "\n").translate(_CLEANED))
    if _DIRECTIONS.search(text):
        text = "\n".join(_closed(line) for line in text.split("\n"))
    return _thinned(unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """Return the text for comparing, never for showing: no case, accents, joiners, second codes of a letter.

    Decimal digits of every script become 0 to 9.
    """
    # Folded first, too: a mark below Greek letters becomes a letter in capitals, and marks are what goes next.
    if text.isascii():
        return text.casefold()
    bare = _OTHERS.sub(lambda found: _bare(found[0]), unicodedata.normalize("NFKD", text.casefold()))
    return unicodedata.normalize("NFC", bare.casefold()).translate(_ONE_LETTER)


def _closed(line: str) -> str:
    open_now: list[str] = []
    for mark in _DIRECTIONS.findall(line):
        if mark in _CLOSED_BY:
            open_now.append(_CLOSED_BY[mark])
        elif not open_now or open_now.pop() != mark:
            return _DIRECTIONS.sub("", line)
    return _DIRECTIONS.sub("", line) if open_now else line


def _thinned(text: str) -> str:
    if text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if character > "\u02ff" and unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= MAX_MARKS_ON_A_LETTER:
            kept.append(character)
    return "".join(kept)


#: All that `fold` has to look at one by one; of most posts nothing but a few quotation marks.
_OTHERS = re.compile(r"[^\x00-\x7f]")


def _bare(character: str) -> str:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Me"} or character in _STYLES:
        return ""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
