"""The library of clauses for members: what other groups choose from, and why, by topic."""

from flask import Blueprint, render_template, request

from forum.content.library import Offer, clause_library
from forum.ground_rules.queries import Rules
from forum.ground_rules.views import rules_here
from forum.groups.views import card_for_member
from forum.policy.bindings import REGISTRY

bp = Blueprint("library", __name__)


@bp.get("/g/<address>/rules/library")
def show(address: str) -> str:
    """The topics, or what is on offer on one of them."""
    card, _actor, _me = card_for_member(address)
    library, rules = clause_library(), rules_here(card)
    topic = next((one for one in library.topics if one.uid == request.args.get("topic")), None)
    return render_template(
        "ground_rules/library.html",
        card=card,
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
