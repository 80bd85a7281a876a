""" "I'm struggling" and "I need help with the site": a page each, so that nothing happens by a slip of the thumb."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.models import Duty
from forum.rooms import here as being
from forum.rooms import seats, struggling
from forum.rooms.here import Here
from forum.rooms.views import meeting_here
from forum.web import forms

bp = Blueprint("room_signals", __name__)


@bp.get("/m/<ident:meeting_id>/struggling")
def show_struggling(meeting_id: bytes) -> str:
    """What happens when one says so; and, once it is said, what happens now."""
    _meeting, actor = meeting_here(meeting_id)
    return _struggling(being.enter(actor, meeting_id), [])


@bp.post("/m/<ident:meeting_id>/struggling")
def say_struggling(meeting_id: bytes) -> AnyResponse | tuple[str, int]:
    """Say it. Only facilitators learn of it."""
    _meeting, actor = meeting_here(meeting_id)
    try:
        struggling.ask(actor, meeting_id, struggling.STRUGGLING, request.form.get("words", ""))
    except Invalid as error:
        return _struggling(being.enter(actor, meeting_id), forms.errors_of(error)), error.status
    return redirect(url_for("room_signals.show_struggling", meeting_id=meeting_id), 303)


def _struggling(here_now: Here, errors: list[forms.Error]) -> str:
    leading = [one for one in seats.list_here(here_now.meeting.id) if one.leads]
    return render_template(
        "rooms/struggling.html",
        meeting=here_now.meeting,
        asked=_own(here_now, struggling.STRUGGLING),
        someone_here=bool(leading),
        errors=errors,
        typed=request.form.get("words", ""),
        most_letters=struggling.MOST_WORDS,
    )


@bp.get("/m/<ident:meeting_id>/site-help")
def show_site_help(meeting_id: bytes) -> str:
    """Trouble with the site: who is told, and what one can try."""
    _meeting, actor = meeting_here(meeting_id)
    return _site_help(being.enter(actor, meeting_id), [])


@bp.post("/m/<ident:meeting_id>/site-help")
def ask_site_help(meeting_id: bytes) -> AnyResponse | tuple[str, int]:
    """Ask for it."""
    _meeting, actor = meeting_here(meeting_id)
    try:
        struggling.ask(actor, meeting_id, struggling.SITE, request.form.get("words", ""))
    except Invalid as error:
        return _site_help(being.enter(actor, meeting_id), forms.errors_of(error)), error.status
    return redirect(url_for("room_signals.show_site_help", meeting_id=meeting_id), 303)


def _site_help(here_now: Here, errors: list[forms.Error]) -> str:
    here = seats.list_here(here_now.meeting.id)
    return render_template(
        "rooms/site_help.html",
        meeting=here_now.meeting,
        asked=_own(here_now, struggling.SITE),
        helper_here=any(one.duty is Duty.TECH for one in here),
        someone_here=bool(here),
        errors=errors,
        typed=request.form.get("words", ""),
        most_letters=struggling.MOST_WORDS,
    )


def _own(here_now: Here, kind: str) -> struggling.Own | None:
    return struggling.find_mine(here_now.meeting, here_now.me.persona_id, kind)
