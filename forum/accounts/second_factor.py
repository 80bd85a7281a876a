"""The second step: six digits from an app on a phone (TOTP, RFC 6238), spare codes on paper, and asking for them anew."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from forum.accounts import proofs, slowing, totp
from forum.base import tagged
from forum.base.errors import NotAllowed, NotFound
from forum.base.keyring import HOUSE
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.models import SecondFactor
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, StepUpFacts, may_act_after_step_up

#: Whoever answers for people's safety has two, on two phones: one that is lost must not shut them out at night.
FIRST, SECOND = 0, 1
SPARE_CODES = 6
SPARE_DIGITS = 10
#: A stolen cookie alone does nothing dangerous (security.md S18).
STEP_UP_LIVES = timedelta(minutes=10)


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
        spares = b"".join(self.spares).ljust(SPARE_CODES * totp.SPARE_HASH_BYTES, b"\0")
        return self.secret + self.last_step.to_bytes(8) + spares


# --- Having one ---


def find_factor(account_id: bytes, *, which: int = FIRST, lock: bool = False) -> Factor | None:
    """The second factor of an account. Only for checking its own codes.

    :param which: FIRST or SECOND. :param lock: inside a transaction: keep others from using a code of it until the end.
    """
    value = tagged.find(SecondFactor, HOUSE, "second_factor", _place(account_id, which), lock=lock)
    if value is None:
        return None
    kept = value[totp.SECRET_BYTES + 8 :]
    spares = [kept[n : n + totp.SPARE_HASH_BYTES] for n in range(0, len(kept), totp.SPARE_HASH_BYTES)]
    step = int.from_bytes(value[totp.SECRET_BYTES : totp.SECRET_BYTES + 8])
    return Factor(value[: totp.SECRET_BYTES], step, tuple(s for s in spares if s != bytes(totp.SPARE_HASH_BYTES)))


def _place(account_id: bytes, which: int) -> tuple[bytes | int, ...]:
    return (account_id,) if which == FIRST else (account_id, which)


def forget(account_id: bytes) -> None:
    """Step: this account has no second step any more. For who deletes their sign-in, or lost both phones."""
    for which in (FIRST, SECOND):
        tagged.drop(SecondFactor, HOUSE, "second_factor", _place(account_id, which))


def has_factor(account_id: bytes) -> bool:
    """Whether this account has a second step."""
    return find_factor(account_id) is not None


def has_both(account_id: bytes) -> bool:
    """Whether it has one on a second phone, too."""
    return has_factor(account_id) and find_factor(account_id, which=SECOND) is not None


@retrying
def begin(actor: Actor, which: int = FIRST) -> None:
    """Make a secret to be put into an app. It does nothing before a code of it was given.

    :param which: SECOND for one on a second phone; whoever has none yet begins with the first.
    :raises StepUpNeeded: there is a second step already, and no code of it was given lately.
    """
    account_id = _whose(actor)
    known = has_factor(account_id)
    if known:
        require_step_up(actor)
    with transaction():
        place = which if known else FIRST
        proofs.prove(actor, "new_factor", secrets.token_bytes(totp.SECRET_BYTES) + bytes([place]))


def find_new(actor: Actor) -> bytes | None:
    """The secret that waits for its first code on this device."""
    kept = proofs.find(actor, "new_factor")
    return kept[: totp.SECRET_BYTES] if kept else None


@retrying
def keep(actor: Actor, code: str, old_code: str = "") -> list[str]:
    """Take the new secret into use; gives the spare codes, shown this once.

    :param old_code: of the second step there was, if there was one. The code that opened this page cannot be it: a code
        is taken once, so that one code somebody was tricked into giving changes nothing.
    :raises NotAllowed: a code is wrong or was used. :raises TooMany: after several wrong tries.
    """
    account_id = _account(actor)
    with slowed_tries(account_id), transaction():
        if has_factor(account_id):
            use_code(account_id, old_code)
        spares = take_new(actor, account_id, code)
        _step_up(actor)
        return spares


def take_new(actor: Actor, account_id: bytes, code: str) -> list[str]:
    """Step: the secret that waits on this device becomes the account's; gives its spare codes.

    :raises NotFound: none waits. :raises NotAllowed: the code is not one of it.
    """
    kept = proofs.find(actor, "new_factor")
    if kept is None:
        raise NotFound(_("Please begin again."))
    secret, which = kept[: totp.SECRET_BYTES], kept[totp.SECRET_BYTES]
    step = totp.fitting(secret, code, 0)
    if step is None:
        raise _wrong()
    spares = [f"{secrets.randbelow(10**SPARE_DIGITS):0{SPARE_DIGITS}d}" for _n in range(SPARE_CODES)]
    _keep(account_id, Factor(secret, step, tuple(totp.spare_hash(secret, s) for s in spares)), which)
    proofs.forget(actor, "new_factor")
    return spares


def give(account_id: bytes, which: int = FIRST) -> None:
    """Step: a second factor that no app knows, for the people of a demonstration."""
    _keep(account_id, Factor(secrets.token_bytes(totp.SECRET_BYTES), 0, ()), which)


# --- Giving a code ---


def use_code(account_id: bytes, code: str) -> None:
    """Step: take a code, or a spare one, once. Call it inside `slowed_tries`.

    :raises NotAllowed: wrong, too old, or used.
    """
    typed = "".join(code.split())
    if not any(_takes(account_id, which, typed) for which in (FIRST, SECOND)):
        raise _wrong()


def _takes(account_id: bytes, which: int, typed: str) -> bool:
    """Whether one of its factors takes this code; then it is used up."""
    factor = find_factor(account_id, which=which, lock=True)  # of two with one code at the same moment one is refused
    if factor is None:
        return False
    if (step := totp.fitting(factor.secret, typed, factor.last_step)) is not None:
        _keep(account_id, Factor(factor.secret, step, factor.spares), which)
        return True
    spent = totp.spare_hash(factor.secret, typed)
    if spent in factor.spares:
        left = tuple(s for s in factor.spares if s != spent)
        _keep(account_id, Factor(factor.secret, factor.last_step, left), which)
        return True
    return False


def slowed_tries(account_id: bytes) -> slowing.Slowed:
    """Wrong codes for one account wait as wrong phrases do, from wherever they come: there are only a million codes.

    :raises TooMany: with the seconds.
    """
    return slowing.Slowed(f"second factor {account_id.hex()}")


def step_up(actor: Actor, code: str) -> None:
    """Say again that it is you, for ten minutes on this device.

    :raises NotAllowed: wrong, or used. :raises TooMany: after several wrong tries.
    """
    account_id = _account(actor)
    with slowed_tries(account_id), transaction():
        use_code(account_id, code)
        _step_up(actor)


def require_step_up(actor: Actor) -> None:
    """Go on with a dangerous act only if a code was given on this device within ten minutes.

    :raises NotFound: not signed in. :raises StepUpNeeded: the page that asks for one keeps the form.
    """
    facts = StepUpFacts(has_factor(_account(actor)), proofs.find(actor, "step_up") is not None)
    denial = may_act_after_step_up(actor, facts)
    if denial is not None:
        raise StepUpNeeded(str(denial.value), facts.has_factor)


# --- Half a sign-in: the password was right, the code is still to come ---


def begin_half(cookie_sha256: bytes, account_id: bytes) -> None:
    """Step: note who this browser will be once a code was given."""
    proofs.prove(Actor(sign_in=cookie_sha256), "half", account_id)


def find_half(actor: Actor) -> bytes | None:
    """Whose password was given on this device minutes ago, or None."""
    kept = proofs.find(actor, "half")
    return kept[:16] if kept else None


def mark_stepped_up(cookie_sha256: bytes) -> None:
    """Step: a sign-in that just began with a code counts as one."""
    _step_up(Actor(sign_in=cookie_sha256))


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


def _keep(account_id: bytes, factor: Factor, which: int) -> None:
    tagged.keep(SecondFactor, HOUSE, "second_factor", _place(account_id, which), factor.packed())


def _wrong() -> NotAllowed:
    return NotAllowed(_("That code did not fit. Wait for the next one in your app, then type it in."))


def _step_up(actor: Actor) -> None:
    proofs.prove(actor, "step_up", b"", STEP_UP_LIVES)
