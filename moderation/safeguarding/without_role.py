"""Concerns whose holder lost their role in a group: nobody else is called while they seem to have it, so it is looked each minute."""

from sqlalchemy import select

from forum.base.db import rows
from forum.base.transaction import transaction
from forum.models import Officer, OfficerStanding, Persona, Role
from forum.policy.members import NOT_IN
from moderation.safeguarding import ticking
from moderation.safeguarding.models import Concern

#: Seconds. Its own clocks may be weeks away; a minute is soon enough for what somebody had in hand until now.
EVERY_S = 60


def let_go_all() -> int:
    """Call people about what is held by somebody who may not see it any more; gives how many such holders there were."""
    officers = select(Officer.id).where(Officer.standing == OfficerStanding.ACTIVE)
    facilitators = select(Persona.id).where(Persona.role == Role.FACILITATOR, Persona.standing.not_in(NOT_IN))
    held = (Concern.due_at.is_not(None), Concern.owner_id.is_not(None))
    gone = (Concern.owner_id.not_in(officers), Concern.owner_id.not_in(facilitators))
    found = rows(select(Concern.owner_id).where(*held, *gone).distinct())
    for holder in found:
        with transaction():
            ticking.let_go(holder.owner_id)
    return len(found)


def work(_n: int) -> None:
    """The same, beside the ticker."""
    let_go_all()
