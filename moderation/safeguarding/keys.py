"""Making, trying, sharing and changing the keys that open contact details. Who asks is a responder; never an admin.

A private key is in memory only while somebody's words are, and in no row as it is. What an attacker needs is a responder's
six words and this server's disk; with the disk, a dump and an admin's sign-in they have ciphertext.
"""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Row, insert

from forum.accounts import phrases, slowing
from forum.base import clock
from forum.base.errors import Conflict, Invalid, NotAllowed
from forum.base.keyring import Scope, the_keyring
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.policy import record
from moderation.safeguarding import boxes, key_queries, key_steps, responders
from moderation.safeguarding.boxes import Unopened
from moderation.safeguarding.key_models import KeyHolder
from moderation.safeguarding.key_queries import Holder
from moderation.safeguarding.responders import Responder

_TEST_BYTES = 32


@dataclass(frozen=True)
class Unlocked:
    """What somebody's words open, as long as one request takes.

    :param own: their own private key. :param safe: private keys of the organisation by the id of each.
    """

    own: bytes = field(repr=False)
    safe: dict[bytes, bytes] = field(repr=False)


# --- A key of one's own ---


def make_own(me: Responder) -> str:
    """A new key of one's own, in the place of an older one; gives its six words, shown this once.

    What the older one opened is theirs no more: somebody else has to share the organisation's key again.
    """
    phrase, pair = phrases.new_phrase(), boxes.new_pair()
    wrapped = boxes.wrap(pair.private, phrase)
    values = {
        "organisation_id": me.organisation_id,
        "group_id": me.group_id,
        "public": pair.public,
        "wrapped": wrapped.sealed,
        "salt": wrapped.salt,
        "passes": wrapped.passes,
        "memory_kib": wrapped.memory_kib,
        "made_on": clock.today(),
    }
    with transaction():
        key_steps.forget(me.id)
        here().execute(insert(KeyHolder).values(responder_id=me.id, **values))
        record.note("safe_key.own", me.id, me.id)
    return phrase


def try_key(me: Responder, typed: str) -> None:
    """Open a test envelope with one's words, as each holder does once a quarter.

    :raises Invalid: they are not the words, or what they open is damaged. :raises NotAllowed: there is no key.
    """
    unlocked = unlock(me.id, typed)
    key = key_queries.find_key(me.organisation_id)
    public = key.public if key and key.id in unlocked.safe else boxes.pair_of(unlocked.own).public
    private = unlocked.safe[key.id] if key and key.id in unlocked.safe else unlocked.own
    inside = secrets.token_bytes(_TEST_BYTES)
    try:
        opened = boxes.unseal(private, boxes.seal(public, inside))
    except Unopened:
        opened = b""
    if opened != inside:
        raise Invalid(_("Your words are right, but your share of the key is damaged. Ask for a new share."), "words")
    with transaction():
        key_steps.note_tried(me.id)
        record.note("safe_key.tried", me.id, me.id)


def unlock(responder_id: bytes, typed: str, *, released: bool = False) -> Unlocked:
    """What somebody's words open. Waits for the stretch: never inside a transaction.

    :param released: the other half of what a facilitator holds may be used now (opening.may_use_both_halves says when).
    :raises NotAllowed: they have no key. :raises Invalid: these are not the words. :raises TooMany: after several tries.
    """
    holder = key_queries.find_holder(responder_id)
    if holder is None:
        raise NotAllowed(_("You have no key of your own yet. Make one first."))
    with slowing.Slowed(f"safe key {responder_id.hex()}"):
        own = _own_key(holder, typed)
    shares = [one for one in key_queries.list_shares(responder_id) if released or one.other_half is None]
    return Unlocked(own, {one.safe_key_id: _safe_key(holder, own, one) for one in shares})


def _own_key(holder: Holder, typed: str) -> bytes:
    phrase = phrases.read_phrase(typed)
    try:
        return boxes.unwrap(holder.wrapped, phrase or "")
    except Unopened:
        raise Invalid(
            _("These are not the six words of your key. Look at your paper and try again."), "words"
        ) from None


