"""Taking a record out: what is in the copy, for whom it is, and the copies that were taken."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts.second_factor import StepUpNeeded
from forum.base.errors import Conflict, Invalid, NotAllowed
from forum.base.idents import write_ident
from forum.web import forms
from forum.web.actors import current_actor
from moderation.safeguarding import export, queries

bp = Blueprint("record_exports", __name__)


@bp.get("/concerns/<ident:concern_id>/export")
@login_required
def show(concern_id: bytes) -> str:
    """What a copy holds, and the copies that were taken."""
    return _page(concern_id, "", [])


def _page(concern_id: bytes, why: str, errors: list[forms.Error]) -> str:
    case, me = queries.get(current_actor(), concern_id)
    taken = export.list_of(case)
    return render_template(
        "safeguarding/export.html",
        case=case,
        me=me,
        ident=write_ident(case.id),
        taken=taken,
        write_ident=write_ident,
        why=why,
        errors=errors,
    )


@bp.post("/concerns/<ident:concern_id>/export")
@login_required
def take(concern_id: bytes) -> AnyResponse | tuple[str, int]:
    """Take a copy."""
    why = request.form.get("why", "")
    try:
        export.take(current_actor(), concern_id, why, others=forms.checked("others"))
    except StepUpNeeded:
        raise  # its page keeps the form and asks for a code
    except (Invalid, NotAllowed, Conflict) as error:
        field = error.field if isinstance(error, Invalid) else ""
        return _page(concern_id, why, [forms.Error(field or "", error.message)]), error.status
    return redirect(url_for("record_exports.show", concern_id=concern_id), 303)


@bp.get("/exports/<ident:export_id>")
@login_required
def download(export_id: bytes) -> Response:
    """The files of a copy. Their name says nothing about anybody."""
    answer = Response(export.read(current_actor(), export_id), mimetype="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="record.zip"'
    return answer
