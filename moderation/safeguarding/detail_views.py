"""Contact details as pages, for the member whose they are: leaving them, taking them away, and who opened them."""

from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import format_datetime
from flask_login import login_required
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotAllowed
from forum.base.keyring import Scope
from forum.groups.queries import scope_of
from forum.groups.views import card_here
from forum.policy.actor import Actor
from forum.web import forms
from moderation.safeguarding import details, key_queries, opening_told, responders
from moderation.safeguarding.details import FIELDS, LABELS
from moderation.safeguarding.opening_rules import BASES

bp = Blueprint("contact", __name__)


@bp.get("/g/<address>/contact")
@login_required
def show(address: str) -> str:
    """What can be left, who can open it and when; skipping is the first button."""
    card, actor = card_here(address)
    return _page(card, actor, {}, [])


def offered_at(actor: Actor, scope: Scope, address: str) -> str:
    """Where the actor says how to reach them, for pages after they asked for help or worried; "" where that leads to nothing."""
    return url_for("contact.show", address=address) if address and details.is_offered(actor, scope) else ""


def _page(card: Row, actor: Actor, typed: dict[str, str], errors: list[forms.Error]) -> str:
    scope = scope_of(card)
    kept = details.find(actor, scope)
    holders = {one.responder_id for one in key_queries.list_holders(scope.organisation_id) if one.share == "whole"}
    officers = [one for one in responders.of_organisation(scope.organisation_id) if one.id in holders]
    return render_template(
        "safeguarding/contact.html",
        card=card,
        kept=kept,
        possible=details.can_be_left(scope),
        officers=officers,
        labels=LABELS,
        typed=typed,
        done=request.args.get("done", ""),
        has_new=opening_told.has_new(scope, actor.memberships[scope.group_id].persona_id),
        errors=errors,
    )


@bp.post("/g/<address>/contact")
@login_required
def keep(address: str) -> AnyResponse | tuple[str, int]:
    """Seal what was filled in."""
    card, actor = card_here(address)
    typed = {name: request.form.get(name, "") for name in FIELDS}
    try:
        details.keep(actor, scope_of(card), typed)
    except (Invalid, NotAllowed) as error:
        field = error.field if isinstance(error, Invalid) else ""
        return _page(card, actor, typed, [forms.Error(field or "", error.message)]), error.status
    return redirect(url_for("contact.show", address=address, done="kept"), 303)


@bp.post("/g/<address>/contact/gone")
@login_required
def forget(address: str) -> AnyResponse:
    """Take them away."""
    card, actor = card_here(address)
    details.forget(actor, scope_of(card))
    return redirect(url_for("contact.show", address=address, done="gone"), 303)


@bp.get("/g/<address>/contact/opened")
@login_required
def show_opened(address: str) -> str:
    """Who opened my details, when and why."""
    card, actor = card_here(address)
    told = opening_told.list_for(actor, scope_of(card))
    opening_told.mark_seen(actor, scope_of(card))
    zone = ZoneInfo(card.zone)
    return render_template(
        "safeguarding/contact_opened.html",
        card=card,
        told=told,
        labels=LABELS,
        bases=BASES,
        when=lambda at: format_datetime(at.astimezone(zone), "d MMMM y, HH:mm", rebase=False),
    )
