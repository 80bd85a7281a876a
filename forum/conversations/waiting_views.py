"""The page of words that wait for a person, for their author alone."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import NotFound
from forum.conversations import fragments, waiting
from forum.conversations.views import post_here
from forum.groups.queries import duty_sentence
from forum.models import ConversationKind, PostState
from forum.policy import gate
from forum.policy.permissions import Denial

bp = Blueprint("waiting", __name__)


@bp.get("/p/<post:post_id>/waiting")
def show(post_id: int) -> AnyResponse | str:
    """Why it waits, until when, and what its author can do meanwhile."""
    row, place, own, _actor = post_here(post_id)
    if not own or place.kind is ConversationKind.TEAM:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    if row.state is not PostState.HELD:
        return redirect(url_for("conversations.show_post", post_id=post_id), 303)
    wait = gate.find_wait(post_id)
    return render_template(
        "conversations/waiting.html",
        post=fragments.shown(row, place.zone),
        place=place,
        reasons=(reasons := waiting.reasons_of(wait)),
        rules=waiting.rules_of(reasons, place.terms),
        promise=waiting.promise(wait, place.zone),
        duty=duty_sentence(place.group_id, place.zone),
    )
