"""How long my words stay: what the group's rules say, and what I choose for words under my name."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.base.words import _, ngettext
from forum.conversations import fading
from forum.groups.queries import scope_of
from forum.groups.views import card_for_member
from forum.policy import terms
from forum.policy.actor import Actor
from forum.policy.bindings import REGISTRY, RETENTION
from forum.web import forms

bp = Blueprint("fading", __name__)
STAY = "stay"


@bp.get("/g/<address>/fading")
@login_required
def show(address: str) -> str:
    """Both, and how many posts would go at once."""
    card, actor, _membership = card_for_member(address)
    return _page(card, actor, [])


@bp.post("/g/<address>/fading")
@login_required
def choose(address: str) -> AnyResponse | tuple[str, int]:
    """Keep what was chosen."""
    card, actor, _membership = card_for_member(address)
    chosen = request.form.get("days", "")
    try:
        fading.choose(actor, scope_of(card), None if chosen == STAY else forms.sent_number("days", 0))
    except Invalid as error:
        return _page(card, actor, forms.errors_of(error)), error.status
    return redirect(url_for("fading.show", address=address, saved="yes"), 303)


def _page(card: Row, actor: Actor, errors: list[forms.Error]) -> str:
    agreed = terms.of_group(card.id)
    return render_template(
        "conversations/fading.html",
        card=card,
        me=actor.memberships[card.id],
        by_rule=f"{REGISTRY[RETENTION].words[agreed.values[RETENTION]]} {agreed.cite(RETENTION)}".strip(),
        chosen=fading.find_own(actor, card.id),
        choices=[(days, _words(days), _cost(actor, card, days)) for days in fading.OFFERED],
        saved=request.method == "GET" and request.args.get("saved") == "yes",
        errors=errors,
    )


def _words(days: int) -> str:
    return _("They go after a year") if days == 365 else _("They go after %(n)s days", n=days)


def _cost(actor: Actor, card: Row, days: int) -> str:
    """What it means now, before anything is kept."""
    older = fading.count_older(actor, scope_of(card), days)
    if not older:
        return _("None of your posts is older than that.")
    return ngettext(
        "%(num)d of your posts is older. It goes for good within a day.",
        "%(num)d of your posts are older. They go for good within a day.",
        older,
    )
