"""After a meeting: the summary, the questions to those who facilitated, and being asked the next day how one is."""

from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Conflict, Invalid, NotAllowed
from forum.base.words import _
from forum.conversations.prepare import MOST_TITLE
from forum.policy.actor import Actor
from forum.rooms import check_ins, debriefs, follow_ups, summaries
from forum.rooms import here as being
from forum.rooms.views import meeting_here
from forum.web import forms

bp = Blueprint("room_after", __name__)


@bp.get("/m/<ident:meeting_id>/summary")
def show_summary(meeting_id: bytes) -> str:
    """Write it, read it over, post it."""
    _meeting, actor = meeting_here(meeting_id)
    return _summary(actor, meeting_id, [])


def _summary(actor: Actor, meeting_id: bytes, errors: list[forms.Error]) -> str:
    meeting, _now, seen = summaries.get(actor, meeting_id)
    return render_template(
        "rooms/summary.html",
        meeting=meeting,
        summary=seen,
        body=request.form.get("body", seen.body),
        title=request.form.get("title", _("From our meeting: %(room)s", room=meeting.name))[:MOST_TITLE],
        most_letters=summaries.MOST_LETTERS,
        token=forms.token(),
        errors=errors,
    )


@bp.post("/m/<ident:meeting_id>/summary")
def change_summary(meeting_id: bytes) -> AnyResponse | tuple[str, int]:
    """Keep, approve or post it."""
    _meeting, actor = meeting_here(meeting_id)
    do, version = request.form.get("do", ""), forms.sent_number("version", 0)
    try:
        if do == "approve":
            summaries.approve(actor, meeting_id, version)
        elif do == "post":
            written = summaries.post(actor, meeting_id, request.form.get("title", ""), forms.token())
            return redirect(url_for("conversations.show_conversation", conversation_id=written.conversation_id), 303)
        else:
            summaries.write(actor, meeting_id, request.form.get("body", ""), version)
    except (Invalid, Conflict, NotAllowed) as error:
        field = error.field if isinstance(error, Invalid) else None
        return _summary(actor, meeting_id, [forms.Error(field or "body", error.message)]), error.status
    return redirect(url_for("room_after.show_summary", meeting_id=meeting_id), 303)


@bp.get("/m/<ident:meeting_id>/debrief")
def show_debrief(meeting_id: bytes) -> str:
    """Three questions, what the others said, and what is still to do."""
    _meeting, actor = meeting_here(meeting_id)
    return _debrief(actor, meeting_id, [])


def _debrief(actor: Actor, meeting_id: bytes, errors: list[forms.Error]) -> str:
    meeting, answers = debriefs.find_own(actor, meeting_id)
    names = [f"answer{n}" for n in range(len(debriefs.QUESTIONS))]
    todo = [one for one in follow_ups.list_for(actor, meeting.scope, meeting_id) if not one.done]
    return render_template(
        "rooms/debrief.html",
        meeting=meeting,
        questions=[
            (name, str(asked), request.form.get(name, answer))
            for name, asked, answer in zip(names, debriefs.QUESTIONS, answers, strict=True)
        ],
        others=debriefs.list_others(actor, meeting_id),
        todo=todo,
        kinds=follow_ups.KINDS,
        zone=ZoneInfo(meeting.zone),
        saved=request.method == "GET" and any(answers),
        most_letters=debriefs.MOST_LETTERS,
        errors=errors,
    )


@bp.post("/m/<ident:meeting_id>/debrief")
def answer_debrief(meeting_id: bytes) -> AnyResponse | tuple[str, int]:
    """Keep the answers."""
    _meeting, actor = meeting_here(meeting_id)
    try:
        debriefs.answer(actor, meeting_id, [request.form.get(f"answer{n}", "") for n in range(len(debriefs.QUESTIONS))])
    except Invalid as error:
        return _debrief(actor, meeting_id, forms.errors_of(error)), error.status
    return redirect(url_for("room_after.show_debrief", meeting_id=meeting_id), 303)


@bp.get("/m/<ident:meeting_id>/check-in")
def show_check_in(meeting_id: bytes) -> str:
    """Before: whether one wants to be asked. The morning after: how one is."""
    _meeting, actor = meeting_here(meeting_id)
    here_now = being.enter(actor, meeting_id)
    return render_template(
        "rooms/check_in.html",
        meeting=here_now.meeting,
        wanted=check_ins.is_wanted(here_now.me, here_now.meeting),
        due=check_ins.is_due(here_now.meeting),
        told=request.args.get("told") == "yes",
        said=request.args.get("said", ""),
    )


@bp.post("/m/<ident:meeting_id>/check-in")
def change_check_in(meeting_id: bytes) -> AnyResponse:
    """Ask to be asked, call that off, or answer."""
    _meeting, actor = meeting_here(meeting_id)
    do = request.form.get("do", "")
    if do in check_ins.ANSWERS:
        told = check_ins.answer(actor, meeting_id, do)
        here = url_for("room_after.show_check_in", meeting_id=meeting_id, said="yes", told="yes" if told else "")
        return redirect(here, 303)
    check_ins.want(actor, meeting_id, on=do == "want")
    return redirect(url_for("room_after.show_check_in", meeting_id=meeting_id), 303)
