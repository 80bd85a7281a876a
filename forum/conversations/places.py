"""Where a conversation stands, and who may come in to it. Every query that permits takes the actor first."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.hot import Hot
from forum.base.keyring import Scope
from forum.conversations import lines
from forum.models import Board, Charter, Conversation, ConversationKind, Group, Hold, Organisation, Post
from forum.policy import gate, room_rules
from forum.policy.actor import Actor
from forum.policy.audience import EVERYONE
from forum.policy.holding import BrakeOn, brake_of, holding_columns, holds_of, terms_of
from forum.policy.permissions import ConversationFacts, Denial
from forum.policy.terms import Terms
from forum.policy.visibility import may_enter

#: Places on one page of a conversation. Windows of places cost the same on the first page and the last.
PAGE = 20


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
    own_notes: str
    names_only: bool
    zone: str
    nation: str
    holds: Hold
    rules: bytes | None
    terms: Terms
    feed_no: int
    shown_posts: int
    last_shown_seq: int
    readers: int
    repliers: int
    retired: bool
    pinned: bool = False
    slow_minutes: int = 0
    tended: bool = False
    polled: bool = False
    brake: BrakeOn | None = None

    @property
    def holds_newcomers(self) -> bool:
        """Whether first posts wait here, and all under an alias."""
        return Hold.NEWCOMERS in self.holds

    @property
    def hides(self) -> bool:
        """Whether names can be hidden here."""
        return not self.names_only and self.terms.values["identity.anon_post"] == "on"

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
        Group.name.label("group_name"),
        Group.address.label("group_address"),
        Group.words.label("group_words"),
        Group.own_notes,
        Conversation.names_only,
        Group.zone,
        Organisation.nation,
        *holding_columns(),
        Conversation.feed_no,
        Conversation.shown_posts,
        Conversation.last_shown_seq,
        Conversation.pinned,
        Conversation.slow_minutes,
        Conversation.tended,
        Conversation.polled,
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
        group_words=gate.group_words(found.group_words),
        own_notes=found.own_notes,
        names_only=found.names_only,
        zone=found.zone,
        nation=found.nation,
        holds=holds_of(found),
        rules=found.rules,
        terms=terms_of(found),
        feed_no=found.feed_no,
        shown_posts=found.shown_posts,
        last_shown_seq=found.last_shown_seq,
        readers=found.readers or EVERYONE,
        repliers=found.repliers or EVERYONE,
        retired=found.retired_at is not None,
        pinned=found.pinned,
        slow_minutes=found.slow_minutes,
        tended=found.tended,
        polled=found.polled,
        brake=brake_of(found),
    )


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
    place, inside = get_known(actor, conversation_id)
    if not may_enter(inside, place.group_id, place.kind, place.id, place.readers):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return place, inside


def get_known(actor: Actor, conversation_id: bytes) -> tuple[Place, Actor]:
    """A place, and the actor who knows if it is their own line or a room they are in; not a permission."""
    place = find_place(conversation_id)
    if place is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return place, _known_in(actor, place)


def _known_in(actor: Actor, place: Place) -> Actor:
    """The same actor; of a line to the team it is found out, by tag, whether it is theirs, of a room if they are in."""
    if place.kind is ConversationKind.ROOM:
        return _let_in(actor, place)
    writer = actor.writer_in(place.group_id) if place.kind is ConversationKind.TEAM else None
    own = lines.find_own(writer, place.id) if writer else None
    return replace(actor, lines=actor.lines | {own.conversation_id}) if own else actor


def _let_in(actor: Actor, place: Place) -> Actor:
    member = actor.membership_in(place.group_id)
    is_in = member is not None and room_rules.may_enter(member, place.id)
    return replace(actor, rooms=actor.rooms | {place.id}) if is_in else actor


def facts_here(place: Place) -> ConversationFacts:
    """What the rules need to know of a conversation that the actor was let in to."""
    to_team = place.kind is ConversationKind.TEAM
    by_itself = place.kind is ConversationKind.ROOM  # a room says of each message whether it is stopped: room_rules
    stopped = not by_itself and place.brake is not None and place.brake.stops
    audiences = (place.readers, place.repliers)
    return ConversationFacts(place.group_id, place.closed_at, to_team, *audiences, place.retired, stopped)


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
    found = _PLACE_OF_POST.row({"post": post_id})
    return read_place(found) if found else None


_PLACE_OF_POST = Hot(_ANY_PLACE.join(Post, Post.conversation_id == Conversation.id).where(Post.id == bindparam("post")))
