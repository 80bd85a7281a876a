"""Reading conversations. Every query takes the actor first and is bounded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import aliased

from forum.base import tagged
from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.hot import Hot
from forum.base.keyring import Scope, the_keyring
from forum.conversations import lines, masks
from forum.models import (
    Board,
    Charter,
    Conversation,
    ConversationKind,
    Group,
    Mask,
    Organisation,
    Persona,
    Post,
    PostState,
    PostVersion,
    ReadMarker,
    Resend,
)
from forum.policy.actor import Actor, Membership
from forum.policy.audience import EVERYONE, includes
from forum.policy.permissions import ConversationFacts, Denial, PostFacts
from forum.policy.visibility import may_enter, visible_to

#: Places on one page of a conversation. Windows of places cost the same on the first page and the last.
PAGE = 20
TOPICS = 25
#: Opened markers kept in memory: a reader comes back to the same board again and again. Some 5 MB.
MARKERS_KEPT = 20_000
#: A browser that missed more than this reloads the page instead.
MOST_CHANGES = 100

Answered, AnsweredPersona, AnsweredMask = aliased(Post), aliased(Persona), aliased(Mask)


@dataclass(frozen=True)
class Place:
    """Where a conversation stands, with what its pages and rules need of the group."""

    id: bytes
    scope: Scope
    kind: ConversationKind
    title: str
    lang: str
    closed_at: datetime | None
    board_id: bytes | None
    board_name: str
    group_name: str
    group_address: str
    group_words: frozenset[str]
    zone: str
    nation: str
    holds_newcomers: bool
    rules: bytes | None
    feed_no: int
    shown_posts: int
    last_shown_seq: int
    readers: int
    repliers: int
    retired: bool

    @property
    def group_id(self) -> bytes:
        """The group it belongs to."""
        return self.scope.group_id

    @property
    def pages(self) -> int:
        """How many pages its shown posts span, at least one."""
        return max(1, -(-self.last_shown_seq // PAGE))


def place_columns() -> tuple[Any, ...]:
    """The columns that `read_place` reads."""
    return (
        Conversation.id.label("conversation_id"),
        Conversation.kind,
        Conversation.title,
        Conversation.lang,
        Conversation.closed_at,
        Conversation.board_id,
        Board.name.label("board_name"),
        Conversation.group_id,
        Group.organisation_id,
        Group.name.label("group_name"),
        Group.address.label("group_address"),
        Group.words.label("group_words"),
        Group.zone,
        Organisation.nation,
        Group.hold_newcomers,
        Charter.version_id.label("rules"),
        Conversation.feed_no,
        Conversation.shown_posts,
        Conversation.last_shown_seq,
        Board.readers,
        Board.repliers,
        Board.retired_at,
    )


def join_place(statement: Select) -> Select:
    """Conversation joined to what `place_columns` names."""
    return (
        statement.join(Group, Group.id == Conversation.group_id)
        .join(Organisation, Organisation.id == Group.organisation_id)
        .outerjoin(Board, Board.id == Conversation.board_id)
        .outerjoin(Charter, Charter.group_id == Conversation.group_id)
    )


def read_place(found: Row) -> Place:
    """A Place from a row with `place_columns`."""
    return Place(
        id=found.conversation_id,
        scope=Scope(found.organisation_id, found.group_id),
        kind=found.kind,
        title=found.title,
        lang=found.lang,
        closed_at=found.closed_at,
        board_id=found.board_id,
        board_name=found.board_name or "",
        group_name=found.group_name,
        group_address=found.group_address,
        group_words=group_words(found.group_words),
        zone=found.zone,
        nation=found.nation,
        holds_newcomers=found.hold_newcomers,
        rules=found.rules,
        feed_no=found.feed_no,
        shown_posts=found.shown_posts,
        last_shown_seq=found.last_shown_seq,
        readers=found.readers or EVERYONE,
        repliers=found.repliers or EVERYONE,
        retired=found.retired_at is not None,
    )


def group_words(text: str) -> frozenset[str]:
    """A group's own list, one word or phrase a line."""
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


_ANY_PLACE = join_place(select(*place_columns()).select_from(Conversation))
_PLACE = Hot(_ANY_PLACE.where(Conversation.id == bindparam("conversation")))


def find_place(conversation_id: bytes) -> Place | None:
    """A conversation's place, for whoever goes on to ask the rules; not a permission."""
    found = _PLACE.row({"conversation": conversation_id})
    return read_place(found) if found else None


