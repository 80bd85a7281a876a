"""The second step: six digits from an app on a phone (TOTP, RFC 6238), spare codes on paper, and asking for them anew.

What a browser has shown is a row found by tag and sealed, never a column of the sign-in: a time that anybody could read
there would join a role's act in the audit chain to the account that did it.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, insert

from forum.accounts import slowing
from forum.base import clock, tagged
from forum.base.errors import NotAllowed, NotFound
from forum.base.keyring import HOUSE
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.models import Proof, SecondFactor
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, StepUpFacts, may_act_after_step_up

#: RFC 6238's own: a code lives for 30 seconds, and one step to either side bears a phone whose clock is off.
STEP_S = 30
DRIFT = 1
SECRET_BYTES = 20
SPARE_CODES = 6
SPARE_DIGITS = 10
#: Finishing a sign-in: long enough to fetch a phone from another room.
HALF_LIVES = timedelta(minutes=10)
#: A stolen cookie alone does nothing dangerous (security.md S18).
STEP_UP_LIVES = timedelta(minutes=10)
#: All proofs are of one size, so that none tells what it is.
PROOF_BYTES = 40

_HASH = 8


class StepUpNeeded(NotAllowed):
    """A dangerous act, and no code was given lately. The page for it keeps the form.

    :param has_factor: whether they have a second step at all.
    """

    def __init__(self, message: str, has_factor: bool) -> None:
        super().__init__(message)
        self.has_factor = has_factor


@dataclass(frozen=True)
class Factor:
    """What an account's codes are made of, which one was used last, and hashes of the spare codes that are left."""

    secret: bytes
    last_step: int
    spares: tuple[bytes, ...]

    def packed(self) -> bytes:
        """Always of one size."""
        spares = b"".join(self.spares).ljust(SPARE_CODES * _HASH, b"\0")
        return self.secret + self.last_step.to_bytes(8) + spares


# --- Having one ---


def find_factor(account_id: bytes, *, lock: bool = False) -> Factor | None:
    """The second factor of an account. Only for checking its own codes.

    :param lock: inside a transaction: keep others from using a code of it until the end.
    """
    value = tagged.find(SecondFactor, HOUSE, "second_factor", (account_id,), lock=lock)
    if value is None:
        return None
    kept = value[SECRET_BYTES + 8 :]
    spares = [kept[n : n + _HASH] for n in range(0, len(kept), _HASH)]
    step = int.from_bytes(value[SECRET_BYTES : SECRET_BYTES + 8])
    return Factor(value[:SECRET_BYTES], step, tuple(s for s in spares if s != bytes(_HASH)))


def has_factor(account_id: bytes) -> bool:
    """Whether this account has a second step."""
    return find_factor(account_id) is not None


def written(secret: bytes) -> str:
    """A secret as people type it into an app."""
    return pyotp.TOTP(_base32(secret)).secret


def link_of(secret: bytes, site: str) -> str:
    """The address that an app on the same phone opens. It names the site and nobody."""
    return pyotp.TOTP(_base32(secret)).provisioning_uri(name="team", issuer_name=site)


def code_at(secret: bytes, moment: datetime) -> str:
    """The six digits of a moment."""
    return _code(secret, _step_of(moment))


@retrying
def begin(actor: Actor) -> None:
    """Make a secret to be put into an app. It does nothing before a code of it was given.

    :raises StepUpNeeded: there is a second step already, and no code of it was given lately.
    """
    account_id = _whose(actor)
    if has_factor(account_id):
        require_step_up(actor)
    with transaction():
        _prove(actor, "new_factor", secrets.token_bytes(SECRET_BYTES))


def find_new(actor: Actor) -> bytes | None:
    """The secret that waits for its first code on this device."""
    kept = _proof(actor, "new_factor")
    return kept[:SECRET_BYTES] if kept else None


@retrying
def keep(actor: Actor, code: str, old_code: str = "") -> list[str]:
    """Take the new secret into use; gives the spare codes, shown this once.

    :param old_code: of the second step there was, if there was one. The code that opened this page cannot be it: a code
        is taken once, so that one code somebody was tricked into giving changes nothing.
    :raises NotAllowed: a code is wrong or was used. :raises TooMany: after several wrong tries.
    """
    account_id = _account(actor)
    with _Slowed(account_id), transaction():
        if has_factor(account_id):
            _use(account_id, old_code)
        spares = take_new(actor, account_id, code)
        _step_up(actor)
        return spares


def take_new(actor: Actor, account_id: bytes, code: str) -> list[str]:
    """Step: the secret that waits on this device becomes the account's; gives its spare codes.

    :raises NotFound: none waits. :raises NotAllowed: the code is not one of it.
    """
    secret = find_new(actor)
    if secret is None:
        raise NotFound(_("Please begin again."))
    step = _fitting(secret, code, 0)
    if step is None:
        raise _wrong()
    spares = [f"{secrets.randbelow(10**SPARE_DIGITS):0{SPARE_DIGITS}d}" for _n in range(SPARE_CODES)]
    _keep(account_id, Factor(secret, step, tuple(_spare_hash(secret, s) for s in spares)))
    _forget(actor, "new_factor")
    return spares


def give(account_id: bytes) -> None:
    """Step: a second factor that no app knows, for the people of a demonstration."""
    _keep(account_id, Factor(secrets.token_bytes(SECRET_BYTES), 0, ()))


# --- Giving a code ---


def use_code(account_id: bytes, code: str) -> None:
    """Step: take a code, or a spare one, once. Call it inside `slowed_tries`.

    :raises NotAllowed: wrong, too old, or used.
    """
    _use(account_id, code)


