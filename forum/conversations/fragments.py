"""Posts as HTML: rendered once for each role class and language, then only put together.

Nothing in a fragment depends on who reads it. What differs from reader to reader (unread or not, how they chose to see
such words) is another form of it, made once for all who see it so; what somebody may do with a post is decided on its
own page, which every post links to (decisions.md §3).
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import format_datetime
from markupsafe import Markup
from sqlalchemy import Row

from forum.base import clock, text
from forum.base.idents import write_post_id
from forum.base.words import _
from forum.content import notes
from forum.content.reactions import kinds_of
from forum.conversations import places, queries
from forum.conversations.choices import Treatment
from forum.conversations.entrance import Entrance
from forum.groups.newcomers import is_new
from forum.models import PostMark, PostState, Role
from forum.policy.actor import Actor
from forum.web.language import spoken

#: A page of 20 fragments in two forms is about 60 kB, so some thousand pages; one of the longest posts is 3 MB.
MOST_BYTES = 60_000_000
#: Somebody who changes a name that says too much, or leaves the team, moves no feed number: the page is made anew then.
FRESH = timedelta(minutes=1)
QUOTE = 200


@dataclass(frozen=True)
class Quote:
    """The post that another answers, as it now may be seen.

    :param by, notes, note_words: as in `Shown`.
    """

    id: str
    seq: int
    author: str
    excerpt: str
    lang: str
    gone: bool
    by: bytes = b""
    notes: int = 0
    note_words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """One post for the template.

    :param by: its author's persona or mask, for readers' choices; never shown. :param notes: mask of note classes, and
        `note_words` what they say. :param mark: what its author says it is. :param reacted: kinds of reactions it has, and
        `said` what they say.
    :param new_here: its author is new, for those who may see that.
    """

    id: str
    seq: int
    author: str
    role: str
    masked: bool
    time: str
    html: Markup
    lang: str
    edited: bool
    state: str
    quote: Quote | None
    by: bytes = b""
    notes: int = 0
    note_words: tuple[str, ...] = ()
    mark: PostMark | None = None
    reacted: int = 0
    new_here: bool = False
    said: tuple[str, ...] = ()


class Look(NamedTuple):
    """How a post and the words it quotes are kept from a reader; None to show them."""

    words: Treatment | None
    quote: Treatment | None


def usual_look(post: Shown) -> Look:
    """How readers see a post who chose nothing: words with a content note are folded."""
    return Look(Treatment.NOTE if post.notes else None, Treatment.NOTE if post.quote and post.quote.notes else None)


@dataclass(frozen=True)
class Fragment:
    """One post's HTML in both forms, as it is sent.

    :param look: how it shows the words; `others` are its other looks, as far as somebody asked for them.
    """

    seq: int
    read: bytes
    unread: bytes
    post: Shown
    look: Look
    others: "dict[Look, Fragment]" = field(default_factory=dict, compare=False, repr=False)

    @property
    def size(self) -> int:
        """About how many bytes it keeps, with one more look where that is likely."""
        sent = sys.getsizeof(self.read) + sys.getsizeof(self.unread)
        return (1 + any(self.look)) * sent + sys.getsizeof(self.post.html)


@dataclass(frozen=True)
class Opener:
    """What the post that opened a topic says of it: its title is words of the same author.

    :param mark: listening, if no advice is wanted.
    """

    by: bytes
    notes: int
    mark: PostMark | None


@dataclass(frozen=True)
class Page:
    """A page as it was at one feed number. `views` is how readers see it who chose (forum.conversations.filtering)."""

    feed_no: int
    until: datetime
    posts: Sequence[Fragment]
    opener: Opener | None
    size: int
    views: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)


_pages: OrderedDict[tuple[bytes, int, str, str], Page] = OrderedDict()


def page_of(entrance: Entrance, page: int) -> Page:
    """The fragments of one page, from memory unless something visible changed."""
    place = entrance.place
    kept = kept_page(entrance, page, spoken())
    if kept is None:
        found, to_team = queries.list_posts(entrance.actor, place.id, page), entrance.membership.on_team
        posts = [_fragment(post, usual_look(post)) for post in (shown(r, place.zone, to_team=to_team) for r in found)]
        until, size = clock.now() + FRESH, sum(post.size for post in posts)
        kept = Page(place.feed_no, until, posts, _opener(place.id, posts), size)
        _keep(_key(entrance, page, spoken()), kept)
    return kept


def _opener(conversation_id: bytes, posts: Sequence[Fragment]) -> Opener | None:
    if posts and posts[0].seq == 1:
        post = posts[0].post
        return Opener(post.by, post.notes, post.mark)
    found = queries.find_opener(conversation_id)
    return Opener(found.by, found.notes, found.mark) if found else None


def kept_page(entrance: Entrance, page: int, locale: str) -> Page | None:
    """The fragments of one page if memory has them as they are now."""
    kept = _pages.get(_key(entrance, page, locale))
    if kept is None or kept.feed_no != entrance.place.feed_no or clock.now() >= kept.until:
        return None
    return kept


def _key(entrance: Entrance, page: int, locale: str) -> tuple[bytes, int, str, str]:
    return (entrance.place.id, page, entrance.membership.role_class, locale)


def _keep(key: tuple[bytes, int, str, str], page: Page) -> None:
    """Instead of what the page was before; the oldest are forgotten when all together grow too large."""
    _pages.pop(key, None)
    _pages[key] = page
    total = sum(kept.size for kept in list(_pages.values()))
    while total > MOST_BYTES and len(_pages) > 1:
        total -= _pages.popitem(last=False)[1].size


def joined(posts: Sequence[Fragment], marker: int, locale: str) -> bytes:
    """One page's posts for a reader who read as far as `marker`, with the place where their reading goes on: ready HTML."""
    if not marker or not posts or posts[-1].seq <= marker:
        parts = [post.read for post in posts]
    else:
        read = [post.read for post in posts if post.seq <= marker]
        parts = [*read, _you_were_here(locale), *(post.unread for post in posts if post.seq > marker)]
    return b"\n".join(parts)


