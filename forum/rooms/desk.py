"""What the desk of those who look after a meeting shows them, and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, func, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.text import excerpt
from forum.base.words import lazy
from forum.models import Mask, Meeting, Persona, Post, PostState, Role, RoomNote, Signal, SignalState
from forum.policy import gate
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, require
from forum.policy.room_desk import DeskFacts, may_answer, may_see_desk
from forum.rooms import answering, follow_ups, guests, hands, queries, sealed, seats, struggling
from forum.rooms import here as being
from forum.rooms.hands import HandSeen
from forum.rooms.here import Here
from forum.rooms.queries import MeetingSeen

#: The last messages, to act on one of them; older ones stand in the room.
MESSAGES, EXCERPT, NOTES = 15, 200, 30
#: After asking for help somebody who says nothing for so long may need to be looked for.
SILENT_AFTER = timedelta(minutes=10)
SILENT = "silent"
LINES = {
    "": lazy("They are here."),
    SILENT: lazy("Their page is open. They have said nothing in the side room so far."),
    struggling.LEFT: lazy("They left by choice."),
    struggling.LOST: lazy("Their line is lost. It stands on the page of follow-ups, due within the hour."),
}


@dataclass(frozen=True)
class SignalSeen:
    """Somebody asked for a person. :param line: what is known of whether they are there, in words."""

    id: bytes
    struggles: bool
    name: str
    words: str
    at: datetime
    taken_by: str
    side_id: bytes | None
    line: str


@dataclass(frozen=True)
class MessageSeen:
    """One of the last messages. :param by_team: nobody of the team is muted or sent out."""

    id: int
    name: str
    face_id: bytes
    excerpt: str
    lang: str
    by_team: bool
    stands: bool


@dataclass(frozen=True)
class DeskSeen:
    """The desk."""

    here: Here
    seats: Sequence[seats.SeatSeen]
    needed: int
    signals: Sequence[SignalSeen]
    told: Sequence[gate.Urgent]
    hands: Sequence[HandSeen]
    messages: Sequence[MessageSeen]
    notes: Sequence[tuple[str, str]]
    sides: Sequence[MeetingSeen]
    guests: int
    short: bool


def enter(actor: Actor, meeting_id: bytes) -> Here:
    """Somebody at the desk: a facilitator, or a moderator who helps with the site there.

    :raises NotFound, NotAllowed: anybody else.
    """
    here_now = being.find(actor, meeting_id)
    require(may_see_desk, here_now.actor, DeskFacts(here_now.meeting.scope.group_id, here_now.duty))
    return here_now


def show(here_now: Here) -> DeskSeen:
    """What it shows, in as many questions however many people are there."""
    meeting = here_now.meeting
    here = seats.list_here(meeting.id)
    return DeskSeen(
        here=here_now,
        seats=here,
        needed=seats.needed(meeting),
        signals=list_signals(here_now),
        told=gate.urgent(here_now.actor, meeting.scope),
        hands=hands.list_open(meeting),
        messages=_messages(meeting),
        notes=_notes(meeting),
        sides=queries.list_beside(meeting.id),
        guests=guests.count(meeting.id),
        short=seats.is_short(meeting, here),
    )


def list_signals(here_now: Here) -> list[SignalSeen]:
    """Who asked for a person whom this seat answers, whoever asked first first."""
    beside = queries.list_beside(here_now.meeting.id)
    found = struggling.list_still([here_now.meeting.id, *(one.id for one in beside)])
    kinds = {kind for kind in struggling.KINDS if _is_for(here_now, kind)}
    return [_signal(here_now, r) for r in found if r.kind in kinds]


def _is_for(here_now: Here, kind: str) -> bool:
    return may_answer(here_now.actor, answering.facts_of(here_now, kind)) is None


def _signal(here_now: Here, found: Row) -> SignalSeen:
    scope = here_now.meeting.scope
    said = sealed.unseal(scope, Signal, found.id, found.sealed)
    face = sealed.read_face(said["who"])
    taken = row(select(Persona.name).where(Persona.id == found.taken_by)) if found.taken_by else None
    line = struggling.last_heard(found, clock.now()) or (SILENT if _is_silent(found) else "")
    return SignalSeen(
        found.id,
        found.kind == struggling.STRUGGLING,
        follow_ups.name_of(face),
        said["words"],
        found.at,
        taken.name if taken and found.state is SignalState.TAKEN else "",
        found.side_id,
        str(LINES[line]) if found.kind == struggling.STRUGGLING else "",
    )


def _is_silent(found: Row) -> bool:
    """A while after asking nobody but those who answer has written in the side room that opened for it."""
    if found.side_id is None or clock.now() - found.at < SILENT_AFTER:
        return False
    said = (
        select(Post.id)
        .join(Meeting, Meeting.conversation_id == Post.conversation_id)
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .where(Meeting.id == found.side_id, func.coalesce(Persona.role, Role.MEMBER) == Role.MEMBER)
    )
    return row(said.limit(1)) is None


def _messages(meeting: MeetingSeen) -> list[MessageSeen]:
    name, face = func.coalesce(Persona.name, Mask.alias), func.coalesce(Post.persona_id, Post.mask_id)
    found = rows(
        select(Post.id, Post.body, Post.lang, Post.state, Persona.role, name.label("name"), face.label("face"))
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .outerjoin(Mask, Mask.id == Post.mask_id)
        .where(Post.conversation_id == meeting.conversation_id, Post.state.in_((PostState.VISIBLE, PostState.HELD)))
        .order_by(Post.seq.desc())
        .limit(MESSAGES)
    )
    return [
        MessageSeen(
            r.id,
            r.name,
            r.face,
            excerpt(r.body, EXCERPT),
            r.lang,
            r.role is not None and r.role is not Role.MEMBER,
            r.state is PostState.VISIBLE,
        )
        for r in reversed(found)
    ]


def _notes(meeting: MeetingSeen) -> list[tuple[str, str]]:
    """Who wrote what to those who facilitate with them, the latest last."""
    found = rows(
        select(RoomNote.id, RoomNote.sealed, Persona.name)
        .join(Persona, Persona.id == RoomNote.persona_id)
        .where(RoomNote.meeting_id == meeting.id)
        .order_by(RoomNote.at.desc(), RoomNote.id)
        .limit(NOTES)
    )
    return [(r.name, sealed.unseal(meeting.scope, RoomNote, r.id, r.sealed)) for r in reversed(found)]


def name_of(meeting: MeetingSeen, face_id: bytes) -> str:
    """What somebody is called in this meeting, for the page about them. :raises NotFound: nobody of it."""
    here = select(Mask.alias.label("name")).where(Mask.id == face_id, Mask.conversation_id == meeting.conversation_id)
    named = select(Persona.name).where(Persona.id == face_id, Persona.group_id == meeting.scope.group_id)
    found = row(here) or (None if meeting.masked else row(named.where(Persona.role == Role.MEMBER)))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return str(found.name)
