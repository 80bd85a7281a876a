"""Whom an item must not reach, since it names them: the only module that reads or writes `case_not_for`.

A moderator who wrote what was told about, also under an alias, or is named in it, finds no trace of it: no line, no
count, no page. Found by tag, so the tables tell how many people an item names and not one of them.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select

from forum.base import rotation, tagged
from forum.base.db import rows
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.base.rotation import Pass
from forum.base.transaction import here
from forum.conversations.renewal import all_scopes
from forum.models import Persona, Role
from forum.policy.members import NOT_IN
from moderation.models import NotFor

KIND = "not_for"
#: Stands in the place of a persona on an item that reports of others do not join.
ALONE = b"\xff" * 16
#: In one question of the database; PostgreSQL and SQLite both take far more.
ASKED_AT_ONCE = 400


def keep_from(scope: Scope, item_id: bytes, personas: Iterable[bytes]) -> None:
    """Step: these personas must not see the item. Said twice it is written once."""
    wanted = sorted(set(personas))
    there = tagged.find_many(NotFor, scope, KIND, {one: (one, item_id) for one in wanted})
    for one in wanted:
        if one not in there:
            values = tagged.sealed_row(NotFor, scope, KIND, (one, item_id), b"")
            here().execute(insert(NotFor).values(item_id=item_id, **values))


def list_hidden(scope: Scope, personas: Iterable[bytes], item_ids: Sequence[bytes]) -> set[bytes]:
    """Those of the items that one person must not see.

    :param personas: who they are in the group, and who they were before they took another name.
    """
    hidden: set[bytes] = set()
    for part in in_parts(item_ids, ASKED_AT_ONCE):
        for persona_id in personas:
            hidden |= set(tagged.find_many(NotFor, scope, KIND, {one: (persona_id, one) for one in part}))
    return hidden


def keep_alone(scope: Scope, item_id: bytes) -> None:
    """Step: what others report about the same thing does not join this item, which its teller's words keep from some."""
    keep_from(scope, item_id, {ALONE})


def list_alone(scope: Scope, item_ids: Sequence[bytes]) -> set[bytes]:
    """Those of the items for which `keep_alone` was said."""
    return list_hidden(scope, [ALONE], item_ids)


def list_named(scope: Scope, item_id: bytes) -> set[bytes]:
    """Everyone whom an item must not reach, unsealed in memory: only to keep something else from them, too."""
    found = rows(select(NotFor.tag, NotFor.sealed).where(NotFor.item_id == item_id))
    return {tagged.open_whole(NotFor, scope, r.tag, r.sealed)[2][0] for r in found} - {ALONE}


def team_of(scope: Scope) -> set[bytes]:
    """The team of a group as it is now."""
    of_team = (Persona.role != Role.MEMBER, Persona.standing.not_in(NOT_IN))
    return {r.id for r in rows(select(Persona.id).where(Persona.group_id == scope.group_id, *of_team))}


def is_for_nobody(scope: Scope, item_id: bytes) -> bool:
    """Whether nobody of the team, as it is now, may see the item."""
    team = team_of(scope)
    hidden = tagged.find_many(NotFor, scope, KIND, {one: (one, item_id) for one in team})
    return len(hidden) == len(team)


def renewal() -> Pass:
    """How a rotation renews these rows."""
    return Pass(NotFor, NotFor.tag, rotation.renew_tagged(NotFor, all_scopes))
