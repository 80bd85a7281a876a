"""Quiet reactions over HTTP: a plain form on a post's page."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.content.reactions import read_mask
from forum.conversations import reactions
from forum.conversations.views import post_here

bp = Blueprint("reactions", __name__)


@bp.post("/p/<post:post_id>/react")
def react(post_id: int) -> AnyResponse:
    """Choose kind words for a post, or take them back."""
    *_post, actor = post_here(post_id)
    reactions.react(actor, post_id, read_mask(request.form.getlist("kind")))
    return redirect(url_for("conversations.show_post", post_id=post_id), 303)
