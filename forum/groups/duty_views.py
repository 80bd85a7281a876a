"""Duty times: one page for the team with the week, dates that differ, swaps, and what nobody holds."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_ident, write_ident
from forum.base.words import _
from forum.groups import rota, rota_changes
from forum.groups.queries import duty_sentence, scope_of
from forum.groups.rota_changes import Hours
from forum.groups.views import card_for_team
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_facilitate, require
from forum.web import forms

bp = Blueprint("duty", __name__)

#: Half a year: holidays are known by then.
DATES = 183


@bp.get("/g/<address>/duty")
def show_duty(address: str) -> str:
    """The table and the next fourteen days."""
    card, actor = card_for_team(address)
    return _page(card, actor, [])


def _page(card: Row, actor: Actor, errors: list[forms.Error]) -> str:
    return render_template(
        "duty/duty.html",
        card=card,
        rota=rota.get_rota(actor, scope_of(card), card.zone),
        duty=duty_sentence(card.id, card.zone),
        may_change=may_facilitate(actor, card.id) is None,
        dates=_dates(card.zone),
        typed=request.form,
        errors=errors,
    )


def _dates(zone: str) -> list[date]:
    """Dates to choose from: words on a list need no way of writing them."""
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    return [today + timedelta(days=n) for n in range(DATES)]


@bp.post("/g/<address>/duty/times")
def add_slot(address: str) -> AnyResponse | tuple[str, int]:
    """Hours of every week."""
    card, actor = card_for_team(address)
    try:
        rota_changes.add_slot(actor, scope_of(card), forms.sent_number("weekday", -1), _hours())
    except Invalid as error:
        return _page(card, actor, forms.errors_of(error)), error.status
    return _done(address)


def _hours() -> Hours:
    who = request.form.get("who", "")
    ident = read_ident(who) if who else None
    if who and ident is None:
        raise Invalid(_("Choose somebody of the team, or leave it open."), "who")
    return Hours(request.form.get("starts", ""), request.form.get("ends", ""), ident)


def _done(address: str) -> AnyResponse:
    return redirect(url_for("duty.show_duty", address=address), 303)


@bp.get("/g/<address>/duty/times/<ident:slot_id>")
def show_slot(address: str, slot_id: bytes) -> str:
    """Change or remove one time of the week."""
    card, actor = card_for_team(address)
    require(may_facilitate, actor, card.id)
    return _slot_page(card, actor, slot_id, [])


def _slot_page(card: Row, actor: Actor, slot_id: bytes, errors: list[forms.Error]) -> str:
    slot = next((s for s in rota.list_slots(scope_of(card)) if s.id == slot_id), None)
    if slot is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    team = rota.options(rota.list_team(scope_of(card)))
    holder = write_ident(slot.persona_id) if slot.persona_id else ""
    return render_template(
        "duty/slot.html", card=card, slot=slot, holder=holder, team=team, typed=request.form, errors=errors
    )


@bp.post("/g/<address>/duty/times/<ident:slot_id>")
def change_slot(address: str, slot_id: bytes) -> AnyResponse | tuple[str, int]:
    """Keep other hours, or remove them."""
    card, actor = card_for_team(address)
    try:
        if forms.checked("remove"):
            rota_changes.remove_slot(actor, scope_of(card), slot_id)
        else:
            rota_changes.change_slot(actor, scope_of(card), slot_id, forms.sent_number("weekday", -1), _hours())
    except Invalid as error:
        return _slot_page(card, actor, slot_id, forms.errors_of(error)), error.status
    return _done(address)


@bp.post("/g/<address>/duty/dates")
def set_other_day(address: str) -> AnyResponse | tuple[str, int]:
    """One date that differs."""
    card, actor = card_for_team(address)
    try:
        hours = _hours() if request.form.get("how") == "hours" else None
        rota_changes.set_other_day(actor, scope_of(card), forms.sent_date("day"), hours)
    except Invalid as error:
        return _page(card, actor, forms.errors_under("day_", error, "day")), error.status
    return _done(address)


@bp.post("/g/<address>/duty/dates/<ident:exception_id>/remove")
def remove_other_day(address: str, exception_id: bytes) -> AnyResponse:
    """The date is as in every week again."""
    card, actor = card_for_team(address)
    rota_changes.remove_other_day(actor, scope_of(card), exception_id)
    return _done(address)


@bp.post("/g/<address>/duty/times/<ident:slot_id>/swap")
def ask_swap(address: str, slot_id: bytes) -> AnyResponse:
    """Ask the team to take one's own turn."""
    card, actor = card_for_team(address)
    try:
        rota_changes.ask_swap(actor, scope_of(card), slot_id, forms.sent_date("day"))
    except Invalid as error:
        raise NotFound(str(Denial.NOT_A_MEMBER.value)) from error  # the date stood in a hidden field of our own
    return _done(address)


@bp.post("/g/<address>/duty/swaps/<ident:swap_id>")
def answer_swap(address: str, swap_id: bytes) -> AnyResponse:
    """Take somebody's turn, or call one's own asking off."""
    card, actor = card_for_team(address)
    if request.form.get("answer") == "take":
        rota_changes.take_swap(actor, scope_of(card), swap_id)
    else:
        rota_changes.drop_swap(actor, scope_of(card), swap_id)
    return _done(address)
