"""Reading accounts: only ever by their own holder."""

from collections.abc import Sequence

from sqlalchemy import Row, select

from forum.base.db import row, rows
from forum.base.keyring import Purpose, the_keyring
from forum.models import Credential, Officer, SignIn, SignInKind, Staff
from forum.policy.actor import Actor
from forum.web import sign_ins


def phrase_salts() -> list[bytes]:
    """What return phrases are stretched with: from cookie keys, which are never retired, the active one first.

    A phrase cannot be stretched again without its owner, so the key that made it stays readable for good.
    """
    return [key.secret[:16] for key in the_keyring().readable(Purpose.COOKIE)]


def find_credential(lookup: bytes) -> Row | None:
    """The account and verifier under a look-up half."""
    return row(select(Credential.account_id, Credential.verifier).where(Credential.lookup == lookup))


def has_way_back(actor: Actor) -> bool:
    """Whether this person could come back after losing this device."""
    return bool(rows(select(Credential.lookup).where(Credential.account_id == actor.account_id).limit(1)))


def device_kind(actor: Actor) -> SignInKind | None:
    """Whether this device is one's own or shared; None if it is not signed in."""
    found = row(select(SignIn.kind).where(SignIn.cookie_sha256 == actor.sign_in)) if actor.sign_in else None
    return found.kind if found else None


def is_staff(account_id: bytes) -> bool:
    """Whether an account looks after an organisation: then a password or phrase is only half of its sign-in."""
    admin = select(Staff.id).where(Staff.account_id == account_id)
    officer = select(Officer.id).where(Officer.account_id == account_id)
    return row(admin.union_all(officer).limit(1)) is not None


def is_admin(account_id: bytes) -> bool:
    """Whether an account is an admin of anything."""
    return row(select(Staff.id).where(Staff.account_id == account_id).limit(1)) is not None


def list_devices(actor: Actor) -> Sequence[Row]:
    """Where this person is signed in."""
    return sign_ins.list_of(actor.account_id) if actor.account_id else []
