"""What rooms seal in rows of their own: who asked for help, whom a follow-up is about, notes between facilitators."""

import json
from typing import Any

from forum.base import blocks, rotation
from forum.base.keyring import Scope, the_keyring
from forum.base.rotation import Pass
from forum.conversations.lifecycle import Author
from forum.models import FollowUp, RoomNote, Signal
from forum.policy.members import get_scope

#: The sealed size is a multiple of this: short notes all look alike.
BLOCK = 512


def seal(scope: Scope, model: Any, ident: bytes, said: Any) -> dict[str, Any]:
    """The columns of a row that holds something sealed. :param said: anything that JSON can carry."""
    ring = the_keyring()
    sealed = ring.seal(scope, model.__tablename__, ident, blocks.pack(said, BLOCK))
    return {"sealed": sealed, "key_id": ring.writing_id}


def unseal(scope: Scope, model: Any, ident: bytes, sealed: bytes) -> Any:
    """The inverse."""
    return json.loads(the_keyring().unseal(scope, model.__tablename__, ident, sealed))


def write_face(face: Author) -> list[str]:
    """Who it is, for sealing: a persona or an alias, never both."""
    return ["mask", face.mask_id.hex()] if face.mask_id else ["persona", (face.persona_id or b"").hex()]


def read_face(said: list[str]) -> Author:
    """The inverse."""
    ident = bytes.fromhex(said[1])
    return Author(mask_id=ident) if said[0] == "mask" else Author(persona_id=ident)


def renewals() -> list[Pass]:
    """How a rotation renews them."""
    return [Pass(model, model.id, rotation.renew_sealed(model, get_scope)) for model in (Signal, FollowUp, RoomNote)]
