"""Signing in, leaving, devices, and the pages that need no account."""

import logging
from datetime import date

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import new_devices, queries, usecases
from forum.accounts.usecases import Entered
from forum.accounts.ways_back import list_ways_back
from forum.base.errors import Invalid, NotAllowed
from forum.base.idents import new_ident
from forum.content.crisis import NATIONS
from forum.models import SignInKind
from forum.policy import help_door
from forum.web import forms, language, notices, sign_ins
from forum.web.actors import current_actor
from forum.web.csrf import current
from forum.web.pages import nation_asked_for, show_crisis_asked_for

log = logging.getLogger(__name__)

bp = Blueprint("accounts", __name__)


@bp.get("/sign-in")
def sign_in() -> str:
    """Come back (M10): one field for the phrase; a private name and password below it."""
    return _sign_in_form([])


@bp.post("/sign-in")
def submit_sign_in() -> AnyResponse | tuple[str, int]:
    """Sign in with a phrase, or with a private name and password."""
    actor, address, shared = current_actor(), request.remote_addr or "", forms.checked("shared")
    try:
        if request.form.get("name"):
            name, password = request.form["name"], request.form.get("password", "")
            entered = usecases.sign_in_with_name(actor, name, password, shared, address)
        else:
            entered = usecases.sign_in_with_phrase(actor, request.form.get("phrase", ""), shared, address)
    except (NotAllowed, Invalid) as error:
        field = "sign-in-name" if request.form.get("name") else "phrase"
        return _sign_in_form([forms.Error(field, error.message)]), error.status
    take(entered)
    onward = forms.local_path(request.form.get("next"), url_for("groups.show_home"))
    return redirect(url_for("staff.show_code", next=onward) if entered.half else onward, 303)


def _sign_in_form(errors: list[forms.Error]) -> str:
    wanted = request.values.get("next", "")
    return render_template(
        "accounts/sign_in.html",
        errors=errors,
        next=forms.local_path(wanted, ""),
        phrase=request.form.get("phrase", ""),
        name=request.form.get("name", ""),
    )


def take(entered: Entered) -> None:
    """Give this browser its new cookie with the answer."""
    current().replace(entered.secret, entered.kind)


@bp.get("/leave")
def leave() -> Response:
    """Leave this site: signed out on the server, nothing kept in the browser, on to somewhere harmless.

    A GET that changes something, on purpose: signing somebody out is harmless, being unable to leave is not.
    """
    session = current()
    try:
        if session.cookie_sha256 and session.found is not None:
            usecases.leave(session.cookie_sha256)
    except Exception as error:  # noqa: BLE001 - with the database away the way out is still open
        log.error("left without ending the sign-in kind=%s", type(error).__name__)
    session.finish()
    answer = make_response(redirect(current_app.extensions["settings"].exit_url, 303))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.post("/sign-out")
def sign_out() -> AnyResponse:
    """Sign out and stay on the site."""
    session = current()
    if session.cookie_sha256 and session.found is not None:
        usecases.leave(session.cookie_sha256)
    session.finish()
    return redirect(url_for("groups.show_home"), 303)


@bp.post("/language")
def choose_language() -> Response:
    """Keep the reader's language, without an account."""
    chosen = request.form.get("language", "")
    onward = forms.local_path(request.form.get("next"), url_for("groups.show_home"))
    answer = make_response(redirect(onward, 303))
    return language.keep(answer, chosen) if chosen in language.offered() else answer


@bp.get("/help")
def show_help() -> str:
    """Get help now (M4)."""
    nation = show_crisis_asked_for()
    return render_template("accounts/help.html", ways=help_door.list_ways(current_actor()), **help_texts(nation))


def help_texts(nation: str) -> dict[str, object]:
    """What the page of help has beside its numbers. :param nation: whose numbers it shows."""
    return {"nation": nation, "nations": NATIONS, "token": forms.new_token(), "asked": nation_asked_for()}


@bp.get("/help/numbers")
def take_numbers() -> Response:
    """The numbers as a file, for whoever asks for it: on the phone it is a trace that others can find."""
    answer = make_response(render_template("accounts/numbers.html", nation=show_crisis_asked_for()))
    answer.headers["Content-Disposition"] = 'attachment; filename="numbers.html"'
    return answer


@bp.get("/safe")
def show_safe() -> str:
    """Staying safe on this device (M3)."""
    return render_template("accounts/safe.html")


@bp.get("/privacy")
def show_privacy() -> str:
    """What is kept and what we cannot protect, in plain words."""
    return render_template("accounts/privacy.html")


def _new_on(account_id: bytes | None) -> list[date]:
    """When an admin's or officer's sign-in was used on a new device that is not this one."""
    is_staff = account_id is not None and queries.is_staff(account_id)
    return new_devices.list_new(account_id or b"", request.cookies.get(new_devices.COOKIE, "")) if is_staff else []


@bp.get("/stay")
@login_required
def stay() -> Response:
    """Somebody is still there: keep the sign-in alive, and say for how many seconds."""
    found = current().found
    assert found is not None  # whoever is signed in has one
    left, most = sign_ins.left_s(found)
    return jsonify(left=left, most=most)


@bp.get("/devices")
@login_required
def show_devices() -> str:
    """Where I am signed in (M24)."""
    actor = current_actor()
    devices = [
        {
            "ref": d.cookie_sha256.hex(),
            "name": d.name,
            "shared": d.device is SignInKind.SHARED,
            "here": d.cookie_sha256 == actor.sign_in,
            "ends_on": d.ends_on,
        }
        for d in queries.list_devices(actor)
    ]
    return render_template(
        "accounts/devices.html",
        devices=devices,
        ways=len(list_ways_back(actor)),
        notices=notices.about_me(actor.sign_in),
        new_on=_new_on(actor.account_id),
    )


@bp.post("/devices/seen")
@login_required
def see_new_devices() -> AnyResponse:
    """It was me."""
    account_id = usecases.account_of(current_actor())
    new_devices.put_away(account_id, request.cookies.get(new_devices.COOKIE, ""))
    return redirect(url_for("accounts.show_devices"), 303)


@bp.post("/devices/name")
@login_required
def name_device() -> AnyResponse:
    """Give this device a name of my own."""
    usecases.name_device(current_actor(), request.form.get("name", ""))
    return redirect(url_for("accounts.show_devices"), 303)


@bp.post("/devices/end")
@login_required
def end_device() -> AnyResponse:
    """Sign one device out, or all others."""
    ref = request.form.get("ref", "")
    if ref == "others":
        usecases.end_other_devices(current_actor())
    else:
        usecases.end_device(current_actor(), _ref(ref))
    return redirect(url_for("accounts.show_devices"), 303)


def _ref(text: str) -> bytes:
    """A device's reference from our own form; anything else fits no device."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return new_ident()
