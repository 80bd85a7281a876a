"""Telling whoever looks after an organisation, inside the site, that their sign-in was used on a new device.

A device is known by a random mark in a cookie of its own, which says nothing about it: no address, no kind of browser. What is
kept is its hash, sealed under a tag of the account, in one size. The device that is new cannot put the notice away.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date

from forum.base import clock, tagged
from forum.base.keyring import HOUSE
from forum.base.transaction import retrying, transaction
from forum.models import SecondFactor

COOKIE = "__Host-known"
#: As long as the longest sign-in of one's own device may live.
COOKIE_S = 180 * 24 * 3600
KIND = "known_devices"
#: More devices than somebody has; the oldest are forgotten, and are new when they come back.
MOST = 8
SIZE = 1_024


@dataclass(frozen=True)
class _Devices:
    """Marks that were seen, and the new ones among them with their day, until another device says that it saw them."""

    known: tuple[str, ...] = ()
    new: tuple[tuple[str, str], ...] = ()


def note(account_id: bytes, secret: str) -> None:
    """Step: this account signs in on the device with this mark. The very first one is no news.

    :param secret: what the cookie holds.
    """
    found, mark = _find(account_id, lock=True), _mark(secret)
    if mark in found.known:
        return
    new = (*found.new, (mark, clock.today().isoformat())) if found.known else ()
    _keep(account_id, _Devices((*found.known, mark)[-MOST:], new[-MOST:]))


def list_new(account_id: bytes, secret: str) -> list[date]:
    """On which days the sign-in was used on a device that was new then, and is not this one."""
    return [date.fromisoformat(day) for mark, day in _find(account_id).new if mark != _mark(secret)]


@retrying
def put_away(account_id: bytes, secret: str) -> None:
    """It was me: what was said about other devices goes. What is said about this one stays, for the others."""
    with transaction():
        found = _find(account_id, lock=True)
        _keep(account_id, _Devices(found.known, tuple(one for one in found.new if one[0] == _mark(secret))))


def forget(account_id: bytes) -> None:
    """Step: nothing is known of this account's devices."""
    tagged.drop(SecondFactor, HOUSE, KIND, (account_id,))


def _mark(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def _find(account_id: bytes, *, lock: bool = False) -> _Devices:
    value = tagged.find(SecondFactor, HOUSE, KIND, (account_id,), lock=lock)
    if value is None:
        return _Devices()
    kept = json.loads(value)
    return _Devices(tuple(kept["known"]), tuple((mark, day) for mark, day in kept["new"]))


def _keep(account_id: bytes, devices: _Devices) -> None:
    value = json.dumps(asdict(devices), separators=(",", ":")).encode().ljust(SIZE)
    tagged.keep(SecondFactor, HOUSE, KIND, (account_id,), value)
