"""The copy of what is held about me: ask, see how far it is, take it, stop it."""

import json

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from forum.leaving import copies
from forum.leaving.views import Here, inside

bp = Blueprint("copies", __name__)


@bp.get("/g/<address>/copy")
@login_required
def show(address: str) -> str:
    """Whether a copy is being made, or lies ready."""
    found = inside(address)
    return render_template("leaving/copy.html", here=found, copy=copies.find(found.actor, found.scope))


@bp.post("/g/<address>/copy")
@login_required
def ask(address: str) -> AnyResponse:
    """Have a copy made."""
    found = inside(address)
    copies.ask(found.actor, found.scope)
    return _back(found)


@bp.post("/g/<address>/copy/stop")
@login_required
def stop(address: str) -> AnyResponse:
    """Stop it, and throw away what is ready."""
    found = inside(address)
    copies.stop(found.actor, found.scope)
    return _back(found)


@bp.get("/g/<address>/copy/page")
@login_required
def take_page(address: str) -> Response:
    """The copy as one page that opens anywhere, without us."""
    found = inside(address)
    page = render_template("leaving/copy_file.html", held=copies.read(found.actor, found.scope))
    return _file(page, "text/html", "copy.html")


@bp.get("/g/<address>/copy/data")
@login_required
def take_data(address: str) -> Response:
    """The same for a program."""
    found = inside(address)
    text = json.dumps(copies.read(found.actor, found.scope), ensure_ascii=False, indent=1)
    return _file(text, "application/json", "copy.json")


def _file(text: str, kind: str, name: str) -> Response:
    """A file to keep. Its name says nothing about a group."""
    answer = Response(text.encode("utf-8", "replace"), mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _back(found: Here) -> AnyResponse:
    return redirect(url_for("copies.show", address=found.card.address), 303)
