"""Telling the open lists of a team that there is something to ask for. Nobody depends on it: each page asks by itself.

A hint goes to each of the team by themselves, and never to whom the item names or who wrote its words: that something
moved which they do not see would tell them that it is there.
"""

from datetime import timedelta

from sqlalchemy import and_, bindparam, or_, select

from forum.base import broadcast, clock
from forum.base.hot import Hot
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
    item = _ITEM.row({"item": item_id})
    scope = get_scope(item.group_id) if item else None
    if item is None or scope is None or item.outside_id is not None:
        return
    for persona_id in team_for_long(scope):
        if not sight.hidden_from(scope, [persona_id], [item]):
            broadcast.hint(room_of(scope, persona_id), "queue", {"changed": 1})


_ITEM = Hot(select(*sight.COLUMNS).where(CaseItem.id == bindparam("item")))


def team_for_long(scope: Scope) -> list[bytes]:
    """Those of a team of whom it is certain that they were nobody else here lately."""
    return [r.id for r in _TEAM.rows({"group": scope.group_id, "before": clock.today() - NEW_HERE})]


_LONG_HERE = or_(Persona.joined_on.is_(None), Persona.joined_on < bindparam("before"))
_IN = and_(*(Persona.standing != one for one in NOT_IN))
_TEAM = Hot(
    select(Persona.id).where(Persona.group_id == bindparam("group"), Persona.role != Role.MEMBER, _IN, _LONG_HERE)
)
