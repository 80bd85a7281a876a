"""The page of one item, whatever its kind. Each part of it brings its own values and its own template.

Templates: `moderation/item.html`, and in it `item_lease`, `item_evidence`, `item_notes`, `item_decide`, `item_history`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from sqlalchemy import Row, select
from werkzeug.exceptions import Unauthorized

from forum.base import clock
from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.keyring import Scope
from forum.models import Group, Organisation, Persona
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor_in
from forum.web.pages import show_crisis_of
from moderation import item_care, item_decide, item_evidence, item_notes, item_thread, leases, sight
from moderation.models import CaseItem, CaseKind
from moderation.safeguarding import referring


@dataclass(frozen=True)
class ItemHere:
    """An item that this reader may see.

    :param item: a row with `facts_of` its columns. :param actor: with their membership of its group.
    """

    item: Row[Any]
    scope: Scope
    actor: Actor
    address: str


@dataclass(frozen=True)
class Lease:
    """Who looks at it now. :param looks: their name, or "". :param mine: the reader does. :param gen: for forms."""

    looks: str
    mine: bool
    until: datetime | None
    gen: int


#: A part of the page: the values that its template wants.
Part = Callable[[ItemHere], Mapping[str, Any]]


def item_here(item_id: bytes) -> ItemHere:
    """The item of an address, for whoever asks. :raises NotFound: none such for them."""
    scope = sight.find_scope(item_id)
    actor = current_actor_in(scope)
    if actor.account_id is None:
        raise Unauthorized
    if scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    sight.require_item(actor, item_id)
    item = row(_ITEM.where(CaseItem.id == item_id))
    if item is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    show_crisis_of(item.nation, item.address)
    return ItemHere(item, scope, actor, item.address)


_ITEM = (
    select(
        *sight.COLUMNS,
        CaseItem.reasons,
        CaseItem.due_at,
        CaseItem.opened_hour,
        CaseItem.source,
        CaseItem.intensity,
        CaseItem.lang,
        CaseItem.screened,
        CaseItem.decision_id,
        Group.address,
        Group.zone,
        Organisation.nation,
        Persona.name.label("looks"),
    )
    .join(Group, Group.id == CaseItem.group_id)
    .join(Organisation, Organisation.id == Group.organisation_id)
    .outerjoin(Persona, Persona.id == CaseItem.claimed_by)
)


def render(here: ItemHere, typed: Mapping[str, str] | None = None, errors: Sequence[forms.Error] = ()) -> str:
    """The page. :param typed: what a refused form had in its fields, so that no words are lost."""
    values: dict[str, Any] = {}
    for part in PARTS:
        values |= part(here)
    return render_template(
        "moderation/item.html",
        item=here.item,
        address=here.address,
        lease=lease_of(here),
        takes_note=here.item.kind is CaseKind.WELFARE,
        is_concern=here.item.kind is CaseKind.WELFARE and referring.is_concern(here.scope, here.item.id),
        typed=typed or {},
        errors=errors,
        now=clock.now(),
        **values,
    )


def lease_of(here: ItemHere) -> Lease:
    """Who looks at the item now."""
    item = here.item
    if not leases.is_live(item.claimed_by, item.lease_until):
        return Lease("", mine=False, until=None, gen=item.claim_gen)
    mine = item.claimed_by == here.actor.memberships[here.scope.group_id].persona_id
    return Lease(item.looks or "", mine, item.lease_until, item.claim_gen)


#: In the order of the page.
PARTS: tuple[Part, ...] = (item_evidence.facts, item_thread.facts, item_notes.facts, item_care.facts, item_decide.facts)
