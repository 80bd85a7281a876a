"""A second look at a decision, blind: the words, what one would have done, and only then what was done."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import read_ident, write_ident
from forum.groups.queries import scope_of
from forum.groups.views import card_for_team
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.web import forms
from moderation import second_looks

bp = Blueprint("second_looks", __name__)


@bp.get("/g/<address>/second-look")
def show(address: str) -> str:
    """The next decision of the sample; after an answer, what both came to."""
    card, actor = card_for_team(address)
    return _page(card, actor, [])


def _page(card: Row, actor: Actor, errors: list[forms.Error]) -> str:
    scope, seen = scope_of(card), read_ident(request.args.get("seen", ""))
    return render_template(
        "moderation/second_look.html",
        card=card,
        waiting=second_looks.count_waiting(actor, scope),
        blind=second_looks.find_next(actor, scope),
        compared=second_looks.find_compared(actor, scope, seen) if seen else None,
        write=write_ident,
        errors=errors,
    )


@bp.post("/g/<address>/second-look")
def answer(address: str) -> AnyResponse | tuple[str, int]:
    """What I would have done."""
    card, actor = card_for_team(address)
    decision_id = read_ident(request.form.get("decision", ""))
    if decision_id is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    try:
        second_looks.answer(actor, scope_of(card), decision_id, request.form.get("choice", ""))
    except (Invalid, Conflict) as error:
        field = error.field or "choice" if isinstance(error, Invalid) else ""
        return _page(card, actor, [forms.Error(field, error.message)]), error.status
    return redirect(url_for("second_looks.show", address=address, seen=write_ident(decision_id)), 303)