def get_place(actor: Actor, conversation_id: bytes) -> Place:
    """A conversation this actor may read.

    :raises NotFound: none such, or not a member: the two look the same.
    """
    return enter_place(actor, conversation_id)[0]


def enter_place(actor: Actor, conversation_id: bytes) -> tuple[Place, Actor]:
    """A conversation this actor may read, and the actor who knows if it is their own line to the team.

    :raises NotFound: as `get_place`.
    """
    place, inside = _find_known(actor, conversation_id)
    if not may_enter(inside, place.group_id, place.kind, place.id, place.readers):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return place, inside


def _find_known(actor: Actor, conversation_id: bytes) -> tuple[Place, Actor]:
    """A place, and the actor who knows if it is their own line; not a permission."""
    place = find_place(conversation_id)
    if place is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return place, _with_line(actor, place)


def _with_line(actor: Actor, place: Place) -> Actor:
    """The same actor; of a line to the team it is found out, by tag, whether it is theirs."""
    writer = actor.writer_in(place.group_id) if place.kind is ConversationKind.TEAM else None
    own = lines.find_own(writer, place.id) if writer else None
    return replace(actor, lines=actor.lines | {own.conversation_id}) if own else actor


def facts_here(place: Place) -> ConversationFacts:
    """What the rules need to know of a conversation that the actor was let in to."""
    to_team = place.kind is ConversationKind.TEAM
    return ConversationFacts(place.group_id, place.closed_at, to_team, place.readers, place.repliers, place.retired)


def facts_of_board(board: Row) -> ConversationFacts:
    """What the rules need to know before a topic is started on a board from `find_board`."""
    retired = board.retired_at is not None
    return ConversationFacts(board.group_id, readers=board.readers, writers=board.starters, retired=retired)


def marker_tags(scope: Scope, persona_id: bytes, conversation_id: bytes) -> list[bytes]:
    """Where a persona's place in a conversation is kept."""
    return the_keyring().tags(scope, "read_marker", persona_id, conversation_id)


@lru_cache(maxsize=MARKERS_KEPT)
def open_marker(scope: Scope, tag: bytes, sealed: bytes) -> int:
    """The place up to which somebody read."""
    return int.from_bytes(tagged.open_value(ReadMarker, scope, tag, sealed))


def find_marker(membership: Membership, conversation_id: bytes) -> int:
    """How far this member read, 0 if never."""
    value = tagged.find(ReadMarker, membership.scope, "read_marker", (membership.persona_id, conversation_id))
    return int.from_bytes(value or b"")


def resend_tags(membership: Membership, form: bytes) -> list[bytes]:
    """What a form was kept under once it was sent."""
    return the_keyring().tags(membership.scope, "send", membership.persona_id, form)


def find_resend(membership: Membership, form: bytes) -> Row | None:
    """The post this form became already, if it was sent before."""
    tags = resend_tags(membership, form)
    return _RESEND.row({"tag": tags[0], "tag_before": tags[-1]})


_RESEND = Hot(
    select(Post.id, Post.conversation_id, Post.seq, Post.state)
    .join(Resend, Resend.post_id == Post.id)
    .where(Resend.tag.in_([bindparam("tag"), bindparam("tag_before")]))
)


def mine_in(place: Place, membership: Membership) -> ColumnElement[bool]:
    """`mine`, also in a line to the team, where the alias of a topic writes."""
    if place.kind is ConversationKind.TEAM:
        return lines.own_posts(lines.find_own(membership, place.id), membership)
    return mine(membership, place.id)


def mine(membership: Membership, conversation_id: bytes) -> ColumnElement[bool]:
    """Posts that this member wrote in one conversation, under their name or their alias."""
    tags = masks.owner_tags(membership.scope, membership.persona_id, conversation_id)
    return or_(
        Post.persona_id == membership.persona_id,
        Post.mask_id.in_(masks.own_mask_id(tags)),
    )


_POSTS = (
    select(
        Post.id,
        Post.seq,
        Post.changed_in,
        Post.state,
        Post.html,
        Post.lang,
        Post.edited,
        Post.written_at,
        Post.mask_id,
        func.coalesce(Persona.name, Mask.alias).label("author"),
        Persona.role,
        Answered.id.label("answered_id"),
        Answered.seq.label("answered_seq"),
        Answered.state.label("answered_state"),
        Answered.changed_in.label("answered_changed_in"),
        Answered.body.label("answered_body"),
        Answered.lang.label("answered_lang"),
        func.coalesce(AnsweredPersona.name, AnsweredMask.alias).label("answered_author"),
    )
    .join(Conversation, Conversation.id == Post.conversation_id)
    .outerjoin(Persona, Persona.id == Post.persona_id)
    .outerjoin(Mask, Mask.id == Post.mask_id)
    .outerjoin(Answered, Answered.id == Post.answers_id)
    .outerjoin(AnsweredPersona, AnsweredPersona.id == Answered.persona_id)
    .outerjoin(AnsweredMask, AnsweredMask.id == Answered.mask_id)
    .order_by(Post.seq)
)


