"""Signing in and out, and devices."""

import hmac
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from forum.accounts import device_codes, digits, phrases, queries, second_factor, slowing
from forum.base import hashing
from forum.base.characters import normalise
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Account, Credential, SignIn, SignInKind, WayBack
from forum.policy import stepping_away
from forum.policy.actor import Actor
from forum.web import sign_ins

#: A phone of one's own, the library's, an old tablet: more than anyone needs, few enough to look through.
MOST_DEVICE_NAME = 40
LEAST_PASSWORD = 10
MOST_PASSWORD = 200
LEAST_SIGN_IN_NAME = 4


@dataclass(frozen=True)
class Entered:
    """A new cookie for this browser.

    :param half: nobody is signed in yet: the second step is still to come.
    """

    secret: str
    kind: SignInKind
    half: bool = False


def make_account() -> bytes:
    """Step: somebody new. No name, no address, no date."""
    account_id = new_ident()
    here().execute(insert(Account).values(id=account_id))
    return account_id


def enter(account_id: bytes, kind: SignInKind, before: bytes | None) -> Entered:
    """Step: sign this browser in under a new cookie; the one it had is over (session fixation).

    An admin is only half in, whichever way they came: nothing but the page for the code knows who they are.

    :param before: the hash of the cookie it had.
    """
    secret = sign_ins.new_secret()
    if before:
        sign_ins.end(before)
    if queries.is_staff(account_id):
        sign_ins.begin(secret, SignInKind.VISITOR)
        second_factor.begin_half(sign_ins.hash_of(secret), account_id)
        return Entered(secret, SignInKind.VISITOR, half=True)
    sign_ins.begin(secret, kind, account_id)
    return Entered(secret, kind)


def enter_proved(account_id: bytes, before: bytes | None) -> Entered:
    """Step: sign an admin in who has just given a code."""
    secret = sign_ins.new_secret()
    if before:
        sign_ins.end(before)
    sign_ins.begin(secret, SignInKind.STAFF, account_id)
    second_factor.mark_stepped_up(sign_ins.hash_of(secret))
    return Entered(secret, SignInKind.STAFF)


def sign_in_with_phrase(actor: Actor, typed: str, shared: bool, address: str) -> Entered:
    """Come back with a return phrase, in words or in digits, or with the digits that another device shows.

    :raises Invalid: these digits cannot be right; that says nothing about any account.
    :raises NotAllowed: it opens nothing here; the answer never says whether it nearly did.
    :raises TooMany: after several wrong tries.
    """
    slowing.tries.check(address)
    code = digits.typed_digits(typed)
    if code and len(code) == digits.CODE_DIGITS and digits.is_whole(code):
        return _sign_in_with_code(actor, code, shared, address)
    phrase = _phrase_meant(typed)
    if account_id := _account_of_phrase(phrase):
        return _let_in(account_id, shared, actor, address)
    slowing.tries.miss(address)
    raise NotAllowed(_("That phrase did not open anything here. Check each word, then try again."))


def _phrase_meant(typed: str) -> str:
    code = digits.typed_digits(typed)
    if code is None:
        return phrases.read_phrase(typed) or ""
    phrase = digits.to_phrase(code)
    if phrase is None:
        raise Invalid(_("Those numbers do not fit together. Check each group of four, then try again."), "phrase")
    return phrase


def _account_of_phrase(phrase: str) -> bytes | None:
    for salt in queries.phrase_salts():
        if account_id := _account_of(hashing.stretch(phrase, salt)):
            return account_id
    return None


def _sign_in_with_code(actor: Actor, code: str, shared: bool, address: str) -> Entered:
    account_id = device_codes.find_account(code)
    if account_id is None:
        slowing.tries.miss(address)
        raise NotAllowed(_("Those numbers did not open anything here. Ask your other device for new ones."))
    return _let_in(account_id, shared, actor, address, code)


def sign_in_with_name(actor: Actor, name: str, password: str, shared: bool, address: str) -> Entered:
    """Come back with a private sign-in name and password.

    :raises NotAllowed: the pair opens nothing here. :raises TooMany: after several wrong tries.
    """
    slowing.tries.check(address)
    if account_id := _account_of_pair(name, password):
        return _let_in(account_id, shared, actor, address)
    slowing.tries.miss(address)
    raise NotAllowed(_("That name and password did not open anything here. Check both, then try again."))


