"""Where a meeting is in its run, kept: the steps that facilitators' buttons take. They never commit."""

from datetime import datetime, timedelta

from sqlalchemy import Row, select

from forum.base import clock, jobs
from forum.base.idents import read_ident, write_ident
from forum.base.transaction import here
from forum.models import Meeting, MeetingState, Room
from forum.rooms import cards, debriefs, hands, meetings, quiet_writing, run, struggling
from forum.rooms.queries import LIVE, MeetingSeen
from forum.rooms.run import Agenda, Now, Step


def begin(meeting: Row) -> None:
    """Step: the first step of the plan, if there is one, and the notice before the end. :param meeting: just opened."""
    go(meeting, run.begin(agenda_of(meeting), clock.now()))
    tell_before_end(meeting.id, meeting.ends_at)


def agenda_of(meeting: Row | MeetingSeen) -> Agenda:
    """What its room plans; beside another meeting nothing is planned."""
    if meeting.parent_id is not None:
        return ()
    planned = here().scalar(select(Room.agenda).where(Room.id == meeting.room_id))
    return run.read_agenda(planned or "")


def now_of(meeting: Row | MeetingSeen) -> Now:
    """Where it is."""
    return run.read_now(meeting.step, meeting.step_until)


def go(meeting: Row | MeetingSeen, now: Now) -> None:
    """Step: be there from now on. Pages are told again when its time is over; nothing ends by itself.

    Whoever waits to speak goes on waiting; in a round of turns the first of them has the floor at once.
    """
    changed = {} if now.step == now_of(meeting).step else {"prompt": ""}
    meetings.put(meeting.id, step=run.write_now(now), step_until=now.until, **changed)
    if now.until:
        jobs.enqueue("room_time", {"meeting": write_ident(meeting.id)}, now.until)


def wind_down(meeting: Row) -> None:
    """Step: time for goodbyes. What was written in quiet minutes comes out; nobody's words are lost."""
    if meeting.quiet_until is not None:
        quiet_writing.release(meeting.id)
    go(meeting, run.wind_down(agenda_of(meeting), clock.now()))


def tell_before_end(meeting_id: bytes, ends_at: datetime | None) -> None:
    """Step: have everybody's page say ten minutes before the end that it comes, and again when it is there."""
    for at in (ends_at - run.NOTICE, ends_at) if ends_at else ():
        jobs.enqueue("room_time", {"meeting": write_ident(meeting_id)}, max(at, clock.now()))


def end_later(meeting: Row, minutes: int) -> None:
    """Step: move the end of the whole meeting, back with a number below 0, and never into the past."""
    ends_at = max((meeting.ends_at or clock.now()) + timedelta(minutes=minutes), clock.now())
    meetings.put(meeting.id, ends_at=ends_at)
    tell_before_end(meeting.id, ends_at)


@jobs.step("room_time")
def tell_time(payload: jobs.Payload) -> None:
    """A time has come that pages show; they ask anew. Of a meeting that is over nobody asks."""
    meeting_id = read_ident(payload["meeting"])
    is_on = here().execute(select(Meeting.id).where(Meeting.id == meeting_id, Meeting.state.in_(LIVE))).first()
    if meeting_id is not None and is_on:
        meetings.changed(meeting_id)


def at_closing(meeting: Row) -> None:
    """Step: a meeting and its side rooms are about to be closed. Nobody who asked for help is forgotten, and what was
    shown of people goes."""
    beside = here().execute(select(*Meeting.__table__.columns).where(Meeting.parent_id == meeting.id))
    for one in (meeting, *(side for side in beside if side.state in (MeetingState.EARLY, *LIVE))):
        if one.quiet_until is not None:
            quiet_writing.release(one.id)
        hands.lower_all(one.id)
        cards.forget(one.id)
        struggling.leave_to_follow_up(one.id)
        struggling.forget_site(one.id)
    debriefs.ask(meeting)


__all__ = ["Step", "agenda_of", "at_closing", "begin", "end_later", "go", "now_of", "tell_before_end", "wind_down"]
