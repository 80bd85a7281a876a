"""Seats: which facilitators are in a meeting. Opening it, the time of grace and closing read only these (decisions.md §7).

A seat is a lease. The page renews it every ten seconds; of a phone that lost its line it runs out by itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, bindparam, delete, insert, select, update

from forum.base import clock, offset
from forum.base.db import row, rows
from forum.base.errors import NotAllowed
from forum.base.hot import Hot
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.models import Duty, Meeting, MeetingState, Persona, RoomSeat
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.policy.permissions import SeatFacts, may_hold_seat, require
from forum.rooms import meetings, queries
from forum.rooms.queries import MeetingSeen

#: Three of the page's renewals: one that is late on a bad line does not empty a seat.
LEASE = timedelta(seconds=30)
RENEW_EVERY_S = 10
#: After a line broke: time to come back on another one; then the next facilitator leads (within five seconds).
AFTER_LINE_LOST = timedelta(seconds=3)
#: Facilitators prepare a room for so long before its time.
EARLY = timedelta(minutes=30)


@dataclass(frozen=True)
class SeatSeen:
    """Somebody who looks after a meeting now."""

    persona_id: bytes
    name: str
    duty: Duty
    since: datetime
    lease_until: datetime

    @property
    def id(self) -> bytes:
        """Theirs, for forms of the team's own pages."""
        return self.persona_id

    @property
    def leads(self) -> bool:
        """They count among the facilitators that a meeting needs; help with the site does not."""
        return self.duty is not Duty.TECH


_SEATS = (
    select(RoomSeat.meeting_id, RoomSeat.persona_id, Persona.name, RoomSeat.duty, RoomSeat.since, RoomSeat.lease_until)
    .join(Persona, Persona.id == RoomSeat.persona_id)
    .order_by(RoomSeat.since, RoomSeat.persona_id)
)


def list_here(meeting_id: bytes) -> list[SeatSeen]:
    """Who looks after a meeting now, whoever came first first."""
    return list_in([meeting_id]).get(meeting_id, [])


def list_in(meeting_ids: Collection[bytes]) -> dict[bytes, list[SeatSeen]]:
    """The same for several meetings, in one query."""
    alive = (RoomSeat.meeting_id.in_(list(meeting_ids)), RoomSeat.lease_until > offset.for_leases())
    found: dict[bytes, list[SeatSeen]] = {}
    for r in rows(_SEATS.where(*alive)) if meeting_ids else ():
        found.setdefault(r.meeting_id, []).append(_read(r))
    return found


def _read(r: Row) -> SeatSeen:
    return SeatSeen(r.persona_id, r.name, r.duty, r.since, r.lease_until)


def holds(meeting_id: bytes, persona_id: bytes) -> bool:
    """Whether somebody looks after a meeting now. The persona is not told to the database: each message asks, those under
    an alias as well, and in their transaction nothing may name who writes (decisions.md §2)."""
    found = _HOLDERS.rows({"meeting": meeting_id, "now": offset.for_leases()})
    return any(r.persona_id == persona_id for r in found)


_HOLDERS = Hot(
    select(RoomSeat.persona_id).where(
        RoomSeat.meeting_id == bindparam("meeting"), RoomSeat.lease_until > bindparam("now")
    )
)


def has_place(meeting_id: bytes, persona_id: bytes) -> bool:
    """Whether somebody took a seat and never gave it up, also while it ran out on a bad line. Asked as `holds` is."""
    return any(r.persona_id == persona_id for r in _PLACES.rows({"meeting": meeting_id}))


_PLACES = Hot(select(RoomSeat.persona_id).where(RoomSeat.meeting_id == bindparam("meeting")))


@retrying
def sit(actor: Actor, meeting_id: bytes, *, for_site: bool = False) -> None:
    """Take a seat, or take it again. The first one leads, the next one is there for whoever struggles.

    :param for_site: to help with the site.
    :raises NotFound, NotAllowed: not for this actor, or the meeting is over or far off.
    """
    meeting = queries.get_meeting(actor, meeting_id)
    require(may_hold_seat, actor, SeatFacts(meeting.scope.group_id, for_site))
    with transaction():
        now = actor_in(actor, meeting.scope)
        require(may_hold_seat, now, SeatFacts(meeting.scope.group_id, for_site))
        persona_id = now.memberships[meeting.scope.group_id].persona_id
        locked = meetings.lock(meeting_id)
        _require_time(locked)
        duty = Duty.TECH if for_site else _duty_for(locked, persona_id)
        take(meeting_id, persona_id, duty)
        state = MeetingState.EARLY if locked.state is MeetingState.PLANNED else locked.state
        host = {"host_id": persona_id} if duty is Duty.HOST else {}
        meetings.set_state(meeting_id, state, **host)


def _require_time(meeting: Row) -> None:
    if meeting.state in queries.OVER:
        raise NotAllowed(_("This meeting is over."))
    if meeting.state is MeetingState.PLANNED and meeting.planned_at and clock.now() < meeting.planned_at - EARLY:
        raise NotAllowed(_("You can prepare this room from half an hour before its time."))


