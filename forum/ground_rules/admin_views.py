"""Pages for admins: their organisations and groups, making both, and signing every team out."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import new_devices, staff
from forum.base import clock
from forum.base.errors import Conflict, Invalid
from forum.base.idents import read_ident, write_ident
from forum.base.words import _
from forum.content import crisis
from forum.content.crisis import NATIONS
from forum.ground_rules import admins
from forum.ground_rules.making import Card, NewBoard
from forum.policy.actor import Actor
from forum.web import forms
from forum.web.actors import current_actor

bp = Blueprint("admin", __name__, url_prefix="/admin")

#: The form's fields, by the names of a card.
FIELDS = ("address", "name", "benefits", "who_for")


@bp.get("")
def show_admin() -> str:
    """The organisations and groups that this admin looks after."""
    actor = current_actor()
    overviews = admins.list_overviews(actor)
    whole_site = admins.may_make_organisations(staff.find_staff(actor), actor)
    to_decide = admins.count_to_decide(overviews)
    settings = current_app.extensions["settings"]
    return render_template(
        "admin/overview.html",
        overviews=overviews,
        whole_site=whole_site,
        to_decide=to_decide,
        new_device=bool(new_devices.list_new(actor.account_id or b"", request.cookies.get(new_devices.COOKIE, ""))),
        to_check=crisis.list_to_check(clock.today(), settings.crisis_file),
    )


@bp.get("/organisations/new")
def show_new_organisation() -> str:
    """A form for a new organisation."""
    staff.get_whole_site(current_actor())
    return _organisation_form([])


def _organisation_form(errors: list[forms.Error]) -> str:
    typed = {name: request.form.get(name, "") for name in ("name", "nation", "complaints")}
    return render_template("admin/organisation.html", typed=typed, nations=NATIONS, errors=errors)


@bp.post("/organisations/new")
def make_organisation() -> AnyResponse | tuple[str, int]:
    """Make it."""
    typed = [request.form.get(name, "") for name in ("name", "nation", "complaints")]
    try:
        admins.make_organisation(current_actor(), *typed)
    except (Invalid, Conflict) as error:
        return _organisation_form(forms.errors_of(error, "name")), error.status
    return redirect(url_for("admin.show_admin"), 303)


@bp.get("/groups/new")
def show_new_group() -> str:
    """A form for a new group."""
    actor = current_actor()
    staff.get_staff(actor)
    return _group_form(actor, [])


def _group_form(actor: Actor, errors: list[forms.Error]) -> str:
    return render_template(
        "admin/group.html",
        organisations=[
            {"value": write_ident(one.organisation.id), "label": one.organisation.name}
            for one in admins.list_overviews(actor)
        ],
        typed={name: request.form.get(name, "") for name in (*FIELDS, "organisation", "boards")},
        errors=errors,
    )


@bp.post("/groups/new")
def make_group() -> AnyResponse | tuple[str, int]:
    """Make it, unknown to outsiders until its team opens it."""
    actor, ident = current_actor(), read_ident(request.form.get("organisation", ""))
    address, name, benefits, who_for = (request.form.get(field, "").strip() for field in FIELDS)
    card = Card(address, name, benefits, who_for)
    boards = [NewBoard(line.strip()) for line in request.form.get("boards", "").splitlines() if line.strip()]
    staff.get_staff(actor)
    try:
        if ident is None:
            raise Invalid(_("Choose an organisation."), "organisation")
        admins.make_group(actor, ident, card, boards)
    except (Invalid, Conflict) as error:
        return _group_form(actor, forms.errors_of(error, "address")), error.status
    return redirect(url_for("admin.show_admin"), 303)


@bp.post("/groups/<address>/facilitator")
def invite_facilitator(address: str) -> str:
    """A link for the group's facilitator, shown once."""
    secret = admins.invite_facilitator(current_actor(), address)
    link = url_for("people.show_role_link", secret=secret, _external=True)
    return render_template("admin/role_link.html", link=link)


@bp.post("/end-sessions")
def end_sessions() -> AnyResponse:
    """Sign out everybody who looks after anything, in one organisation or everywhere. This browser too."""
    ident = request.form.get("organisation", "")
    staff.end_staff_sessions(current_actor(), read_ident(ident) if ident else None)
    return redirect(url_for("accounts.sign_in"), 303)
