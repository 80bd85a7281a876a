"""What happened while I was away, and where I want to read on: pages and buttons."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import NotFound
from forum.base.idents import read_ident, write_ident
from forum.conversations import board_queries, catching_up
from forum.conversations.views import post_here
from forum.conversations.writing_views import board_here
from forum.groups.views import card_here
from forum.policy.actor import Actor
from forum.policy.permissions import Denial

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
    catching_up.put_back(actor, board.group_id, [board_id], _was())
    return redirect(url_for("conversations.show_board", board_id=board_id), 303)


def _group_here(address: str) -> tuple[Row, Actor]:
    """A group for its members."""
    card, actor = card_here(address)
    if actor.account_id is None:
        raise Unauthorized
    if actor.membership_in(card.id) is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return card, actor


@bp.get("/g/<address>/catch-up")
def show_news(address: str) -> str:
    """What happened while I was away."""
    card, actor = _group_here(address)
    boards, more = catching_up.list_news(actor, card.id)
    return render_template(
        "conversations/catch_up.html",
        card=card,
        me=actor.membership_in(card.id),
        boards=boards,
        more=more,
    )


@bp.post("/g/<address>/catch-up")
def catch_up(address: str) -> str:
    """I have caught up: all of it counts as read."""
    card, actor = _group_here(address)
    boards = _board_ids(actor, card.id)
    was = catching_up.mark_read(actor, card.id, boards)
    catching_up.note_caught_up(actor, card.id, boards)
    return _all_read(was, f"/g/{address}", url_for("coming_back.undo_catch_up", address=address))


@bp.post("/g/<address>/catch-up/undo")
def undo_catch_up(address: str) -> AnyResponse:
    """No, it is as it was."""
    card, actor = _group_here(address)
    catching_up.put_back(actor, card.id, _board_ids(actor, card.id), _was())
    return redirect(url_for("coming_back.show_news", address=address), 303)


def _board_ids(actor: Actor, group_id: bytes) -> Sequence[bytes]:
    return [board.id for board in board_queries.list_boards(actor, group_id)]


def _all_read(was: Mapping[bytes, int], back: str, undo: str) -> str:
    said = " ".join(f"{write_ident(one)}.{seq}" for one, seq in was.items())
    return render_template("conversations/all_read.html", was=said, topics=len(was), back=back, undo=undo)


def _was() -> dict[bytes, int]:
    """How far topics were read, as the form with the way back says it; nonsense is left out."""
    parts = [one.partition(".") for one in request.form.get("was", "").split()[: catching_up.MOST_TOPICS]]
    return {ident: int(seq) for name, _dot, seq in parts if (ident := read_ident(name)) and _is_place(seq)}


def _is_place(seq: str) -> bool:
    return seq.isascii() and seq.isdigit() and len(seq) < 10
