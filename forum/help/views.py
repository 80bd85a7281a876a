"""Help without a sign-in: the guides, a practice corner, and saying what is wrong with a page."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import slowing, staff
from forum.base.errors import Invalid, NotFound
from forum.base.words import _
from forum.groups import queries as groups
from forum.help import guides, practice, queries, usecases
from forum.web import forms
from forum.web.actors import current_actor

bp = Blueprint("guide", __name__)


@bp.get("/how-to")
def show_index() -> str:
    """All guides, the numbers to call first."""
    return render_template("help/index.html", guides=guides.GUIDES, easy_guides=guides.EASY_GUIDES)


@bp.get("/how-to/<name>")
def show_guide(name: str) -> str:
    """One guide with its own list of contents."""
    return _guide(name, easy=False)


@bp.get("/how-to/easy/<name>")
def show_easy(name: str) -> str:
    """The same in short words with pictures."""
    return _guide(name, easy=True)


def _guide(name: str, *, easy: bool) -> str:
    guide = guides.find_guide(name, easy)
    if guide is None:
        raise NotFound(_("There is no such page here."))
    twin = name in guides.GUIDES if easy else name in guides.EASY_GUIDES
    return render_template("help/guide.html", guide=guide, name=name, easy=easy, has_twin=twin)


@bp.get("/practice")
def show_practice() -> str:
    """A place to try writing where nothing is kept."""
    return _practice(None, "", [])


@bp.post("/practice")
def try_practice() -> str | tuple[str, int]:
    """Show what would become of the words. They come back in the page and go nowhere else."""
    body, masked = request.form.get("body", ""), request.form.get("masked") == "yes"
    try:
        tried = practice.try_it(request.form.get("step", ""), body, masked)
    except Invalid as error:
        return _practice(None, body, forms.errors_of(error), masked), error.status
    if tried.step is practice.Step.LEAVE:
        return render_template("help/left.html")
    return _practice(tried, tried.body, [], masked)


def _practice(tried: practice.Tried | None, body: str, errors: list[forms.Error], masked: bool = False) -> str:
    return render_template(
        "help/practice.html",
        tried=tried,
        body=body,
        masked=masked,
        errors=errors,
        name=str(practice.NAME),
        other=str(practice.OTHER),
        most_letters=practice.MOST_LETTERS,
    )


@bp.get("/using")
def show_using() -> str:
    """Somebody needs help with the site itself: who they can ask, and what they can try."""
    mine = [card for card, _inside in groups.list_mine(current_actor())]
    return render_template("help/using.html", mine=mine, contact=current_app.extensions["settings"].contact)


@bp.get("/feedback")
def show_feedback() -> str:
    """Rate a page, or say what is wrong with it."""
    return _feedback_form(request.args.get("page", ""), [])


@bp.post("/feedback")
def send_feedback() -> AnyResponse | tuple[str, int]:
    """Take in what somebody says of a page; also of somebody who agreed to nothing and is nobody's member."""
    address, page = request.remote_addr or "", request.form.get("page", "")
    slowing.remarks.check(address)
    try:
        usecases.give_feedback(_known(page), request.form.get("rating", ""), request.form.get("body", ""))
    except Invalid as error:
        return _feedback_form(page, forms.errors_of(error)), error.status
    slowing.remarks.miss(address)
    return redirect(url_for("guide.show_thanks"), 303)


def _feedback_form(route: str, errors: list[forms.Error]) -> str:
    return render_template(
        "help/feedback.html",
        page=_known(route),
        errors=errors,
        rating=request.form.get("rating", ""),
        body=request.form.get("body", ""),
        most_letters=usecases.MOST_LETTERS,
    )


def _known(route: str) -> str:
    """A kind of page of ours by its own name; whatever else stands in the form or the address is not kept."""
    return route if route in current_app.view_functions else ""


@bp.get("/feedback/thanks")
def show_thanks() -> str:
    """It is taken in; what happens with it, and what does not."""
    return render_template("help/thanks.html")


@bp.get("/admin/feedback")
def list_feedback() -> str:
    """What people said of the pages, for admins of the whole site: it names no group, so no group's own may claim it."""
    staff.get_whole_site(current_actor())
    return render_template("help/said.html", said=queries.list_feedback(), most=queries.MOST_LISTED)
