"""Opening sealed details as pages (SG3): ask, answer, open, look again within the hour, review, put the notice off."""

from datetime import timedelta

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts.second_factor import StepUpNeeded
from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.models import Group
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from moderation.safeguarding import (
    chronology,
    guidance,
    key_queries,
    opening,
    opening_queries,
    opening_rules,
    opening_told,
    queries,
)
from moderation.safeguarding.details import ASKED_FOR, FIELDS
from moderation.safeguarding.key_models import Way
from moderation.safeguarding.opening_rules import BASES, GROUNDS, Asked
from moderation.safeguarding.responders import Responder

bp = Blueprint("openings", __name__)

Answer = AnyResponse | str | tuple[str, int]


@bp.get("/concerns/<ident:concern_id>/details")
@login_required
def show(concern_id: bytes) -> str:
    """What was asked for, and the form that asks."""
    return _page(concern_id, [])


def _page(concern_id: bytes, errors: list[forms.Error]) -> str:
    case, me = queries.get(current_actor(), concern_id)
    lines = chronology.lines(case)
    return render_template(
        "safeguarding/details.html",
        case=case,
        me=me,
        ident=write_ident(case.id),
        openings=opening_queries.list_of(case, me),
        anything=opening_queries.has_something(case),
        own=key_queries.find_holder(me.id),
        key_at=_key_at(me),
        others=opening_queries.who_could_agree(case, me),
        unanswered=opening_rules.went_unanswered(lines, clock.now()),
        off_until=opening_told.off_until,
        fields=ASKED_FOR,
        bases=BASES,
        grounds=GROUNDS,
        guidance=guidance.of_step("details"),
        write_ident=write_ident,
        done=request.args.get("done", ""),
        errors=errors,
        now=clock.now(),
    )


def _key_at(me: Responder) -> str:
    """Where this person makes their own key."""
    if me.group_id is None:
        return url_for("safe_keys.show")
    card = row(select(Group.address).where(Group.id == me.group_id))
    return url_for("safe_keys.show_half", address=card.address) if card else ""


@bp.post("/concerns/<ident:concern_id>/details")
@login_required
def ask(concern_id: bytes) -> Answer:
    """Ask to open some of them."""
    form = request.form
    wanted = Asked(
        tuple(name for name in FIELDS if name in form.getlist("fields")),
        form.get("purpose", ""),
        form.get("basis", ""),
        form.get("grounds", ""),
        forms.sent_number("line", 0),
        forms.sent_number("off_hours", 0),
        form.get("off_why", ""),
    )
    if form.get("way", Way.TWO_PEOPLE.value) not in set(Way):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    way = Way(form.get("way", Way.TWO_PEOPLE.value))
    try:
        opening.ask(current_actor(), concern_id, way, wanted)
    except (Invalid, NotAllowed) as error:
        return _refused(concern_id, error)
    return _back(concern_id, "asked" if way is Way.TWO_PEOPLE else "alone")


def _refused(concern_id: bytes, error: Invalid | NotAllowed | Conflict) -> tuple[str, int]:
    """What was refused, with the form; a code that is missing has a page of its own, which keeps the form."""
    if isinstance(error, StepUpNeeded):
        raise error
    field = error.field if isinstance(error, Invalid) else ""
    return _page(concern_id, [forms.Error(field or "", error.message)]), error.status


def _back(concern_id: bytes, done: str) -> AnyResponse:
    return redirect(url_for("openings.show", concern_id=concern_id, done=done), 303)


@bp.post("/openings/<ident:opening_id>/answer")
@login_required
def answer(opening_id: bytes) -> Answer:
    """Say yes or no to what somebody else asked for."""
    actor = current_actor()
    concern_id = opening_queries.get(actor, opening_id).case.id
    try:
        if request.form.get("say") == "yes":
            opening.agree(actor, opening_id, request.form.get("words", ""))
        else:
            opening.refuse(actor, opening_id, request.form.get("why", ""))
    except (Invalid, NotAllowed, Conflict) as error:
        return _refused(concern_id, error)
    return _back(concern_id, "answered")


@bp.post("/openings/<ident:opening_id>/open")
@login_required
def open_details(opening_id: bytes) -> Response | tuple[str, int]:
    """Open them. The page leaves by itself when the hour is over."""
    actor = current_actor()
    case = opening_queries.get(actor, opening_id).case
    try:
        opened = opening.open_details(actor, opening_id, request.form.get("words", ""))
    except (Invalid, NotAllowed) as error:
        return _refused(case.id, error)
    back = url_for("openings.show", concern_id=case.id)
    page = render_template("safeguarding/details_open.html", case=case, opened=opened, labels=ASKED_FOR, back=back)
    left = max(timedelta(seconds=1), opened.until - clock.now())
    shown = make_response(page)
    shown.headers["Refresh"] = f"{int(left.total_seconds())}; url={back}"
    return shown


@bp.post("/openings/<ident:opening_id>/review")
@login_required
def review(opening_id: bytes) -> Answer:
    """Say whether what one person opened alone was right."""
    actor = current_actor()
    concern_id = opening_queries.get(actor, opening_id).case.id
    try:
        opening_told.review(actor, opening_id, request.form.get("review", ""))
    except (Invalid, NotAllowed) as error:
        return _refused(concern_id, error)
    return _back(concern_id, "reviewed")


@bp.post("/openings/<ident:opening_id>/notice")
@login_required
def notice(opening_id: bytes) -> Answer:
    """Tell the person now, or put it off once more."""
    actor = current_actor()
    concern_id = opening_queries.get(actor, opening_id).case.id
    try:
        if request.form.get("say") == "now":
            opening_told.tell_now(actor, opening_id)
        else:
            opening_told.put_off(actor, opening_id, forms.sent_number("hours", 0), request.form.get("why", ""))
    except (Invalid, NotAllowed) as error:
        return _refused(concern_id, error)
    return _back(concern_id, "notice")
