"""From text to words, alike for what was written and for what is looked for. Knows no database and no query syntax.

Folded (forum.base.characters.fold), so that case, accents, joiners and second codes of a letter do not matter, in Urdu
as in English. What somebody types becomes a list of such words and nothing else: no sign of theirs reaches a database.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forum.base.characters import fold, normalise
from forum.base.errors import Invalid
from forum.base.words import _

#: A sentence fits. A whole post pasted by mistake does not, and is answered with a message.
MOST_TYPED = 200
#: Each word narrows what is found; past these the answer would be the same, and dearer.
MOST_WORDS = 8
#: Longer ones are compared by their beginning: no language's everyday word is cut, and a pasted key fills no index.
MOST_LETTERS = 40
#: From here on a word also finds longer ones that begin with it. "a" would find everything.
BEGINS_FROM = 3
#: How much of a post stands under its topic in the results, in characters, and how much of it before the word found.
EXCERPT, BEFORE = 240, 80

_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
#: Scripts that put no space between words: Thai to Myanmar, Khmer, Japanese, Chinese. Each letter counts as a word.
_ALONE = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_APOSTROPHES = "'’ʼ"
_UNIT = re.compile(
    rf"[{_ALONE}]|(?:(?![{_ALONE}])(?:[^\W_]|[{_MARKS}\u200c\u200d]|(?<=[^\W_])[{_APOSTROPHES}](?=[^\W_])))+"
)
_NO_APOSTROPHES = dict.fromkeys(map(ord, _APOSTROPHES))
_QUOTES = '"“”„«»'
_TYPED = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]|([^\s{_QUOTES}]+)")

_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.M)
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\s]*\)")
_SIGNS = re.compile(r"[*`]+|^[ \t]*#+[ \t]|(?<![^\W_])_+|_+(?![^\W_])", re.M)


@dataclass(frozen=True)
class Part:
    """Words that stand one after the other. The last may be the beginning of a longer one, unless `whole`."""

    words: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class Query:
    """All of these must stand in a post.

    :param cut: more was typed than is looked for.
    """

    parts: tuple[Part, ...]
    cut: bool

    @property
    def words(self) -> list[str]:
        """Every word of it in turn."""
        return [word for part in self.parts for word in part.words]

    def has(self, word: str) -> bool:
        """Whether a folded word of a text is one that was looked for."""
        return any(word in part.words or (not part.whole and word.startswith(part.words[-1])) for part in self.parts)


def read(typed: str) -> Query:
    """What somebody looks for: words, and words in quotes that must stand together.

    :raises Invalid: no word in it, or more than MOST_TYPED characters.
    """
    typed = normalise(typed[: 4 * MOST_TYPED])  # far more than can be typed here; the rest could only be refused
    if len(typed) > MOST_TYPED:
        raise Invalid(_("That is too long to look for. Try two or three words of it."), "search-words")
    found: dict[Part, None] = {}
    room = MOST_WORDS
    for quoted, plain in _TYPED.findall(typed):
        words = words_of(quoted or plain)
        if kept := tuple(words[:room]):
            found[Part(kept, bool(quoted) or len(kept) < len(words) or not _begins(kept[-1]))] = None
        room -= len(words)
    if not found:
        raise Invalid(_("Type a word to look for. The beginning of a word is enough."), "search-words")
    return Query(tuple(found), cut=room < 0)


def _begins(word: str) -> bool:
    return len(word) >= BEGINS_FROM


def words_of(text: str) -> list[str]:
    """The folded words of a text in their order. "don't" is one word, "self-harm" are two."""
    return [unit.translate(_NO_APOSTROPHES)[:MOST_LETTERS] for unit in _UNIT.findall(fold(text))]


def own_words(body: str) -> str:
    """A post's text without lines that quote others and without signs that only shape it."""
    return _SIGNS.sub("", _LINK.sub(r"\1", _QUOTED_LINE.sub("", body))).strip()


@dataclass(frozen=True)
class Piece:
    """A piece of an excerpt: the author's own words, and if they were looked for."""

    text: str
    found: bool


def excerpt(body: str, query: Query) -> list[Piece]:
    """What stands around the first word found, as plain text in pieces; the beginning, if it stands in the title only."""
    said = " ".join(own_words(body).split())
    first = next((start for start, _end, _word in _units(said) if query.has(_word)), 0)
    start = _after_space(said, first - BEFORE) if first > BEFORE else 0
    end = len(said) if len(said) <= start + EXCERPT else _before_space(said, start, start + EXCERPT)
    pieces = marked(said[start:end], query)
    return [*([Piece("… ", False)] if start else []), *pieces, *([Piece(" …", False)] if end < len(said) else [])]


def marked(text: str, query: Query) -> list[Piece]:
    """A short text in pieces, so that the words found can be shown as such."""
    pieces, at = [], 0
    for start, end, word in _units(text):
        if query.has(word):
            pieces += [Piece(text[at:start], False), Piece(text[start:end], True)]
            at = end
    return [piece for piece in (*pieces, Piece(text[at:], False)) if piece.text]


def _units(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each word stands, with the word as it is compared."""
    for unit in _UNIT.finditer(text):
        for word in words_of(unit[0]):
            yield unit.start(), unit.end(), word
            break


def _after_space(text: str, at: int) -> int:
    """Where the first whole word at or after `at` begins; `at` itself in a text without spaces."""
    space = text.find(" ", at, at + BEFORE)
    return space + 1 if space >= 0 else at


def _before_space(text: str, start: int, end: int) -> int:
    """Where the last whole word before `end` ends; `end` itself in a text without spaces."""
    space = text.rfind(" ", start + EXCERPT // 2, end)
    return space if space >= 0 else end


def closeness(query: Query, title: str, said: Sequence[str]) -> int:
    """How well a post fits: whole words before beginnings, the title before the text. Looks at nothing but this post.

    :param said: the folded words of the text.
    """
    here, above = set(said), set(words_of(title))
    return sum(2 * (word in here) + 3 * (word in above) for word in query.words)
