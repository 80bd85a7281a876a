"""The officers' table (F7 for the whole organisation): the week, bank holidays, dates that differ, swaps, and gaps."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_ident, write_ident
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from moderation.safeguarding import responders, tier_changes, tier_rota

bp = Blueprint("tier", __name__)

#: Half a year: holidays are known by then.
DATES = 183


@bp.get("/safeguarding/rota/<ident:organisation_id>")
def show(organisation_id: bytes) -> str:
    """The table and the next fourteen days."""
    return _page(organisation_id, [])


def _page(organisation_id: bytes, errors: list[forms.Error]) -> str:
    me = tier_changes.may_change(current_actor(), organisation_id)
    now = clock.now()
    today = now.astimezone(tier_rota.clock_of(organisation_id).zone).date()
    held = [one for one in responders.of_organisation(organisation_id) if one.may_own]
    return render_template(
        "safeguarding/rota.html",
        organisation_id=organisation_id,
        me=me,
        days=tier_rota.next_days(organisation_id, now),
        slots=tier_rota.list_slots(organisation_id),
        others=tier_rota.list_others(organisation_id, today),
        names={one.id: one.name for one in held},
        officers=[(write_ident(one.id), one.name) for one in held],
        dates=[today + timedelta(days=n) for n in range(DATES)],
        typed=request.form,
        errors=errors,
    )


@bp.post("/safeguarding/rota/<ident:organisation_id>/times")
def add_slot(organisation_id: bytes) -> AnyResponse | tuple[str, int]:
    """Hours of every week."""
    try:
        weekday = forms.sent_number("weekday", -1)
        tier_changes.add_slot(current_actor(), organisation_id, weekday, _hours(), _who() or b"")
    except Invalid as error:
        return _page(organisation_id, forms.errors_of(error)), error.status
    return _done(organisation_id)


@bp.post("/safeguarding/rota/<ident:organisation_id>/times/<ident:slot_id>/remove")
def remove_slot(organisation_id: bytes, slot_id: bytes) -> AnyResponse:
    """These hours are nobody's any more."""
    tier_changes.remove_slot(current_actor(), organisation_id, slot_id)
    return _done(organisation_id)


@bp.post("/safeguarding/rota/<ident:organisation_id>/dates")
def set_day(organisation_id: bytes) -> AnyResponse | tuple[str, int]:
    """One date that differs."""
    try:
        hours = _hours() if request.form.get("how") == "hours" else None
        tier_changes.set_day(current_actor(), organisation_id, forms.sent_date("day"), hours, _who())
    except Invalid as error:
        return _page(organisation_id, forms.errors_under("day_", error, "day")), error.status
    return _done(organisation_id)


@bp.post("/safeguarding/rota/<ident:organisation_id>/dates/<ident:day_id>/remove")
def remove_day(organisation_id: bytes, day_id: bytes) -> AnyResponse:
    """The date is as in every week again."""
    tier_changes.remove_day(current_actor(), organisation_id, day_id)
    return _done(organisation_id)


@bp.post("/safeguarding/rota/<ident:organisation_id>/times/<ident:slot_id>/swap")
def ask_swap(organisation_id: bytes, slot_id: bytes) -> AnyResponse:
    """Ask the other officers to take one's own turn."""
    try:
        tier_changes.ask_swap(current_actor(), slot_id, forms.sent_date("day"))
    except Invalid as error:
        raise NotFound(str(Denial.NOT_A_MEMBER.value)) from error  # the date stood in a hidden field of our own
    return _done(organisation_id)


@bp.post("/safeguarding/rota/<ident:organisation_id>/swaps/<ident:swap_id>")
def answer_swap(organisation_id: bytes, swap_id: bytes) -> AnyResponse:
    """Take somebody's turn, or call one's own asking off."""
    act = tier_changes.take_swap if request.form.get("answer") == "take" else tier_changes.drop_swap
    act(current_actor(), swap_id)
    return _done(organisation_id)


def _hours() -> tuple[str, str]:
    return request.form.get("starts", ""), request.form.get("ends", "")


def _who() -> bytes | None:
    return read_ident(request.form.get("who", ""))


def _done(organisation_id: bytes) -> AnyResponse:
    return redirect(url_for("tier.show", organisation_id=organisation_id), 303)
