"""What an organisation set about calls, and turning them on. Only people in office who can be reached let them be turned on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import insert, select, update

from forum.accounts import second_factor, staff
from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.permissions import may_administer, require
from moderation.safeguarding import bank_holidays, tier_rota
from moderation.safeguarding.people_models import CallSetting

#: A month, and never so seldom that a changed telephone is found out in an emergency.
DRILL_DAYS, LEAST_DRILL_DAYS, MOST_DRILL_DAYS = 30, 7, 92


@dataclass(frozen=True)
class Set:
    """What holds for an organisation. :param armed_on: since when people are called; None: nobody is."""

    armed_on: date | None = None
    zone: str = tier_rota.ZONE
    holidays: str = "england"
    drill_days: int = DRILL_DAYS
    drill_at: datetime | None = None


def find(organisation_id: bytes) -> Set:
    """What it chose, or what holds until it does."""
    found = row(
        select(
            CallSetting.armed_on,
            CallSetting.zone,
            CallSetting.holidays,
            CallSetting.drill_days,
            CallSetting.drill_at,
        ).where(CallSetting.organisation_id == organisation_id)
    )
    return Set(*found) if found else Set()


def is_armed(organisation_id: bytes) -> bool:
    """Whether people of this organisation are called when somebody may be in danger."""
    return find(organisation_id).armed_on is not None


@retrying
def choose(actor: Actor, organisation_id: bytes, zone: str, holidays: str, drill_days: int) -> None:
    """An admin sets the clock, the bank holidays, and how often a drill is.

    :param drill_days: 7 to 92. :raises Invalid: no such clock, nation or number. :raises NotFound, StepUpNeeded: no admin, no code.
    """
    require(may_administer, actor, staff.find_staff(actor).of(organisation_id))
    second_factor.require_step_up(actor)
    _check(zone, holidays, drill_days)
    with transaction():
        drill_at = find(organisation_id).drill_at
        soonest = clock.now() + timedelta(days=drill_days)
        values = {"zone": zone, "holidays": holidays, "drill_days": drill_days}
        keep(organisation_id, **values, drill_at=min(drill_at, soonest) if drill_at else None)


def _check(zone: str, holidays: str, drill_days: int) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(_("Write the clock as Europe/London."), "zone") from error
    if holidays and holidays not in bank_holidays.NATIONS:
        raise Invalid(_("Choose a nation of the list."), "holidays")
    if not LEAST_DRILL_DAYS <= drill_days <= MOST_DRILL_DAYS:
        raise Invalid(_("Choose 7 to 92 days."), "drill_days")


def keep(organisation_id: bytes, **values: object) -> None:
    """Step: change some of it."""
    changed = update(CallSetting).where(CallSetting.organisation_id == organisation_id).values(**values)
    done = here().execute(changed.returning(CallSetting.drill_days).execution_options(synchronize_session=False))
    if done.first() is None:
        now = find(organisation_id)
        every = {"armed_on": now.armed_on, "zone": now.zone, "holidays": now.holidays, "drill_days": now.drill_days}
        here().execute(insert(CallSetting).values(organisation_id=organisation_id, **(every | values)))


def turn_on(organisation_id: bytes, by: bytes) -> None:
    """Step: people are called from now on. Asked by `arming.arm` alone, which looked whether it is safe."""
    days = find(organisation_id).drill_days
    keep(organisation_id, armed_on=clock.today(), drill_at=clock.now() + timedelta(days=days))
    record.note("calls.arm", by, organisation_id)