def _duty_for(meeting: Row, persona_id: bytes) -> Duty:
    """The host's seat if nobody who is here has it."""
    others = [one for one in list_here(meeting.id) if one.leads and one.persona_id != persona_id]
    return Duty.SUPPORT if any(one.persona_id == meeting.host_id for one in others) else Duty.HOST


def take(meeting_id: bytes, persona_id: bytes, duty: Duty) -> None:
    """Step: a seat, or the same one again."""
    now = clock.now()
    mine = (RoomSeat.meeting_id == meeting_id, RoomSeat.persona_id == persona_id)
    change = update(RoomSeat).where(*mine).values(duty=duty, lease_until=now + LEASE).returning(RoomSeat.since)
    if here().execute(change.execution_options(synchronize_session=False)).first() is None:
        values = {"duty": duty, "lease_until": now + LEASE, "since": now}
        here().execute(insert(RoomSeat).values(meeting_id=meeting_id, persona_id=persona_id, **values))


def renew(meeting_id: bytes, persona_id: bytes) -> bool:
    """A facilitator's page is still there; gives False if they hold no seat there (any more).

    A seat whose time ran out is taken again by its holder: nobody has to do anything after a dead spot.
    """
    done = _lease(meeting_id, persona_id, clock.now() + LEASE)
    parent_id = _parent_led_by_others(meeting_id, persona_id) if done else None
    if parent_id is not None:
        _lease(parent_id, persona_id, clock.now() + LEASE)
    return done


def _parent_led_by_others(meeting_id: bytes, persona_id: bytes) -> bytes | None:
    """The meeting that a side room is beside, if somebody else looks after it: who talks to one person is still one of
    its facilitators then, and of a meeting that is left alone they are none."""
    found = row(select(Meeting.parent_id).where(Meeting.id == meeting_id, Meeting.parent_id.is_not(None)))
    if found is None:
        return None
    others = [one for one in list_here(found.parent_id) if one.leads and one.persona_id != persona_id]
    return bytes(found.parent_id) if others else None


def line_lost(meeting_id: bytes, persona_id: bytes) -> bool:
    """The line of a facilitator broke: unless they come back within seconds, the next one leads."""
    sooner = clock.now() + AFTER_LINE_LOST
    found = row(select(RoomSeat.lease_until).where(*_of(meeting_id, persona_id)))
    return found is not None and found.lease_until > sooner and _lease(meeting_id, persona_id, sooner)


def _lease(meeting_id: bytes, persona_id: bytes, until: datetime) -> bool:
    if row(select(RoomSeat.since).where(*_of(meeting_id, persona_id))) is None:
        return False
    with transaction():
        kept = update(RoomSeat).where(*_of(meeting_id, persona_id)).values(lease_until=until)
        done = here().execute(kept.returning(RoomSeat.since).execution_options(synchronize_session=False))
        return done.first() is not None


def _of(meeting_id: bytes, persona_id: bytes) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return RoomSeat.meeting_id == meeting_id, RoomSeat.persona_id == persona_id


def give_up(meeting: Row, persona_id: bytes) -> None:
    """Step: somebody looks after the meeting no more, by choice. Its host hands over first, and the last one closes it.

    :raises NotAllowed: they lead it, or nobody else is there.
    """
    others = [one for one in list_here(meeting.id) if one.leads and one.persona_id != persona_id]
    if meeting.state in queries.LIVE and not others:
        raise NotAllowed(_("You are the last one who looks after this room. Close it first, then you can go."))
    if meeting.state in queries.LIVE and meeting.host_id == persona_id:
        raise NotAllowed(_("You lead this room. Hand it over to somebody first, then you can go."))
    gone = delete(RoomSeat).where(*_of(meeting.id, persona_id))
    here().execute(gone.execution_options(synchronize_session=False))
    meetings.changed(meeting.id)


def lead(meeting_id: bytes, persona_id: bytes, before: bytes | None) -> None:
    """Step: this seat's holder leads from now on, and whoever did is there for those who struggle."""
    for one, duty in ((before, Duty.SUPPORT), (persona_id, Duty.HOST)):
        if one is not None:
            change = update(RoomSeat).where(*_of(meeting_id, one)).values(duty=duty)
            here().execute(change.execution_options(synchronize_session=False))
    meetings.put(meeting_id, host_id=persona_id)


def is_short(meeting: Row | MeetingSeen, here_now: Sequence[SeatSeen]) -> bool:
    """Whether fewer lead than the room needs, though it opened with enough."""
    return sum(one.leads for one in here_now) < needed(meeting) and not meeting.alone_reason


def needed(meeting: Row | MeetingSeen) -> int:
    """How many facilitators a meeting needs; beside another one it is one."""
    return 1 if meeting.parent_id else int(meeting.needs)
