"""The team's pages: what waits, one case, and what can be done with a post."""

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_ident
from forum.conversations import fragments, team
from forum.conversations.places import find_group_of_post
from forum.conversations.views import post_here
from forum.groups.queries import duty_sentence, find_address, scope_of
from forum.groups.views import card_here
from forum.models import ConversationKind, PostState
from forum.policy.actor import Actor
from forum.policy.members import get_scope
from forum.policy.permissions import Denial, may_look_after, require
from forum.web import forms
from forum.web.actors import current_actor_in
from forum.web.pages import show_crisis_of
from moderation import decisions, queries, report_queries, usecases
from moderation.decisions import CHOICES, Verdict
from moderation.models import CaseKind
from moderation.permissions import CaseFacts, may_decide

bp = Blueprint("moderation", __name__)


@bp.get("/g/<address>/team")
def show_queue(address: str) -> str:
    """What waits for the team, the earliest promise first, a page at a time."""
    card, actor = card_here(address)
    _signed_in(actor)
    require(may_look_after, actor, card.id)
    after = read_ident(request.args.get("after", ""))
    cases, onward = forms.stretch(queries.list_open(actor, card.id, after), queries.MOST_SHOWN)
    return render_template(
        "moderation/queue.html",
        card=card,
        cases=cases,
        in_all=queries.count_open(actor, card.id),
        after=after,
        onward=onward,
        now=clock.now(),
        duty=duty_sentence(card.id, card.zone),
        welcome=CaseKind.WELCOME,
        asking=team.count_waiting(actor, scope_of(card)),
        told=report_queries.count_open(actor, scope_of(card)),
    )


def _signed_in(actor: Actor) -> None:
    if actor.account_id is None:
        raise Unauthorized


def _case_here(item_id: bytes) -> tuple[Row, CaseFacts, Actor]:
    group_id = queries.find_group_of_case(item_id)
    actor = current_actor_in(get_scope(group_id) if group_id else None)
    _signed_in(actor)
    case, facts = queries.get_case(actor, item_id)
    show_crisis_of(case.nation, find_address(case.group_id) or "")
    return case, facts, actor


@bp.get("/cases/<ident:item_id>")
def show_case(item_id: bytes) -> str:
    """One case: the post as it is, why it waits, what can be decided."""
    return _case_page(item_id, "", [])


def _case_page(item_id: bytes, reason: str, errors: list[forms.Error]) -> str:
    case, facts, actor = _case_here(item_id)
    return render_template(
        "moderation/case.html",
        case=case,
        html=Markup(case.html),  # noqa: S704 - sanitised when it was written (forum.base.text)
        address=find_address(case.group_id),
        may_decide=may_decide(actor, facts) is None,
        denial=may_decide(actor, facts),
        decisions=queries.list_decisions(actor, case.group_id, case.post_id),
        welcome=case.kind is CaseKind.WELCOME,
        reason=reason,
        errors=errors,
        now=clock.now(),
    )


@bp.post("/cases/<ident:item_id>/decide")
def decide(item_id: bytes) -> AnyResponse | tuple[str, int]:
    """Release, keep back, or mark as welcomed."""
    case, _facts, actor = _case_here(item_id)
    verdict = read_verdict(case.kind)
    try:
        decisions.decide(actor, item_id, verdict)
    except Invalid as error:
        return _case_page(item_id, verdict.words, forms.errors_of(error)), error.status
    return redirect(url_for("moderation.show_queue", address=find_address(case.group_id)), 303)


def read_verdict(kind: CaseKind) -> Verdict:
    """What a moderator chose on a page. :raises NotFound: no such choice for this kind."""
    typed = request.form.get("choice", "")
    choice = next((one for one in CHOICES[kind] if one.value == typed), None)
    if choice is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    version, gen = forms.sent_number("version", -1), forms.sent_number("gen", 0)
    seen = forms.sent_number("seen", -1)
    return Verdict(choice, version, gen, request.form.get("words", ""), seen=seen)


@bp.get("/p/<post:post_id>/look-after")
def show_post(post_id: int) -> str:
    """What the team can do with one post, under a name or an alias alike."""
    return _post_page(post_id, "", [])


def _post_page(post_id: int, reason: str, errors: list[forms.Error]) -> str:
    row, place, own, actor = post_here(post_id)
    require(may_look_after, actor, place.group_id)
    if place.kind is ConversationKind.TEAM:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return render_template(
        "moderation/post.html",
        post=fragments.shown(row, place.zone),
        place=place,
        own=own,
        decisions=queries.list_decisions(actor, place.group_id, post_id),
        reason=reason,
        errors=errors,
        now=clock.now(),
    )


@bp.get("/p/<post:post_id>/decision")
def show_decision(post_id: int) -> str:
    """For the author alone: why the team put their words away, and the words themselves, so that none are lost."""
    row, place, own, actor = post_here(post_id)
    if not own or row.state is not PostState.HIDDEN:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return render_template(
        "moderation/decision.html",
        post=fragments.shown(row, place.zone),
        place=place,
        copy=usecases.find_copy(actor, place.scope, post_id),
    )


@bp.post("/p/<post:post_id>/hide")
def hide(post_id: int) -> AnyResponse | tuple[str, int]:
    """Put a post out of sight."""
    reason = request.form.get("words", "")
    try:
        usecases.hide_post(_team_of(post_id), post_id, reason)
    except Invalid as error:
        return _post_page(post_id, reason, forms.errors_of(error)), error.status
    return redirect(url_for("moderation.show_post", post_id=post_id), 303)


@bp.post("/p/<post:post_id>/restore")
def restore(post_id: int) -> AnyResponse:
    """Bring a post back."""
    usecases.restore_post(_team_of(post_id), post_id)
    return redirect(url_for("moderation.show_post", post_id=post_id), 303)


@bp.post("/p/<post:post_id>/hold-author")
def hold_author(post_id: int) -> AnyResponse:
    """Have this author's next posts wait for a day."""
    usecases.hold_author(_team_of(post_id), post_id)
    return redirect(url_for("moderation.show_post", post_id=post_id), 303)


def _team_of(post_id: int) -> Actor:
    """Who asks, of the team; to anybody else there is no such page."""
    scope = find_group_of_post(post_id)
    actor = current_actor_in(scope)
    _signed_in(actor)
    if scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_look_after, actor, scope.group_id)
    return actor