def _account_of_pair(name: str, password: str) -> bytes | None:
    for salt in queries.phrase_salts():
        if account_id := _account_of(hashing.stretch_pair(name, password, salt)):
            return account_id
    return None


def account_behind(phrase: str, name: str, password: str, address: str) -> bytes | None:
    """Whose way back this is, typed to prove it: a phrase in either form, or else a name with its password.

    :raises TooMany: after several wrong tries. :raises Invalid: digits that cannot be right.
    """
    slowing.tries.check(address)
    found = _account_of_phrase(_phrase_meant(phrase)) if phrase else _account_of_pair(name, password)
    if found is None:
        slowing.tries.miss(address)
    return found


def _account_of(halves: hashing.Halves) -> bytes | None:
    found = queries.find_credential(halves.lookup)
    verifier = found.verifier if found else bytes(len(halves.verifier))
    fits = hmac.compare_digest(verifier, halves.verifier)
    return found.account_id if found and fits else None


def _let_in(account_id: bytes, shared: bool, actor: Actor, address: str, code: str = "") -> Entered:
    """Somebody else was signed in here until now, or the same person kept apart: no transaction knows of both."""
    slowing.tries.hit(address)
    other = actor.account_id not in (None, account_id)
    with transaction():
        if code:
            device_codes.use(code)
        entered = enter(account_id, SignInKind.SHARED if shared else SignInKind.OWN, None if other else actor.sign_in)
    if other and actor.sign_in:
        leave(actor.sign_in)
    return entered


def prepare_name(name: str, password: str) -> hashing.Halves:
    """What is kept of a sign-in name and its password. Takes a while, on purpose.

    :raises Invalid: too short.
    """
    if len(name.strip()) < LEAST_SIGN_IN_NAME:
        raise Invalid(_("Choose a sign-in name of at least %(n)s letters.", n=LEAST_SIGN_IN_NAME), "name")
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise Invalid(_("Choose a password of at least %(n)s letters or numbers.", n=LEAST_PASSWORD), "password")
    return hashing.stretch_pair(name, password, queries.phrase_salts()[0])


def add_credential(account_id: bytes, halves: hashing.Halves, kind: WayBack = WayBack.NAME) -> None:
    """Step: one more way in for an account.

    :raises Conflict: choose another (said for any clash).
    """
    if row(select(Credential.account_id).where(Credential.lookup == halves.lookup)):
        raise Conflict(_("Please choose something else."))
    values = {"lookup": halves.lookup, "account_id": account_id, "verifier": halves.verifier, "kind": kind}
    here().execute(insert(Credential).values(**values))


def account_of(actor: Actor) -> bytes:
    """Whose account it is.

    :raises NotFound: not signed in.
    """
    if actor.account_id is None:
        raise NotFound(_("There is no such page here."))
    return actor.account_id


def leave(sign_in: bytes) -> None:
    """Sign this device out, at once and on every process."""
    found = sign_ins.find(sign_in)
    with transaction():
        sign_ins.end(sign_in)
    if found is not None and found.account_id is not None:
        stepping_away.note_signed_out(found.account_id)


def end_device(actor: Actor, cookie_sha256: bytes) -> None:
    """Sign one of my devices out, and end the digits that it may have shown for the next.

    :raises NotFound: it is not one of mine, or is out already.
    """
    account_id = account_of(actor)
    with transaction():
        if not row(select(SignIn.kind).where(SignIn.cookie_sha256 == cookie_sha256, SignIn.account_id == account_id)):
            raise NotFound(_("That device is signed out already."))
        device_codes.forget_of(account_id)
        sign_ins.end(cookie_sha256)


def end_other_devices(actor: Actor) -> int:
    """Sign all my other devices out, with the digits that they may have shown for the next; gives how many."""
    account_id = account_of(actor)
    with transaction():
        device_codes.forget_of(account_id)
        others = [d.cookie_sha256 for d in sign_ins.list_of(account_id) if d.cookie_sha256 != actor.sign_in]
        for cookie_sha256 in others:
            sign_ins.end(cookie_sha256)
    return len(others)


def name_device(actor: Actor, name: str) -> None:
    """Give this device a name of my own, at most 40 letters."""
    account_id = account_of(actor)
    with transaction():
        here().execute(
            update(SignIn)
            .where(SignIn.cookie_sha256 == actor.sign_in, SignIn.account_id == account_id)
            .values(name=" ".join(normalise(name).split())[:MOST_DEVICE_NAME] or None)
            .execution_options(synchronize_session=False)
        )
