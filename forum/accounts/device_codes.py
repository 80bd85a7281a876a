"""A device that is signed in shows twelve digits, and the next one that types them is signed in too: once, and soon."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from forum.base import clock, jobs, tagged
from forum.base.db import rows
from forum.base.errors import NotAllowed
from forum.base.keyring import HOUSE
from forum.base.transaction import here
from forum.base.words import _
from forum.models import DeviceCode

#: To walk to the other device and type twelve digits, at the second try.
LIVES = timedelta(minutes=10)


def keep(code: str, account_id: bytes) -> None:
    """Step: let these digits in for LIVES. The row has no time of its own; the job that takes it away has one."""
    ends = clock.now() + LIVES
    tagged.keep(DeviceCode, HOUSE, "device_code", (code.encode(),), account_id + int(ends.timestamp()).to_bytes(8))
    jobs.enqueue("forget_device_code", {"tag": _tags(code)[0].hex()}, ends)


def find_account(code: str) -> bytes | None:
    """Whose device showed these digits, while they live."""
    value = tagged.find(DeviceCode, HOUSE, "device_code", (code.encode(),))
    if value is None or clock.now() >= datetime.fromtimestamp(int.from_bytes(value[16:]), UTC):
        return None
    return value[:16]


def use(code: str) -> None:
    """Step: these digits have done their work.

    :raises NotAllowed: somebody was quicker.
    """
    gone = delete(DeviceCode).where(DeviceCode.tag.in_(_tags(code))).returning(DeviceCode.tag)
    if here().execute(gone.execution_options(synchronize_session=False)).first() is None:
        raise NotAllowed(_("Those numbers were used already. Ask your other device for new ones."))


def forget_of(account_id: bytes) -> None:
    """Step: no digits that any device of this account showed let anybody in. There are few rows: each lives for LIVES."""
    found = rows(select(DeviceCode.tag, DeviceCode.sealed))
    theirs = [r.tag for r in found if tagged.open_value(DeviceCode, HOUSE, r.tag, r.sealed)[:16] == account_id]
    here().execute(delete(DeviceCode).where(DeviceCode.tag.in_(theirs)).execution_options(synchronize_session=False))


@jobs.step("forget_device_code")
def _forget(payload: dict[str, Any]) -> None:
    here().execute(delete(DeviceCode).where(DeviceCode.tag == bytes.fromhex(payload["tag"])))


def _tags(code: str) -> list[bytes]:
    return tagged.tags(HOUSE, "device_code", code.encode())
