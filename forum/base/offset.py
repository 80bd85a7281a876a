"""How far this process's clock is from the database's, when several machines share one PostgreSQL (decisions.md §7).

Leases are compared with the earlier of the two readings: a process whose clock runs ahead must not take over what
another still holds.
"""

import time
from datetime import datetime, timedelta

from sqlalchemy import text

from forum.base import clock
from forum.base.db import db, rows

#: Clocks drift by milliseconds a minute; asking more often costs more than it tells.
MEASURE_EVERY_S = 60.0

_offset = timedelta(0)
_measured_at: float | None = None


def for_leases() -> datetime:
    """Now, or earlier if the database's clock says so. On SQLite there is one machine and one clock."""
    if db.engine.dialect.name != "postgresql" or not clock.is_the_machines():
        return clock.now()
    if _measured_at is None or time.monotonic() - _measured_at > MEASURE_EVERY_S:
        measure()
    return clock.now() + min(_offset, timedelta(0))


def measure() -> timedelta:
    """Ask the database what time it is; gives how far it is ahead of this process."""
    global _offset, _measured_at
    theirs = rows(text("SELECT clock_timestamp() AS at"))[0].at
    _offset, _measured_at = theirs - clock.now(), time.monotonic()
    return _offset


def forget() -> None:
    """Measure again before the next lease (another database)."""
    global _offset, _measured_at
    _offset, _measured_at = timedelta(0), None
