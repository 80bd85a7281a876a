"""An officer who lost both phones: two of the others agree, a day passes, and then they set up new second steps.

Never an admin: whoever runs the machine must not be able to become the person who reads concerns. The day is there so that
the officer themselves, or anybody else of them, can stop what they did not ask for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from forum.accounts import second_factor
from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import NotAllowed, NotFound
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.models import Officer, OfficerStanding
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.web import sign_ins
from moderation.safeguarding import officers, telling
from moderation.safeguarding.people_models import FactorReset
from moderation.safeguarding.responders import Responder
from moderation.safeguarding.telling import Told

#: Long enough to reach somebody who never asked for this.
WAIT = timedelta(hours=24)


@dataclass(frozen=True)
class Waiting:
    """A reset that is under way. :param ready_at: None: a second officer has still to agree."""

    officer_id: bytes
    name: str
    ready_at: datetime | None
    by_me: bool

    @property
    def is_ready(self) -> bool:
        """Whether the day has passed."""
        return self.ready_at is not None and clock.now() >= self.ready_at


def list_waiting(me: Responder) -> list[Waiting]:
    """What is under way among these officers."""
    found = rows(
        select(FactorReset.officer_id, FactorReset.first_by, FactorReset.second_by, FactorReset.ready_at, Officer.name)
        .join(Officer, Officer.id == FactorReset.officer_id)
        .where(Officer.organisation_id == me.organisation_id)
        .order_by(Officer.name)
    )
    return [Waiting(r.officer_id, r.name, r.ready_at, me.id in (r.first_by, r.second_by)) for r in found]


def is_about(me: Responder) -> bool:
    """Whether somebody says that this officer lost theirs."""
    return row(select(FactorReset.officer_id).where(FactorReset.officer_id == me.id)) is not None


@retrying
def agree(actor: Actor, officer_id: bytes) -> None:
    """Say that an officer lost their second steps; the second of two starts the day. Each time the officer is told.

    :raises NotAllowed: about oneself, or one agreed already. :raises NotFound, StepUpNeeded: no officer, or no code lately.
    """
    me = officers.get_officer(actor)
    second_factor.require_step_up(actor)
    if me.id == officer_id:
        raise NotAllowed(_("This is about you. Two of the others have to agree."))
    with transaction():
        _account_of(me, officer_id)
        known = _find(officer_id)
        if known is None:
            here().execute(insert(FactorReset).values(officer_id=officer_id, first_by=me.id))
            telling.tell(officer_id, Told.RESET)
        elif known.first_by == me.id or known.second_by is not None:
            raise NotAllowed(_("You agreed to this already, or enough of you did."))
        else:
            values = {"second_by": me.id, "ready_at": clock.now() + WAIT}
            changed = update(FactorReset).where(FactorReset.officer_id == officer_id).values(values)
            here().execute(changed.execution_options(synchronize_session=False))
            telling.tell(officer_id, Told.RESET_BY_TWO)
        record.note("officer.reset_agree", me.id, officer_id)


def stop(actor: Actor, officer_id: bytes) -> None:
    """Stop a reset: any officer may, and the one it is about first of all. :raises NotFound: none is under way."""
    me = officers.get_officer(actor)
    with transaction():
        _account_of(me, officer_id)
        gone = delete(FactorReset).where(FactorReset.officer_id == officer_id).returning(FactorReset.officer_id)
        if here().execute(gone).first() is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        record.note("officer.reset_stop", me.id, officer_id)


def finish(actor: Actor, officer_id: bytes) -> None:
    """Take the old second steps away once the day has passed; the officer signs in and sets up new ones.

    :raises NotAllowed: it is too early. :raises NotFound, StepUpNeeded: as for `agree`.
    """
    me = officers.get_officer(actor)
    second_factor.require_step_up(actor)
    with transaction():
        account_id = _account_of(me, officer_id)
        known = _find(officer_id)
        if known is None or known.ready_at is None or clock.now() < known.ready_at:
            raise NotAllowed(_("It is too early. Two of you have to agree, and then a day has to pass."))
        second_factor.forget(account_id)
        sign_ins.end_all_of(account_id)
        here().execute(delete(FactorReset).where(FactorReset.officer_id == officer_id))
        record.note("officer.reset", me.id, officer_id)


def _find(officer_id: bytes) -> Row[Any] | None:
    return row(
        select(FactorReset.first_by, FactorReset.second_by, FactorReset.ready_at)
        .where(FactorReset.officer_id == officer_id)
        .with_for_update()
    )


def _account_of(me: Responder, officer_id: bytes) -> bytes:
    """:raises NotFound: nobody in office in the same organisation."""
    found = row(
        select(Officer.account_id).where(
            Officer.id == officer_id,
            Officer.organisation_id == me.organisation_id,
            Officer.standing == OfficerStanding.ACTIVE,
        )
    )
    if found is None or found.account_id is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return bytes(found.account_id)
