"""What the team can do: decide about an item, and about a post."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Conflict, Invalid, NotFound
from forum.conversations import fragments
from forum.conversations.places import find_group_of_post
from forum.conversations.views import post_here
from forum.models import ConversationKind
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_look_after, require
from forum.web import forms
from forum.web.actors import current_actor_in
from moderation import impartial, queries, statements, usecases

bp = Blueprint("moderation", __name__)


def _signed_in(actor: Actor) -> None:
    if actor.account_id is None:
        raise Unauthorized


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
        refusal=None if own else impartial.may_judge_post(actor, place.scope, post_id),
        decisions=queries.list_decisions(actor, place.group_id, post_id),
        clauses=_clauses(post_id),
        clause=request.form.get("clause", ""),
        reason=reason,
        errors=errors,
        now=clock.now(),
    )


def _clauses(post_id: int) -> Sequence[Row]:
    post = statements.find_post(post_id)
    return statements.list_clauses(statements.rules_of(post)) if post is not None else []


@bp.post("/p/<post:post_id>/hide")
def hide(post_id: int) -> AnyResponse | str | tuple[str, int]:
    """Put a post out of sight, once whoever decides has read what its author will read."""
    reason, clause = request.form.get("words", ""), request.form.get("clause", "")
    try:
        if request.form.get("sure") == "yes":
            seen = forms.sent_number("seen", -1) if request.form.get("seen") else None
            usecases.hide_post(_team_of(post_id), post_id, reason, clause, seen)
            return redirect(url_for("moderation.show_post", post_id=post_id), 303)
        made, changed_in = usecases.preview_hide(_team_of(post_id), post_id, reason, clause)
    except (Invalid, Conflict) as error:
        return _post_page(post_id, reason, forms.errors_of(error, "words")), error.status
    return render_template(
        "moderation/preview.html",
        made=made,
        clause=statements.find_clause(made),
        fields={"words": reason, "clause": clause, "seen": changed_in},
        decide_url=url_for("moderation.hide", post_id=post_id),
        change_url=url_for("moderation.change", post_id=post_id),
        back_url=url_for("moderation.show_post", post_id=post_id),
    )


@bp.post("/p/<post:post_id>/look-after")
def change(post_id: int) -> str:
    """Back from what the author would read to the form, with every word of it."""
    return _post_page(post_id, request.form.get("words", ""), [])


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
