"""The page on which an admin says what all groups of an organisation keep at least."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.ground_rules import floors
from forum.policy.bindings import REGISTRY
from forum.web import forms
from forum.web.actors import current_actor

bp = Blueprint("floors", __name__)


@bp.get("/admin/organisations/<ident:organisation_id>/floor")
def show(organisation_id: bytes) -> str:
    """What is asked for now."""
    return _page(organisation_id, [], [])


@bp.post("/admin/organisations/<ident:organisation_id>/floor")
def save(organisation_id: bytes) -> AnyResponse | str | tuple[str, int]:
    """Ask for it, once its consequences were seen."""
    actor = current_actor()
    try:
        said = floors.consequences(actor, organisation_id, _sent())
        if said and not forms.checked("sure"):
            return _page(organisation_id, said, [])
        floors.set_floor(actor, organisation_id, _sent())
    except Invalid as error:
        return _page(organisation_id, [], forms.errors_of(error)), error.status
    return redirect(url_for("floors.show", organisation_id=organisation_id, saved="yes"), 303)


def _sent() -> dict[str, str]:
    """Every setting has its own field, named by its key."""
    return {key: request.form[key] for key in REGISTRY if key in request.form}


def _page(organisation_id: bytes, said: list[str], errors: list[forms.Error]) -> str:
    found = floors.get_floor(current_actor(), organisation_id)
    return render_template(
        "admin/floor.html",
        organisation=found,
        settings=[binding for binding in REGISTRY.values() if len(binding.values) > 1],
        chosen=_sent() if request.method == "POST" else found.floor,
        said=said,
        saved=request.method == "GET" and request.args.get("saved") == "yes",
        errors=errors,
    )
