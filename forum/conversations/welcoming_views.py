"""For the team and its welcomers: first words that wait for an answer; and who is a welcomer."""

from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.idents import read_post_id, write_post_id
from forum.conversations import adjustments, welcoming
from forum.groups.queries import duty_sentence, scope_of
from forum.groups.views import card_here
from forum.web import forms

bp = Blueprint("welcoming", __name__)


@bp.get("/g/<address>/new-here")
def show_unanswered(address: str) -> str:
    """First posts without an answer, oldest first."""
    card, actor = card_here(address)
    if actor.account_id is None:
        raise Unauthorized
    after = request.args.get("after", "")
    found = welcoming.list_unanswered(actor, scope_of(card), card.zone, read_post_id(after) or 0)
    shown = found[: welcoming.SHOWN]
    return render_template(
        "people_page/new_here.html",
        card=card,
        waiting=shown,
        after=after,
        onward=write_post_id(shown[-1].id) if len(found) > len(shown) else "",
        duty=duty_sentence(card.id, card.zone),
        zone=ZoneInfo(card.zone),
        now=clock.now(),
    )


@bp.post("/g/<address>/people/<ident:persona_id>/no-pause")
def set_no_pause(address: str, persona_id: bytes) -> AnyResponse:
    """Let a member write in slow topics without a pause, or end that."""
    card, actor = card_here(address)
    adjustments.set_no_pause(actor, scope_of(card), persona_id, on=request.form.get("on") == "yes")
    return redirect(url_for("people.show_person", address=address, persona_id=persona_id), 303)


@bp.post("/g/<address>/people/<ident:persona_id>/welcomer")
def set_welcomer(address: str, persona_id: bytes) -> AnyResponse:
    """Ask a member to look out for newcomers, or end that."""
    card, actor = card_here(address)
    welcoming.set_welcomer(actor, scope_of(card), persona_id, welcomes=forms.checked("welcomes"))
    return redirect(url_for("people.show_person", address=address, persona_id=persona_id), 303)
