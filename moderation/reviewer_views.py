"""Reviewers of the organisation: the admins' page with their names and links, and what one of them opens."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import read_ident, write_ident
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from forum.web.csrf import current
from forum.web.pages import show_crisis_of
from moderation import reviewers, reviewing, threads
from moderation.appeal_views import problems_of, read_choice

bp = Blueprint("reviewers", __name__)


# --- For admins ---


@bp.get("/admin/reviewers")
def show_reviewers() -> str:
    """Who may look again, and what waits for them."""
    return _admin_page("", [])


def _admin_page(name: str, errors: list[forms.Error]) -> str:
    found = reviewers.list_for_admin(current_actor())
    return render_template("admin/reviewers.html", overviews=found, name=name, errors=errors, now=clock.now())


@bp.post("/admin/reviewers")
def add() -> AnyResponse | tuple[str, int]:
    """Name one."""
    name, organisation_id = request.form.get("name", ""), read_ident(request.form.get("organisation", ""))
    if organisation_id is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    try:
        reviewers.add(current_actor(), organisation_id, name)
    except Invalid as error:
        return _admin_page(name, forms.errors_of(error)), error.status
    return redirect(url_for("reviewers.show_reviewers"), 303)


@bp.post("/admin/reviewers/<ident:reviewer_id>/end")
def end(reviewer_id: bytes) -> AnyResponse:
    """They look at nothing any more."""
    reviewers.end(current_actor(), reviewer_id)
    return redirect(url_for("reviewers.show_reviewers"), 303)


@bp.post("/admin/reviews/<ident:item_id>/link")
def make_link(item_id: bytes) -> str:
    """A link for one of them and one item, shown this once."""
    reviewer_id = read_ident(request.form.get("reviewer", "")) or b""
    secret = reviewers.make_link(current_actor(), item_id, reviewer_id)
    return render_template("admin/review_link.html", link=url_for("reviewers.show_link", secret=secret, _external=True))


# --- For a reviewer ---


@bp.get("/review/<secret>")
def show_link(secret: str) -> str:
    """What a link is for, to whoever opened it."""
    found = reviewing.find_link(current_actor(), secret)
    show_crisis_of(found.item.nation, "")
    return render_template("review/begin.html", secret=secret)


@bp.post("/review/<secret>")
def begin(secret: str) -> AnyResponse:
    """Open it in this browser."""
    item_id = reviewing.begin(_whoever(), secret)
    return redirect(url_for("reviewers.show_item", item_id=item_id), 303)


def _whoever() -> Actor:
    """Who asks; for somebody without a sign-in a visit begins, so that this browser is known again."""
    session = current()
    return Actor(session.account_id, session.hash_for_visit())


@bp.get("/reviewing/<ident:item_id>")
def show_item(item_id: bytes) -> str:
    """What was decided, what was said, and what can be decided now."""
    return _item_page(item_id, "", [])


def _item_page(item_id: bytes, words: str, errors: list[forms.Error]) -> str:
    found = reviewing.get_here(current_actor(), item_id)
    show_crisis_of(found.item.nation, "")
    return render_template(
        "review/item.html",
        ident=write_ident(item_id),
        here=found,
        item=found.item,
        words=words,
        errors=errors,
        most_letters=threads.MOST_WORDS,
        now=clock.now(),
    )


@bp.post("/reviewing/<ident:item_id>/answer")
def answer(item_id: bytes) -> AnyResponse | tuple[str, int]:
    """Write to whoever asked."""
    words = request.form.get("words", "")
    try:
        reviewing.answer(current_actor(), item_id, words)
    except (Invalid, Conflict) as error:
        return _item_page(item_id, words, problems_of(error)), error.status
    return redirect(url_for("reviewers.show_item", item_id=item_id), 303)


@bp.post("/reviewing/<ident:item_id>/conclude")
def conclude(item_id: bytes) -> AnyResponse | tuple[str, int]:
    """It stands, it changes, it goes."""
    words, version = request.form.get("words", ""), forms.sent_number("version", -1)
    try:
        reviewing.conclude(current_actor(), item_id, read_choice(), version, words)
    except (Invalid, Conflict) as error:
        return _item_page(item_id, words, problems_of(error)), error.status
    return redirect(url_for("reviewers.show_item", item_id=item_id), 303)
