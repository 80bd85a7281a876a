"""Ways back, as their owner sees them: phrases, cards, a private name, and a device that lets in the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select

from forum.accounts import device_codes, digits, phrases, queries, usecases
from forum.base import hashing
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.keyring import HOUSE, the_keyring
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Credential, SignInKind, WayBack
from forum.policy.actor import Actor
from forum.policy.members import names_of

#: Words at home, a card with a friend, a name in the head, and one more. Each is a key that somebody may find.
MOST_WAYS_BACK = 4
#: In place of one way back: all there are.
ALL = "all"


@dataclass(frozen=True)
class Listed:
    """One of my ways back. :param ref: names it in a form, and says nothing about it."""

    ref: str
    kind: WayBack


@dataclass(frozen=True)
class Proof:
    """A way back that still works, typed because others use this device too. :param address: where the try comes from."""

    phrase: str = field(default="", repr=False)
    name: str = ""
    password: str = field(default="", repr=False)
    address: str = ""


class ProofNeeded(NotAllowed):
    """On a shared device only who knows a way back may change them: else the next person to sit there could."""


def list_ways_back(actor: Actor) -> list[Listed]:
    """My ways back, in an order that says nothing."""
    found = rows(select(Credential.lookup, Credential.kind).where(Credential.account_id == actor.account_id))
    return sorted((Listed(_refs(r.lookup)[0], r.kind) for r in found), key=lambda one: (one.kind.value, one.ref))


def _refs(lookup: bytes) -> list[str]:
    return [tag.hex() for tag in the_keyring().tags(HOUSE, "way_back", lookup)]


def make_phrase(actor: Actor, kind: WayBack = WayBack.WORDS, instead: str = "", proof: Proof | None = None) -> str:
    """One more return phrase, shown once.

    :param kind: WORDS or CARD. :param instead: the ref of one that stops working, or ALL of them.
    :raises NotFound: not signed in, or no such way back. :raises Invalid: there are MOST_WAYS_BACK already.
    :raises ProofNeeded: the device is shared, and no working way back was typed.
    """
    account_id = usecases.account_of(actor)
    _check_may_change(actor, proof)
    phrase = phrases.new_phrase()
    _keep(account_id, hashing.stretch(phrase, queries.phrase_salts()[0]), kind, instead)
    return phrase


def choose_name(actor: Actor, name: str, password: str, proof: Proof | None = None) -> None:
    """A private sign-in name with a password, instead of the one before. The name is never shown to anyone.

    :raises Invalid: too short, or a name that this person goes by in a group: it would give them away.
    :raises Conflict: choose another (said for any clash). :raises ProofNeeded: as for `make_phrase`.
    """
    account_id = usecases.account_of(actor)
    _check_may_change(actor, proof)
    if name.strip().casefold() in {known.casefold() for known in names_of(account_id)}:
        raise Invalid(_("This is a name people see in a group. Choose one that only you know."), "name")
    before = next((one.ref for one in list_ways_back(actor) if one.kind is WayBack.NAME), "")
    _keep(account_id, usecases.prepare_name(name, password), WayBack.NAME, before)


def stop(actor: Actor, ref: str, proof: Proof | None = None) -> None:
    """A way back stops working, at once.

    :raises NotFound: it is not one of mine, or stopped already. :raises ProofNeeded: as for `make_phrase`.
    """
    account_id = usecases.account_of(actor)
    _check_may_change(actor, proof)
    with transaction():
        _stop(account_id, ref)


def _keep(account_id: bytes, halves: hashing.Halves, kind: WayBack, instead: str) -> None:
    with transaction():
        if instead:
            _stop(account_id, instead)
        if len(_mine(account_id)) >= MOST_WAYS_BACK:
            raise Invalid(_("You have %(n)s ways back already. Stop one of them first.", n=MOST_WAYS_BACK))
        usecases.add_credential(account_id, halves, kind)


def _stop(account_id: bytes, ref: str) -> None:
    gone = [lookup for lookup in _mine(account_id) if ref == ALL or ref in _refs(lookup)]
    if not gone and ref != ALL:
        raise NotFound(_("That way back does not work any more. Nothing was changed."))
    here().execute(delete(Credential).where(Credential.lookup.in_(gone)))


def _mine(account_id: bytes) -> Sequence[bytes]:
    return [r.lookup for r in rows(select(Credential.lookup).where(Credential.account_id == account_id))]


def _check_may_change(actor: Actor, proof: Proof | None) -> None:
    """On one's own device, or with a way back that works, or while there is none yet."""
    if queries.device_kind(actor) is not SignInKind.SHARED or not queries.has_way_back(actor):
        return
    if proof is None or not (proof.phrase or proof.name):
        raise ProofNeeded(_("Others use this device too. Please type a way back that works now."))
    if usecases.account_behind(proof.phrase, proof.name, proof.password, proof.address) != actor.account_id:
        raise ProofNeeded(_("That did not open anything here. Check each word, then try again."))


def make_device_code(actor: Actor) -> str:
    """Twelve digits that sign another device in, once and soon.

    :raises NotFound: not signed in. :raises NotAllowed: others use this device too.
    """
    account_id = usecases.account_of(actor)
    if queries.device_kind(actor) is SignInKind.SHARED:
        raise NotAllowed(_("Others use this device too. Please do this on a device of your own."))
    code = digits.new_code()
    with transaction():
        device_codes.keep(code, account_id)
    return code
