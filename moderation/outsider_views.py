"""For somebody in none of the groups whom words here name: the form, what came of it, and the admins' list."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import slowing
from forum.base.errors import Invalid
from forum.web import forms
from forum.web.actors import current_actor
from moderation import outsiders

bp = Blueprint("outsiders", __name__)


@bp.get("/about-me")
def show() -> str:
    """Something here is about me."""
    return _form([])


@bp.post("/about-me")
def tell() -> AnyResponse | tuple[str, int]:
    """Send it. The answer is the same whatever there is."""
    address = request.remote_addr or ""
    slowing.remarks.check(address)
    try:
        secret = outsiders.tell(request.form.get("place", ""), request.form.get("body", ""))
    except Invalid as error:
        return _form(forms.errors_of(error)), error.status
    slowing.remarks.miss(address)
    return redirect(url_for("outsiders.show_told", secret=secret, done="sent"), 303)


def _form(errors: list[forms.Error]) -> str:
    typed = {name: request.form.get(name, "") for name in ("place", "body")}
    return render_template("outsiders/tell.html", typed=typed, errors=errors, most_letters=outsiders.MOST_WORDS)


@bp.get("/told/<secret>")
def show_told(secret: str) -> str:
    """What came of it, for whoever keeps this address."""
    return _told_page(secret, "", [])


@bp.post("/told/<secret>")
def say_more(secret: str) -> AnyResponse | tuple[str, int]:
    """Say more, or that one is not content."""
    words = request.form.get("body", "")
    try:
        outsiders.say_more(secret, words)
    except Invalid as error:
        return _told_page(secret, words, forms.errors_of(error)), error.status
    return redirect(url_for("outsiders.show_told", secret=secret, done="sent"), 303)


def _told_page(secret: str, words: str, errors: list[forms.Error]) -> str:
    return render_template(
        "outsiders/told.html",
        report=outsiders.get_told(secret),
        secret=secret,
        words=words,
        errors=errors,
        most_letters=outsiders.MOST_WORDS,
        sent=request.args.get("done") == "sent",
    )


@bp.get("/admin/outsiders")
def show_reports() -> str:
    """For admins: what no team looks at."""
    return render_template("admin/outsiders.html", reports=outsiders.list_reports(current_actor()))


@bp.post("/admin/outsiders/<ident:report_id>")
def mark_handled(report_id: bytes) -> AnyResponse:
    """Somebody saw to it."""
    outsiders.mark_handled(current_actor(), report_id)
    return redirect(url_for("outsiders.show_reports"), 303)
