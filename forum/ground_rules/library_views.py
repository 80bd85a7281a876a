"""The library of clauses for members: what other groups choose from, and why, by topic; and proposing one of them."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Conflict, Invalid
from forum.content.library import Offer, clause_library
from forum.ground_rules import checks, choosing
from forum.ground_rules.queries import Rules
from forum.ground_rules.views import rules_here
from forum.groups.views import card_for_member
from forum.policy.bindings import REGISTRY
from forum.web import forms

bp = Blueprint("library", __name__)


@bp.get("/g/<address>/rules/library")
def show(address: str) -> str:
    """The topics, or what is on offer on one of them."""
    card, _actor, me = card_for_member(address)
    library, rules = clause_library(), rules_here(card)
    topic = next((one for one in library.topics if one.uid == request.args.get("topic")), None)
    return render_template(
        "ground_rules/library.html",
        card=card,
        me=me,
        topics=[(one, len(library.of(one))) for one in library.topics],
        topic=topic,
        offers=[(offer, _is_ours(offer, rules), _means(offer)) for offer in library.of(topic)] if topic else [],
        easy=request.args.get("easy") == "yes",
    )


def _is_ours(offer: Offer, rules: Rules) -> bool:
    """Whether the group has this very rule now."""
    return any((one.uid, one.body) == (offer.clause.uid, offer.clause.body) for one in rules.clauses)


def _means(offer: Offer) -> str:
    """What the site does under this rule; nothing where people keep it, or where the site cannot do it yet."""
    binding = REGISTRY.get(offer.clause.binding_key)
    return str(binding.words[offer.clause.binding_value]) if binding and binding.exists else ""


@bp.get("/g/<address>/rules/library/<offer>")
def show_offer(address: str, offer: str) -> str:
    """One rule of the library, to propose it."""
    return _offer_page(address, offer, [])


@bp.post("/g/<address>/rules/library/<offer>")
def propose(address: str, offer: str) -> AnyResponse | tuple[str, int]:
    """Keep a draft that brings this rule to the group."""
    _card, actor, me = card_for_member(address)
    try:
        said = request.form.get("summary", ""), request.form.get("rationale", "")
        made = choosing.propose(actor, me.scope, offer, *said)
    except (Invalid, Conflict) as error:
        return _offer_page(address, offer, forms.errors_of(error)), error.status
    return redirect(url_for("contracting.show", address=address, proposal_id=made), 303)


def _offer_page(address: str, ident: str, errors: list[forms.Error]) -> str:
    card, actor, me = card_for_member(address)
    offer = choosing.get_offer(actor, me.scope, ident)
    return render_template(
        "ground_rules/choose.html",
        card=card,
        offer=offer,
        means=_means(offer),
        typed=request.form,
        most=checks,
        errors=errors,
    )
