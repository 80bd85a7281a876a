"""The doorway of a meeting: who may come in, and what they are told before they do."""

from forum.base import clock
from forum.base.transaction import retrying, transaction
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, DoorFacts, may_come_in, require
from forum.rooms import guests, queries, sign_up
from forum.rooms.queries import MeetingSeen

#: Values of chat.late_entry in minutes after the meeting began; None: at any time.
LATE = {"open": None, "first 15 minutes": 15}


@retrying
def come_in(actor: Actor, meeting_id: bytes) -> None:
    """Come in, or come back: whoever was in keeps their place.

    :raises NotFound: not for this actor. :raises NotAllowed: it is not open, too late or full, or they were sent out.
    """
    meeting = queries.get_meeting(actor, meeting_id)
    with transaction():
        now = actor_in(actor, meeting.scope)
        meeting = queries.get_meeting(now, meeting_id)
        member = queries.member_of(now, meeting)
        require(may_come_in, now, facts_of(meeting, member))
        guests.let_in(meeting.scope, member.persona_id, meeting_id)


def why_not(actor: Actor, meeting: MeetingSeen) -> Denial | None:
    """Why the actor may not come in now; None: they may."""
    return may_come_in(actor, facts_of(meeting, queries.member_of(actor, meeting)))


def facts_of(meeting: MeetingSeen, member: Membership) -> DoorFacts:
    """What the rules need to know of a meeting and of somebody at its door."""
    guest = guests.find(meeting.scope, member.persona_id, meeting.id)
    return DoorFacts(
        group_id=meeting.scope.group_id,
        is_live=meeting.is_live,
        was_in=guest is not None,
        out=guest is not None and guest.out,
        by_asking=meeting.is_side,
        late=_is_late(meeting),
        full=guest is None and _is_full(meeting, member),
    )


def _is_late(meeting: MeetingSeen) -> bool:
    """By the rules in force people come in at the start: counted from when it opened, or from its time if that is later."""
    minutes = LATE[meeting.terms.values["chat.late_entry"]]
    if minutes is None or meeting.opened_at is None:
        return False
    began = max(meeting.opened_at, meeting.planned_at or meeting.opened_at)
    return (clock.now() - began).total_seconds() >= minutes * 60


def _is_full(meeting: MeetingSeen, member: Membership) -> bool:
    """Whoever said beforehand that they come has a place."""
    if meeting.capacity is None or sign_up.find_own(meeting, member) == "yes":
        return False
    return guests.count(meeting.id) >= meeting.capacity
