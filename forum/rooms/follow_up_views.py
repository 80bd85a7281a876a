"""Follow-ups: what facilitators still have to do after meetings, with an owner and a time."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Conflict, Invalid
from forum.base.idents import write_ident
from forum.groups.queries import scope_of
from forum.groups.views import card_for_facilitator
from forum.policy.actor import Actor
from forum.rooms import debriefs, follow_ups, queries
from forum.web import forms

bp = Blueprint("follow_ups", __name__)

#: A meeting of a fortnight ago is looked back on no more.
LATELY = timedelta(days=14)


@bp.get("/g/<address>/follow-ups")
def show(address: str) -> str:
    """What is to do, and what was done lately."""
    card, actor = card_for_facilitator(address)
    return _page(card, actor, [])


def _page(card: Row, actor: Actor, errors: list[forms.Error]) -> str:
    found = follow_ups.list_for(actor, scope_of(card))
    lately = queries.list_lately(card.id, clock.now() - LATELY)
    return render_template(
        "rooms/follow_ups.html",
        card=card,
        todo=[one for one in found if not one.done],
        done=[one for one in found if one.done],
        kinds=follow_ups.KINDS,
        debriefs=debriefs.list_open(actor, lately),
        summaries=[one for one in lately if one.summary],
        zone=ZoneInfo(card.zone),
        id_of=write_ident,
        errors=errors,
        most_letters=follow_ups.MOST_OUTCOME,
    )


@bp.post("/g/<address>/follow-ups/<ident:follow_up_id>")
def change(address: str, follow_up_id: bytes) -> AnyResponse | tuple[str, int]:
    """Take one, say what came of it, or write to whom it is about."""
    card, actor = card_for_facilitator(address)
    do, version = request.form.get("do", ""), forms.sent_number("version", 0)
    try:
        if do == "line":
            opened = follow_ups.open_line(actor, follow_up_id)
            return redirect(url_for("team.show_line", conversation_id=opened), 303)
        if do == "finish":
            follow_ups.finish(actor, follow_up_id, version, request.form.get("outcome", ""))
        else:
            follow_ups.take(actor, follow_up_id, version)
    except (Invalid, Conflict) as error:
        field = f"outcome-{write_ident(follow_up_id)}" if isinstance(error, Invalid) else ""
        return _page(card, actor, [forms.Error(field, error.message)]), error.status
    return redirect(url_for("follow_ups.show", address=address), 303)
