"""What is hidden in a concern: its own key, whom it is about, who raised it; and sealing with that key.

The key of a concern is random and lies in its row, wrapped by the keyring (decisions: whoever has the machine and the
keyring can read notes, never contact details). Whatever is sealed with it is gone for good when the row forgets it.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError
from sqlalchemy import update

from forum.base import blocks
from forum.base.idents import IDENT_BYTES
from forum.base.keyring import KEY_BYTES, KeyringError, Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here
from moderation.safeguarding import cases
from moderation.safeguarding.cases import Case
from moderation.safeguarding.models import Concern

#: Sizes of what is sealed with a case key, and of what a row hides, are multiples of this.
BLOCK = 512
PLACE = "concern"
NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES


@dataclass(frozen=True)
class Inside:
    """What only the keyring opens.

    :param key: of everything that is sealed for this concern. :param once: of the form that raised it.
    :param subject_kind: "persona", "mask", "named" (a name that somebody typed) or "nobody". :param raiser_kind: "persona",
        "mask", "browser" or "nobody". :param place_id: the conversation where it was. :param conversation_id: the person's
        own line about this concern. :param asked_level: what one person proposes and a second must agree to.
        :param asked_out: somebody of whom one person says that they must not see it; the outside body decides.
        :param wearer_id: whose alias it is about, from their leaving until the concern is over; nothing else leads there.
    """

    key: bytes = field(default_factory=lambda: secrets.token_bytes(KEY_BYTES))
    once: bytes = b""
    subject_kind: str = "nobody"
    subject_id: bytes = b""
    raiser_kind: str = "nobody"
    raiser_id: bytes = b""
    place_id: bytes = b""
    conversation_id: bytes = b""
    asked_level: str = ""
    asked_by: bytes = b""
    wearer_id: bytes = b""
    asked_out: bytes = b""
    asked_out_by: bytes = b""


def seal_inside(scope: Scope, concern_id: bytes, inside: Inside) -> dict[str, Any]:
    """The columns that hide it, with the tags that find it."""
    ring = the_keyring()
    packed = blocks.pack({k: v.hex() if isinstance(v, bytes) else v for k, v in asdict(inside).items()}, BLOCK)
    return {
        "sealed": ring.seal(scope, PLACE, concern_id, packed),
        "key_id": ring.writing_id,
        "once_tag": once_tags(scope, inside.once)[0],
        "subject_tag": subject_tags(scope, inside.subject_id)[0] if inside.subject_id else None,
    }


def open_inside(case: Case) -> Inside:
    """What a concern hides. The caller asks who may know."""
    return _open(case.scope, case.id, case.sealed)


def _open(scope: Scope, concern_id: bytes, sealed: bytes) -> Inside:
    found = json.loads(the_keyring().unseal(scope, PLACE, concern_id, sealed))
    types = Inside.__dataclass_fields__
    values: dict[str, Any] = {k: bytes.fromhex(v) if types[k].type is bytes else v for k, v in found.items()}
    return Inside(**values)


def change_inside(case: Case, **fields: Any) -> Case:
    """Step: change what is hidden; gives the concern as it is now."""
    return cases.change(case, **seal_inside(case.scope, case.id, replace(open_inside(case), **fields)))


def subject_tags(scope: Scope, subject_id: bytes) -> list[bytes]:
    """What concerns about one person, or one alias, have in common."""
    return the_keyring().tags(scope, "concern_subject", subject_id)


def once_tags(scope: Scope, once: bytes) -> list[bytes]:
    """What finds the concern that this form raised."""
    return the_keyring().tags(scope, "concern_once", once)


def once_of_item(item_id: bytes) -> bytes:
    """What stands in the place of a form where an item of a team's list became a concern: it never becomes two."""
    return _ITEM + item_id


def item_of(case: Case) -> bytes | None:
    """The item that a concern may have come from. Forms are anybody's bytes: the caller asks whether there is such an item."""
    once = open_inside(case).once
    return once[len(_ITEM) :] if once.startswith(_ITEM) and len(once) == len(_ITEM) + IDENT_BYTES else None


_ITEM = b"item"


def seal_with(key: bytes, place: str, row: bytes, value: bytes) -> bytes:
    """Hide `value` under a concern's own key. :param place: the table; `row`: its key. Moved elsewhere it does not open."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(value, place.encode() + b"\0" + row, nonce, key)


def open_with(key: bytes, place: str, row: bytes, sealed: bytes) -> bytes:
    """What `seal_with` hid. :raises KeyringError: another key, or it was moved or changed."""
    try:
        aad = place.encode() + b"\0" + row
        return crypto_aead_xchacha20poly1305_ietf_decrypt(sealed[NONCE:], aad, sealed[:NONCE], key)
    except CryptoError as error:
        raise KeyringError(f"A row of {place} does not open with the key of its concern.") from error


def renewal() -> Pass:
    """How a rotation renews concerns. What is sealed with a case key stays as it is: its key is wrapped anew."""
    return Pass(Concern, Concern.id, _renew)


def _renew(found: Any) -> None:
    scope = Scope(found.organisation_id, found.group_id or cases.NO_GROUP)
    anew = seal_inside(scope, found.id, _open(scope, found.id, found.sealed))
    change = update(Concern).where(Concern.id == found.id).values(anew)
    here().execute(change.execution_options(synchronize_session=False))
