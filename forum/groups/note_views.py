"""For a group's facilitators: its own classes of content notes."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.content.notes import MOST_OWN, STARTERS
from forum.groups import own_notes
from forum.groups.queries import scope_of
from forum.groups.views import card_here
from forum.web import forms

bp = Blueprint("note_classes", __name__)


@bp.get("/g/<address>/notes")
def show_notes(address: str) -> str:
    """The classes that everybody has, and the places for the group's own."""
    card, actor = card_here(address)
    return _form(card, own_notes.find_own_notes(actor, scope_of(card)), [])


def _form(card: Row, names: list[str], errors: list[forms.Error]) -> str:
    saved = request.method == "GET" and request.args.get("saved") == "yes"
    return render_template("groups/own_notes.html", card=card, names=names, ours=STARTERS, saved=saved, errors=errors)


@bp.post("/g/<address>/notes")
def save_notes(address: str) -> AnyResponse | tuple[str, int]:
    """Keep the group's own classes."""
    card, actor = card_here(address)
    typed = [request.form.get(f"place-{n}", "") for n in range(MOST_OWN)]
    try:
        own_notes.save_own_notes(actor, scope_of(card), typed)
    except Invalid as error:
        return _form(card, typed, forms.errors_of(error)), error.status
    return redirect(url_for("note_classes.show_notes", address=address, saved="yes"), 303)
