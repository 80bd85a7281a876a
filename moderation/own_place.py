"""What two people decided about somebody's place in a group, for whomever it binds: in the group, or out of it.

Found by the tag that keeps the item from them (moderation.not_for), so nothing has to be written for whoever is told. To
everybody else, and for everything else in the group, somebody who is out stays a stranger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, Select, exists, select
from sqlalchemy.orm import aliased

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Conflict, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.models import Group, Organisation
from forum.policy.actor import Actor
from forum.policy.members import find_membership, list_scopes
from forum.policy.permissions import Denial
from moderation import appeals, evidence, former, not_for, statements, threads
from moderation.appeals import Asked
from moderation.models import CaseItem, CaseKind, Choice, Decision
from moderation.statements import Statement

#: What is decided about a person, and begins with the decision.
DECIDED = (Choice.CONFIRM, Choice.REMOVE)
#: Of one group: far more than two people ever agree on in half a year.
MOST_LOOKED = 500
_LATER = aliased(Decision)


@dataclass(frozen=True)
class Mine:
    """One decision as whoever it binds reads it. :param undone: it was taken back. :param clause: the rule as it was then.

    :param inside: they are in the group now, so that a link into it leads somewhere.
    """

    decision: Row
    scope: Scope
    statement: Statement
    clause: Row | None
    undone: bool
    inside: bool

    @property
    def id(self) -> bytes:
        """The decision."""
        return bytes(self.decision.id)

    @property
    def until(self) -> date:
        """The last day to disagree."""
        return (self.decision.decided_at + evidence.KEPT).date()

    @property
    def may_appeal(self) -> bool:
        """Whether it holds, and half a year is not over."""
        return not self.undone and clock.now() < self.decision.decided_at + evidence.KEPT


def _decided() -> Select[*tuple[object, ...]]:
    undone = exists(select(_LATER.id).where(_LATER.reverts_id == Decision.id)).label("undone")
    return (
        select(
            *Decision.__table__.columns, undone, Group.name, Group.address, Group.organisation_id, Organisation.nation
        )
        .join(CaseItem, CaseItem.id == Decision.item_id)
        .join(Group, Group.id == Decision.group_id)
        .join(Organisation, Organisation.id == Group.organisation_id)
        .where(CaseItem.kind == CaseKind.PROPOSED, Decision.choice.in_(DECIDED), Decision.shown_from <= clock.now())
        .where(Decision.decided_at >= clock.now() - 2 * evidence.KEPT)
    )


def list_mine(actor: Actor) -> list[Mine]:
    """All that was decided about the actor's place in their groups, the latest first."""
    scopes = list_scopes(actor.account_id) if actor.account_id else []
    found = [one for scope in set(scopes) for one in _list_in(actor, scope)]
    return sorted(found, key=lambda one: (one.decision.decided_at, one.id), reverse=True)


def _list_in(actor: Actor, scope: Scope) -> list[Mine]:
    inside = find_membership(actor.account_id, scope) is not None
    return list_for(scope, former.faces(actor, scope), inside=inside)


def list_for(scope: Scope, personas: Sequence[bytes], *, inside: bool = True) -> list[Mine]:
    """What was decided about one person in one group, the latest first. The caller asks who may know.

    :param personas: who they are there, and were. :param inside: they are in the group now.
    """
    of_group = _decided().where(Decision.group_id == scope.group_id).order_by(Decision.decided_at.desc(), Decision.id)
    return _binding(scope, personas, rows(of_group.limit(MOST_LOOKED)), inside=inside)


def get_mine(actor: Actor, decision_id: bytes) -> Mine:
    """One of them. :raises NotFound: none such, or somebody else's: the two look the same."""
    found = row(_decided().where(Decision.id == decision_id))
    mine = _of(actor, found) if found else []
    if not mine:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return mine[0]


def _of(actor: Actor, found: Row) -> list[Mine]:
    scope = Scope(found.organisation_id, found.group_id)
    inside = find_membership(actor.account_id, scope) is not None
    return _binding(scope, former.faces(actor, scope), [found], inside=inside)


def _binding(scope: Scope, me: Sequence[bytes], found: Sequence[Row], *, inside: bool) -> list[Mine]:
    named = not_for.list_hidden(scope, me, [one.item_id for one in found]) if me else set()
    return [mine for one in found if one.item_id in named and (mine := _mine(scope, one, inside))]


def _mine(scope: Scope, one: Row, inside: bool) -> Mine | None:
    made = statements.find(scope, one.statement) if one.statement else None
    return Mine(one, scope, made, statements.find_clause(made), bool(one.undone), inside) if made else None


def list_asked(mine: Mine) -> list[Asked]:
    """What they asked about it, the latest first."""
    return appeals.list_appeals(mine.scope, mine.id)


@retrying
def disagree(actor: Actor, decision_id: bytes, typed: str) -> bytes:
    """Ask that somebody else looks at it, or say more; gives the item.

    :raises NotFound: not theirs. :raises Invalid: no words, or too many. :raises Conflict: undone, or half a year ago.
    """
    words = threads.clean(typed)
    with transaction():
        mine = get_mine(actor, decision_id)
        if not mine.may_appeal:
            raise Conflict(_("There is nothing here to disagree with. Perhaps it was undone already."))
        return appeals.disagree(mine.scope, mine.decision, former.faces(actor, mine.scope), words)
