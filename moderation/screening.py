"""What stands in a text that a person should look at before others do. Pure: no database, no clock, no author."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256

from forum.base.characters import fold
from moderation.contacts import has_email, has_link, has_phone

#: Stored with a case. Raise it when the same text could be found otherwise, so that old cases stay explainable.
VERSION = "s1"

_TOKEN = re.compile(r"[\w@$!|+]+")
_WORD = re.compile(r"[^\W_]+")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_A_LETTER = re.compile(r"[\W_]")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_LETTER_BY_LETTER = re.compile(r"(?<!\w)(?:[^\W_][\s.*_-]{1,2}){2,}[^\W_](?!\w)")


@dataclass(frozen=True)
class Findings:
    """What was found, never where or what: a log or a stolen table must not hold the words.

    :param links: a web address, also one said in words.
    :param phones: a telephone number or an e-mail address: a way to be reached outside.
    :param words: `word_rule` of each word of the group's list that was found, sorted.
    """

    links: bool
    phones: bool
    words: tuple[str, ...]
    version: str = VERSION


def screen(body: str, words: Collection[str], allowed_numbers: Collection[str] = ()) -> Findings:
    """Look for links, contact details and the group's own words.

    :param body: normalised text, at most 20,000 characters.
    :param words: the group's list, words or short phrases in any case; whole words are looked for.
    :param allowed_numbers: crisis lines, which anyone may pass on to anyone.
    """
    folded = fold(body)
    return Findings(
        links=has_link(folded),
        phones=has_phone(folded, allowed_numbers) or has_email(folded),
        words=tuple(sorted(word_rule(word) for word in _listed_in(folded, words))),
    )


def reasons(findings: Findings) -> tuple[str, ...]:
    """Return codes for a verdict: "link", "phone", "word". At most three, whatever the text."""
    found = {"link": findings.links, "phone": findings.phones, "word": bool(findings.words)}
    return tuple(code for code, held in found.items() if held)


def word_rule(word: str) -> str:
    """Return the name of a listed word for records: the team finds it in the group's list, nobody reads it in a log."""
    return f"word-{sha256(_plain(fold(word)).encode()).hexdigest()[:8]}"


def _listed_in(folded: str, words: Collection[str]) -> Iterator[str]:
    if not words:
        return
    readings = [f" {reading} " for reading in (_plain(folded), *_undisguised(folded))]
    spelled = {_NOT_A_LETTER.sub("", found[0]) for found in _LETTER_BY_LETTER.finditer(folded)}
    for word in words:
        wanted = _plain(fold(word))
        if wanted and (any(f" {wanted} " in reading for reading in readings) or wanted.replace(" ", "") in spelled):
            yield word


def _plain(folded: str) -> str:
    """Return whole words with single spaces between: "Scunthorpe" stays one word."""
    return " ".join(_WORD.findall(folded))


def _undisguised(folded: str) -> Iterator[str]:
    """Yield the text with digits and signs inside words read as letters ("1" as i or l), and drawn-out letters cut."""
    for one in "il":
        table = str.maketrans("034578@$!|+", f"oeastbasi{one}t") | {ord("1"): one}
        letters = " ".join(
            token.rstrip("!").translate(table) if _LETTER.search(token) else token for token in _TOKEN.findall(folded)
        )
        yield _plain(_DRAWN_OUT.sub(r"\1", letters))
        yield _plain(_DRAWN_OUT.sub(r"\1\1", letters))
