"""SG1 and SG2: the list of concerns with the time left on each promise, and the record of one of them."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.exceptions import Unauthorized

from forum.base import clock
from forum.base.errors import NotFound
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from forum.web.pages import show_crisis_of
from moderation.safeguarding import guidance, queries, record_page, responders, transitions
from moderation.safeguarding.cases import Case
from moderation.safeguarding.responders import Responder

bp = Blueprint("concerns", __name__, url_prefix="/concerns")


@bp.get("")
def show_list() -> str:
    """What waits for this person, the earliest promise first."""
    actor = current_actor()
    mine = roles_of(actor)
    closed = request.args.get("closed") == "yes"
    return render_template(
        "safeguarding/list.html",
        listed=record_page.list_mine(actor, mine, closed=closed),
        closed=closed,
        officer=any(me.is_tier for me in mine),
        guidance=guidance.of_step("acknowledge"),
        now=clock.now(),
    )


def roles_of(actor: Actor) -> list[Responder]:
    """Every hat in which somebody answers. :raises NotFound: none."""
    found = responders.every_hat(actor)
    if not found:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


@bp.get("/<ident:concern_id>")
def show(concern_id: bytes) -> str:
    """The record of one concern."""
    actor, _case, _me = concern_here(concern_id)
    transitions.note_viewed(actor, concern_id)
    return page(concern_id)


def concern_here(concern_id: bytes) -> tuple[Actor, Case, Responder]:
    """A concern for somebody for whom it exists. :raises NotFound: to everybody else there is none."""
    actor = current_actor()
    if actor.account_id is None:
        raise Unauthorized
    case, me = queries.get(actor, concern_id)
    place = record_page.where(case)
    show_crisis_of(place.nation, place.address if not me.is_tier else "")
    return actor, case, me


def page(concern_id: bytes, errors: list[forms.Error] | None = None, way: str = "") -> str:
    """The record as it is now.

    :param errors: of a form that was refused. :param way: which one; it stands open with what was typed.
    """
    actor, case, me = concern_here(concern_id)
    values: dict[str, Any] = dict(record_page.values(actor, case, me))
    return render_template(
        "safeguarding/record.html",
        **values,
        errors=errors or [],
        opened=way or request.args.get("form", ""),
        typed=request.form,
        token=forms.token(),
        done=request.args.get("done", ""),
    )
