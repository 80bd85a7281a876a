"""How the list is doing, and what becomes of things: pages with a picture and the same in words beside it."""

from flask import Blueprint, render_template

from forum.base import clock
from forum.groups.queries import scope_of
from forum.groups.views import card_for_team
from moderation import health, outcomes

bp = Blueprint("health", __name__)


@bp.get("/g/<address>/team/health")
def show_health(address: str) -> str:
    """What is late, how soon somebody looks, what is open, where the duty times have gaps."""
    card, actor = card_for_team(address)
    found = health.get_health(actor, scope_of(card), card.zone)
    return render_template("moderation/health.html", card=card, health=found, now=clock.now())


@bp.get("/g/<address>/team/outcomes")
def show_outcomes(address: str) -> str:
    """What became of things, by rule and by hour of the day."""
    card, actor = card_for_team(address)
    numbers = outcomes.get_numbers(actor, scope_of(card), card.zone)
    return render_template(
        "moderation/outcomes.html", card=card, numbers=numbers, columns=outcomes.COLUMNS, block=outcomes.BLOCK_HOURS
    )
