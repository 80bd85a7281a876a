"""Deciding as pages: what the author will read first, what happens if somebody else was first, and what was decided."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import read_ident, write_ident
from forum.base.words import _
from forum.conversations.views import post_here
from forum.groups.queries import find_address
from forum.policy.actor import Actor
from forum.policy.members import get_scope
from forum.policy.permissions import Denial, may_look_after, require
from forum.web import forms
from forum.web.actors import current_actor, current_actor_in
from forum.web.pages import show_crisis_of
from moderation import author, decisions, former, item_decide, item_page, sight, statements, undo
from moderation.decisions import Lost, Verdict
from moderation.item_page import ItemHere
from moderation.models import Choice

bp = Blueprint("decisions", __name__)

#: What a decision is sent with, and what a page keeps that is shown again.
FIELDS = ("choice", "clause", "board", "into", "words")


@bp.post("/cases/<ident:item_id>/decide")
def decide(item_id: bytes) -> AnyResponse | str | tuple[str, int]:
    """Decide; what an author reads is shown first as they will read it."""
    here = item_page.item_here(item_id)
    try:
        verdict = read_verdict(here)
        if _is_shown_first(here, verdict):
            return _preview(here, verdict)
        decision_id = decisions.decide(here.actor, item_id, verdict)
    except Lost as error:
        return _lost(item_id, error)
    except (Invalid, Conflict) as error:
        return item_page.render(item_page.item_here(item_id), _typed(), _errors_of(error)), error.status
    return redirect(url_for("queue.show", address=here.address, decided=write_ident(decision_id)), 303)


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in FIELDS} | {"words": _words()}


def _errors_of(error: Invalid | Conflict) -> list[forms.Error]:
    return [forms.Error(getattr(error, "field", None) or "words", error.message)]


def _words() -> str:
    """The sentences that were chosen, then what was typed; after the preview all of it stands in one field."""
    chosen = [str(words) for key, words in statements.PHRASES.items() if key in request.form.getlist("phrase")]
    return "\n\n".join([*chosen, request.form.get("words", "").strip()]).strip()


def read_verdict(here: ItemHere) -> Verdict:
    """What a moderator chose on a page. :raises Invalid: nothing. :raises Conflict: nothing of this kind."""
    typed = request.form.get("choice", "")
    choice = next((one for one in Choice if one.value == typed), None)
    if choice is None:
        raise Invalid(_("Choose what you decide."), "choice")
    return Verdict(
        choice,
        forms.sent_number("version", -1),
        forms.sent_number("gen", -1),
        _words(),
        request.form.get("clause", ""),
        forms.sent_number("seen", -1) if request.form.get("seen") else None,
        read_ident(request.form.get("board", "")),
        forms.checked("looked"),
        into=read_ident(request.form.get("into", "")),
    )


def _is_shown_first(here: ItemHere, verdict: Verdict) -> bool:
    about_post = sight.post_of(here.item) is not None
    return about_post and verdict.choice in statements.NEEDED_FOR and request.form.get("sure") != "yes"


def _preview(here: ItemHere, verdict: Verdict) -> str:
    """As the author will read it, with all that the form had: nothing is decided yet."""
    made, clause = decisions.preview(here.actor, here.item.id, verdict)
    return render_template(
        "moderation/preview.html",
        made=made,
        clause=clause,
        decide_url=url_for("decisions.decide", item_id=here.item.id),
        change_url=url_for("decisions.change", item_id=here.item.id),
        back_url=url_for("items.show", item_id=here.item.id),
        fields={**_typed(), **{name: request.form.get(name, "") for name in ("version", "gen", "seen")}},
    )


@bp.post("/cases/<ident:item_id>/change")
def change(item_id: bytes) -> str:
    """Back from what the author would read to the form, with every word of it."""
    return item_page.render(item_page.item_here(item_id), _typed())


def _lost(item_id: bytes, error: Lost) -> tuple[str, int]:
    """Somebody else was first: what they decided, and what this person typed, which is kept as a note."""
    here = item_page.item_here(item_id)
    history = item_decide.list_history(here.actor, here.scope, item_id)
    page = render_template(
        "moderation/lost.html", here=here, first=history[:1], words=_words(), message=error.message, now=clock.now()
    )
    return page, error.status


# --- What was decided, for the team ----------------------------------------------------------------------------------


@bp.get("/decisions/<ident:decision_id>")
def show(decision_id: bytes) -> str:
    """One decision: what its author reads, and how to undo it."""
    return _decision_page(decision_id, [])


def _decision_page(decision_id: bytes, errors: list[forms.Error]) -> str:
    actor = _team_of(decision_id)
    found = undo.get_decision(actor, decision_id)
    return render_template(
        "moderation/decided.html",
        found=found,
        address=find_address(found.row.group_id) or "",
        clause=statements.find_clause(found.statement) if found.statement else None,
        words=request.form.get("words", ""),
        errors=errors,
        now=clock.now(),
    )


def _team_of(decision_id: bytes) -> Actor:
    group_id = undo.find_group(decision_id)
    scope = get_scope(group_id) if group_id else None
    actor = current_actor_in(scope)
    if actor.account_id is None:
        raise Unauthorized
    if scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_look_after, actor, scope.group_id)
    return actor


@bp.post("/decisions/<ident:decision_id>/undo")
def revert(decision_id: bytes) -> AnyResponse | tuple[str, int]:
    """Take it back, all that it did and nothing else."""
    actor = _team_of(decision_id)
    try:
        undo.revert(actor, decision_id, request.form.get("words", ""))
    except Invalid as error:
        return _decision_page(decision_id, forms.errors_of(error)), error.status
    return redirect(url_for("decisions.show", decision_id=decision_id), 303)


# --- For the author ---------------------------------------------------------------------------------------------------


@bp.get("/p/<post:post_id>/decision")
def show_for_author(post_id: int) -> str:
    """For the author alone: what the team decided about these words, and the words, so that none are lost."""
    before = former.find_own_post(current_actor(), post_id)
    if before is not None:
        row, place, _me = before
        show_crisis_of(place.nation, "")
    else:
        row, place, own, _actor = post_here(post_id)
        if not own:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return render_template(
        "moderation/decision.html",
        post_id=post_id,
        inside=before is None,
        found=author.list_for(place.scope, post_id),
        away=author.find_away(place.scope, row),
    )


@bp.get("/rules/<ident:version_id>/<uid>")
def show_rule(version_id: bytes, uid: str) -> str:
    """One ground rule in the words of one version, for the members of its group."""
    group_id = author.find_group_of_rules(version_id)
    actor = current_actor_in(get_scope(group_id) if group_id else None)
    if actor.account_id is None:
        raise Unauthorized
    clause = next((one for one in statements.list_clauses(version_id) if one.uid == uid), None)
    if group_id is None or clause is None or actor.membership_in(group_id) is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return render_template("moderation/rule.html", clause=clause, address=find_address(group_id) or "")
