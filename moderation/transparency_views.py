"""How often the team acted, for members of groups whose rules ask for that."""

from flask import Blueprint, render_template

from forum.groups.queries import scope_of
from forum.groups.views import card_for_member
from forum.policy import terms
from moderation import outcomes, transparency

bp = Blueprint("transparency", __name__)


@bp.get("/g/<address>/team-counts")
def show(address: str) -> str:
    """The months that are over."""
    card, actor, _membership = card_for_member(address)
    return render_template(
        "moderation/transparency.html",
        card=card,
        months=transparency.get_months(actor, scope_of(card), card.zone),
        columns=outcomes.COLUMNS,
        rule=terms.of_group(card.id).cite(transparency.KEY),
    )
