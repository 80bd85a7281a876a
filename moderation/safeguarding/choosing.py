"""What a lead or a deputy sets for their organisation: how soon people are called, and how long records are kept.

Both within bounds, with a code of the second step, and written into the audit chain. Neither moves a concern that is there.
"""

from collections.abc import Mapping

from forum.accounts import second_factor
from forum.base.errors import NotAllowed, NotFound
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from moderation.safeguarding import keeping, officers, policy
from moderation.safeguarding.models import Level
from moderation.safeguarding.responders import TIER, Responder, ResponderRole

#: Whoever acts when a lead is named in a concern reads what was set, and sets nothing for everybody.
MAY_SET = (ResponderRole.LEAD, ResponderRole.DEPUTY)
#: What nobody looked at yet counts as high: one set of times for both.
TOGETHER = {Level.HIGH: (Level.HIGH, Level.UNASSESSED)}


def get_reader(actor: Actor) -> Responder:
    """The actor as an officer who may read what is set. :raises NotFound: the confirmer, or nobody of them."""
    me = officers.get_officer(actor)
    if me.role not in TIER or not me.may_own:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return me


def _setter(actor: Actor) -> Responder:
    me = get_reader(actor)
    if me.role not in MAY_SET:
        raise NotAllowed(_("The lead or a deputy sets this. Ask one of them."))
    return me


@retrying
def choose_times(actor: Actor, level: Level, minutes: Mapping[str, int]) -> None:
    """Set the times of one level, for concerns raised from now on.

    :param minutes: by names of `policy.ours`; those left out stay. :raises Invalid: out of bounds, or out of order.
    :raises NotFound: no officer. :raises NotAllowed, StepUpNeeded: not theirs to set, or no code lately.
    """
    me = _setter(actor)
    for name, number in minutes.items():
        policy.require_bounds(level, name, number)
    second_factor.require_step_up(actor)
    with transaction():
        for one in TOGETHER.get(level, (level,)):
            before = policy.in_order(policy.of_organisation(me.organisation_id)[one.value])
            for name, number in minutes.items():
                if before[name] != number:
                    policy.change(me.organisation_id, one.value, {name: number})
                    record.note("concern.times", me.id, me.organisation_id, f"{one} {name} {number}")
            policy.require_order(me.organisation_id, one)


@retrying
def choose_years(actor: Actor, years: Mapping[str, int]) -> None:
    """Set how many years a record is kept, by what came of it, for what is closed from now on.

    :param years: by names of `keeping.CHOOSABLE`; those left out stay. :raises Invalid: out of bounds.
    :raises NotFound, NotAllowed, StepUpNeeded: as for `choose_times`.
    """
    me = _setter(actor)
    for outcome, number in years.items():
        keeping.require_bounds(outcome, number)
    second_factor.require_step_up(actor)
    with transaction():
        before = keeping.years_of(me.organisation_id)
        for outcome, number in years.items():
            if before[outcome] != number:
                policy.change(me.organisation_id, keeping.PART, {outcome: number})
                record.note("concern.years", me.id, me.organisation_id, f"{outcome} {number}")
