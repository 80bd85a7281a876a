"""Telling somebody outside the team: the form, the receipt, and what the admins of the organisation read."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_ident
from forum.conversations import outside
from forum.conversations.team import Here
from forum.conversations.team_views import line_here
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor

bp = Blueprint("outside", __name__)


@bp.get("/line/<ident:conversation_id>/report")
def show_report(conversation_id: bytes) -> str:
    """Tell somebody outside the team about this conversation."""
    return _report_form(line_here(conversation_id), "", [])


def _report_form(here: Here, body: str, errors: list[forms.Error]) -> str:
    if not here.own:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return render_template(
        "conversations/team_report.html",
        place=here.place,
        name=here.name,
        masked=here.line.face.masked,
        organisation=outside.get_organisation(here.place.scope),
        body=body,
        errors=errors,
        most_letters=outside.MOST_WORDS,
    )


@bp.post("/line/<ident:conversation_id>/report")
def report(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """Send it."""
    here = line_here(conversation_id)
    body = request.form.get("body", "")
    try:
        report_id = outside.report_line(here.actor, conversation_id, body)
    except Invalid as error:
        return _report_form(here, body, forms.errors_of(error)), error.status
    return redirect(url_for("outside.show_receipt", conversation_id=conversation_id, report_id=report_id), 303)


@bp.get("/line/<ident:conversation_id>/reports/<ident:report_id>")
def show_receipt(conversation_id: bytes, report_id: bytes) -> str:
    """What was sent, to whom, and if somebody saw to it: for the person who sent it alone."""
    here = line_here(conversation_id)
    return render_template(
        "conversations/team_receipt.html",
        place=here.place,
        report=outside.get_receipt(here, report_id),
        organisation=outside.get_organisation(here.place.scope),
    )


# --- Somebody outside: the admins of the organisation ---------------------------------------------------------------


@bp.get("/admin/reports")
def show_reports() -> str:
    """What people told their organisation about a team, a page at a time."""
    seen, after = request.args.get("seen") == "1", read_ident(request.args.get("after", ""))
    found = outside.list_reports(current_actor(), seen=seen, after=after)
    reports, onward = forms.stretch(found, outside.MOST_LISTED)
    return render_template("admin/reports.html", reports=reports, seen=seen, after=after, onward=onward)


@bp.get("/admin/reports/<ident:report_id>")
def show_reported(report_id: bytes) -> str:
    """One of them, with the copy of the conversation."""
    return render_template("admin/report.html", report=outside.read_report(current_actor(), report_id))


@bp.post("/admin/reports/<ident:report_id>/handled")
def mark_handled(report_id: bytes) -> AnyResponse:
    """It is seen to; who sent it reads that."""
    outside.mark_handled(current_actor(), report_id)
    return redirect(url_for("outside.show_reports"), 303)
