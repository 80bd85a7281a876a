"""Writing over HTTP: new topics, replies, and changing or taking back one's own words. Plain forms; scripts only save waiting."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_ident, write_ident
from forum.base.keyring import Scope
from forum.base.text import MAX_BODY
from forum.conversations import board_queries, drafts, fragments, places, queries, usecases
from forum.conversations.drafts import Kept
from forum.conversations.entrance import Entrance
from forum.conversations.prepare import Words
from forum.conversations.views import enter_conversation, post_here
from forum.conversations.writing_forms import answering, first_waits, kept_of, read_words, words_of
from forum.groups.queries import count_members
from forum.groups.views import card_here
from forum.models import ConversationKind
from forum.policy import permissions
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor_in
from forum.web.language import language_of_words
from forum.web.pages import show_crisis_of

bp = Blueprint("writing", __name__)


@bp.get("/g/<address>/start")
def choose_board(address: str) -> AnyResponse | str:
    """Where to write: straight to the form, which holds a choice of boards. A group that is being set up may have none."""
    card, actor = card_here(address)
    if actor.account_id is None:
        raise Unauthorized
    boards = board_queries.list_boards_to_start_on(actor, card.id)
    if not boards and actor.membership_in(card.id):
        return redirect(url_for("conversations.show_group", address=address), 303)
    if not boards:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return redirect(url_for("writing.write_topic", board_id=boards[0].id), 303)


def _board(board_id: bytes) -> tuple[Row, Actor]:
    board = board_queries.find_board(board_id)
    actor = current_actor_in(Scope(board.organisation_id, board.group_id) if board else None)
    if actor.account_id is None:
        raise Unauthorized
    if board is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    permissions.require(permissions.may_read, actor, board_queries.facts_of_board(board))
    show_crisis_of(board.nation, board.group_address)
    return board, actor


@bp.get("/b/<ident:board_id>/write")
def write_topic(board_id: bytes) -> str:
    """The page to write something new (M7)."""
    board, actor = _board(board_id)
    kept = drafts.find_draft(actor, board.group_id, board_id) or Kept("")
    return _topic_form(board, actor, kept.title, words_of(kept), [], kept=bool(kept.body or kept.title))


@bp.post("/b/<ident:board_id>/write")
def start_topic(board_id: bytes) -> AnyResponse | tuple[str, int]:
    """Open a topic."""
    board, actor = _board(read_ident(request.form.get("board", "")) or board_id)
    words, title = read_words(), request.form.get("title", "")
    try:
        if forms.checked("later"):
            drafts.keep_draft(actor, board.group_id, board.id, kept_of(words, title))
            return redirect(url_for("writing.write_topic", board_id=board.id), 303)
        written = usecases.start_topic(actor, board.id, title, words, forms.token())
    except Invalid as error:
        return _topic_form(board, actor, title, words, forms.errors_of(error)), error.status
    drafts.discard_draft(actor, board.group_id, board_id)
    return redirect(url_for("conversations.show_sent", post_id=written.id), 303)


def _topic_form(
    board: Row, actor: Actor, title: str, words: Words, errors: list[forms.Error], *, kept: bool = False
) -> str:
    return render_template(
        "conversations/topic_form.html",
        board=board,
        me=actor.membership_in(board.group_id),
        boards=[
            {"id": b.id, "ident": write_ident(b.id), "name": b.name}
            for b in board_queries.list_boards_to_start_on(actor, board.group_id)
        ],
        readers=count_members(board.group_id, board.readers),
        title=title,
        words=words,
        kept=kept,
        errors=errors,
        token=forms.token(),
        most_letters=MAX_BODY,
        first_waits=first_waits(actor.membership_in(board.group_id), board.hold_newcomers, board.zone),
    )


@bp.post("/c/<ident:conversation_id>/posts")
def submit_post(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """Reply."""
    found = enter_conversation(conversation_id)
    words = read_words()
    try:
        if forms.checked("later"):
            drafts.keep_draft(found.actor, found.place.group_id, conversation_id, kept_of(words))
            address = url_for("conversations.show_conversation", conversation_id=conversation_id)
            return redirect(f"{address}#reply", 303)
        written = usecases.submit_post(found.actor, conversation_id, words, forms.token())
    except Invalid as error:
        return _write_again(found, words, error), error.status
    drafts.discard_draft(found.actor, found.place.group_id, conversation_id)
    return redirect(url_for("conversations.show_sent", post_id=written.id), 303)


def _write_again(found: Entrance, words: Words, error: Invalid) -> str:
    return render_template(
        "conversations/reply.html",
        place=found.place,
        me=found.membership,
        alias=found.alias,
        answering=answering(found),
        token=forms.token(),
        errors=forms.errors_of(error),
        words=words,
        kept=False,
        most_letters=MAX_BODY,
        first_waits=first_waits(found.membership, found.place.holds_newcomers, found.place.zone),
    )


@bp.get("/p/<post:post_id>/edit")
def show_edit(post_id: int) -> str:
    """The page to change one's own words."""
    row, place, own, actor = post_here(post_id)
    permissions.require(permissions.may_edit, actor, queries.facts_of(row, place, own))
    return _edit_form(row, place, row.body, [])


@bp.post("/p/<post:post_id>/edit")
def edit_post(post_id: int) -> AnyResponse | tuple[str, int]:
    """Change one's own words."""
    row, place, _own, actor = post_here(post_id)
    body = request.form.get("body", "")
    try:
        usecases.edit_post(actor, post_id, body, language_of_words(request, row.lang))
    except Invalid as error:
        return _edit_form(row, place, body, forms.errors_of(error)), error.status
    return redirect(url_for("conversations.show_sent", post_id=post_id), 303)


def _edit_form(row: Row, place: places.Place, body: str, errors: list[forms.Error]) -> str:
    post = fragments.shown(row, place.zone)
    return render_template(
        "conversations/edit.html", post=post, place=place, body=body, errors=errors, most_letters=MAX_BODY
    )


@bp.post("/p/<post:post_id>/withdraw")
def withdraw_post(post_id: int) -> AnyResponse:
    """Take one's own words back."""
    _row, place, _own, actor = post_here(post_id)
    usecases.withdraw_post(actor, post_id)
    if place.kind is ConversationKind.TEAM:
        return redirect(url_for("team.show_line", conversation_id=place.id, done="withdrawn"), 303)
    return redirect(url_for("writing.show_withdrawn", conversation_id=place.id), 303)


@bp.get("/c/<ident:conversation_id>/withdrawn")
def show_withdrawn(conversation_id: bytes) -> str:
    """After taking words back."""
    found = enter_conversation(conversation_id)
    return render_template("conversations/withdrawn.html", place=found.place)


@bp.post("/p/<post:post_id>/versions/<ident:version_id>/erase")
def erase_version(post_id: int, version_id: bytes) -> AnyResponse:
    """Erase an earlier version of one's own post."""
    *_rest, actor = post_here(post_id)
    usecases.erase_version(actor, post_id, version_id)
    return redirect(url_for("conversations.show_more", post_id=post_id), 303)
