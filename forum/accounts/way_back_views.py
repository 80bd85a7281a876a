"""Pages about coming back: phrases and cards, a private name, and another device that lets one in."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import digits, ways_back
from forum.accounts.ways_back import Proof, ProofNeeded
from forum.base.errors import Invalid, NotAllowed
from forum.models import WayBack
from forum.web import forms
from forum.web.actors import current_actor

bp = Blueprint("ways_back", __name__)

Answer = AnyResponse | tuple[str, int] | str


@bp.get("/way-back")
@login_required
def show() -> str:
    """Your ways back (M9): which there are, and making one more."""
    return _page([])


def _page(errors: list[forms.Error]) -> str:
    return render_template("accounts/way_back.html", ways=ways_back.list_ways_back(current_actor()), errors=errors)


@bp.post("/way-back")
@login_required
def make_phrase() -> Answer:
    """A new return phrase, shown this once, in words and in digits."""
    kind = WayBack.CARD if request.form.get("kind") == WayBack.CARD.value else WayBack.WORDS
    try:
        phrase = ways_back.make_phrase(current_actor(), kind, request.form.get("instead", ""), _proof())
    except ProofNeeded as error:
        return _ask_for_proof(error, url_for("ways_back.make_phrase"))
    except Invalid as error:
        return _page([forms.Error("", error.message)]), error.status
    groups = digits.in_groups(digits.of_phrase(phrase))
    return render_template("accounts/phrase.html", phrase=phrase, digits=groups, card=kind is WayBack.CARD)


@bp.post("/way-back/stop")
@login_required
def stop() -> Answer:
    """One way back stops working."""
    try:
        ways_back.stop(current_actor(), request.form.get("ref", ""), _proof())
    except ProofNeeded as error:
        return _ask_for_proof(error, url_for("ways_back.stop"))
    return redirect(url_for("ways_back.show"), 303)


@bp.get("/way-back/name")
@login_required
def show_choose_name() -> str:
    """A private sign-in name with a password."""
    return render_template("accounts/choose_name.html", typed="", errors=[])


@bp.post("/way-back/name")
@login_required
def choose_name() -> Answer:
    """Keep the private sign-in name."""
    typed = request.form.get("name", "")
    try:
        ways_back.choose_name(current_actor(), typed, request.form.get("password", ""), _proof())
    except ProofNeeded as error:
        return _ask_for_proof(error, url_for("ways_back.choose_name"))
    except Invalid as error:
        return render_template("accounts/choose_name.html", typed=typed, errors=forms.errors_of(error)), error.status
    return redirect(url_for("ways_back.show"), 303)


@bp.get("/devices/code")
@login_required
def show_code() -> str:
    """Sign in another device: what to do, before any numbers are made."""
    return render_template("accounts/device_code.html", digits=None, refused="")


@bp.post("/devices/code")
@login_required
def make_code() -> Answer:
    """Numbers for the other device, shown this once."""
    try:
        code = ways_back.make_device_code(current_actor())
    except NotAllowed as error:
        return render_template("accounts/device_code.html", digits=None, refused=error.message), error.status
    return render_template("accounts/device_code.html", digits=digits.in_groups(code), refused="")


#: Fields of the page that asks for a way back; the others are what somebody was about to do.
_PROOF = ("proof-phrase", "proof-name", "proof-password")


def _proof() -> Proof:
    phrase, name, password = (request.form.get(field, "") for field in _PROOF)
    return Proof(phrase, name, password, request.remote_addr or "")


def _ask_for_proof(error: ProofNeeded, action: str) -> tuple[str, int]:
    kept = {k: v for k, v in request.form.items() if k not in (*_PROOF, "csrf_token")}
    tried = bool(request.form.get("proof-phrase") or request.form.get("proof-name"))
    errors = [forms.Error("proof-phrase", error.message)] if tried else []
    page = render_template("accounts/prove.html", action=action, kept=kept, errors=errors)
    return page, error.status
