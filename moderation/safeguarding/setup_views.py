"""For admins: name the officers, set the clock and the drills, turn calls on. Nothing here shows a concern."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import staff
from forum.base.errors import Invalid
from forum.models import OfficerRole
from forum.policy.permissions import may_administer, require
from forum.web import forms
from forum.web.actors import current_actor
from moderation.safeguarding import arming, bank_holidays, officers, settings

bp = Blueprint("safety", __name__, url_prefix="/admin/organisations/<ident:organisation_id>/safety")


@bp.get("")
def show(organisation_id: bytes) -> str:
    """What calls wait for, who holds which office, and the settings."""
    return _page(organisation_id, [])


def _page(organisation_id: bytes, errors: list[forms.Error]) -> str:
    actor = current_actor()
    require(may_administer, actor, staff.find_staff(actor).of(organisation_id))
    needs = arming.needs(organisation_id)
    return render_template(
        "safeguarding/setup.html",
        organisation_id=organisation_id,
        needs=needs,
        ready=all(need.done for need in needs),
        seats=officers.list_seats(organisation_id),
        known=settings.find(organisation_id),
        nations=bank_holidays.NATIONS,
        typed=request.form,
        errors=errors,
    )


@bp.post("/officers")
def invite(organisation_id: bytes) -> str | tuple[str, int]:
    """A link for somebody, shown once."""
    role = next((role for role in OfficerRole if role.value == request.form.get("role")), OfficerRole.LEAD)
    try:
        secret = officers.invite(current_actor(), organisation_id, role, request.form.get("name", ""))
    except Invalid as error:
        return _page(organisation_id, forms.errors_of(error)), error.status
    link = url_for("officers.show_link", secret=secret, _external=True)
    return render_template("safeguarding/link.html", link=link, organisation_id=organisation_id)


@bp.post("/officers/<ident:officer_id>/end")
def end(organisation_id: bytes, officer_id: bytes) -> AnyResponse:
    """Take an office back."""
    officers.end_by_admin(current_actor(), organisation_id, officer_id)
    return _done(organisation_id)


@bp.post("/settings")
def choose(organisation_id: bytes) -> AnyResponse | tuple[str, int]:
    """The clock, the bank holidays, how often a drill is."""
    try:
        days = forms.sent_number("drill_days", 0)
        typed = request.form.get("zone", "").strip(), request.form.get("holidays", "")
        settings.choose(current_actor(), organisation_id, *typed, days)
    except Invalid as error:
        return _page(organisation_id, forms.errors_of(error)), error.status
    return _done(organisation_id)


@bp.post("/on")
def arm(organisation_id: bytes) -> AnyResponse:
    """Have people called from now on."""
    arming.arm(current_actor(), organisation_id)
    return _done(organisation_id)


def _done(organisation_id: bytes) -> AnyResponse:
    return redirect(url_for("safety.show", organisation_id=organisation_id), 303)
