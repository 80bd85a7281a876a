"""Deciding about several items of one kind, and proposing to restrict a person, as pages."""

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import read_ident
from forum.base.words import _
from forum.conversations import fragments
from forum.conversations.views import post_here
from forum.groups.queries import scope_of
from forum.groups.views import card_here
from forum.models import ConversationKind
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_look_after, require
from forum.web import forms
from moderation import bulk, proposals, statements
from moderation.decisions import Verdict
from moderation.models import CaseKind, Choice

bp = Blueprint("together", __name__)


@bp.get("/g/<address>/team/together")
def show(address: str) -> str:
    """Items of one kind with their words, to choose those that get the same answer."""
    return _page(address, [])


def _here(address: str) -> tuple[Row, Actor]:
    card, actor = card_here(address)
    if actor.account_id is None:
        raise Unauthorized
    require(may_look_after, actor, card.id)
    return card, actor


def _kind() -> CaseKind:
    typed = request.values.get("kind", "")
    return next((kind for kind in bulk.KINDS if kind.value == typed), CaseKind.HOLD)


def _page(address: str, errors: list[forms.Error]) -> str:
    card, actor = _here(address)
    kind = _kind()
    found = bulk.list_kind(actor, scope_of(card), kind)
    version_id = statements.rules_of(post) if found and (post := statements.find_post(found[0].post_id)) else None
    return render_template(
        "moderation/together.html",
        card=card,
        kind=kind,
        kinds=bulk.KINDS,
        items=found,
        bodies=[Markup(one.html) for one in found],  # noqa: S704 - sanitised when written (forum.base.text)
        chosen=request.form.getlist("chosen"),
        choices=bulk.choices_of(kind),
        clauses=statements.list_clauses(version_id),
        typed=request.form,
        errors=errors,
    )


@bp.post("/g/<address>/team/together")
def decide(address: str) -> AnyResponse | str | tuple[str, int]:
    """Decide about all that were chosen; say which were left as they are, and why."""
    card, actor = _here(address)
    try:
        choice = next((one for one in bulk.choices_of(_kind()) if one.value == request.form.get("choice")), None)
        if choice is None:
            raise Invalid(_("Choose what you decide."), "choice")
        verdict = Verdict(choice, 0, 0, request.form.get("words", ""), request.form.get("clause", ""))
        outcome = bulk.decide_all(actor, _chosen(), verdict)
    except Invalid as error:
        return _page(address, forms.errors_of(error)), error.status
    return render_template("moderation/together_done.html", card=card, outcome=outcome)


def _chosen() -> list[tuple[bytes, int, int]]:
    """Item, version and lease of each box that was ticked. Nonsense is left out."""
    found = []
    for box in request.form.getlist("chosen")[: bulk.MOST + 1]:
        ident, _dot, rest = box.partition(".")
        version, _dot, gen = rest.partition(".")
        item_id = read_ident(ident)
        if item_id is not None and version.isdigit() and gen.isdigit():
            found.append((item_id, int(version), int(gen)))
    return found


# --- Restricting a person ---------------------------------------------------------------------------------------------


@bp.get("/p/<post:post_id>/restrict")
def show_restrict(post_id: int) -> str:
    """What can be proposed for whoever wrote a post."""
    return _restrict_page(post_id, [])


def _restrict_page(post_id: int, errors: list[forms.Error]) -> str:
    row, place, own, actor = post_here(post_id)
    require(may_look_after, actor, place.group_id)
    if place.kind is ConversationKind.TEAM:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    post = statements.find_post(post_id)
    return render_template(
        "moderation/restrict.html",
        post=fragments.shown(row, place.zone),
        own=own,
        whats=proposals.WHAT,
        most_days={what.value: days for what, days in proposals.MOST_DAYS.items()},
        clauses=statements.list_clauses(statements.rules_of(post)) if post is not None else [],
        typed=request.form,
        errors=errors,
    )


@bp.post("/p/<post:post_id>/restrict")
def restrict(post_id: int) -> AnyResponse | tuple[str, int]:
    """Propose it. Nothing changes for the person until a second one agrees."""
    *_post, actor = post_here(post_id)
    what = next((one for one in proposals.WHAT if one.value == request.form.get("what")), Choice.RESTORE)
    words, clause = request.form.get("words", ""), request.form.get("clause", "")
    try:
        proposals.propose(actor, post_id, what, forms.sent_number("days", 0), words, clause)
    except (Invalid, Conflict) as error:
        return _restrict_page(post_id, forms.errors_of(error, "words")), error.status
    return redirect(url_for("moderation.show_post", post_id=post_id), 303)
