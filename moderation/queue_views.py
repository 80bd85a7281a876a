"""What waits for the team, as one page."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock, unchanged
from forum.base.errors import Conflict, NotFound
from forum.base.idents import read_ident, write_ident
from forum.base.keyring import Scope
from forum.conversations import team
from forum.groups.queries import duty_sentence, scope_of
from forum.groups.views import card_for_team
from forum.policy.actor import Actor
from forum.web import display
from moderation import asks, leases, queue, queue_quick, shifts, undo
from moderation.models import CaseKind
from moderation.undo import Found

bp = Blueprint("queue", __name__)


@bp.get("/g/<address>/team")
def show(address: str) -> str:
    """Everything that waits, the earliest due time first, a page at a time."""
    now, as_of = clock.now(), unchanged.as_of()
    card, actor = card_for_team(address)
    scope, kind = scope_of(card), _kind(request.args.get("kind", ""))
    asks.bring_in(scope)
    after = read_ident(request.args.get("after", ""))
    found = queue.list_open(actor, scope, kind, after)
    values = {
        "card": card,
        "group": write_ident(card.id),
        "low": display.chosen(display.here())["low"],
        "found": found,
        "onward": write_ident(found.onward) if found.onward else "",
        "after": after,
        "kind": kind,
        "kinds": CaseKind,
        "nothing": "next" in request.args,
        "done": _decided_lately(actor, read_ident(request.args.get("decided", ""))),
        "now": now,
        "duty": duty_sentence(card.id, card.zone),
        "asking": team.count_waiting(actor, scope),
    }
    return queue_quick.show(as_of, now, found, values)


def _decided_lately(actor: Actor, decision_id: bytes | None) -> Found | None:
    """What the reader decided within the minutes in which one tap takes it back: it stands on no list any more."""
    try:
        found = undo.get_decision(actor, decision_id) if decision_id else None
    except NotFound:
        return None
    return found if found is not None and found.one_tap and not found.undone else None


@bp.post("/g/<address>/team/next")
def take_next(address: str) -> AnyResponse:
    """Look at the first thing that nobody looks at."""
    card, actor = card_for_team(address)
    kind = _kind(request.form.get("kind", ""))
    item_id = _take(actor, scope_of(card), kind)
    if item_id is None:
        return redirect(url_for("queue.show", address=address, kind=kind, next="none"), 303)
    return redirect(url_for("items.show", item_id=item_id), 303)


def _take(actor: Actor, scope: Scope, kind: CaseKind | None) -> bytes | None:
    """Whoever loses the first one to a colleague gets the one after it; what they left to others they are not given."""
    while one := shifts.find_next(actor, scope, kind):
        try:
            leases.claim(actor, one.id)
        except Conflict:
            continue
        return one.id
    return None


@bp.get("/g/<address>/reports")
def show_old(address: str) -> AnyResponse:
    """Where what people told was listed before there was one list."""
    card_for_team(address)
    return redirect(url_for("queue.show", address=address), 301)


def _kind(text: str) -> CaseKind | None:
    return CaseKind(text) if text in set(CaseKind) else None
