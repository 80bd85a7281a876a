"""A group's own list of words, in any script: whole words, also dressed up in digits, signs and gaps."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from hashlib import sha256

from forum.base.characters import fold

#: A line of the list may end in the ground rule that it touches: "kcal # Say first if it may be hard to read".
RULE_SIGN = "#"

#: Signs that are written on letters and that folding leaves: the vowels of Hindi, Bengali, Gujarati, Punjabi, Tamil.
_ON_LETTERS = "".join(chr(c) for c in range(0x0900, 0x1D00) if unicodedata.category(chr(c)) in {"Mc", "Mn"})
#: Written without spaces between words, so that a listed word is looked for anywhere.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_TOKEN = re.compile(r"[\w@$!|+]+")
_WORD = re.compile(rf"[^\W_][^\W_{_ON_LETTERS}]*(?:[{_ON_LETTERS}]+[^\W_]*)*")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_A_LETTER = re.compile(r"[\W_]")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_LETTER_BY_LETTER = re.compile(r"(?<!\w)(?:[^\W_][\s.*_-]{1,2}){2,}[^\W_](?!\w)")


def word_rule(line: str) -> str:
    """Return the name of a listed word for records: the team finds it in the group's list, nobody reads it in a log."""
    return f"word-{sha256(plain(fold(_word_of(line))).encode()).hexdigest()[:8]}"


def rule_named(line: str) -> str:
    """Return the ground rule that a line of the list names, or nothing."""
    return line.partition(RULE_SIGN)[2].strip()


def listed_in(folded: str, lines: Collection[str]) -> Iterator[str]:
    """Yield the lines of the list whose word stands in the text.

    :param folded: text from `characters.fold`.
    """
    if not lines:
        return
    readings = [f" {reading} " for reading in (plain(folded), *undisguised(folded))]
    spelled = {_NOT_A_LETTER.sub("", found[0]) for found in _LETTER_BY_LETTER.finditer(folded)}
    for line in lines:
        wanted = plain(fold(_word_of(line)))
        if wanted and (any(_stands_in(wanted, reading) for reading in readings) or wanted.replace(" ", "") in spelled):
            yield line


def plain(folded: str) -> str:
    """Return whole words with single spaces between: "Scunthorpe" stays one word."""
    return " ".join(_WORD.findall(folded))


def undisguised(folded: str) -> Iterator[str]:
    """Yield the text with digits and signs inside words read as letters ("1" as i or l), and drawn-out letters cut."""
    for one in "il":
        table = str.maketrans("034578@$!|+", f"oeastbasi{one}t") | {ord("1"): one}
        letters = " ".join(
            token.rstrip("!").translate(table) if _LETTER.search(token) else token for token in _TOKEN.findall(folded)
        )
        yield plain(_DRAWN_OUT.sub(r"\1", letters))
        yield plain(_DRAWN_OUT.sub(r"\1\1", letters))


def _stands_in(wanted: str, reading: str) -> bool:
    return wanted in reading if _UNSPACED.search(wanted) else f" {wanted} " in reading


def _word_of(line: str) -> str:
    return line.partition(RULE_SIGN)[0]
