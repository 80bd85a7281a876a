"""What people write, made safe to show: the only module that knows the sanitiser.

Raw HTML is never parsed: markdown-it shows it as typed. bleach then lets through a short list of tags and nothing
else, so a fault in one of the two is not yet a fault on the page. nh3 could take bleach's place here in a day.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from bleach.sanitizer import Cleaner

from forum.base import markdown
from forum.base.characters import normalise
from forum.base.errors import Invalid
from forum.base.pools import render_pool
from forum.base.words import _

__all__ = [
    "MAX_BODY",
    "MAX_ROOM_BODY",
    "RENDERER",
    "Prepared",
    "TooLong",
    "TooTangled",
    "check",
    "check_room",
    "excerpt",
    "normalise",
    "prepare",
    "prepare_room",
    "render",
    "render_room",
]

#: Stored beside the HTML it made. Raise the number when the same words would come out otherwise.
RENDERER = "md2"

MAX_BODY = 20_000  # characters; a very long letter, and more than most people read on a phone
MAX_ROOM_BODY = 2_000  # characters; a room is talk, and a long message pushes the others out of sight

# What an honest long post stays far below. Beyond, one text could take the thread that reads them for longer than
# 250 ms, and others wait to post: 20 000 characters of `[*` took 691 ms, of short lines 234 ms.
# Round brackets are free to open and not to close: a tired person may type ":(" three hundred times.
MAX_SQUARE_BRACKETS = 500
MAX_MARKUP = 2_000
MAX_LINES = 1_500
MAX_ADDRESSES = 200

# A quote is read anew each time it is shown, in the event loop: 1,200 characters of `[` take 17 ms, and a page of
# changes may quote a hundred posts. Kept, that is paid once; at most 10 MB.
EXCERPTS_KEPT = 2_000

_MARKUP = re.compile(r"[*_`\[&<>]")
#: All that a live room's Markdown, its links or HTML know. A line without them is a paragraph as it stands.
_MEANS_MORE = re.compile(r"[&<>*_]|://|www\.", re.IGNORECASE)


class TooLong(Invalid):
    """More characters than a post or a room message may have."""


class TooTangled(Invalid):
    """More signs, lines, brackets or levels than can be read in a reasonable time."""


@dataclass(frozen=True)
class Prepared:
    """A text ready to be stored: `body` as kept, `html` as shown, and the renderer that made it."""

    body: str
    html: str
    renderer: str = RENDERER


def prepare(typed: str) -> Prepared:
    """Normalise, check and render a post, off the event loop. Call it before a transaction, never inside.

    :param typed: at most MAX_BODY characters once normalised.
    :raises TooLong: or TooTangled or Invalid: with what to do about it; nothing is lost.
    :raises Busy: too many texts are waiting to be read.
    """
    _check_length(len(typed), MAX_BODY, slack=4)  # nothing that normalising could bring under the limit
    return render_pool.run(_prepare, typed)


def prepare_room(typed: str) -> Prepared:
    """Like `prepare`, for a message in a live room: at most MAX_ROOM_BODY characters and hardly any marks."""
    _check_length(len(typed), MAX_ROOM_BODY, slack=4)
    body = normalise(typed)
    check_room(body)
    return Prepared(body, render_room(body))


def check(body: str) -> None:
    """Refuse a post that is empty, too long, or would take too long to read.

    :param body: normalised text.
    :raises TooLong: over MAX_BODY characters.
    :raises TooTangled: over one of the limits above, or over markdown.MAX_LEVELS quotes and lists inside one another.
    :raises Invalid: nothing to read in it.
    """
    _check_size(body, MAX_BODY)
    _check_tangle(body)
    _check_levels(markdown.levels(markdown.parse_blocks(body)))


def check_room(body: str) -> None:
    """Refuse a room message that is empty or over MAX_ROOM_BODY characters.

    :raises TooLong: or Invalid.
    """
    _check_size(body, MAX_ROOM_BODY)


def render(body: str) -> str:
    """Return safe HTML for a post: paragraphs, bold, italics, lists, quotes, code and links.

    Takes up to 250 ms for a hostile text that `check` lets through; `prepare` runs it off the event loop.
    Nobody else's words go into it: a quoted post is shown beside, so that it can be taken back.

    :param body: text that passed `check`.
    :raises TooTangled: it did not, and words would have been left out.
    """
    _check_tangle(body)
    tokens = markdown.parse(body)
    _check_levels(markdown.levels(tokens))
    return _clean(markdown.to_html(tokens))


def render_room(body: str) -> str:
    """Return safe HTML for a room message: paragraphs, addresses as links, *italics* and **bold**.

    Most messages are one line of plain words: for these the parser and the sanitiser, half a millisecond for each, have
    nothing to find, and a test says that they would give the same.

    :param body: text that passed `check_room`.
    """
    if is_plain_line(body):
        return f'<p dir="auto">{body}</p>\n'
    return render_with_marks(body)


def is_plain_line(body: str) -> bool:
    """Whether nothing in a text means anything but itself: one line, and no sign of Markdown, of a link or of HTML."""
    return body.isprintable() and body == body.strip() != "" and _MEANS_MORE.search(body) is None


def render_with_marks(body: str) -> str:
    """`render_room` for a message that may mean more than it says."""
    return _clean(markdown.to_html(markdown.parse_room(body)))


def excerpt(body: str, limit: int) -> str:
    """Return the author's own first words as plain text, for a quote or a notice. Quotes of others are left out.

    :param limit: most characters to return, at least 2; a cut falls between words and ends with "…".
    """
    start = body[: 4 * limit + 400]  # enough to fill the limit past marks and a quote, whatever the post's length
    return _excerpt(start, len(start) == len(body), limit)


@lru_cache(maxsize=EXCERPTS_KEPT)
def _excerpt(start: str, is_all: bool, limit: int) -> str:
    said = " ".join(" ".join(markdown.spoken(markdown.parse(start))).split())
    if len(said) <= limit and is_all:
        return said
    if len(said) < limit:
        return f"{said}…" if said else ""
    cut = said[: limit - 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut}…"


def _prepare(typed: str) -> Prepared:
    body = normalise(typed)
    _check_size(body, MAX_BODY)
    return Prepared(body, render(body))


def _check_length(length: int, most: int, *, slack: int = 1) -> None:
    if length > slack * most:
        raise TooLong(
            _("That is too long. A text can have %(most)s characters. You can post it in parts.", most=most), "body"
        )


def _check_size(body: str, most: int) -> None:
    _check_length(len(body), most)
    if not any(character.isprintable() and not character.isspace() for character in body):
        raise Invalid(_("There are no words here yet. Write something, then post it."), "body")


def _check_tangle(body: str) -> None:
    if (
        len(_MARKUP.findall(body)) > MAX_MARKUP
        or body.count("\n") > MAX_LINES
        or body.count("://") + body.lower().count("www.") > MAX_ADDRESSES
        or body.count("[") > MAX_SQUARE_BRACKETS
    ):
        raise TooTangled(
            _("We cannot show this text. It has too many signs like * [ < or too many lines. Try fewer."), "body"
        )


def _check_levels(deepest: int) -> None:
    if deepest > markdown.MAX_LEVELS:
        raise TooTangled(
            _("We cannot show this text. It has too many quotes or lists inside each other. Try fewer."), "body"
        )


def _clean(html: str) -> str:
    # Made anew each time: a Cleaner is not safe to share between threads.
    return str(Cleaner(tags=_TAGS, attributes=_allowed, protocols={"http", "https"}, css_sanitizer=None).clean(html))


_TAGS = frozenset({"a", "bdi", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "strong", "ul"})


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "dir":
        return value == "auto"
    if tag == "a":
        return (name == "href" and value.startswith(markdown.OUTWARD)) or (name == "rel" and value == markdown.REL)
    return tag == "li" and name == "value" and value.isdecimal()
