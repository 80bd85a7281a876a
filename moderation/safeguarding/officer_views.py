"""Officers' own pages: coming in, where a call leads, what is ready and what is not, drills, and each other's offices."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import format_datetime
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import staff_views
from forum.base import clock
from forum.base.errors import NotFound
from forum.policy.members import list_scopes
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from moderation.safeguarding import (
    arming,
    drills,
    key_queries,
    officers,
    paging,
    queries,
    resets,
    responders,
    settings,
    tier_rota,
    watchdog,
)

bp = Blueprint("officers", __name__)


@bp.get("/healthz/safeguarding")
def healthz() -> Response:
    """Seconds by which calls are late, for whatever watches this machine from outside; 503 when that is too many."""
    late = watchdog.overdue(clock.now())
    answer = jsonify(overdue_seconds=int(late))
    answer.status_code = 503 if late > watchdog.LATE_S else 200
    answer.headers["Cache-Control"] = "no-store"
    return answer


# --- Coming in ---


@bp.get("/safeguarding/join/<secret>")
def show_link(secret: str) -> str:
    """Come into office: choose a private name and a password."""
    return _link_form(secret, [])


def _link_form(secret: str, errors: list[forms.Error]) -> str:
    invited = officers.find_invited(secret)
    if invited is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    typed = request.form.get("name", "")
    return render_template("safeguarding/join.html", secret=secret, invited=invited, typed=typed, errors=errors)


@bp.post("/safeguarding/join/<secret>")
def accept(secret: str) -> AnyResponse | tuple[str, int]:
    """Make the sign-in; what comes next is its second step."""
    return staff_views.come_in(secret, officers.accept, _link_form)


# --- Where officers begin, and where a call leads ---


@bp.get("/safeguarding")
def show_desk() -> str:
    """What needs this officer, and their pages."""
    me = officers.get_officer(current_actor())
    return render_template(
        "safeguarding/desk.html",
        me=me,
        waiting=queries.count_for(me),
        calling=paging.count_open([me.id]),
        late=watchdog.overdue_for([me], clock.now()) > watchdog.LATE_S,
        drill=drills.has_open(me.id),
        about_me=resets.is_about(me) or officers.is_to_end(me),
        armed=settings.is_armed(me.organisation_id),
        red=[gap for gap in key_queries.gaps(me.organisation_id) if gap.red],
    )


@bp.get("/safeguarding/called")
def show_called() -> AnyResponse:
    """The link in every call: officers and facilitators come to the list, and for a drill to its answer."""
    actor = current_actor()
    me = responders.find_officer(actor)
    if me is not None:
        drill_only = drills.has_open(me.id) and not paging.count_open([me.id])
        return redirect(url_for("officers.show_desk" if drill_only else "concerns.show_list"), 303)
    if actor.account_id is None or not any(responders.find(actor, one) for one in list_scopes(actor.account_id)):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return redirect(url_for("concerns.show_list"), 303)


# --- Ready or not (SG4) ---


@bp.get("/safeguarding/readiness")
def show_readiness() -> str:
    """What is ready, what is late, and how the drills went."""
    me = officers.get_officer(current_actor())
    house = me.organisation_id
    known = settings.find(house)
    return render_template(
        "safeguarding/readiness.html",
        me=me,
        known=known,
        needs=arming.needs(house),
        seats=officers.list_seats_for(me),
        resets=resets.list_waiting(me),
        tried=drills.list_lately(house),
        gaps=[day for day in tier_rota.next_days(house, clock.now()) if day.gap],
        keys=key_queries.gaps(house),
        overdue=int(watchdog.overdue_for([me], clock.now())),
        limit=watchdog.LATE_S,
        when=lambda at: format_datetime(at.astimezone(ZoneInfo(known.zone)), "EEEE d MMMM, HH:mm", rebase=False),
    )


@bp.post("/safeguarding/drill")
def begin_drill() -> AnyResponse:
    """Begin a drill now."""
    drills.begin(current_actor())
    return _ready()


@bp.post("/safeguarding/drill/answer")
def answer_drill() -> AnyResponse:
    """Say that the drill came."""
    drills.answer(current_actor())
    return _ready()


def _ready() -> AnyResponse:
    return redirect(url_for("officers.show_readiness"), 303)


# --- Each other's offices ---


@bp.post("/safeguarding/officers/<ident:officer_id>/agree")
def agree(officer_id: bytes) -> AnyResponse:
    """Somebody new is right."""
    officers.agree(current_actor(), officer_id)
    return _ready()


@bp.post("/safeguarding/officers/<ident:officer_id>/end")
def end(officer_id: bytes) -> AnyResponse:
    """An office ends, or somebody wants it to; or it goes on."""
    if request.form.get("answer") == "stay":
        officers.let_stay(current_actor(), officer_id)
        return _ready()
    mine = officers.get_officer(current_actor()).id == officer_id
    officers.end(current_actor(), officer_id)
    return redirect("/", 303) if mine else _ready()


@bp.post("/safeguarding/officers/<ident:officer_id>/reset")
def reset(officer_id: bytes) -> AnyResponse:
    """Agree that somebody lost their second steps, stop that, or finish it after a day."""
    answer = request.form.get("answer")
    act = {"stop": resets.stop, "finish": resets.finish}.get(answer or "", resets.agree)
    act(current_actor(), officer_id)
    return _ready()
