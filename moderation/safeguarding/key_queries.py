"""Who holds which key, and where nobody could open what people sealed for the worst night of their lives."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.words import _
from moderation.safeguarding.boxes import Wrapped
from moderation.safeguarding.key_models import KeyHolder, KeyShare, SafeKey

#: Each holder opens a test envelope once in this time: a quarter, and some days for whoever is away.
CHECKED_FOR = timedelta(days=98)
_FINGERPRINT_GROUPS = 4


@dataclass(frozen=True)
class Holder:
    """A responder's own key.

    :param group_id: None: an officer. :param share: of the key in use: "whole", "half" or "".
    """

    responder_id: bytes
    organisation_id: bytes
    group_id: bytes | None
    public: bytes
    wrapped: Wrapped
    checked_on: date | None
    share: str

    @property
    def fingerprint(self) -> str:
        """Sixteen digits that two people can compare by telephone."""
        digits = f"{int.from_bytes(hashlib.sha256(self.public).digest()[:8]) % 10**16:016d}"
        return " ".join(digits[4 * n : 4 * n + 4] for n in range(_FINGERPRINT_GROUPS))

    @property
    def is_checked(self) -> bool:
        """Whether they opened something with it in the last quarter."""
        return self.checked_on is not None and clock.today() - self.checked_on <= CHECKED_FOR


@dataclass(frozen=True)
class Gap:
    """Something that would keep a locked detail locked when it is needed.

    :param red: nobody could open them, or one accident away from it.
    """

    kind: str
    red: bool
    sentence: str
    responder_id: bytes | None = None


def find_key(organisation_id: bytes) -> Row | None:
    """The key that new details are sealed to: id, public, stale, made_on; None before the first."""
    found = _KEYS.where(SafeKey.organisation_id == organisation_id, SafeKey.active.is_(True))
    return row(found)


_KEYS = select(SafeKey.id, SafeKey.public, SafeKey.stale, SafeKey.made_on, SafeKey.active)


def list_keys(organisation_id: bytes) -> Sequence[Row]:
    """Every key of an organisation under which something may still lie."""
    return rows(_KEYS.where(SafeKey.organisation_id == organisation_id).order_by(SafeKey.id))


def find_holder(responder_id: bytes) -> Holder | None:
    """A responder's own key, or None."""
    found = row(select(KeyHolder).where(KeyHolder.responder_id == responder_id).with_only_columns(*_COLUMNS))
    return _holder(found, _shares(found.organisation_id)) if found else None


def list_holders(organisation_id: bytes) -> list[Holder]:
    """Everybody of an organisation who has a key of their own."""
    shares = _shares(organisation_id)
    found = rows(select(*_COLUMNS).where(KeyHolder.organisation_id == organisation_id))
    return [_holder(r, shares) for r in sorted(found, key=lambda r: (r.group_id is not None, r.responder_id))]


_COLUMNS = (
    KeyHolder.responder_id,
    KeyHolder.organisation_id,
    KeyHolder.group_id,
    KeyHolder.public,
    KeyHolder.wrapped,
    KeyHolder.salt,
    KeyHolder.passes,
    KeyHolder.memory_kib,
    KeyHolder.checked_on,
)


def _shares(organisation_id: bytes) -> dict[bytes, str]:
    key = find_key(organisation_id)
    if key is None:
        return {}
    found = rows(
        select(KeyShare.responder_id, KeyShare.other_half.is_(None).label("whole")).where(
            KeyShare.safe_key_id == key.id
        )
    )
    return {r.responder_id: "whole" if r.whole else "half" for r in found}


def _holder(found: Row, shares: dict[bytes, str]) -> Holder:
    return Holder(
        found.responder_id,
        found.organisation_id,
        found.group_id,
        found.public,
        Wrapped(found.wrapped, found.salt, found.passes, found.memory_kib),
        found.checked_on,
        shares.get(found.responder_id, ""),
    )


def list_shares(responder_id: bytes) -> Sequence[Row]:
    """What a responder holds of each key: safe_key_id, box, other_half."""
    return rows(
        select(KeyShare.safe_key_id, KeyShare.box, KeyShare.other_half).where(KeyShare.responder_id == responder_id)
    )


# --- Where it would fail ---


def gaps(organisation_id: bytes) -> list[Gap]:
    """What is wrong with the keys, the worst first. Shown by day, so that it is not discovered at three in the morning."""
    key = find_key(organisation_id)
    if key is None:
        return [Gap("no_key", False, _("No key has been made yet. Nobody can leave contact details."))]
    holders = list_holders(organisation_id)
    found = [*_who_can_open(holders), *_of_key(key, list_keys(organisation_id)), *_of_holders(holders)]
    return sorted(found, key=lambda gap: not gap.red)


def _who_can_open(holders: Collection[Holder]) -> list[Gap]:
    whole = [one for one in holders if one.share == "whole"]
    if not whole:
        said = _("The last key is lost. Nobody can open the contact details that people left. Make a new key, now.")
        return [Gap("lost", True, said)]
    if not any(one.is_checked for one in whole):
        return [Gap("unchecked", True, _("No one has tried their key in the last three months. Try yours now."))]
    if len(whole) == 1:
        return [Gap("one_left", True, _("Only one person can open them. If they are away, no one can."))]
    return []


def _of_key(key: Row, keys: Collection[Row]) -> list[Gap]:
    if key.stale:
        return [Gap("stale", True, _("Somebody who could open contact details is gone. Change the key."))]
    older = [one.id for one in keys if not one.active]
    held = select(KeyShare.safe_key_id).where(KeyShare.safe_key_id.in_(older), KeyShare.other_half.is_(None))
    if rows(held.limit(1)):
        return [Gap("unfinished", True, _("A change of the key was not finished. Change the key again."))]
    if older:
        said = _("What some people left cannot be opened by anybody any more. Their page asks them to leave it again.")
        return [Gap("unreadable", False, said)]
    return []


def _of_holders(holders: Collection[Holder]) -> list[Gap]:
    due = [
        Gap("check_due", False, _("A key was not tried for a quarter of a year."), one.responder_id)
        for one in holders
        if one.share and not one.is_checked
    ]
    waiting = [
        Gap("waiting", False, _("Somebody made a key and waits for a share."), one.responder_id)
        for one in holders
        if not one.share and one.checked_on
    ]
    return [*due, *waiting]