@cache
def _you_were_here(_locale: str) -> bytes:
    macros = current_app.jinja_env.get_template("components/posts.html").module
    return bytes(macros.you_were_here().encode())  # type: ignore[attr-defined]


def forget() -> None:
    """Begin anew (another database)."""
    _pages.clear()


def waiting_of(entrance: Entrance) -> list[Shown]:
    """The reader's own posts that others do not see yet."""
    if not entrance.waiting:
        return []
    found = queries.list_waiting(entrance.actor, entrance.membership, entrance.place)
    return [shown(r, entrance.place.zone) for r in found]


def changes_of(
    actor: Actor, place: places.Place, after: int, look: Callable[[Shown], Look] = usual_look
) -> list[dict[str, str | int | None]] | None:
    """What changed since feed number `after`: HTML to put in, or None for a place to take away.

    None when too much was missed: the browser loads the page anew.

    :param look: how this reader sees a post.
    """
    membership = actor.membership_in(place.group_id)
    to_team = membership is not None and membership.on_team
    return as_changes(queries.list_changes(actor, place.id, after), place, partial(changed, look=look), to_team=to_team)


def as_changes(
    found: Sequence[Row], place: places.Place, html: Callable[[Shown], str], *, to_team: bool
) -> list[dict[str, str | int | None]] | None:
    """The same of rows that were read already. :param html: makes one post."""
    if len(found) > queries.MOST_CHANGES:
        return None
    return [
        {
            "post": write_post_id(r.id),
            "seq": r.seq,
            "html": None if r.state is PostState.HELD else html(shown(r, place.zone, to_team=to_team)),
        }
        for r in found
    ]


def changed(post: Shown, look: Callable[[Shown], Look] = usual_look) -> str:
    """One post that changed, as it takes its place in an open page."""
    return str(article(post, look(post), unread=post.state == PostState.VISIBLE))


def seen(fragment: Fragment, look: Look) -> Fragment:
    """The same post as another reader sees it."""
    if look == fragment.look:
        return fragment
    if look not in fragment.others:
        fragment.others[look] = _fragment(fragment.post, look)
    return fragment.others[look]


def _fragment(post: Shown, look: Look) -> Fragment:
    read, unread = article(post, look).encode(), article(post, look, unread=True).encode()
    return Fragment(post.seq, read, unread, post, look)


def article(post: Shown, look: Look, *, unread: bool = False) -> Markup:
    """One post's article."""
    template = current_app.jinja_env.get_template("conversations/post.html")  # without the layout's values: 40 a page
    html = template.render(post=post, look=look, unread=unread)
    return Markup(html)  # noqa: S704 - Jinja escaped everything in it


def shown(found: Row, zone: str, *, to_team: bool = False) -> Shown:
    """One post for the template.

    :param to_team: its readers are of the team: they see who is new. Others do if the author wants that.
    """
    masked = found.mask_id is not None
    return Shown(
        id=write_post_id(found.id),
        seq=found.seq,
        author=found.author,
        role=role_word(found.role),
        masked=masked,
        time=when(found.written_at, zone, masked),
        html=Markup(found.html),  # noqa: S704 - sanitised when it was written (forum.base.text)
        lang=found.lang,
        edited=found.edited,
        state="faded" if found.faded else found.state.value,
        quote=_quote(found),
        by=found.persona_id or found.mask_id,
        notes=found.notes,
        note_words=tuple(notes.names_of(found.notes, found.own_notes)),
        mark=found.mark,
        reacted=found.reacted,
        said=kinds_of(found.reacted),
        new_here=(to_team or bool(found.shows_new)) and is_new(found.joined_on, found.role),
    )


def role_word(role: Role | None) -> str:
    """What stands beside a team member's name."""
    return {Role.FACILITATOR: _("facilitator"), Role.MODERATOR: _("moderator")}.get(role, "") if role else ""


def when(moment: datetime, zone: str, masked: bool) -> str:
    """When it was written, by the group's clock; under an alias only to the hour, for minutes tell who was here."""
    local = moment.astimezone(ZoneInfo(zone))
    said = format_datetime(local, "d MMM y, HH:mm", rebase=False)
    return _("about %(time)s", time=said) if masked else said


def _quote(found: Row) -> Quote | None:
    if found.answered_id is None:
        return None
    gone = found.answered_state is not PostState.VISIBLE or not found.answered_near
    return Quote(
        id=write_post_id(found.answered_id),
        seq=found.answered_seq,
        author=found.answered_author,
        excerpt="" if gone else text.excerpt(found.answered_body, QUOTE),
        lang=found.answered_lang,
        gone=gone,
        by=found.answered_by,
        notes=0 if gone else found.answered_notes,
        note_words=() if gone else tuple(notes.names_of(found.answered_notes, found.own_notes)),
    )