def list_posts(actor: Actor, conversation_id: bytes, page: int) -> Sequence[Row]:
    """The posts of one page that the group may see, in their places.

    :param page: from 1; page n holds the places from (n-1)*PAGE + 1 to n*PAGE.
    """
    first = (page - 1) * PAGE + 1
    window = and_(Post.conversation_id == conversation_id, Post.seq >= first, Post.seq < first + PAGE)
    return rows(_POSTS.where(window, visible_to(actor), Post.state != PostState.HELD))


def list_waiting(actor: Actor, membership: Membership, conversation_id: bytes) -> Sequence[Row]:
    """The member's own posts that others do not see: yet, or at all when the team kept them back."""
    unseen = or_(
        Post.state.in_((PostState.SENDING, PostState.HELD)),
        and_(Post.state == PostState.HIDDEN, Post.changed_in == 0),
    )
    own = and_(Post.conversation_id == conversation_id, unseen, mine(membership, conversation_id))
    return rows(_POSTS.where(own).limit(PAGE))


def list_sending(place: Place, membership: Membership) -> Sequence[Row]:
    """The member's own words in a line to the team that are on their way, for ten seconds."""
    own = and_(Post.conversation_id == place.id, Post.state == PostState.SENDING, mine_in(place, membership))
    return rows(_POSTS.where(own).limit(PAGE))


def list_changes(actor: Actor, conversation_id: bytes, after: int) -> Sequence[Row]:
    """Posts that changed since feed number `after`, as this actor may see them now."""
    changed = and_(Post.conversation_id == conversation_id, Post.changed_in > after)
    seen = or_(visible_to(actor), and_(Post.state == PostState.HELD, Post.changed_in > 0))
    return rows(_POSTS.where(changed, seen).limit(MOST_CHANGES + 1))


