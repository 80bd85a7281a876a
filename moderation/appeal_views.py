"""Disagreeing as pages: for an author, for somebody who told, and for whoever of the team looks again."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import write_post_id
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor
from forum.web.pages import show_crisis_of
from moderation import appeal_ends, appeals, evidence, former, item_page, report_queries, threads
from moderation.decisions import Verdict
from moderation.models import CaseKind, Choice

bp = Blueprint("appeals", __name__)


# --- For an author ---


@bp.get("/p/<post:post_id>/appeal")
def show_appeal(post_id: int) -> str:
    """I disagree: the form, and what was said so far."""
    return _own_page(post_id, CaseKind.APPEAL, "", [])


@bp.post("/p/<post:post_id>/appeal")
def appeal(post_id: int) -> AnyResponse | tuple[str, int]:
    """Send it, or say more."""
    words = request.form.get("words", "")
    try:
        appeals.appeal(current_actor(), post_id, words)
    except (Invalid, Conflict) as error:
        return _own_page(post_id, CaseKind.APPEAL, words, problems_of(error)), error.status
    return redirect(url_for("appeals.show_appeal", post_id=post_id, done="sent"), 303)


@bp.get("/p/<post:post_id>/ask-about")
def show_question(post_id: int) -> str:
    """Something about my own words that I cannot do myself."""
    return _own_page(post_id, CaseKind.SELF, "", [])


@bp.post("/p/<post:post_id>/ask-about")
def ask(post_id: int) -> AnyResponse | tuple[str, int]:
    """Send it, or say more."""
    words = request.form.get("words", "")
    try:
        appeals.ask_about_own(current_actor(), post_id, words)
    except (Invalid, Conflict) as error:
        return _own_page(post_id, CaseKind.SELF, words, problems_of(error)), error.status
    return redirect(url_for("appeals.show_question", post_id=post_id, done="sent"), 303)


def _own_page(post_id: int, kind: CaseKind, words: str, errors: list[forms.Error]) -> str:
    place, asked = appeals.list_asked(current_actor(), post_id)
    decision = appeals.find_decision(place.scope, post_id) if kind is CaseKind.APPEAL else None
    shown = [one for one in asked if one.kind is kind]
    return render_template(
        "moderation/appeal.html",
        post=write_post_id(post_id),
        kind=kind.value,
        inside=not former.is_kept_out(current_actor(), place.scope),
        asked=shown,
        until=(decision.decided_at + evidence.KEPT).date() if decision else None,
        may_write=kind is CaseKind.SELF or decision is not None,
        words=words,
        errors=errors,
        most_letters=threads.MOST_WORDS,
        sent=request.args.get("done") == "sent",
        now=clock.now(),
    )


# --- For somebody who told ---


@bp.get("/my-reports/<ident:item_id>/complain")
def show_complaint(item_id: bytes) -> str:
    """I am not content with what came of it."""
    return _complaint_page(item_id, "", [])


@bp.post("/my-reports/<ident:item_id>/complain")
def complain(item_id: bytes) -> AnyResponse | tuple[str, int]:
    """Send it, or say more."""
    words = request.form.get("words", "")
    try:
        appeals.complain(current_actor(), item_id, words)
    except (Invalid, Conflict) as error:
        return _complaint_page(item_id, words, problems_of(error)), error.status
    return redirect(url_for("appeals.show_complaint", item_id=item_id, done="sent"), 303)


def _complaint_page(item_id: bytes, words: str, errors: list[forms.Error]) -> str:
    actor = current_actor()
    mine = report_queries.get_mine(actor, item_id)
    found = appeals.find_complaint(actor, item_id)
    show_crisis_of(mine.nation, "")
    return render_template(
        "moderation/complaint.html",
        report=mine,
        asked=[found] if found else [],
        may_write=appeals.may_complain(mine),
        words=words,
        errors=errors,
        most_letters=threads.MOST_WORDS,
        sent=request.args.get("done") == "sent",
        now=clock.now(),
    )


# --- For whoever looks again ---


@bp.post("/cases/<ident:item_id>/answer")
def answer(item_id: bytes) -> AnyResponse | tuple[str, int]:
    """Write to whoever asked, and go on looking."""
    here, words = item_page.item_here(item_id), request.form.get("words", "")
    try:
        appeal_ends.answer(here.actor, item_id, words)
    except (Invalid, Conflict) as error:
        return item_page.render(here, {"words": words}, problems_of(error)), error.status
    return redirect(url_for("items.show", item_id=item_id), 303)


@bp.post("/cases/<ident:item_id>/conclude")
def conclude(item_id: bytes) -> AnyResponse | tuple[str, int]:
    """It stands, it changes, it goes."""
    here, words = item_page.item_here(item_id), request.form.get("words", "")
    version, gen = forms.sent_number("version", -1), forms.sent_number("gen", -1)
    clearer = request.form.get("clearer", "").replace("\r\n", "\n")
    try:
        appeal_ends.conclude(here.actor, item_id, Verdict(read_choice(), version, gen, words), clearer)
    except (Invalid, Conflict) as error:
        again, typed = item_page.item_here(item_id), {"words": words, "clearer": clearer}
        return item_page.render(again, typed, problems_of(error)), error.status
    return redirect(url_for("queue.show", address=here.address), 303)


def problems_of(error: Invalid | Conflict) -> list[forms.Error]:
    """A refusal at the field with the words, which stay in it."""
    of_rule = isinstance(error, Invalid) and error.field == "clearer"
    return [forms.Error("clearer" if of_rule else "words", error.message)]


def read_choice() -> Choice:
    """What a form says. :raises NotFound: nothing that is offered for these kinds."""
    offered = {choice.value: choice for choices in appeal_ends.CHOICES.values() for choice in choices}
    choice = offered.get(request.form.get("choice", ""))
    if choice is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return choice
