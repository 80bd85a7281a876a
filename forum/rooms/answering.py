"""Answering whoever asked for a person in a meeting: facilitators those who struggle, the tech helper those with the site."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from forum.base.db import row
from forum.base.transaction import transaction
from forum.models import Duty, Meeting, SignalState
from forum.policy.actor import Actor
from forum.policy.permissions import require
from forum.policy.room_desk import AnswerFacts, may_answer
from forum.rooms import desk_hints, follow_ups, meetings, queries, seats, struggling
from forum.rooms import here as being
from forum.rooms.here import Here


def take(actor: Actor, signal_id: bytes) -> bytes | None:
    """Answer somebody: it is yours now, and so is what follows from it. Gives the side room, if there is one.

    :raises NotFound, NotAllowed: no such asking for this actor.
    """
    with _as_answering(actor, signal_id) as (here_now, found):
        if found.state is SignalState.OPEN:
            struggling.set_taken(signal_id, here_now.me.persona_id)
            follow_ups.give(signal_id, here_now.me.persona_id)
            if found.side_id is not None:
                _sit_beside(found.side_id, here_now.me.persona_id)
        return found.side_id


def _sit_beside(side_id: bytes, persona_id: bytes) -> None:
    """Step: whoever answers has the first seat of the side room. One that closed meanwhile stays closed."""
    if meetings.lock(side_id).state in queries.RUNNING:
        seats.take(side_id, persona_id, Duty.HOST)
        meetings.put(side_id, host_id=persona_id)


def finish(actor: Actor, signal_id: bytes) -> None:
    """They are looked after for now. What is to be done tomorrow stays on the page of follow-ups.

    :raises NotFound, NotAllowed: as for `take`.
    """
    with _as_answering(actor, signal_id) as (here_now, found):
        if found.state is SignalState.OPEN:
            follow_ups.give(signal_id, here_now.me.persona_id)
        struggling.set_done(signal_id)


@contextmanager
def _as_answering(actor: Actor, signal_id: bytes) -> Iterator[tuple[Here, Any]]:
    """A transaction with who answers and what was asked; the desks are told."""
    meeting_id = _main_of(struggling.get_signal(signal_id))
    with transaction():
        meetings.lock(meeting_id)
        here_now, found = being.find(actor, meeting_id), struggling.get_signal(signal_id)
        require(may_answer, here_now.actor, facts_of(here_now, found.kind))
        yield here_now, found
        desk_hints.changed(here_now.meeting.conversation_id)


def facts_of(here_now: Here, kind: str) -> AnswerFacts:
    """What the rules need to know of who answers which kind of asking."""
    meeting = here_now.meeting
    helper = any(one.duty is Duty.TECH for one in seats.list_here(meeting.id))
    return AnswerFacts(
        group_id=meeting.scope.group_id,
        duty=here_now.duty,
        about_site=kind == struggling.SITE,
        helper_here=helper,
    )


def _main_of(found: Any) -> bytes:
    """The meeting in which somebody asked, or the one that it is beside: its facilitators answer."""
    main = row(select(Meeting.parent_id).where(Meeting.id == found.meeting_id))
    return bytes(main.parent_id) if main and main.parent_id else bytes(found.meeting_id)
