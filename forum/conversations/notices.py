"""What is new for one member of a group. It is asked for, never sent: nothing is written for anybody who is to be told.

A row for each receiver of a post would leave out its author, and in two copies of the database so name who wrote under
an alias (L24, docs/decisions/0045). So their own list of followed conversations is compared with how far they read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from forum.base import clock, tagged, text
from forum.base.db import rows
from forum.base.transaction import retrying, transaction
from forum.content.notes import names_of
from forum.conversations import choices, filtering, markers, masks, news_times, shelves, team, titles
from forum.conversations.choices import Choices, Treatment
from forum.conversations.lines import Line
from forum.ground_rules import told
from forum.ground_rules.told import Told
from forum.models import (
    Conversation,
    ConversationKind,
    Group,
    Mask,
    Mention,
    Persona,
    Post,
    PostState,
    ReadMarker,
)
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import may_hold_choices, require
from forum.policy.visibility import enterable_by, visible_to

#: Of one group on the page; who has more reads these first.
SHOWN = 25
#: The newest mentions that are looked through for ones not read yet.
MENTIONS = 100
#: Letters of the first new words.
EXCERPT = 160


@dataclass(frozen=True)
class Notice:
    """New words for somebody. What they chose not to see is left out of it.

    :param why: how the words are kept from them, if so. :param notes: what they are about.
    :param title_away: they put away words of whoever opened the topic.
    """

    post_id: int
    conversation_id: bytes
    title: str
    title_lang: str
    author: str
    excerpt: str
    lang: str
    notes: Sequence[str]
    why: Treatment | None
    title_away: bool


@dataclass(frozen=True)
class News:
    """What is new for one member.

    :param answers: their lines to the team in which it wrote something. :param more: there is more than stands here.
    :param rules: what happened with the group's rules since they last looked.
    """

    followed: Sequence[Notice]
    mentions: Sequence[Notice]
    answers: Sequence[Line]
    more: bool
    rules: Sequence[Told] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return bool(self.followed or self.mentions or self.answers or self.rules)


@dataclass(frozen=True)
class _Reader:
    """Whose news they are.

    :param apart: authors whose words are no news: themselves, and whom they blocked. :param until: news up to then.
    """

    actor: Actor
    me: Membership
    chosen: Choices
    apart: frozenset[bytes]
    until: datetime | None


def find(membership: Membership, chosen: Choices, zone: str) -> News:
    """What is new for this member, in thirteen queries at most, however much it is.

    :param chosen: by them; blocked authors make no news. :param zone: of the group, for news once a day.
    """
    followed, named, rules = shelves.list_followed(membership), _list_named(membership), told.list_told(membership)
    read = _read_to(membership, {*followed, *(r.conversation_id for r in named), *(one.about for one in rules)})
    reader = _reader(membership, chosen, zone, {*followed, *(r.conversation_id for r in named)})
    unread = [r for r in _topics(reader, followed) if r.last_shown_seq > read.get(r.id, 0)]
    calls = [r.post_id for r in named if r.seq > read.get(r.conversation_id, 0)]
    first = [_first_after(reader, r.id, read.get(r.id, 0)) for r in unread[:SHOWN]]
    answers = [line for line in team.list_mine([membership]) if line.has_news]
    heard = _notices(reader, [Post.id.in_(first)]) if first else []
    called = _notices(reader, [Post.id.in_(calls[: 2 * SHOWN])]) if calls else []
    steps = [one for one in rules if one.n > read.get(one.about, 0)]
    return News(heard, called[:SHOWN], answers, len(unread) > SHOWN or len(called) > SHOWN, steps[:SHOWN])


def may_be_told(membership: Membership, zone: str) -> bool:
    """Whether something is new that somebody may be told of now: never in their quiet time.

    :param zone: of the group.
    """
    chosen = choices.find(membership)
    if news_times.quiet_until(chosen, zone, clock.now()) is not None:
        return False
    return find(membership, chosen, zone).any


@retrying
def mark_read(membership: Membership, actor: Actor) -> dict[bytes, int]:
    """Count all of it as read; gives how far each conversation was read before."""
    require(may_hold_choices, actor, membership.scope.group_id)
    wanted = {*shelves.list_followed(membership), *(r.conversation_id for r in _list_named(membership))}
    rules = {one.about: one.n for one in told.list_told(membership)}
    read = _read_to(membership, {*wanted, *rules})
    shown = _topics(_reader(membership, choices.NOTHING, "UTC", set()), wanted)
    last = {**rules, **{r.id: r.last_shown_seq for r in shown}}
    unread = {one: n for one, n in last.items() if n > read.get(one, 0)}
    with transaction():
        markers.put_markers(membership, unread)
    return {one: read.get(one, 0) for one in unread}


@retrying
def note_seen(membership: Membership, about: bytes) -> None:
    """Count what is new about one proposal as read: somebody did on its page what it asks for. Nothing new, nothing is
    written."""
    if (step := next((one for one in told.list_told(membership) if one.about == about), None)) is None:
        return
    if step.n > _read_to(membership, [about]).get(about, 0):
        with transaction():
            markers.keep_marker(membership, about, step.n)


@retrying
def put_back(membership: Membership, actor: Actor, seqs: Mapping[bytes, int]) -> None:
    """Undo `mark_read`: nothing that was not read then counts as read now.

    :param seqs: what `mark_read` gave; of conversations elsewhere nothing is taken.
    """
    require(may_hold_choices, actor, membership.scope.group_id)
    there = {r.id for r in _topics(_reader(membership, choices.NOTHING, "UTC", set()), seqs)}
    there |= {one.about for one in told.list_told(membership)} & set(seqs)
    with transaction():
        now = _read_to(membership, there)
        markers.put_markers(membership, {one: seqs[one] for one, seq in now.items() if seqs[one] < seq})


def _reader(membership: Membership, chosen: Choices, zone: str, places: Iterable[bytes]) -> _Reader:
    actor = Actor(memberships={membership.scope.group_id: membership})
    own = masks.own_faces(membership.scope, membership.persona_id, set(places))
    until = news_times.as_of(chosen, zone, clock.now())
    return _Reader(actor, membership, chosen, own | chosen.blocked, until)


def _topics(reader: _Reader, ids: Iterable[bytes]) -> Sequence[Row]:
    """Those of these conversations that they may read, the latest first."""
    if not (wanted := list(ids)):
        return []
    return rows(
        select(Conversation.id, Conversation.last_shown_seq)
        .where(
            Conversation.id.in_(wanted),
            Conversation.kind != ConversationKind.TEAM,
            Conversation.last_shown_seq > 0,
            enterable_by(reader.actor),
        )
        .order_by(Conversation.last_activity_hour.desc(), Conversation.id.desc())
    )


def _list_named(membership: Membership) -> Sequence[Row]:
    """Where they are named, the newest first."""
    return rows(
        select(Mention.post_id, Post.conversation_id, Post.seq)
        .join(Post, Post.id == Mention.post_id)
        .where(Mention.persona_id == membership.persona_id, Post.state == PostState.VISIBLE)
        .order_by(Mention.post_id.desc())
        .limit(MENTIONS)
    )


def _read_to(membership: Membership, ids: Iterable[bytes]) -> dict[bytes, int]:
    wanted = {one: (membership.persona_id, one) for one in ids}
    found = tagged.find_many(ReadMarker, membership.scope, markers.KIND, wanted) if wanted else {}
    return {one: int.from_bytes(value) for one, value in found.items()}


_BY = func.coalesce(Post.persona_id, Post.mask_id)


def _is_news(reader: _Reader) -> list[ColumnElement[bool]]:
    told = [Post.state == PostState.VISIBLE, _BY.not_in(reader.apart)]
    return [*told, Post.written_at < reader.until] if reader.until else told


def _first_after(reader: _Reader, conversation_id: bytes, seq: int) -> Any:
    """The first words of others behind a place, as a part of a query."""
    here = (Post.conversation_id == conversation_id, Post.seq > seq)
    return select(Post.id).where(*here, *_is_news(reader)).order_by(Post.seq).limit(1).scalar_subquery()


def _notices(reader: _Reader, which: list[ColumnElement[bool]]) -> list[Notice]:
    found = rows(_POSTS.where(*which, *_is_news(reader), visible_to(reader.actor)))
    away = _titles_away(reader.me, reader.chosen, found)
    return [_notice(one, reader.chosen.treat(one.by, one.notes, one.body), away) for one in found]


def _titles_away(membership: Membership, chosen: Choices, found: Sequence[Row]) -> set[bytes]:
    return titles.put_away(membership, chosen, {one.conversation_id: one.title for one in found})


_POSTS = (
    select(
        Post.id,
        Post.conversation_id,
        Post.body,
        Post.lang,
        Post.notes,
        _BY.label("by"),
        func.coalesce(Persona.name, Mask.alias).label("author"),
        Conversation.title,
        Conversation.lang.label("title_lang"),
        Group.own_notes,
    )
    .join(Conversation, Conversation.id == Post.conversation_id)
    .join(Group, Group.id == Conversation.group_id)
    .outerjoin(Persona, Persona.id == Post.persona_id)
    .outerjoin(Mask, Mask.id == Post.mask_id)
    .order_by(Conversation.last_activity_hour.desc(), Post.id.desc())
)


def list_posts(membership: Membership, chosen: Choices, post_ids: Sequence[int]) -> dict[int, Notice]:
    """Those of these posts that this member may read now, as they chose to see them; in four queries at most."""
    if not post_ids:
        return {}
    actor = Actor(memberships={membership.scope.group_id: membership})
    here = (Post.id.in_(post_ids), Post.state == PostState.VISIBLE, Conversation.kind != ConversationKind.TEAM)
    found = rows(_POSTS.where(*here, visible_to(actor)))
    own = masks.own_faces(membership.scope, membership.persona_id, {one.conversation_id for one in found})
    away = _titles_away(membership, chosen, found)
    return {
        one.id: _notice(one, None if one.by in own else chosen.treat(one.by, one.notes, one.body), away)
        for one in found
    }


def _notice(post: Row, why: Treatment | None, away: set[bytes]) -> Notice:
    """One post. :param away: topics whose titles this reader put away."""
    return Notice(
        post_id=post.id,
        conversation_id=post.conversation_id,
        title="" if post.conversation_id in away else post.title,
        title_lang=post.title_lang,
        author="" if filtering.away(why) else post.author,
        excerpt="" if why else text.excerpt(post.body, EXCERPT),
        lang=post.lang,
        notes=names_of(post.notes, post.own_notes),
        why=why,
        title_away=post.conversation_id in away,
    )
