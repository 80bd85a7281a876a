"""The three statements that home asks: who sits where, what is there, how far somebody read.

Each is one union of small parts, since every question costs more on its way than in the database.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy import Integer as Int
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import NullType, UserDefinedType

from forum.base.hot import Hot
from forum.groups.queries import held, on_team
from forum.models import (
    Board,
    Charter,
    CharterProposal,
    Conversation,
    ConversationKind,
    Credential,
    DutyException,
    DutySlot,
    DutySwap,
    Group,
    Meeting,
    MeetingState,
    Persona,
    Post,
    PostState,
    ProposalState,
    ReadMarker,
    Restriction,
    Role,
    Room,
    RoomKind,
    Seat,
    SignIn,
    TeamLine,
    Vouch,
)
from forum.policy import audience

#: What is new is looked for in a group's latest topics. When there is something in all of them the page says "more than".
TOPICS = 8
#: Above this the page says "more than": a bigger number only says that somebody has fallen behind.
MOST_COUNTED = 99


def numbered(name: str, values: Sequence[bytes]) -> dict[str, bytearray]:
    """Values for as many numbered parameters.

    As bytearrays: sqlite3 first looks, in vain, for something that would adapt each value of bytes, which for the 130 of
    a visit took a tenth of the page.
    """
    return dict(zip(_names(name, len(values)), map(bytearray, values), strict=True))


@cache
def _names(name: str, places: int) -> list[str]:
    return [f"{name}_{n}" for n in range(places)]


class _AsTheyAre(UserDefinedType[bytes]):
    """Bytes that both drivers take as they are: to wrap a hundred of them took a tenth of the page."""

    cache_ok = True


def _places(name: str, places: int) -> list[Any]:
    return [bindparam(one, type_=_AsTheyAre()) for one in _names(name, places)]


@cache
def sitting(seats: int) -> Hot:
    """The sign-in behind a cookie, once for each of these seats that is taken, or once."""
    way_back = exists(select(Credential.lookup).where(Credential.account_id == SignIn.account_id))
    sign_in = (SignIn.account_id, SignIn.kind.label("device"), SignIn.ends_on, SignIn.last_end)
    return Hot(
        select(*sign_in, way_back.label("has_way_back"), Seat.tag, Seat.sealed)
        .select_from(SignIn)
        .outerjoin(Seat, Seat.tag.in_(_places("seat", seats)))
        .where(SignIn.cookie_sha256 == bindparam("cookie"))
    )


MEMBER, GROUP, SLOT, OTHER, BOARD, TOPIC = range(6)
MARKER, VOUCHED, ASKED, LINE, SHOWN, COPIED, ANSWERED, WRITTEN = range(8)
_EMPTY = (null(),) * 4
_DECIDING = select(CharterProposal.id).where(CharterProposal.state == ProposalState.DECIDING)


def _next_meeting() -> Any:
    """The meeting that is on in a group or the next one that is planned: its state, its time and its theme in one text."""
    at = func.coalesce(cast(Meeting.planned_at, String), "")
    said = cast(Meeting.state, String).concat("|").concat(at).concat("|").concat(Meeting.theme)
    planned = Meeting.state == MeetingState.PLANNED
    to_show = or_(planned, *(Meeting.state == state for state in _ON))
    wanted = select(said).join(Room, Room.id == Meeting.room_id).where(Meeting.group_id == Group.id, to_show)
    open_to_all = (Meeting.parent_id.is_(None), Room.kind != RoomKind.PRACTICE)
    return wanted.where(*open_to_all).order_by(planned, Meeting.planned_at).limit(1).scalar_subquery()


_ON = (MeetingState.OPEN, MeetingState.ALONE, MeetingState.HELD, MeetingState.WINDING_DOWN)


@cache
def facts(groups: int, tags: int, narrow: bool = False) -> Hot:
    """Memberships, cards, duty times, boards and the latest topics of so many groups, in one statement.

    :param tags: how many they may be found under; more than groups while keys are rotated.
    :param narrow: look past the boards that are not for them; 15 µs of a page of 400 (SQLite), so for whom it matters.
    """
    ids = _places("group", groups)
    agreed = (Persona.agreed_version_id == Charter.version_id).cast(Int)
    words = [type_coerce(column, String) for column in (Persona.name, Persona.role, Persona.standing)]
    member = (
        _arm(
            MEMBER,
            Persona.group_id,
            Persona.id,
            agreed,
            literal_column("0", Int),
            *words,
            cast(Persona.joined_on, String),
        )
        .outerjoin(Charter, Charter.group_id == Persona.group_id)
        .where(Persona.holder_tag.in_(_places("holder", tags)))
    )
    decides = exists(_DECIDING.where(CharterProposal.group_id == Group.id)).cast(Int)
    card = _arm(GROUP, Group.id, null(), decides, null(), Group.name, Group.address, Group.zone, _next_meeting())
    holds, hours = held(DutySlot.persona_id).cast(Int), (DutySlot.starts, DutySlot.ends)
    swap = (cast(DutySwap.day, String), cast(on_team(DutySwap.taken_by).cast(Int), String))
    slot = _arm(SLOT, DutySlot.group_id, DutySlot.id, DutySlot.weekday, holds, *hours, *swap).outerjoin(
        DutySwap, and_(DutySwap.slot_id == DutySlot.id, DutySwap.taken_by.is_not(None))
    )
    day = (cast(DutyException.day, String), DutyException.starts, DutyException.ends, null())
    other_held = held(DutyException.persona_id).cast(Int)
    other = _arm(OTHER, DutyException.group_id, null(), other_held, null(), *day)
    closed = _not_for_me(ids, tags) if narrow else None
    board = _arm(BOARD, Board.group_id, Board.id, Board.readers, null(), *_EMPTY)
    return Hot(
        union_all(  # type: ignore[arg-type]  # compiled and read like a select
            member,
            card.where(Group.id.in_(ids)),
            slot.where(DutySlot.group_id.in_(ids)),
            other.where(DutyException.group_id.in_(ids), DutyException.day >= bindparam("yesterday")),
            board.where(Board.group_id.in_(ids), Board.retired_at.is_(None)),
            *(_latest(group, closed) for group in ids),
        )
    )


def _arm(kind: int, group_id: Any, ident: Any, one: Any, two: Any, *words: Any) -> Any:
    """One part of the statement; each says something else in the same columns, of which a topic's two are its feed
    number and its last shown place. Bytes are taken as the databases give them."""
    plain = [type_coerce(column, NullType()) for column in (group_id, ident)]
    columns = zip(("group_id", "ident", "one", "two", "a", "b", "c", "d"), (*plain, one, two, *words), strict=True)
    return select(literal_column(str(kind), Int).label("kind"), *(column.label(name) for name, column in columns))


def _latest(group: Any, not_for_me: Any) -> Any:
    """A group's latest topics, in an order that an index has.

    :param not_for_me: the boards to look past, or None.
    """
    columns = (Conversation.board_id, Conversation.id, Conversation.feed_no, Conversation.last_shown_seq)
    found = select(*columns).where(
        Conversation.group_id == group,
        Conversation.kind == ConversationKind.TOPIC,
        Conversation.last_shown_seq > 0,
    )
    if not_for_me is not None:
        found = found.where(Conversation.board_id.not_in(not_for_me))
    order = (Conversation.last_activity_hour.desc(), Conversation.id.desc())
    latest = found.order_by(*order).limit(TOPICS).subquery()
    here = latest.c
    return _arm(TOPIC, here.board_id, here.id, here.feed_no, here.last_shown_seq, *_EMPTY)


class _WholeDays(ColumnElement[int]):
    """From one day to another; the two databases say it in words of their own."""

    inherit_cache = False
    type = Int()

    def __init__(self, until: Any, since: Any) -> None:
        self.until, self.since = until, since


@compiles(_WholeDays, "postgresql")
def _by_postgresql(days: Any, compiler: Any, **options: Any) -> str:
    until, since = (compiler.process(day, **options) for day in (days.until, days.since))
    return f"(CAST({until} AS DATE) - {since})"


@compiles(_WholeDays, "sqlite")
def _by_sqlite(days: Any, compiler: Any, **options: Any) -> str:
    until, since = (compiler.process(day, **options) for day in (days.until, days.since))
    return f"(julianday({until}) - julianday({since}))"


def _not_for_me(groups: list[Any], tags: int) -> Any:
    """The boards of these groups that are closed, or not for whoever is found under these tags. What may be read is
    asked of `policy.audience` again: here it is only decided where to look."""
    here_long = or_(
        Persona.joined_on.is_(None), Board.readers <= _WholeDays(bindparam("counted_to", type_=Date), Persona.joined_on)
    )
    admitted = or_(Persona.role != Role.MEMBER, and_(Board.readers > audience.EVERYONE, here_long))
    mine = (Persona.group_id == Board.group_id, Persona.holder_tag.in_(_places("holder", tags)))
    closed = and_(Board.readers != audience.EVERYONE, ~exists(select(Persona.id).where(*mine, admitted)))
    found = select(Board.id).where(Board.group_id.in_(groups), or_(Board.retired_at.is_not(None), closed))
    return select(found.cte("closed").c.id)


_ZERO = literal_column("0", Int)


@cache
def reading(markers: int, vouches: int, lines: int, answers: int, unknown: int) -> Hot:
    """How far somebody read, their lines to the team, what the team vouched for, answers to new rules that stand in no
    table yet, and the shown places that memory has not."""
    parts = [_found(MARKER, ReadMarker, _places("marker", markers))]
    parts.append(_found(LINE, TeamLine, _places("line", lines), TeamLine.answer_seq))
    parts.append(_found(VOUCHED, Vouch, _places("vouch", vouches)))
    if answers:
        parts.append(_found(ANSWERED, Restriction, _places("answer", answers)))
    if unknown:
        shown = select(literal_column(str(SHOWN), Int), Post.conversation_id, null(), Post.seq)
        parts.append(
            shown.join(Conversation, Conversation.id == Post.conversation_id).where(
                Post.conversation_id.in_(_places("unknown", unknown)),
                Post.seq > Conversation.last_shown_seq - 2 * MOST_COUNTED,
                Post.state == PostState.VISIBLE,
                Post.changed_in > 0,
            )
        )
    return Hot(union_all(*parts))  # type: ignore[arg-type]  # as above


def _found(kind: int, model: Any, tags: list[Any], seq: Any = _ZERO) -> Any:
    columns = (literal_column(str(kind), Int).label("kind"), type_coerce(model.tag, NullType()).label("tag"))
    sealed = type_coerce(model.sealed, NullType()).label("sealed")
    return select(*columns, sealed, seq.label("seq")).where(model.tag.in_(tags))
