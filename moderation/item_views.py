"""One item for the team: read it, look at it alone, leave it to another, take it over."""

from flask import Blueprint, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Conflict, Invalid
from forum.base.transaction import transaction
from forum.web import forms
from moderation import audit, item_page, leases

bp = Blueprint("items", __name__)


@bp.get("/cases/<ident:item_id>")
def show(item_id: bytes) -> str:
    """Why it waits, the words folded until somebody chooses them, who looks at it, what can be decided."""
    here = item_page.item_here(item_id)
    with transaction():
        audit.note_read(here.actor.memberships[here.scope.group_id].persona_id, item_id)
    return item_page.render(here)


@bp.get("/reports/<ident:item_id>")
def show_old(item_id: bytes) -> AnyResponse:
    """Where what people told stood before there was one list."""
    item_page.item_here(item_id)
    return redirect(url_for("items.show", item_id=item_id), 301)


@bp.post("/cases/<ident:item_id>/claim")
def claim(item_id: bytes) -> AnyResponse | tuple[str, int]:
    """I'll look at this."""
    here = item_page.item_here(item_id)
    try:
        leases.claim(here.actor, item_id, anyway=_anyway())
    except Conflict as error:
        return item_page.render(item_page.item_here(item_id), errors=[forms.Error("", error.message)]), error.status
    return _to_item(item_id)


@bp.post("/cases/<ident:item_id>/take-over")
def take_over(item_id: bytes) -> AnyResponse | tuple[str, int]:
    """I'll look at this although somebody else does, and here is why."""
    here, reason = item_page.item_here(item_id), request.form.get("reason", "")
    try:
        leases.take_over(here.actor, item_id, reason, anyway=_anyway())
    except (Conflict, Invalid) as error:
        again = item_page.item_here(item_id)
        field = "reason" if isinstance(error, Invalid) else ""
        return item_page.render(again, {"reason": reason}, [forms.Error(field, error.message)]), error.status
    return _to_item(item_id)


@bp.post("/cases/<ident:item_id>/release")
def release(item_id: bytes) -> AnyResponse:
    """Leave it to somebody else."""
    here = item_page.item_here(item_id)
    leases.release(here.actor, item_id, forms.sent_number("gen", 0))
    return redirect(url_for("queue.show", address=here.address), 303)


@bp.post("/cases/<ident:item_id>/renew")
def renew(item_id: bytes) -> AnyResponse:
    """Somebody is still reading or typing: for scripts, in seconds that are left. Without them a lease just ends."""
    here = item_page.item_here(item_id)
    until = leases.renew(here.actor, item_id, forms.sent_number("gen", 0))
    return jsonify(left=int((until - clock.now()).total_seconds()))


def _anyway() -> bool:
    """They read that it is time for a pause, and go on."""
    return request.form.get("anyway") == "yes"


def _to_item(item_id: bytes) -> AnyResponse:
    return redirect(url_for("items.show", item_id=item_id), 303)
