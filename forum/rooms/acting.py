"""The transaction of an act by somebody who looks after a meeting: asks the rules, and locks it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Row

from forum.base.transaction import transaction
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.policy.permissions import RunFacts, may_run, require
from forum.rooms import meetings, queries, seats


@contextmanager
def as_facilitator(actor: Actor, meeting_id: bytes) -> Iterator[tuple[Row, bytes]]:
    """A transaction with the meeting, locked, and the persona of the facilitator who holds a seat in it.

    :raises NotFound, NotAllowed: not for this actor, or they have no seat there now.
    """
    scope = queries.get_meeting(actor, meeting_id).scope
    with transaction():
        now = actor_in(actor, scope)
        member = now.membership_in(scope.group_id)
        seated = member is not None and seats.holds(meeting_id, member.persona_id)
        require(may_run, now, RunFacts(scope.group_id, seated))
        assert member is not None
        yield meetings.lock(meeting_id), member.persona_id
