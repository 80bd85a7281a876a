"""Forms with all rules in them: to propose several changes at once or another order, and to change one's own proposal."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Conflict, Invalid
from forum.base.idents import new_ident, write_ident
from forum.base.words import _
from forum.conversations.contracting_views import proposal_here
from forum.ground_rules import checks, proposals, rewriting, versions
from forum.ground_rules.patches import Patch, Rule, apply
from forum.ground_rules.proposals import Proposal, Wish
from forum.ground_rules.rewriting import Said
from forum.ground_rules.versions import Version
from forum.groups.views import card_for_member
from forum.models import ClauseKind
from forum.policy import contracting as rules
from forum.policy.bindings import REGISTRY
from forum.policy.permissions import require
from forum.web import forms

bp = Blueprint("rewriting", __name__)

#: For the fields of a rule that is not there yet.
NEW = "new"


@bp.get("/g/<address>/rules/propose/several")
def show_form(address: str) -> str:
    """All rules in one form."""
    card, actor, _me = card_for_member(address)
    require(rules.may_propose, actor, card.id)
    tip = versions.get_tip(card.id)
    return _form(card, tip, tip.rules, None, [])


@bp.post("/g/<address>/rules/propose/several")
def propose(address: str) -> AnyResponse | tuple[str, int]:
    """Keep it as a draft."""
    card, actor, me = card_for_member(address)
    require(rules.may_propose, actor, card.id)
    tip = versions.get_tip(card.id)
    try:
        made = proposals.begin(actor, me.scope, _wish(tip, tip.rules))
    except (Invalid, Conflict) as error:
        return _form(card, tip, tip.rules, None, forms.errors_of(error)), error.status
    return redirect(url_for("contracting.show", address=address, proposal_id=made), 303)


@bp.get("/g/<address>/rules/changes/<ident:proposal_id>/amend")
def show_amend(address: str, proposal_id: bytes) -> str:
    """One's own proposal in the same form."""
    card, actor, _me, found = proposal_here(address, proposal_id)
    require(rules.may_amend, actor, proposals.facts_of(found, actor))
    base = versions.get(found.base_id)
    return _form(card, base, apply(found.patch, base.rules), found, [])


@bp.post("/g/<address>/rules/changes/<ident:proposal_id>/amend")
def amend(address: str, proposal_id: bytes) -> AnyResponse | tuple[str, int]:
    """Keep its new words."""
    card, actor, _me, found = proposal_here(address, proposal_id)
    require(rules.may_amend, actor, proposals.facts_of(found, actor))
    base = versions.get(found.base_id)
    shown = apply(found.patch, base.rules)
    try:
        proposals.amend(actor, proposal_id, _wish(base, shown))
    except (Invalid, Conflict) as error:
        return _form(card, base, shown, found, forms.errors_of(error)), error.status
    return redirect(url_for("contracting.show", address=address, proposal_id=proposal_id, done="amended"), 303)


def _wish(base: Version, shown: Sequence[Rule]) -> Wish:
    """What the form says. :raises Conflict: it shows other rules than those that hold by now: posted, it would undo them."""
    if request.form.get("base") != write_ident(base.id):
        raise Conflict(_("The rules changed meanwhile. Please keep your words, and open this page anew."))
    said = request.form.get("summary", ""), request.form.get("rationale", "")
    return Wish(_patch(base, shown), *said, is_material=not forms.checked("editorial"))


def _patch(base: Version, shown: Sequence[Rule]) -> Patch:
    said = {one.uid: _said(one, n) for n, one in enumerate(shown, start=1) if f"heading-{one.uid}" in request.form}
    heading, body = _typed(f"heading-{NEW}"), _typed(f"body-{NEW}")
    uid = f"own-{write_ident(new_ident())[:8]}"
    added = [Rule(uid, heading, body, _typed(f"why-{NEW}"), origin="own")] if heading or body else []
    return rewriting.patch_of(base.rules, shown, said, added)


def _said(rule: Rule, place: int) -> Said:
    parts = {name: _typed(f"{name}-{rule.uid}") for name in ("heading", "body", "why")}
    if rule.binding_key and (value := _typed(f"binding_value-{rule.uid}")):
        parts["binding_value"] = value
    return Said(parts, forms.sent_number(f"place-{rule.uid}", place), gone=forms.checked(f"remove-{rule.uid}"))


def _typed(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _form(card: Row, base: Version, shown: Sequence[Rule], found: Proposal | None, errors: list[forms.Error]) -> str:
    """:param found: one's own proposal, which is changed; None: a new one."""
    return render_template(
        "ground_rules/several.html",
        card=card,
        base=request.form.get("base", write_ident(base.id)),
        rules=shown,
        given=ClauseKind.GIVEN,
        found=found,
        bindings={one.uid: REGISTRY[key] for one in shown if (key := one.binding_key or "") in REGISTRY},
        typed=request.form,
        most=checks,
        errors=errors,
    )
