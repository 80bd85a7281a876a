"""What happened while I was away, and where I want to read on: pages and buttons."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.idents import write_ident
from forum.conversations import board_queries, catching_up
from forum.conversations.views import post_here
from forum.conversations.writing_views import board_here
from forum.groups.views import card_for_member
from forum.policy.actor import Actor
from forum.web import forms

bp = Blueprint("coming_back", __name__)


@bp.post("/p/<post:post_id>/unread")
def mark_unread(post_id: int) -> AnyResponse:
    """I want to read this again: everything from this post on is new for me."""
    *_found, actor = post_here(post_id)
    place = catching_up.mark_unread(actor, post_id)
    return redirect(url_for("conversations.show_board", board_id=place.board_id), 303)


@bp.post("/b/<ident:board_id>/read")
def mark_board_read(board_id: bytes) -> str:
    """All topics of a board count as read; the page after takes it back."""
    board, actor = board_here(board_id)
    was = catching_up.mark_read(actor, board.group_id, [board_id])
    here = url_for("conversations.show_board", board_id=board_id)
    return _all_read(was, here, url_for("coming_back.mark_board_unread", board_id=board_id))


@bp.post("/b/<ident:board_id>/unread")
def mark_board_unread(board_id: bytes) -> AnyResponse:
    """No, they are as they were."""
    board, actor = board_here(board_id)
    catching_up.put_back(actor, board.group_id, [board_id], forms.sent_places("was", catching_up.MOST_TOPICS))
    return redirect(url_for("conversations.show_board", board_id=board_id), 303)


@bp.get("/g/<address>/catch-up")
def show_news(address: str) -> str:
    """What happened while I was away."""
    card, actor, membership = card_for_member(address)
    boards, more = catching_up.list_news(actor, card.id)
    return render_template(
        "conversations/catch_up.html",
        card=card,
        me=membership,
        boards=boards,
        more=more,
    )


@bp.post("/g/<address>/catch-up")
def catch_up(address: str) -> str:
    """I have caught up: all of it counts as read."""
    card, actor, _membership = card_for_member(address)
    boards = _board_ids(actor, card.id)
    was = catching_up.mark_read(actor, card.id, boards)
    catching_up.note_caught_up(actor, card.id, boards)
    return _all_read(was, f"/g/{address}", url_for("coming_back.undo_catch_up", address=address))


@bp.post("/g/<address>/catch-up/undo")
def undo_catch_up(address: str) -> AnyResponse:
    """No, it is as it was."""
    card, actor, _membership = card_for_member(address)
    catching_up.put_back(actor, card.id, _board_ids(actor, card.id), forms.sent_places("was", catching_up.MOST_TOPICS))
    return redirect(url_for("coming_back.show_news", address=address), 303)


def _board_ids(actor: Actor, group_id: bytes) -> Sequence[bytes]:
    return [board.id for board in board_queries.list_boards(actor, group_id)]


def _all_read(was: Mapping[bytes, int], back: str, undo: str) -> str:
    said = " ".join(f"{write_ident(one)}.{seq}" for one, seq in was.items())
    return render_template("conversations/all_read.html", was=said, topics=len(was), whole=False, back=back, undo=undo)
