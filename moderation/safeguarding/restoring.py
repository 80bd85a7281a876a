"""After a restore: nothing is taken as handled, and everybody whose turn it is hears of every open concern again (SG21).

What was done between the backup and the restore is not in the record, so an owner of that night may have gone on, or not.
"""

import logging

from sqlalchemy import select

from forum.base import clock
from forum.base.db import rows
from forum.base.errors import Busy, origin
from forum.base.transaction import transaction
from moderation.safeguarding import cases, chronology, machine, paging, ticking, timers
from moderation.safeguarding.models import Concern, EventKind, State, Timer

log = logging.getLogger(__name__)


def call_anew() -> int:
    """Call people about each open concern from the first step on; gives how many there are. Safe to repeat."""
    found = rows(select(Concern.id).where(Concern.due_at.is_not(None)))
    for concern in found:
        try:
            with transaction():
                _call_anew(concern.id)
        except Busy:
            raise
        except Exception as error:  # noqa: BLE001 - one row that is damaged must not leave all others as they were that night
            log.error("a concern could not be called about anew %s", origin(error))
            with transaction():
                cases.put_off(concern.id, clock.now() + ticking.AFTER_A_FAILURE)
    return len(found)


def _call_anew(concern_id: bytes) -> None:
    case, now = cases.lock(concern_id), clock.now()
    chronology.note(case, EventKind.PUT_BACK, None, codes={"state": case.state})
    if case.state is not State.RAISED:
        ticking.go(case, machine.BY_NAME["lapse"], None, now, step=0)
        return
    paging.stop(case.id)  # as for any other generation: what was sent then does not count as a call now
    clocks = dict(case.clocks) | {Timer.PAGE: now}
    cases.change(case, gen=case.gen + 1, step=0, **timers.columns(clocks, now))
