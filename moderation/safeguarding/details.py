"""Contact details that a member may leave for an emergency: sealed to the organisation's key as soon as they arrive.

This server seals and cannot open. Nobody can look somebody up by a name or a number: a row is found from the persona that a
concern is about, and from nowhere else. Every row is of one size, whatever was filled in.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, select, update

from forum.base import clock, tagged
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed
from forum.base.keyring import KeyringError, Scope
from forum.base.parts import in_parts
from forum.base.rotation import Pass, renew_tagged
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _, lazy
from forum.conversations.renewal import all_scopes
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.policy.permissions import may_leave_contact, require
from moderation.safeguarding import boxes, key_queries
from moderation.safeguarding.boxes import Unopened
from moderation.safeguarding.key_models import ContactDetail, KeyShare
from moderation.safeguarding.keys import Unlocked

KIND = "contact"
#: What can be left, in the order of the form and of the boxes.
FIELDS = ("name", "phone", "place", "trusted", "doctor")
LABELS = {
    "name": lazy("Your name"),
    "phone": lazy("A phone number"),
    "place": lazy("Where you usually are"),
    "trusted": lazy("Somebody you trust, and how to reach them"),
    "doctor": lazy("Your doctor’s practice"),
}
#: The same, as those say it who ask for them.
ASKED_FOR = {
    "name": lazy("Their name"),
    "phone": lazy("Their phone number"),
    "place": lazy("Where they usually are"),
    "trusted": lazy("Somebody they trust"),
    "doctor": lazy("Their doctor’s practice"),
}
#: An address of five lines. In letters; a letter takes four bytes at most.
MOST_LETTERS = 200
_PLAIN = 4 * MOST_LETTERS + 2
_BOX = _PLAIN + 48  # libsodium: a public key and a mark
_ID, _DAY = 16, 4
#: Rows sealed anew in one transaction, so that whoever posts meanwhile waits for milliseconds.
BATCH = 50


@dataclass(frozen=True)
class Kept:
    """What a member may know of what they left: that it is there, and since which week.

    :param readable: False: every key that opens it is lost, and they should leave it again.
    """

    since: date
    readable: bool


# --- For the member ---


def find(actor: Actor, scope: Scope) -> Kept | None:
    """Whether the actor left contact details here. :raises NotFound: no member."""
    require(may_leave_contact, actor, scope.group_id)
    found = _find(scope, actor.memberships[scope.group_id].persona_id)
    if found is None:
        return None
    return Kept(_day_of(found), _can_be_opened(found[:_ID]))


def can_be_left(scope: Scope) -> bool:
    """Whether there is a key to seal to, and somebody who can open what is sealed."""
    key = key_queries.find_key(scope.organisation_id)
    return key is not None and _can_be_opened(key.id)


def is_offered(actor: Actor, scope: Scope) -> bool:
    """Whether other pages lead the actor here: a member, where details can be left or lie already. Elsewhere it is a false comfort."""
    if may_leave_contact(actor, scope.group_id) is not None:
        return False
    return can_be_left(scope) or has_details(scope, actor.memberships[scope.group_id].persona_id)


@retrying
def keep(actor: Actor, scope: Scope, typed: Mapping[str, str]) -> None:
    """Seal what was filled in, in the place of all that was there before.

    :param typed: of FIELDS, 200 letters at most each. :raises Invalid: too long, or nothing at all.
    :raises NotAllowed: nobody could open it, so it would be a false comfort. :raises NotFound: no member.
    """
    require(may_leave_contact, actor, scope.group_id)
    clean = _clean(typed)
    key = key_queries.find_key(scope.organisation_id)
    if key is None or not _can_be_opened(key.id):
        raise NotAllowed(_("Nobody could open them at this moment, so we do not take them. Please try another day."))
    sealed = _sealed(key, clean)
    with transaction():
        now = actor_in(actor, scope)
        require(may_leave_contact, now, scope.group_id)
        tagged.keep(ContactDetail, scope, KIND, (now.memberships[scope.group_id].persona_id,), sealed)


def forget(actor: Actor, scope: Scope) -> None:
    """Take them away. Nobody is asked, and nobody is told. :raises NotFound: no member."""
    require(may_leave_contact, actor, scope.group_id)
    with transaction():
        drop(scope, actor.memberships[scope.group_id].persona_id)


def drop(scope: Scope, persona_id: bytes) -> None:
    """Step: they are gone."""
    tagged.drop(ContactDetail, scope, KIND, (persona_id,))


def _clean(typed: Mapping[str, str]) -> dict[str, str]:
    clean = {name: typed.get(name, "").strip() for name in FIELDS}
    for name, words in clean.items():
        if len(words) > MOST_LETTERS:
            raise Invalid(_("Make this shorter: at most %(n)s letters.", n=MOST_LETTERS), name)
    if not any(clean.values()):
        raise Invalid(_("Fill in one field at least. Or go on without."), FIELDS[0])
    return clean


def _sealed(key: Row, clean: Mapping[str, str]) -> bytes:
    boxed = [boxes.seal(key.public, _padded(clean[name])) for name in FIELDS]
    return key.id + clock.monday().toordinal().to_bytes(_DAY) + b"".join(boxed)


def _padded(words: str) -> bytes:
    plain = words.encode("utf-8", "replace")
    return len(plain).to_bytes(2) + plain.ljust(_PLAIN - 2, b"\0")


# --- For whoever may open them (opening.py asks who that is) ---


def has_details(scope: Scope, persona_id: bytes) -> bool:
    """Whether this persona left any. The caller asks who may know."""
    return _find(scope, persona_id) is not None


def open_fields(scope: Scope, persona_id: bytes, unlocked: Unlocked, wanted: Collection[str]) -> dict[str, str]:
    """The wanted fields, and no other, of one persona; empty where nothing was filled in or nothing is there.

    Only opening.py calls it, after it committed who opens what and why, and told the member.
    """
    found = _find(scope, persona_id)
    private = unlocked.safe.get(found[:_ID]) if found else None
    if found is None or private is None:
        return dict.fromkeys(wanted, "")
    return {name: _read(private, _box_of(found, name)) for name in FIELDS if name in wanted}


def can_open(scope: Scope, persona_id: bytes, unlocked: Unlocked) -> bool:
    """Whether these keys open what this persona left."""
    found = _find(scope, persona_id)
    return found is not None and found[:_ID] in unlocked.safe


def _find(scope: Scope, persona_id: bytes) -> bytes | None:
    return tagged.find(ContactDetail, scope, KIND, (persona_id,))


def _day_of(found: bytes) -> date:
    return date.fromordinal(int.from_bytes(found[_ID : _ID + _DAY]))


def _box_of(found: bytes, name: str) -> bytes:
    start = _ID + _DAY + FIELDS.index(name) * _BOX
    return found[start : start + _BOX]


def _read(private: bytes, box: bytes) -> str:
    plain = boxes.unseal(private, box)
    return plain[2 : 2 + int.from_bytes(plain[:2])].decode()


def _can_be_opened(key_id: bytes) -> bool:
    whole = (KeyShare.safe_key_id == key_id, KeyShare.other_half.is_(None))
    return bool(rows(select(KeyShare.safe_key_id).where(*whole).limit(1)))


# --- When the key changes ---


def seal_anew(scopes: Collection[Scope], unlocked: Unlocked, new_id: bytes, public: bytes) -> set[bytes]:
    """Bring all details of an organisation under its new key; gives the ids of keys under which some had to stay.

    Safe to stop and begin again: a row is under one key or the other.

    :param scopes: of its groups.
    """
    left: set[bytes] = set()
    tags = [r.tag for r in rows(select(ContactDetail.tag))]
    for some in in_parts(tags, BATCH):
        with transaction():
            chosen = select(ContactDetail.tag, ContactDetail.sealed).where(ContactDetail.tag.in_(some))
            for found in here().execute(chosen.with_for_update()).all():
                left |= _seal_one_anew(scopes, found, unlocked, new_id, public)
    return left


def _seal_one_anew(
    scopes: Collection[Scope], found: Row, unlocked: Unlocked, new_id: bytes, public: bytes
) -> set[bytes]:
    for scope in scopes:
        try:
            kind, value, ids = tagged.open_whole(ContactDetail, scope, found.tag, found.sealed)
        except KeyringError:
            continue
        if value[:_ID] == new_id:
            return set()
        try:
            private = unlocked.safe[value[:_ID]]
            boxed = [boxes.seal(public, boxes.unseal(private, _box_of(value, name))) for name in FIELDS]
        except (KeyError, Unopened):
            return {value[:_ID]}
        anew = tagged.sealed_row(ContactDetail, scope, kind, ids, new_id + value[_ID : _ID + _DAY] + b"".join(boxed))
        change = update(ContactDetail).where(ContactDetail.tag == found.tag).values(anew)
        here().execute(change.execution_options(synchronize_session=False))
        return set()
    return set()


def renewal() -> Pass:
    """How a rotation of the keyring renews them. What is in the boxes stays as it is."""
    return Pass(ContactDetail, ContactDetail.tag, renew_tagged(ContactDetail, all_scopes))