def _safe_key(holder: Holder, own: bytes, share: Row) -> bytes:
    held = boxes.unseal(own, share.box)
    if share.other_half is None:
        return held
    place = key_steps.place_of(share.safe_key_id, holder.responder_id)
    return boxes.join(
        held, the_keyring().unseal(key_steps.scope_of(holder.organisation_id), "key_share", place, share.other_half)
    )


# --- The organisation's key ---


def found_key(me: Responder) -> None:
    """Make the organisation's first key, or one in the place of a key that nobody can open any more.

    Everybody with a tried key of their own gets a share at once.

    :raises Conflict: there is one, and somebody can open it. :raises NotAllowed: one's own key was never tried.
    """
    pair = boxes.new_pair()
    with transaction():
        _require_ready(me)
        holders = _in_office(me.organisation_id)
        if key_queries.find_key(me.organisation_id) and any(one.share == "whole" for one in holders):
            raise Conflict(_("There is a key already. Ask somebody who holds it for a share."))
        key_steps.put_away(me.organisation_id)
        key_steps.add_key(me.organisation_id, pair, [one for one in holders if one.checked_on])
        record.note("safe_key.made", me.id, me.organisation_id)


def share(me: Responder, typed: str, to: bytes) -> None:
    """Give a share of the key to somebody of the organisation who made one of their own.

    :param to: their responder id. :raises Invalid: wrong words. :raises NotAllowed: they are not in office, or have no
        tried key, or one's own key does not open the organisation's.
    """
    unlocked = unlock(me.id, typed)
    with transaction():
        key = key_queries.find_key(me.organisation_id)
        them = next((one for one in _in_office(me.organisation_id) if one.responder_id == to), None)
        if key is None or key.id not in unlocked.safe:
            raise NotAllowed(_("You have no share of the key yourself. Ask somebody who has."))
        if them is None or them.checked_on is None:
            raise NotAllowed(_("They have no key that was tried. Ask them to make one and try it."))
        key_steps.drop_shares(to, key.id)
        key_steps.add_share(key.id, unlocked.safe[key.id], them)
        record.note("safe_key.shared", me.id, to)
        key_steps.note_tried(me.id)


def begin_change(me: Responder, typed: str) -> tuple[Unlocked, bytes]:
    """The first half of a change of the key: a new one, shared with all who hold the old and are in office.

    :raises Invalid: wrong words. :raises NotAllowed: one's own key does not open the organisation's.
    :return: what the words open, the new key too, and the id of the new key.
    """
    unlocked, pair = unlock(me.id, typed), boxes.new_pair()
    with transaction():
        key = key_queries.find_key(me.organisation_id)
        if key is None or key.id not in unlocked.safe:
            raise NotAllowed(_("You have no share of the key yourself. Ask somebody who has."))
        holders = [one for one in _in_office(me.organisation_id) if one.share]
        key_steps.put_away(me.organisation_id)
        new_id = key_steps.add_key(me.organisation_id, pair, holders)
        record.note("safe_key.changed", me.id, me.organisation_id)
        key_steps.note_tried(me.id)
    return Unlocked(unlocked.own, {**unlocked.safe, new_id: pair.private}), new_id


# --- Inside ---


def _require_ready(me: Responder) -> None:
    own = key_queries.find_holder(me.id)
    if own is None or own.checked_on is None:
        raise NotAllowed(_("Make a key of your own first, and try it."))


def _in_office(organisation_id: bytes) -> list[Holder]:
    """Holders who are responders now: who left since is none, whatever row is left."""
    officers = {one.id for one in responders.of_organisation(organisation_id) if one.may_own}
    holders = key_queries.list_holders(organisation_id)
    groups = {one.group_id for one in holders if one.group_id}
    there = {one.id for group in groups for one in responders.of_group(Scope(organisation_id, group))}
    return [one for one in holders if one.responder_id in officers | there]
