"""How long a record is kept, and deleting it by two people: the list of those whose time is over, and one of them."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts.second_factor import StepUpNeeded
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.words import _
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from moderation.safeguarding import deletion, officers, queries, responders
from moderation.safeguarding.responders import TIER

bp = Blueprint("record_ends", __name__)

Answer = AnyResponse | str | tuple[str, int]


@bp.get("/safeguarding/records")
@login_required
def show_due() -> str:
    """Records whose time is over, and what is left of those that are gone."""
    me = officers.get_officer(current_actor())
    if me.role not in TIER:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return render_template(
        "safeguarding/records.html",
        due=deletion.list_due(me),
        stones=deletion.list_stones(me),
        write_ident=write_ident,
    )


@bp.get("/concerns/<ident:concern_id>/keep")
@login_required
def show(concern_id: bytes) -> str:
    """Until when one record is kept, and what would go."""
    return _page(concern_id, [])


def _page(concern_id: bytes, errors: list[forms.Error]) -> str:
    case, me = queries.get(current_actor(), concern_id)
    shown = deletion.preview(case)
    mine = shown.proposed_by in responders.same_person(case.scope, me.id)
    return render_template(
        "safeguarding/keep.html",
        case=case,
        me=me,
        ident=write_ident(case.id),
        shown=shown,
        mine=mine,
        why_not=deletion.why_not(case),
        done=request.args.get("done", ""),
        errors=errors,
    )


@bp.post("/concerns/<ident:concern_id>/keep")
@login_required
def keep_until(concern_id: bytes) -> Answer:
    """Name the day."""
    try:
        day = _day(request.form.get("day", ""))
        deletion.keep_until(current_actor(), concern_id, day, request.form.get("why", ""))
    except (Invalid, NotAllowed) as error:
        return _refused(concern_id, error)
    return redirect(url_for("record_ends.show", concern_id=concern_id, done="kept"), 303)


def _day(typed: str) -> date:
    """:raises Invalid: no day."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid(_("Write the day like this: 2033-01-31."), "day") from None


def _refused(concern_id: bytes, error: Invalid | NotAllowed | Conflict) -> tuple[str, int]:
    """What was refused, with the form; a code that is missing has a page of its own, which keeps the form."""
    if isinstance(error, StepUpNeeded):
        raise error
    field = error.field if isinstance(error, Invalid) else ""
    return _page(concern_id, [forms.Error(field or "", error.message)]), error.status


@bp.post("/concerns/<ident:concern_id>/delete")
@login_required
def delete(concern_id: bytes) -> Answer:
    """Propose that it goes, agree to it, or say that it stays."""
    actor, digest, say = current_actor(), request.form.get("digest", ""), request.form.get("say", "")
    try:
        if say == "agree":
            deletion.agree(actor, concern_id, digest)
            return redirect(url_for("record_ends.show_due"), 303)
        if say == "stays":
            deletion.take_back(actor, concern_id)
        else:
            deletion.propose(actor, concern_id, digest)
    except (NotAllowed, Conflict) as error:
        return _refused(concern_id, error)
    return redirect(url_for("record_ends.show", concern_id=concern_id, done=say), 303)
