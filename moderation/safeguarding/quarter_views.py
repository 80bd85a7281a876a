"""A quarter in numbers, on a page and as a PDF to give to trustees."""

import io
from datetime import date
from html import escape

from flask import Blueprint, Response, render_template, request
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus import Table as PdfTable

from forum.base.errors import NotFound
from forum.policy.permissions import Denial
from forum.web.actors import current_actor
from moderation.safeguarding import quarter_sheets, quarters, responders
from moderation.safeguarding.quarters import Numbers
from moderation.safeguarding.responders import Responder

bp = Blueprint("quarters", __name__)


@bp.get("/safeguarding/quarters")
def show() -> str:
    """How one quarter went; the latest that is over, or the one asked for."""
    me, first = _asked()
    numbers = quarters.count(me, first)
    return render_template(
        "safeguarding/quarter.html",
        first=first,
        introduction=quarter_sheets.introduction(numbers),
        sheets=quarter_sheets.sheets(numbers),
        quarters=quarters.list_quarters(),
    )


@bp.get("/safeguarding/quarters.pdf")
def show_pdf() -> Response:
    """The same to print or to send on."""
    me, first = _asked()
    made = Response(_pdf(quarters.count(me, first)), mimetype="application/pdf")
    made.headers["Content-Disposition"] = f'attachment; filename="quarter-{first.isoformat()}.pdf"'
    return made


def _asked() -> tuple[Responder, date]:
    me = responders.find_officer(current_actor())
    if me is None or not me.may_own:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    known = {one.isoformat(): one for one in quarters.list_quarters()}
    first = known.get(request.args.get("from", ""), quarters.list_quarters()[0])
    return me, first


def _pdf(numbers: Numbers) -> bytes:
    styles, out = getSampleStyleSheet(), io.BytesIO()
    drawn: list[Flowable] = [Paragraph(escape(line), styles["Normal"]) for line in quarter_sheets.introduction(numbers)]
    for sheet in quarter_sheets.sheets(numbers):
        cells = [[Paragraph(escape(cell), styles["Normal"]) for cell in line] for line in (sheet.head, *sheet.lines)]
        drawn += [Spacer(1, 12), Paragraph(escape(sheet.heading), styles["Heading2"])]
        drawn.append(PdfTable(cells, style=TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]), repeatRows=1))
    SimpleDocTemplate(out, pagesize=A4, invariant=1).build(drawn)
    return out.getvalue()
