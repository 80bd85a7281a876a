"""Opening a meeting, what happens when those who look after it drop out, and closing it.

It opens with as many facilitators as agreed, or with a reason that stands in the record. Nobody is left alone with a room:
without a facilitator everyone reads that, messages are slow, then they wait, and then the room closes with care.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from forum.base import clock
from forum.base.errors import Invalid, NotAllowed
from forum.base.transaction import transaction
from forum.base.words import _, lazy
from forum.models import Duty, MeetingState, RoomKind
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.policy.permissions import may_facilitate, require
from forum.rooms import hands, meetings, queries, run_steps, seats, struggling
from forum.rooms.acting import as_facilitator
from forum.rooms.queries import MeetingSeen
from forum.rooms.seats import SeatSeen, is_short, needed

#: Time to come back on another line before anybody's words wait.
ALONE_FOR = timedelta(minutes=2)
#: Time for somebody of the team to step in before everyone is sent home.
HELD_FOR = timedelta(minutes=5)
#: A room that was opened for now is prepared for so long, also on a page without scripts.
EARLY_FOR = timedelta(minutes=15)
#: Between two messages of one person while too few look after them.
SLOW_S, SLOW_ALONE_S = 10, 30
#: Why a room opens with fewer facilitators than its group agreed; what is kept is the word on the left.
REASONS: Mapping[str, Any] = {
    "ill": lazy("The other one is ill or cannot come"),
    "late": lazy("The other one comes later"),
    "needed": lazy("People are here and need the meeting now"),
    "small": lazy("Few people came, so one of us is enough"),
}


def slow_for_now(meeting: Row | MeetingSeen) -> int:
    """How many seconds everyone waits between two messages because too few look after them."""
    if meeting.state in (MeetingState.ALONE, MeetingState.HELD):
        return SLOW_ALONE_S
    return SLOW_S if meeting.grace_until else 0


def prepare_now(actor: Actor, room_id: bytes) -> bytes:
    """Prepare a meeting that nobody planned, the facilitator in its first seat; gives its id. One that is on is that one.

    :raises NotFound, NotAllowed: no facilitator of the group, or the room has set times.
    """
    room = queries.get_room(actor, room_id)
    require(may_facilitate, actor, room.group_id)
    if room.kind is RoomKind.SESSION:
        raise NotAllowed(_("This room has set times. Plan a meeting in it first."))
    with transaction():
        now = actor_in(actor, actor.memberships[room.group_id].scope)
        require(may_facilitate, now, room.group_id)
        if running := queries.list_of_room(room_id, queries.RUNNING):
            return running[0].id
        meeting_id, own = meetings.make(room, planned_at=None), now.memberships[room.group_id].persona_id
        seats.take(meeting_id, own, Duty.HOST)
        meetings.set_state(meeting_id, MeetingState.EARLY, host_id=own, grace_until=clock.now() + EARLY_FOR)
    return meeting_id


def open_meeting(actor: Actor, meeting_id: bytes, reason: str = "") -> None:
    """Let members in.

    :param reason: of REASONS, with fewer facilitators than agreed. :raises Invalid: they are fewer, and there is no reason.
    :raises NotFound, NotAllowed: not for this actor.
    """
    with as_facilitator(actor, meeting_id) as (meeting, persona_id):
        if meeting.state is not MeetingState.EARLY:
            return
        too_few = sum(one.leads for one in seats.list_here(meeting_id)) < needed(meeting)
        if too_few and reason not in REASONS:
            raise Invalid(_("Say why the room opens with fewer of you than agreed."), "reason")
        meetings.begin(meeting, reason=reason if too_few else "")
        run_steps.begin(meetings.lock(meeting_id))
        record.note("room.open_short" if too_few else "room.open", persona_id, meeting_id, reason if too_few else "")


def hand_over(actor: Actor, meeting_id: bytes, persona_id: bytes) -> None:
    """Let another facilitator who is here lead.

    :raises NotAllowed: the actor has no seat, or the other one is not here. :raises NotFound: not for this actor.
    """
    with as_facilitator(actor, meeting_id) as (meeting, own):
        if all(one.persona_id != persona_id for one in seats.list_here(meeting_id) if one.leads):
            raise NotAllowed(_("They are not in this room now. Choose somebody who is here."))
        seats.lead(meeting_id, persona_id, meeting.host_id)
        record.note("room.hand_over", own, meeting_id)


def leave_seat(actor: Actor, meeting_id: bytes) -> None:
    """Look after a meeting no more. :raises NotAllowed: they lead it or are the last. :raises NotFound: not theirs."""
    meeting = queries.get_meeting(actor, meeting_id)
    persona_id = queries.member_of(actor, meeting).persona_id
    with transaction():
        seats.give_up(meetings.lock(meeting_id), persona_id)


def wind_down(actor: Actor, meeting_id: bytes) -> None:
    """The meeting comes to its end: time for goodbyes, hands and signals. :raises NotFound, NotAllowed: as for opening."""
    with as_facilitator(actor, meeting_id) as (meeting, _persona_id):
        if meeting.state is MeetingState.OPEN:
            meetings.set_state(meeting_id, MeetingState.WINDING_DOWN)
            run_steps.wind_down(meetings.lock(meeting_id))


def close_meeting(actor: Actor, meeting_id: bytes) -> None:
    """End a meeting for everyone.

    :raises NotAllowed: a hand is up or somebody asked for help and is not answered; or the actor has no seat.
    :raises NotFound: not for this actor.
    """
    with as_facilitator(actor, meeting_id) as (meeting, persona_id):
        if meeting.state in queries.OVER:
            return
        _require_answered(meeting_id)
        _end(meeting)
        record.note("room.close", persona_id, meeting_id)


def _require_answered(meeting_id: bytes) -> None:
    if struggling.count_open(meeting_id):
        raise NotAllowed(_("Somebody asked for help and nobody has answered yet. Answer them first, then close."))
    if hands.count_up(meeting_id):
        raise NotAllowed(_("A hand is still up. Let them speak, or lower the hand, then close."))


def _end(meeting: Row) -> None:
    run_steps.at_closing(meeting)
    meetings.close(meeting.id)


# --- When those who look after it drop out ---


def look_after() -> int:
    """Do what is due in every meeting; gives in how many something was. For the ticker, and safe at any moment."""
    running = queries.list_running()
    here_now = seats.list_in([meeting.id for meeting in running])
    due = [m.id for m in running if find_due(m, here_now.get(m.id, []), clock.now())]
    return sum(settle(meeting_id) for meeting_id in due)


def settle(meeting_id: bytes) -> bool:
    """Do what is due in one meeting, if anything is; whoever opens its page does that, too."""
    with transaction():
        meeting = meetings.lock(meeting_id)
        here_now = seats.list_here(meeting_id)
        step = find_due(meeting, here_now, clock.now())
        if step is not None:
            step(meeting, here_now)
        return step is not None


Step = Callable[[Row, Sequence[SeatSeen]], None]


def find_due(meeting: Row | MeetingSeen, here_now: Sequence[SeatSeen], now: datetime) -> Step | None:
    """What has to be done about who looks after a meeting; pure.

    :param here_now: the seats that are taken now.
    """
    led = any(one.leads for one in here_now)
    if meeting.state is MeetingState.EARLY:
        return None if led or (meeting.grace_until is not None and now < meeting.grace_until) else _let_be
    if meeting.state in (MeetingState.OPEN, MeetingState.WINDING_DOWN):
        return _due_while_open(meeting, here_now) if led else _leave_alone
    if meeting.state not in (MeetingState.ALONE, MeetingState.HELD):
        return None
    if led:
        return _take_up
    over = meeting.grace_until is not None and now >= meeting.grace_until
    return (_hold if meeting.state is MeetingState.ALONE else _send_home) if over else None


def _due_while_open(meeting: Row | MeetingSeen, here_now: Sequence[SeatSeen]) -> Step | None:
    if all(one.persona_id != meeting.host_id for one in here_now if one.leads):
        return _next_leads
    if is_short(meeting, here_now) is not (meeting.grace_until is not None):
        return _be_slow if is_short(meeting, here_now) else _be_enough
    return None


def _let_be(meeting: Row, _here_now: Sequence[SeatSeen]) -> None:
    """Nobody prepares it any more: it waits for its time, or it was opened for nobody."""
    if meeting.planned_at:
        meetings.set_state(meeting.id, MeetingState.PLANNED, host_id=None)
    else:
        meetings.close(meeting.id)


def _next_leads(meeting: Row, here_now: Sequence[SeatSeen]) -> None:
    """Whoever led is gone: the one who has been here longest leads."""
    seats.lead(meeting.id, next(one for one in here_now if one.leads).persona_id, None)


def _be_slow(meeting: Row, _here_now: Sequence[SeatSeen]) -> None:
    """Fewer than agreed: everyone reads that, and writes slowly, as long as a time stands there."""
    meetings.put(meeting.id, grace_until=clock.now())


def _be_enough(meeting: Row, _here_now: Sequence[SeatSeen]) -> None:
    meetings.put(meeting.id, grace_until=None)


def _leave_alone(meeting: Row, _here_now: Sequence[SeatSeen]) -> None:
    """Nobody looks after it: everyone reads that, and writes slowly."""
    meetings.set_state(meeting.id, MeetingState.ALONE, grace_until=clock.now() + ALONE_FOR)


def _take_up(meeting: Row, here_now: Sequence[SeatSeen]) -> None:
    """Somebody is here again."""
    goes_on = (
        MeetingState.WINDING_DOWN if run_steps.now_of(meeting).step is run_steps.Step.WIND_DOWN else MeetingState.OPEN
    )
    meetings.set_state(meeting.id, goes_on, grace_until=None)
    if all(one.persona_id != meeting.host_id for one in here_now if one.leads):
        seats.lead(meeting.id, next(one for one in here_now if one.leads).persona_id, None)


def _hold(meeting: Row, _here_now: Sequence[SeatSeen]) -> None:
    """From now on messages wait for a person."""
    meetings.set_state(meeting.id, MeetingState.HELD, grace_until=clock.now() + HELD_FOR)


def _send_home(meeting: Row, _here_now: Sequence[SeatSeen]) -> None:
    """Nobody came back. Open signals become follow-ups: a room that closes by itself forgets nobody."""
    _end(meeting)
    record.note("room.close_alone", record.OPERATOR, meeting.id)
