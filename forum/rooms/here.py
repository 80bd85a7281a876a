"""Somebody in a meeting: what every act in a room begins with."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from forum.base import offset
from forum.base.errors import NotFound
from forum.base.hot import Hot
from forum.conversations import masks
from forum.models import Duty, RoomSeat
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, RunFacts, may_run, require
from forum.policy.room_desk import PartFacts, may_take_part
from forum.rooms import guests, queries
from forum.rooms.queries import MeetingSeen


@dataclass(frozen=True)
class Here:
    """Somebody at a meeting.

    :param inside: they came in, and were not sent out. :param duty: of the seat that they hold now; None: no seat.
    """

    meeting: MeetingSeen
    actor: Actor
    me: Membership
    inside: bool
    duty: Duty | None

    @property
    def hides_names(self) -> bool:
        """Whether they stand here under an alias: whoever looks after a meeting is known."""
        return self.meeting.masked and self.duty is None

    @property
    def runs(self) -> bool:
        """Whether they hold a seat of those who look after people, beside whoever helps with the site."""
        return self.duty in (Duty.HOST, Duty.SUPPORT)


def enter(actor: Actor, meeting_id: bytes) -> Here:
    """Somebody who is in a meeting, or looks after it, whatever its state.

    :param actor: with or without memberships; they are read anew. :raises NotFound: anybody else.
    """
    here = find(actor, meeting_id)
    require(may_take_part, here.actor, facts_of(here))
    return here


def run(actor: Actor, meeting_id: bytes) -> Here:
    """A facilitator with a seat in a meeting. :raises NotFound, NotAllowed: anybody else."""
    here = find(actor, meeting_id)
    require(may_run, here.actor, RunFacts(here.meeting.scope.group_id, here.runs))
    return here


def find(actor: Actor, meeting_id: bytes) -> Here:
    """A member of the meeting's group, wherever they are. :raises NotFound: anybody else."""
    scope = queries.find_scope(meeting_id)
    if scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    now = actor_in(actor, scope)
    meeting = queries.get_meeting(now, meeting_id)
    me = queries.member_of(now, meeting)
    return Here(meeting, now, me, guests.is_in(scope, me.persona_id, meeting_id), find_duty(meeting_id, me.persona_id))


def facts_of(here: Here) -> PartFacts:
    """What the rules need to know of it."""
    group_id = here.meeting.scope.group_id
    return PartFacts(group_id, here.inside or here.duty is not None, here.meeting.is_live)


def find_duty(meeting_id: bytes, persona_id: bytes) -> Duty | None:
    """What somebody does in a meeting, as long as their page says that they are there.

    The persona is not told to the database, as in `seats.holds`: an alias is made in the same transaction.
    """
    found = _DUTIES.rows({"meeting": meeting_id, "now": offset.for_leases()})
    return next((r.duty for r in found if r.persona_id == persona_id), None)


_DUTIES = Hot(
    select(RoomSeat.persona_id, RoomSeat.duty).where(
        RoomSeat.meeting_id == bindparam("meeting"), RoomSeat.lease_until > bindparam("now")
    )
)


def find_face(here: Here) -> bytes | None:
    """The id under which they stand in this meeting; None: no alias of theirs has said anything yet."""
    if not here.hides_names:
        return here.me.persona_id
    worn = masks.find_mask(here.meeting.scope, here.me.persona_id, here.meeting.conversation_id)
    return worn.id if worn else None


def wear_face(here: Here) -> bytes:
    """Step: the same, with an alias made on its first use."""
    if not here.hides_names:
        return here.me.persona_id
    return masks.wear(here.meeting.scope, here.me.persona_id, here.meeting.conversation_id).id
