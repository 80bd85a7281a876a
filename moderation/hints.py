"""Telling the open lists of a team that there is something to ask for. Nobody depends on it: each page asks by itself.

A hint goes to each of the team by themselves, and never to whom the item names or who wrote its words: that something
moved which they do not see would tell them that it is there.
"""

from datetime import timedelta

from sqlalchemy import or_, select

from forum.base import broadcast, clock
from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.base.transaction import after_commit
from forum.live.watching import room_of
from forum.models import Persona, Role
from forum.policy.members import NOT_IN, get_scope
from moderation import sight
from moderation.models import CaseItem

#: Whoever came this lately may have been somebody else here before, which their persona alone does not tell.
NEW_HERE = timedelta(days=35)


def note_changed(item_id: bytes) -> None:
    """Step: once this is kept, tell the team's open pages, but for those to whom the item does not exist."""
    if broadcast.socketio.server is not None:
        after_commit(lambda: _tell(item_id))


def _tell(item_id: bytes) -> None:
    item = row(select(*sight.COLUMNS).where(CaseItem.id == item_id))
    scope = get_scope(item.group_id) if item else None
    if item is None or scope is None or item.outside_id is not None:
        return
    for persona_id in _team_for_long(scope):
        if not sight.hidden_from(scope, [persona_id], [item]):
            broadcast.hint(room_of(scope, persona_id), "queue", {"changed": 1})


def _team_for_long(scope: Scope) -> list[bytes]:
    before = clock.today() - NEW_HERE
    long_here = or_(Persona.joined_on.is_(None), Persona.joined_on < before)
    of_team = (Persona.group_id == scope.group_id, Persona.role != Role.MEMBER, Persona.standing.not_in(NOT_IN))
    return [r.id for r in rows(select(Persona.id).where(*of_team, long_here))]
