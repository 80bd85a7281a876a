"""Reading what people told the team: the team's list without what names the reader, and one's own reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.idents import read_ident, write_ident
from forum.base.keyring import Scope
from forum.leaving.usecases import whose
from forum.models import Group, Organisation, OutsideReport
from forum.policy.actor import Actor
from forum.policy.members import get_scope, list_scopes, writer_in
from forum.policy.permissions import Denial, may_look_after, require
from moderation import evidence, not_for, reports
from moderation.evidence import Copy
from moderation.models import TOLD, CaseItem, CaseKind, Choice, Decision, Report, Target
from moderation.permissions import ReportFacts, may_see_report
from moderation.reports import Saying

PAGE = 20
#: A count goes no further; the page says "more than".
MOST_COUNTED = 500
#: One's own reports are looked for among the latest items of a group; tags for 10,000 took 27 ms.
MOST_SEARCHED = 2_000

_TELLERS = select(func.count()).select_from(Report).where(Report.item_id == CaseItem.id).scalar_subquery()
_ITEMS = (
    select(
        CaseItem.id,
        CaseItem.kind,
        CaseItem.target,
        CaseItem.about,
        CaseItem.reasons,
        CaseItem.opened_hour,
        CaseItem.due_at,
        CaseItem.decided,
        CaseItem.version,
        CaseItem.claim_gen,
        CaseItem.outside_id,
        CaseItem.group_id,
        Group.organisation_id,
        Group.name.label("group_name"),
        Group.address,
        Group.zone,
        Organisation.nation,
        _TELLERS.label("tellers"),
    )
    .join(Group, Group.id == CaseItem.group_id)
    .join(Organisation, Organisation.id == Group.organisation_id)
    .where(CaseItem.kind.in_(TOLD))
)


@dataclass(frozen=True)
class After:
    """Where the next page of the list begins: after the last item shown."""

    due_at: datetime
    id: bytes

    def __str__(self) -> str:
        return f"{int(self.due_at.timestamp())}.{write_ident(self.id)}"


def read_after(text: str) -> After | None:
    """From an address that we made; anything else begins at the beginning."""
    seconds, _dot, ident = text.partition(".")
    item_id = read_ident(ident)
    if item_id is None or not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        return None
    return After(datetime.fromtimestamp(int(seconds), UTC), item_id)


def list_open(actor: Actor, scope: Scope, after: After | None = None) -> Sequence[Row]:
    """What waits, the earliest promise first, and one more than a page; without what names this reader.

    :raises NotFound: not of the team.
    """
    require(may_look_after, actor, scope.group_id)
    me, found = _me(actor, scope), list[Row]()
    while len(found) <= PAGE:
        part = rows(_open(scope, after).limit(2 * PAGE))
        hidden = not_for.list_hidden(scope, me, [item.id for item in part])
        found += [item for item in part if item.id not in hidden]
        if len(part) < 2 * PAGE:
            break
        after = After(part[-1].due_at, part[-1].id)
    return found[: PAGE + 1]


def _open(scope: Scope, after: After | None) -> Select[*tuple[Any, ...]]:
    wanted = _ITEMS.where(CaseItem.group_id == scope.group_id, CaseItem.decided.is_(False))
    return wanted.where(*_later(after)).order_by(CaseItem.due_at, CaseItem.id)


def _later(after: After | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    same = and_(CaseItem.due_at == after.due_at, CaseItem.id > after.id)
    return [or_(CaseItem.due_at > after.due_at, same)]


def count_open(actor: Actor, scope: Scope) -> int:
    """How many wait that this reader may see, up to MOST_COUNTED. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    wanted = (CaseItem.group_id == scope.group_id, CaseItem.kind.in_(TOLD), CaseItem.decided.is_(False))
    found = [r.id for r in rows(select(CaseItem.id).where(*wanted).order_by(CaseItem.due_at).limit(MOST_COUNTED))]
    return len(found) - len(not_for.list_hidden(scope, _me(actor, scope), found))


def _me(actor: Actor, scope: Scope) -> list[bytes]:
    """Who the actor is in a group, and who they were there lately under another name."""
    membership = writer_in(actor, scope).writer_in(scope.group_id)
    if membership is None or actor.account_id is None:
        return []
    return [*{membership.persona_id, *whose(actor.account_id, scope)}]


def find_scope(item_id: bytes) -> Scope | None:
    """Where an item belongs, to load the actor's membership; not a permission."""
    found = row(select(CaseItem.group_id).where(CaseItem.id == item_id, CaseItem.kind.in_(TOLD)))
    return get_scope(found.group_id) if found else None


def get_item(actor: Actor, item_id: bytes) -> tuple[Row, ReportFacts]:
    """One item with what the rules need to know. :raises NotFound: none such, not of the team, or it names the actor."""
    item = row(_ITEMS.where(CaseItem.id == item_id))
    if item is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    facts = _facts(actor, item)
    require(may_see_report, actor, facts)
    return item, facts


def _facts(actor: Actor, item: Row) -> ReportFacts:
    scope = Scope(item.organisation_id, item.group_id)
    me = _me(actor, scope)
    named = not me or bool(not_for.list_hidden(scope, me, [item.id]))
    return ReportFacts(item.group_id, named, item.outside_id is not None, item.decided)


def list_decisions(item_id: bytes) -> Sequence[Row]:
    """What was decided about an item, the newest first; the caller asks who may know."""
    columns = (Decision.choice, Decision.decided_at, Decision.evidence_id)
    return rows(select(*columns).where(Decision.item_id == item_id).order_by(Decision.decided_at.desc()).limit(PAGE))


def list_notes(scope: Scope, item_id: bytes) -> list[tuple[Choice, datetime, Copy | None]]:
    """The same with what somebody noted."""
    found = list_decisions(item_id)
    opened = (evidence.open_copy(scope, one.evidence_id) if one.evidence_id else None for one in found)
    return [(one.choice, one.decided_at, copy) for one, copy in zip(found, opened, strict=True)]


# --- One's own ------------------------------------------------------------------------------------------------------


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
        for teller in filter(None, (*_me(actor, scope), actor.sign_in)):
            if found := _list_of(scope, teller, CaseItem.id == item_id):
                return found[0]
    raise NotFound(str(Denial.NOT_A_MEMBER.value))


def _tellers(actor: Actor) -> list[tuple[Scope, bytes]]:
    scopes = list_scopes(actor.account_id) if actor.account_id else []
    return [(scope, persona_id) for scope in scopes for persona_id in _me(actor, scope)]


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
        return "looked" if handled and handled.handled_on else "waits"
    decisions = [one.choice for one in list_decisions(item.id)]
    if not item.decided:
        return "seen" if decisions else "waits"
    ended = {Choice.HIDE: "hidden", Choice.SPOKEN: "spoken"}
    return next((ended[choice] for choice in decisions if choice in ended), "looked")