def get_row(actor: Actor, post_id: int) -> tuple[Row, Place, bool]:
    """One post with its place, and whether it is the actor's own: theirs also on a board that is not for them any more.

    :raises NotFound: none such, or not for this actor.
    """
    found = row(select(Post.conversation_id).where(Post.id == post_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    place, inside = _find_known(actor, found.conversation_id)
    membership = inside.writer_in(place.group_id)
    own = mine_in(place, membership) if membership else false()
    seen = row(_POSTS.add_columns(own.label("mine"), Post.body).where(Post.id == post_id, visible_to(inside, own)))
    if seen is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return seen, place, bool(seen.mine)


def facts_of(found: Row, place: Place, own: bool) -> PostFacts:
    """What the rules need to know of a post from `get_row`."""
    return PostFacts(place.group_id, found.state, own, found.changed_in > 0, place.kind is ConversationKind.TEAM)


def find_group_of_post(post_id: int) -> Scope | None:
    """Where a post belongs, to load the actor's membership; not a permission."""
    found = row(
        select(Group.organisation_id, Group.id)
        .join(Conversation, Conversation.group_id == Group.id)
        .join(Post, Post.conversation_id == Conversation.id)
        .where(Post.id == post_id)
    )
    return Scope(found.organisation_id, found.id) if found else None


def find_place_of_post(post_id: int) -> Place | None:
    """The place of a post's conversation; not a permission."""
    found = row(_ANY_PLACE.join(Post, Post.conversation_id == Conversation.id).where(Post.id == post_id))
    return read_place(found) if found else None


def list_versions(actor: Actor, post_id: int, before: int = 0) -> Sequence[Row]:
    """Twenty earlier versions, newest first. Call only after `may_see_versions`.

    :param before: only those with a smaller number; 0 for the newest.
    """
    older = [PostVersion.n < before] if before else []
    return rows(
        select(PostVersion.id, PostVersion.n, PostVersion.html, PostVersion.replaced_hour)
        .where(PostVersion.post_id == post_id, *older)
        .order_by(PostVersion.n.desc())
        .limit(PAGE)
    )


@dataclass(frozen=True)
class Before:
    """Where the next page of topics begins: after the last one shown."""

    hour: datetime
    id: bytes


_TOPICS = (
    select(
        Conversation.id,
        Conversation.group_id,
        Conversation.title,
        Conversation.lang,
        Conversation.shown_posts,
        Conversation.last_shown_seq,
        Conversation.last_activity_hour,
        Conversation.closed_at,
    )
    .where(Conversation.board_id == bindparam("board"), Conversation.last_shown_seq > 0)
    .order_by(Conversation.last_activity_hour.desc(), Conversation.id.desc())
    .limit(TOPICS + 1)
)
_NEWEST = Hot(_TOPICS)
_OLDER = Hot(
    _TOPICS.where(
        or_(
            Conversation.last_activity_hour < bindparam("hour"),
            and_(Conversation.last_activity_hour == bindparam("hour"), Conversation.id < bindparam("id")),
        )
    )
)


def list_topics(actor: Actor, board_id: bytes, before: Before | None = None) -> Sequence[Row]:
    """A board's topics, latest activity first; one more than a page, to know if there is a next one."""
    values = {"board": board_id}
    found = _OLDER.rows({**values, "hour": before.hour, "id": before.id}) if before else _NEWEST.rows(values)
    return [topic for topic in found if actor.membership_in(topic.group_id) is not None]


#: A page of topics, each with the tag of the key before during a rotation.
_PLACES = [f"tag_{n}" for n in range(2 * TOPICS)]
_MARKERS = Hot(
    select(ReadMarker.tag, ReadMarker.sealed).where(ReadMarker.tag.in_([bindparam(name) for name in _PLACES]))
)


def list_markers(membership: Membership, conversation_ids: Sequence[bytes]) -> dict[bytes, int]:
    """How far the member read in each of these conversations, in one query.

    :param conversation_ids: at most TOPICS of them.
    """
    wanted = {tag: one for one in conversation_ids for tag in marker_tags(membership.scope, membership.persona_id, one)}
    tags = list(wanted) or [b""]
    found = _MARKERS.rows({name: tags[min(n, len(tags) - 1)] for n, name in enumerate(_PLACES)})
    return {wanted[r.tag]: open_marker(membership.scope, r.tag, r.sealed) for r in found}


def list_boards(actor: Actor, group_id: bytes) -> Sequence[Row]:
    """A group's boards that are for this member, in their order, with when somebody last wrote there."""
    membership = actor.membership_in(group_id)
    if membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    latest = (
        select(func.max(Conversation.last_activity_hour))
        .where(Conversation.board_id == Board.id, Conversation.last_shown_seq > 0)
        .scalar_subquery()
    )
    found = rows(
        select(Board.id, Board.name, Board.purpose, Board.readers, Board.starters, latest.label("latest"))
        .where(Board.group_id == group_id, Board.retired_at.is_(None))
        .order_by(Board.ord, Board.name)
    )
    return [board for board in found if includes(board.readers, membership)]


def list_boards_to_start_on(actor: Actor, group_id: bytes) -> Sequence[Row]:
    """Those of them where this member may open a topic."""
    membership = actor.membership_in(group_id)
    return [b for b in list_boards(actor, group_id) if membership and includes(b.starters, membership)]


def list_retired_boards(actor: Actor, group_id: bytes) -> Sequence[Row]:
    """Boards that nobody writes on any more and this member may still read."""
    membership = actor.membership_in(group_id)
    found = rows(
        select(Board.id, Board.name, Board.readers)
        .where(Board.group_id == group_id, Board.retired_at.is_not(None))
        .order_by(Board.ord, Board.name)
    )
    return [board for board in found if membership and includes(board.readers, membership)]


def board_columns() -> tuple[Any, ...]:
    """What a board's pages show and its rules need."""
    return (
        Board.id,
        Board.name,
        Board.purpose,
        Board.readers,
        Board.starters,
        Board.retired_at,
        Board.group_id,
        Group.organisation_id,
        Group.name.label("group_name"),
        Group.address.label("group_address"),
        Group.words.label("group_words"),
        Group.hold_newcomers,
        Group.zone,
        Organisation.nation,
    )


def find_board(board_id: bytes) -> Row | None:
    """A board with its group, to load the actor's membership; not a permission."""
    return _BOARD.row({"board": board_id})


def join_board(statement: Select) -> Select:
    """Board joined to what `board_columns` names. One that was retired is still read."""
    return (
        statement.join(Group, Group.id == Board.group_id)
        .join(Organisation, Organisation.id == Group.organisation_id)
        .where(Board.id == bindparam("board"))
    )


_BOARD = Hot(join_board(select(*board_columns()).select_from(Board)))
