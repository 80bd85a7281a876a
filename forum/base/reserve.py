"""Room beside SQLite's database for what must be kept when the disk is full: a report, a worry, words to the team, a way out.

A file that says nothing lies there. When little room is left, what can wait is refused with its words kept; for what
cannot, the file goes. It comes back when there is room again.
"""

import logging
import os
from contextvars import ContextVar
from pathlib import Path

from forum.base.errors import Busy
from forum.base.words import _

log = logging.getLogger(__name__)

#: A report writes 78 kB to SQLite's journal (measured): room for two hundred, until somebody has seen to the disk.
RESERVE_BYTES = 16 << 20
#: Below this much nothing is begun that can wait. A post of the greatest length writes 107 kB (measured).
LEAST_BYTES = 2 << 20

_file: Path | None = None
_urgent: ContextVar[bool] = ContextVar("urgent", default=False)


def use(folder: Path | None) -> None:
    """Keep the room in `folder`, where the database lies; None if this is not ours to do, as with PostgreSQL."""
    global _file
    _file = folder / "reserve" if folder else None


def keep() -> None:
    """Lay the file down if it is not there and the disk has room for it twice."""
    if _file is None or _file.exists() or _free_bytes(_file.parent) < 2 * RESERVE_BYTES:
        return
    try:
        with open(os.open(_file, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
    except OSError as error:
        _file.unlink(missing_ok=True)
        log.warning("no room could be kept for urgent words kind=%s", type(error).__name__)


def set_urgent(urgent: bool) -> None:
    """Say of what this request writes from here on whether it may use the room that was kept."""
    _urgent.set(urgent)


def is_short() -> bool:
    """Whether there is so little room that only what is urgent can be written."""
    if _file is None:
        return False
    free = _free_bytes(_file.parent)  # asked before each transaction: mostly that is all there is to ask
    return free < LEAST_BYTES + RESERVE_BYTES and (free < LEAST_BYTES or not _file.exists())


def make_room() -> None:
    """See to it that something can be written.

    :raises Busy: there is no room, and this can wait.
    """
    if not is_short():
        return
    if not _urgent.get():
        log.error("the disk is full: only reports, words to the team and signing in and out are kept")
        raise Busy(_("We could not keep this just now. Your words are still here. Please try again."))
    if _file is not None and _file.exists():
        _file.unlink(missing_ok=True)
        log.error("the disk is full: the room that was kept for urgent words is used now")


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
