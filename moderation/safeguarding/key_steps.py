"""Steps with keys: shares made and dropped, a key put away, and how a rotation of the keyring renews what the server keeps."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.idents import new_ident
from forum.base.keyring import Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here
from moderation.safeguarding import boxes
from moderation.safeguarding.key_models import KeyHolder, KeyShare, SafeKey
from moderation.safeguarding.key_queries import Holder


def note_tried(responder_id: bytes) -> None:
    """Step: this key opened something today."""
    change = update(KeyHolder).where(KeyHolder.responder_id == responder_id).values(checked_on=clock.today())
    here().execute(change.execution_options(synchronize_session=False))


def finish_change(organisation_id: bytes, key_ids: Iterable[bytes]) -> None:
    """Step: nothing is under these keys any more, so nobody needs them."""
    old = list(key_ids)
    here().execute(delete(KeyShare).where(KeyShare.safe_key_id.in_(old)))
    gone = delete(SafeKey).where(SafeKey.id.in_(old), SafeKey.organisation_id == organisation_id)
    here().execute(gone.where(SafeKey.active.is_(False)))


def forget_holder(responder_id: bytes) -> None:
    """Step: somebody is not a responder any more. Their shares go at once, and the key has to be changed: they may have kept
    a copy of what was theirs."""
    held = select(KeyShare.safe_key_id).where(KeyShare.responder_id == responder_id)
    here().execute(
        update(SafeKey)
        .where(SafeKey.id.in_(held), SafeKey.active.is_(True))
        .values(stale=True)
        .execution_options(synchronize_session=False)
    )
    forget(responder_id)


def put_away(organisation_id: bytes) -> None:
    change = update(SafeKey).where(SafeKey.organisation_id == organisation_id).values(active=False)
    here().execute(change.execution_options(synchronize_session=False))


def add_key(organisation_id: bytes, pair: boxes.Pair, holders: Iterable[Holder]) -> bytes:
    key_id = new_ident()
    made = {"public": pair.public, "active": True, "stale": False, "made_on": clock.today()}
    here().execute(insert(SafeKey).values(id=key_id, organisation_id=organisation_id, **made))
    for one in holders:
        add_share(key_id, pair.private, one)
    return key_id


def add_share(safe_key_id: bytes, private: bytes, holder: Holder) -> None:
    """All of it to an officer; to a facilitator one of two halves, for the night on which nobody else answers."""
    ring, other = the_keyring(), None
    held = private
    if holder.group_id is not None:
        held, half = boxes.split(private)
        place = place_of(safe_key_id, holder.responder_id)
        other = ring.seal(scope_of(holder.organisation_id), "key_share", place, half)
    values = {"box": boxes.seal(holder.public, held), "other_half": other, "key_id": ring.writing_id}
    here().execute(insert(KeyShare).values(safe_key_id=safe_key_id, responder_id=holder.responder_id, **values))


def forget(responder_id: bytes) -> None:
    here().execute(delete(KeyShare).where(KeyShare.responder_id == responder_id))
    here().execute(delete(KeyHolder).where(KeyHolder.responder_id == responder_id))


def drop_shares(responder_id: bytes, safe_key_id: bytes) -> None:
    here().execute(delete(KeyShare).where(KeyShare.responder_id == responder_id, KeyShare.safe_key_id == safe_key_id))


def place_of(safe_key_id: bytes, responder_id: bytes) -> bytes:
    return safe_key_id + responder_id


def scope_of(organisation_id: bytes) -> Scope:
    return Scope(organisation_id, b"")


# --- Rotations of the keyring ---


def renewal() -> Pass:
    """How a rotation renews the halves that the server keeps."""
    return Pass(KeyShare, KeyShare.safe_key_id, _renew)


def _renew(found: Any) -> None:
    ring, other = the_keyring(), None
    if found.other_half is not None:
        holder = row(select(KeyHolder.organisation_id).where(KeyHolder.responder_id == found.responder_id))
        if holder is None:
            raise LookupError("A share without its holder: the database was changed by hand.")
        scope, place = scope_of(holder.organisation_id), place_of(found.safe_key_id, found.responder_id)
        other = ring.seal(scope, "key_share", place, ring.unseal(scope, "key_share", place, found.other_half))
    this = (KeyShare.safe_key_id == found.safe_key_id, KeyShare.responder_id == found.responder_id)
    change = update(KeyShare).where(*this).values(other_half=other, key_id=ring.writing_id)
    here().execute(change.execution_options(synchronize_session=False))
