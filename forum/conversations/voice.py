"""The voice of a group's team: a name that nobody holds, under which anyone of the team may speak.

What is said so belongs to the whole team, and names none of them: the row of the post leads to this persona alone. That
somebody spoke for the team, and who, stands in the audit chain as a salted digest.
"""

import hashlib

from sqlalchemy import Select, insert, select

from forum.accounts import names
from forum.base.db import row
from forum.base.idents import new_ident
from forum.base.keyring import Scope, the_keyring
from forum.base.transaction import here
from forum.models import Persona, Role, Standing
from forum.policy import record
from forum.policy.actor import Membership

#: No member can take this name: only the team may use the word.
NAME = "The team"


def _tag(scope: Scope) -> bytes:
    """Made without a key and of no account, so that nobody can come in with it and a rotation leaves it as it is."""
    return hashlib.sha256(scope.group_id + b"the voice of the team").digest()[:16]


def persona_of(scope: Scope) -> Select[bytes]:
    """The persona that speaks for a group's team, as a part of a larger query; no row before it first spoke."""
    return select(Persona.id).where(Persona.holder_tag == _tag(scope))


def is_voice(scope: Scope, persona_id: bytes | None) -> bool:
    """Whether these are words of the team rather than of one of them."""
    return persona_id is not None and row(persona_of(scope).where(Persona.id == persona_id)) is not None


def find_or_make(scope: Scope) -> bytes:
    """Step: the persona that speaks for the team, made on the first use. Its use case is `retrying`."""
    if found := row(persona_of(scope)):
        return bytes(found.id)
    persona_id = new_ident()
    here().execute(
        insert(Persona).values(
            id=persona_id,
            group_id=scope.group_id,
            holder_tag=_tag(scope),
            name=NAME,
            skeleton=names.skeleton(NAME),
            role=Role.MEMBER,
            standing=Standing.LEFT,  # in no list of people, never counted, called or written to
            key_id=the_keyring().writing_id,
        )
    )
    return persona_id


def note_spoken(membership: Membership, post_id: int) -> None:
    """Step: the team can be asked who of them spoke; nobody can read it from the tables."""
    record.note("voice.team", membership.persona_id, post_id.to_bytes(8))
