"""What a device has shown lately: a password, a code, a new secret. A row found by tag and sealed, good for minutes.

Never a column of the sign-in: a time that anybody could read there would join a role's act in the audit chain to the
account that did it.
"""

from datetime import timedelta

from sqlalchemy import delete, insert

from forum.base import clock, tagged
from forum.base.errors import NotFound
from forum.base.keyring import HOUSE
from forum.base.transaction import here
from forum.models import Proof
from forum.policy.actor import Actor
from forum.policy.permissions import Denial

#: Finishing a sign-in: long enough to fetch a phone from another room.
HALF_LIVES = timedelta(minutes=10)
#: All proofs are of one size, so that none tells what it is.
PROOF_BYTES = 40


def prove(actor: Actor, kind: str, value: bytes, lives: timedelta = HALF_LIVES) -> None:
    """Step: keep on this device what was shown, until its end."""
    if actor.sign_in is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    until = int((clock.now() + lives).timestamp())
    kept = value.ljust(PROOF_BYTES - 8, b"\0") + until.to_bytes(8)
    forget(actor, kind)
    row = tagged.sealed_row(Proof, HOUSE, kind, (actor.sign_in,), kept)
    here().execute(insert(Proof).values(**row, day=clock.today()))


def find(actor: Actor, kind: str) -> bytes | None:
    """What was shown on this device, if it still counts."""
    kept = tagged.find(Proof, HOUSE, kind, (actor.sign_in,)) if actor.sign_in else None
    if kept is None or clock.now().timestamp() >= int.from_bytes(kept[-8:]):
        return None
    return kept[:-8]


def forget(actor: Actor, kind: str) -> None:
    """Step: it was used, or something newer takes its place."""
    if actor.sign_in:
        tagged.drop(Proof, HOUSE, kind, (actor.sign_in,))


def purge() -> None:
    """Step: forget what was shown on days before yesterday; it counted for minutes."""
    here().execute(delete(Proof).where(Proof.day < clock.today() - timedelta(days=1)))
