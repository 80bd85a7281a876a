"""Following a conversation, putting a post aside: each one tap, and one tap to undo. Nobody is told."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotFound
from forum.conversations import shelves
from forum.conversations.entrance import Entrance
from forum.conversations.views import enter_conversation, post_here
from forum.models import ConversationKind
from forum.policy.permissions import Denial

bp = Blueprint("following", __name__)


@bp.get("/c/<ident:conversation_id>/follow")
def show_follow(conversation_id: bytes) -> str:
    """Whether I follow this conversation, and the button for the other."""
    return _page(enter_conversation(conversation_id))


def _page(found: Entrance, *, full: bool = False) -> str:
    return render_template(
        "notices/follow.html",
        place=found.place,
        followed=found.place.id in shelves.list_followed(found.membership),
        full=full,
        done=request.args.get("done", "") if request.method == "GET" else "",
    )


@bp.post("/c/<ident:conversation_id>/follow")
def set_follow(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """Follow it from now on, or no more."""
    found = enter_conversation(conversation_id)
    stop = request.form.get("do") == "stop"
    try:
        if stop:
            shelves.unfollow(found.actor, found.place.group_id, conversation_id)
        else:
            shelves.follow(found.actor, conversation_id)
    except Invalid as error:
        return _page(found, full=True), error.status
    done = "stopped" if stop else "followed"
    return redirect(url_for("following.show_follow", conversation_id=conversation_id, done=done), 303)


@bp.post("/p/<post:post_id>/bookmark")
def set_bookmark(post_id: int) -> AnyResponse:
    """Put a post aside to find it again, or take it off the list."""
    _row, place, _own, actor = post_here(post_id)
    if place.kind is ConversationKind.TEAM:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    if request.form.get("do") == "stop":
        shelves.drop_bookmark(actor, place.group_id, post_id)
        return redirect(url_for("conversations.show_more", post_id=post_id), 303)
    try:
        shelves.bookmark(actor, post_id)
    except Invalid:
        return redirect(url_for("things.show_mine", address=place.group_address, done="full"), 303)
    return redirect(url_for("conversations.show_more", post_id=post_id), 303)
