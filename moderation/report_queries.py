"""What somebody told the team, for themselves: found by tag, with what became of it in general terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, select

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.keyring import Scope
from forum.models import Group, Organisation, OutsideReport
from forum.policy.actor import Actor
from forum.policy.members import get_scope, list_scopes
from forum.policy.permissions import Denial
from moderation import merging, reports, sight
from moderation.models import TOLD, CaseItem, CaseKind, Choice, Decision, Target
from moderation.reports import Saying

PAGE = 20
#: One's own reports are looked for among the latest items of a group; tags for 10,000 took 27 ms.
MOST_SEARCHED = 2_000

_ITEMS = (
    select(
        CaseItem.id,
        CaseItem.kind,
        CaseItem.target,
        CaseItem.about,
        CaseItem.opened_hour,
        CaseItem.decided,
        CaseItem.outside_id,
        CaseItem.group_id,
        Group.organisation_id,
        Group.name.label("group_name"),
        Group.address,
        Group.zone,
        Organisation.nation,
    )
    .join(Group, Group.id == CaseItem.group_id)
    .join(Organisation, Organisation.id == Group.organisation_id)
    .where(CaseItem.kind.in_(TOLD))
)


def find_scope(item_id: bytes) -> Scope | None:
    """Where an item belongs, to load the actor's membership; not a permission."""
    found = row(select(CaseItem.group_id).where(CaseItem.id == item_id, CaseItem.kind.in_(TOLD)))
    return get_scope(found.group_id) if found else None


def list_decisions(item_id: bytes) -> Sequence[Row]:
    """What was decided about an item, the newest first; the caller asks who may know."""
    columns = (Decision.choice, Decision.decided_at, Decision.evidence_id)
    return rows(select(*columns).where(Decision.item_id == item_id).order_by(Decision.decided_at.desc()).limit(PAGE))


@dataclass(frozen=True)
class Mine:
    """One thing that the reader told, and what became of it in general terms.

    :param outcome: waits, seen, hidden, looked or spoken.
    """

    id: bytes
    kind: CaseKind
    target: Target
    group_name: str
    address: str
    zone: str
    nation: str
    said: Sequence[Saying]
    outcome: str

    @property
    def day(self) -> date:
        """When they told it first."""
        return self.said[0].told_on


def list_mine(actor: Actor) -> list[Mine]:
    """Everything the actor told that is still kept, the latest first: found by tag, in each of their groups."""
    found: list[Mine] = []
    for scope, teller in _tellers(actor):
        found += _list_of(scope, teller, CaseItem.group_id == scope.group_id)
    if actor.sign_in is not None:
        found += _list_by_browser(actor.sign_in)
    return sorted(found, key=lambda one: (one.day, one.id), reverse=True)


def get_mine(actor: Actor, item_id: bytes) -> Mine:
    """One of them. :raises NotFound: none such, or somebody else's: the two look the same."""
    scope = find_scope(item_id)
    if scope is not None:
        for teller in filter(None, (*sight.me(actor, scope), actor.sign_in)):
            if found := _list_of(scope, teller, CaseItem.id == item_id):
                return found[0]
    raise NotFound(str(Denial.NOT_A_MEMBER.value))


def _tellers(actor: Actor) -> list[tuple[Scope, bytes]]:
    scopes = list_scopes(actor.account_id) if actor.account_id else []
    return [(scope, persona_id) for scope in scopes for persona_id in sight.me(actor, scope)]


def _list_of(scope: Scope, teller: bytes, *which: ColumnElement[bool]) -> list[Mine]:
    latest = _ITEMS.where(*which).order_by(CaseItem.opened_hour.desc(), CaseItem.id).limit(MOST_SEARCHED)
    items = {item.id: item for item in rows(latest)}
    said = reports.find_sayings(scope, list(items), teller)
    return [_mine(items[item_id], sayings) for item_id, sayings in said.items()]


def _list_by_browser(sign_in: bytes) -> list[Mine]:
    """What this browser told about groups' pages before, or without, being in them."""
    cards = rows(
        select(CaseItem.id, CaseItem.group_id)
        .where(CaseItem.target == Target.GROUP)
        .order_by(CaseItem.opened_hour.desc(), CaseItem.id)
        .limit(MOST_SEARCHED)
    )
    found: list[Mine] = []
    for group_id in {card.group_id for card in cards}:
        scope = get_scope(group_id)
        if scope is not None:
            found += _list_of(scope, sign_in, CaseItem.group_id == group_id, CaseItem.target == Target.GROUP)
    return found


def _mine(item: Row, said: Sequence[Saying]) -> Mine:
    place = (item.group_name, item.address, item.zone, item.nation)
    return Mine(item.id, item.kind, item.target, *place, said, _outcome(item))


def _outcome(item: Row) -> str:
    """In general terms, and the same words whether the team or the organisation looked: that would tell whom it names."""
    if item.outside_id is not None:
        handled = row(select(OutsideReport.handled_on).where(OutsideReport.id == item.outside_id))
        if handled is None:
            return "seen"  # it went on as a concern about one of the team
        return "looked" if handled.handled_on else "waits"
    last = merging.end_of(item.id)
    if last != item.id and (other := row(_ITEMS.where(CaseItem.id == last))):
        return _outcome(other)
    decisions = [one.choice for one in list_decisions(item.id)]
    if not item.decided or Choice.REFER in decisions:
        return "seen" if decisions else "waits"
    ended = {Choice.HIDE: "hidden", Choice.TAKE_DOWN: "hidden", Choice.SPOKEN: "spoken"}
    return next((ended[choice] for choice in decisions if choice in ended), "looked")
