"""Signing in and out, ways back, devices."""

import hmac
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from forum.accounts import phrases, queries, second_factor, slowing
from forum.base import hashing
from forum.base.characters import normalise
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Account, Credential, SignIn, SignInKind
from forum.policy.actor import Actor
from forum.policy.members import names_of
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
    """Come back with a return phrase.

    :raises NotAllowed: it opens nothing here; the answer never says whether it nearly did.
    :raises TooMany: after several wrong tries.
    """
    slowing.tries.check(address)
    phrase = phrases.read_phrase(typed) or ""
    for salt in queries.phrase_salts():
        halves = hashing.stretch(phrase, salt)
        if account_id := _account_of(halves):
            return _let_in(account_id, shared, actor, address)
    slowing.tries.miss(address)
    raise NotAllowed(_("That phrase did not open anything here. Check each word, then try again."))


def sign_in_with_name(actor: Actor, name: str, password: str, shared: bool, address: str) -> Entered:
    """Come back with a private sign-in name and password.

    :raises NotAllowed: the pair opens nothing here. :raises TooMany: after several wrong tries.
    """
    slowing.tries.check(address)
    for salt in queries.phrase_salts():
        halves = hashing.stretch_pair(name, password, salt)
        if account_id := _account_of(halves):
            return _let_in(account_id, shared, actor, address)
    slowing.tries.miss(address)
    raise NotAllowed(_("That name and password did not open anything here. Check both, then try again."))


def _account_of(halves: hashing.Halves) -> bytes | None:
    found = queries.find_credential(halves.lookup)
    verifier = found.verifier if found else bytes(len(halves.verifier))
    fits = hmac.compare_digest(verifier, halves.verifier)
    return found.account_id if found and fits else None


def _let_in(account_id: bytes, shared: bool, actor: Actor, address: str) -> Entered:
    slowing.tries.hit(address)
    with transaction():
        return enter(account_id, SignInKind.SHARED if shared else SignInKind.OWN, actor.sign_in)


def make_phrase(actor: Actor) -> str:
    """A new return phrase, shown once. The one before stops working.

    :raises NotFound: not signed in.
    """
    account_id = _account(actor)
    phrase = phrases.new_phrase()
    halves = hashing.stretch(phrases.read_phrase(phrase) or phrase, queries.phrase_salts()[0])
    _replace_credential(account_id, halves)
    return phrase


def choose_name(actor: Actor, name: str, password: str) -> None:
    """A private sign-in name with a password, instead of a phrase. The name is never shown to anyone.

    :raises Invalid: too short, or a name that this person goes by in a group: it would give them away. :raises Conflict: choose another (said for any clash).
    """
    account_id = _account(actor)
    if name.strip().casefold() in {known.casefold() for known in names_of(account_id)}:
        raise Invalid(_("This is a name people see in a group. Choose one that only you know."), "name")
    _replace_credential(account_id, prepare_name(name, password))


def prepare_name(name: str, password: str) -> hashing.Halves:
    """What is kept of a sign-in name and its password. Takes a while, on purpose.

    :raises Invalid: too short.
    """
    if len(name.strip()) < LEAST_SIGN_IN_NAME:
        raise Invalid(_("Choose a sign-in name of at least %(n)s letters.", n=LEAST_SIGN_IN_NAME), "name")
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise Invalid(_("Choose a password of at least %(n)s letters or numbers.", n=LEAST_PASSWORD), "password")
    return hashing.stretch_pair(name, password, queries.phrase_salts()[0])


def add_credential(account_id: bytes, halves: hashing.Halves) -> None:
    """Step: a first way in for an account.

    :raises Conflict: choose another (said for any clash).
    """
    if row(select(Credential.account_id).where(Credential.lookup == halves.lookup)):
        raise Conflict(_("Please choose something else."))
    here().execute(insert(Credential).values(lookup=halves.lookup, account_id=account_id, verifier=halves.verifier))


def _replace_credential(account_id: bytes, halves: hashing.Halves) -> None:
    with transaction():
        if row(select(Credential.account_id).where(Credential.lookup == halves.lookup)):
            raise Conflict(_("Please choose something else."))
        here().execute(delete(Credential).where(Credential.account_id == account_id))
        here().execute(insert(Credential).values(lookup=halves.lookup, account_id=account_id, verifier=halves.verifier))


def _account(actor: Actor) -> bytes:
    if actor.account_id is None:
        raise NotFound(_("There is no such page here."))
    return actor.account_id


def leave(sign_in: bytes) -> None:
    """Sign this device out, at once and on every process."""
    with transaction():
        sign_ins.end(sign_in)


def end_device(actor: Actor, cookie_sha256: bytes) -> None:
    """Sign one of my devices out.

    :raises NotFound: it is not one of mine, or is out already.
    """
    account_id = _account(actor)
    with transaction():
        if not row(select(SignIn.kind).where(SignIn.cookie_sha256 == cookie_sha256, SignIn.account_id == account_id)):
            raise NotFound(_("That device is signed out already."))
        sign_ins.end(cookie_sha256)


def end_other_devices(actor: Actor) -> int:
    """Sign all my other devices out; gives how many."""
    account_id = _account(actor)
    with transaction():
        others = [d.cookie_sha256 for d in sign_ins.list_of(account_id) if d.cookie_sha256 != actor.sign_in]
        for cookie_sha256 in others:
            sign_ins.end(cookie_sha256)
    return len(others)


def name_device(actor: Actor, name: str) -> None:
    """Give this device a name of my own, at most 40 letters."""
    account_id = _account(actor)
    with transaction():
        here().execute(
            update(SignIn)
            .where(SignIn.cookie_sha256 == actor.sign_in, SignIn.account_id == account_id)
            .values(name=" ".join(normalise(name).split())[:MOST_DEVICE_NAME] or None)
            .execution_options(synchronize_session=False)
        )