def slowed_tries(account_id: bytes) -> "_Slowed":
    """Wrong codes for one account wait as wrong phrases do, from wherever they come: there are only a million codes.

    :raises TooMany: with the seconds.
    """
    return _Slowed(account_id)


def step_up(actor: Actor, code: str) -> None:
    """Say again that it is you, for ten minutes on this device.

    :raises NotAllowed: wrong, or used. :raises TooMany: after several wrong tries.
    """
    account_id = _account(actor)
    with _Slowed(account_id), transaction():
        _use(account_id, code)
        _step_up(actor)


def require_step_up(actor: Actor) -> None:
    """Go on with a dangerous act only if a code was given on this device within ten minutes.

    :raises NotFound: not signed in. :raises StepUpNeeded: the page that asks for one keeps the form.
    """
    facts = StepUpFacts(has_factor(_account(actor)), _proof(actor, "step_up") is not None)
    denial = may_act_after_step_up(actor, facts)
    if denial is not None:
        raise StepUpNeeded(str(denial.value), facts.has_factor)


# --- Half a sign-in: the password was right, the code is still to come ---


def begin_half(cookie_sha256: bytes, account_id: bytes) -> None:
    """Step: note who this browser will be once a code was given."""
    _prove(Actor(sign_in=cookie_sha256), "half", account_id, HALF_LIVES)


def find_half(actor: Actor) -> bytes | None:
    """Whose password was given on this device minutes ago, or None."""
    kept = _proof(actor, "half")
    return kept[:16] if kept else None


def mark_stepped_up(cookie_sha256: bytes) -> None:
    """Step: a sign-in that just began with a code counts as one."""
    _step_up(Actor(sign_in=cookie_sha256))


def purge_proofs() -> None:
    """Step: forget what was shown on days before yesterday; it counted for minutes."""
    here().execute(delete(Proof).where(Proof.day < clock.today() - timedelta(days=1)))


# --- Inside ---


def _account(actor: Actor) -> bytes:
    if actor.account_id is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return actor.account_id


def _whose(actor: Actor) -> bytes:
    """The account signed in here, or the one that only lacks its first second step."""
    if actor.account_id is not None:
        return actor.account_id
    half = find_half(actor)
    if half is None or has_factor(half):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return half


def _use(account_id: bytes, code: str) -> None:
    factor = find_factor(account_id, lock=True)  # of two who give one code at the same moment the second is refused
    if factor is None:
        raise _wrong()
    typed = "".join(code.split())
    if (step := _fitting(factor.secret, typed, factor.last_step)) is not None:
        _keep(account_id, Factor(factor.secret, step, factor.spares))
        return
    spent = _spare_hash(factor.secret, typed)
    if spent not in factor.spares:
        raise _wrong()
    _keep(account_id, Factor(factor.secret, factor.last_step, tuple(s for s in factor.spares if s != spent)))


def _keep(account_id: bytes, factor: Factor) -> None:
    tagged.keep(SecondFactor, HOUSE, "second_factor", (account_id,), factor.packed())


def _fitting(secret: bytes, code: str, after: int) -> int | None:
    """The step whose code this is, if it is later than the last one that was used."""
    typed = "".join(code.split())
    now = _step_of(clock.now())
    fits = [s for s in range(now - DRIFT, now + DRIFT + 1) if hmac.compare_digest(_code(secret, s), _ascii(typed))]
    return next((s for s in fits if s > after), None)


def _ascii(typed: str) -> str:
    """Compare in constant time takes nothing else; digits of other scripts are taken as what they mean."""
    return "".join(str(int(c)) if c.isdecimal() else "x" for c in typed)


def _step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_S


def _code(secret: bytes, step: int) -> str:
    return pyotp.TOTP(_base32(secret)).generate_otp(step)


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode()


def _spare_hash(secret: bytes, typed: str) -> bytes:
    return hmac.digest(secret, b"spare" + typed.encode("utf-8", "surrogatepass"), hashlib.sha256)[:_HASH]


def _wrong() -> NotAllowed:
    return NotAllowed(_("That code did not fit. Wait for the next one in your app, then type it in."))


class _Slowed:
    """Counts wrong codes of one account; a place that tries come from is not enough, for there are many places.

    A try counts as wrong from its beginning: else a hundred sent at once would all begin before the first was counted.
    """

    def __init__(self, account_id: bytes) -> None:
        self._door = f"second factor {account_id.hex()}"
        slowing.tries.check(self._door)
        slowing.tries.miss(self._door)

    def __enter__(self) -> None:
        """Nothing to begin."""

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        """A right code clears its own try and the slips before it."""
        if error is None:
            slowing.tries.hit(self._door)


def _step_up(actor: Actor) -> None:
    _prove(actor, "step_up", b"", STEP_UP_LIVES)


def _prove(actor: Actor, kind: str, value: bytes, lives: timedelta = HALF_LIVES) -> None:
    """Step: keep on this device what was shown, until its end."""
    if actor.sign_in is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    until = int((clock.now() + lives).timestamp())
    kept = value.ljust(PROOF_BYTES - 8, b"\0") + until.to_bytes(8)
    _forget(actor, kind)
    row = tagged.sealed_row(Proof, HOUSE, kind, (actor.sign_in,), kept)
    here().execute(insert(Proof).values(**row, day=clock.today()))


def _proof(actor: Actor, kind: str) -> bytes | None:
    kept = tagged.find(Proof, HOUSE, kind, (actor.sign_in,)) if actor.sign_in else None
    if kept is None or clock.now().timestamp() >= int.from_bytes(kept[-8:]):
        return None
    return kept[:-8]


def _forget(actor: Actor, kind: str) -> None:
    if actor.sign_in:
        tagged.drop(Proof, HOUSE, kind, (actor.sign_in,))
