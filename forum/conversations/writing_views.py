"""Writing over HTTP: new topics, replies, and changing or taking back one's own words. Plain forms; scripts only save waiting."""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import read_ident, write_ident
from forum.base.keyring import Scope
from forum.base.text import MAX_BODY
from forum.content.notes import classes_of
from forum.conversations import asking, board_queries, drafts, fragments, places, queries, rules_first, team, usecases
from forum.conversations.drafts import Kept
from forum.conversations.entrance import Entrance
from forum.conversations.prepare import Words, prepare_title
from forum.conversations.rules_first import Blocked
from forum.conversations.views import enter_conversation, post_here
from forum.conversations.writing_forms import (
    answering,
    begun,
    first_waits,
    kept_here,
    kept_of,
    meant_of,
    of_this_form,
    read_words,
    refuse_files,
    sent_back,
    words_of,
)
from forum.groups import brakes
from forum.groups.queries import count_members
from forum.groups.views import card_here
from forum.models import ConversationKind
from forum.policy import gate, permissions
from forum.policy.actor import Actor
from forum.policy.holding import brake_of, holds_of, terms_of
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
    kept = drafts.find_drafts(actor, card.id, [board.id for board in boards])
    board_id = next((board.id for board in boards if board.id in kept), boards[0].id)  # where they were writing
    return redirect(url_for("writing.write_topic", board_id=board_id), 303)


def board_here(board_id: bytes) -> tuple[Row, Actor]:
    """A board for the one who asks: a stranger's answer is the same whether it exists or not."""
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
    board, actor = board_here(board_id)
    kept = kept_here(drafts.find_draft(actor, board.group_id, board_id))
    words = words_of(kept) if kept.any_words else Words(board.template, language_of_words(request))
    return _topic_form(board, actor, kept.title, words, [], kept)


@bp.post("/b/<ident:board_id>/write")
def start_topic(board_id: bytes) -> AnyResponse | tuple[str, int]:
    """Open a topic."""
    board, actor = board_here(read_ident(request.form.get("board", "")) or board_id)
    words, title = read_words(), request.form.get("title", "")
    try:
        refuse_files()
        if forms.checked("later"):
            drafts.keep_draft(actor, board.group_id, board_id, kept_of(words, title), begun())
            return redirect(url_for("writing.write_topic", board_id=board_id), 303)
        if _must_agree(actor, board.group_id):
            if first := rules_first.stop(_of_topic(board, actor, words, title)):
                return first, 200
            board, actor = board_here(board.id)  # they agreed with this very form
        if asked := asking.find_question(words, gate.group_words(board.group_words), prepare_title(title)):
            return asking.show_question(asked, words, board.group_address), 200
        words, title = asking.answered(words, title)
        written = usecases.start_topic(actor, board.id, title, words, forms.token())
    except Invalid as error:
        return _topic_form(board, actor, title, words, forms.errors_of(error), sent_back()), error.status
    drafts.discard_draft(actor, board.group_id, board_id, *of_this_form())
    return redirect(url_for("conversations.show_sent", post_id=written.id), 303)


def _must_agree(actor: Actor, group_id: bytes) -> bool:
    membership = actor.membership_in(group_id)
    return membership is not None and not membership.agreed


def _of_topic(board: Row, actor: Actor, words: Words, title: str) -> Blocked:
    back = url_for("conversations.show_board", board_id=board.id)
    scope = Scope(board.organisation_id, board.group_id)
    return Blocked(actor, scope, board.id, board.group_address, board.zone, back, words, title)


def _topic_form(board: Row, actor: Actor, title: str, words: Words, errors: list[forms.Error], draft: Kept) -> str:
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
        classes=classes_of(board.own_notes),
        kept=draft.any_words,
        draft=draft,
        chosen=draft.board or write_ident(board.id),
        errors=errors,
        token=draft.token or forms.token(),
        most_letters=MAX_BODY,
        first_waits=first_waits(actor.membership_in(board.group_id), holds_of(board), board.zone),
        hides=(agreed := terms_of(board)).values["identity.anon_post"] == "on",
        names_rule=agreed.cite("identity.anon_post"),
        brake=(brake := brake_of(board)),
        braked=brakes.sentences(brake, board.zone),
    )


@bp.post("/c/<ident:conversation_id>/posts")
def submit_post(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """Reply."""
    found = enter_conversation(conversation_id)
    words = read_words()
    try:
        refuse_files()
        if forms.checked("later"):
            drafts.keep_draft(found.actor, found.place.group_id, conversation_id, kept_of(words), begun())
            address = url_for("conversations.show_conversation", conversation_id=conversation_id)
            return redirect(f"{address}#reply", 303)
        if _must_agree(found.actor, found.place.group_id):
            if first := rules_first.stop(_of_place(found.place, found.actor, conversation_id, words)):
                return first, 200
            found = enter_conversation(conversation_id)  # they agreed with this very form
        if asked := asking.find_question(words, found.place.group_words):
            return asking.show_question(asked, words, found.place.group_address), 200
        words, _title = asking.answered(words)
        written = usecases.submit_post(found.actor, conversation_id, words, forms.token())
    except Invalid as error:
        return _write_again(found, words, error), error.status
    drafts.discard_draft(found.actor, found.place.group_id, conversation_id, *of_this_form())
    return redirect(url_for("conversations.show_sent", post_id=written.id), 303)


def _of_place(place: places.Place, actor: Actor, keep_at: bytes, words: Words) -> Blocked:
    back = url_for("conversations.show_conversation", conversation_id=place.id)
    return Blocked(actor, place.scope, keep_at, place.group_address, place.zone, back, words, conversation_id=place.id)


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
        classes=classes_of(found.place.own_notes),
        kept=False,
        draft=sent_back(),
        most_letters=MAX_BODY,
        first_waits=first_waits(found.membership, found.place.holds, found.place.zone),
    )


@bp.get("/p/<post:post_id>/edit")
def show_edit(post_id: int) -> str:
    """The page to change one's own words."""
    row, place, own, actor = post_here(post_id)
    permissions.require(permissions.may_edit, actor, queries.facts_of(row, place, own))
    kept = kept_here(drafts.find_draft(actor, place.group_id, drafts.place_of_post(post_id)))
    words = words_of(kept) if kept.any_words else Words(row.body, row.lang, notes=row.notes, mark=row.mark)
    return _edit_form(row, place, words, [], kept)


@bp.post("/p/<post:post_id>/edit")
def edit_post(post_id: int) -> AnyResponse | tuple[str, int]:
    """Change one's own words."""
    row, place, own, actor = post_here(post_id)
    words = read_words()
    try:
        refuse_files()
        if own and place.kind is not ConversationKind.TEAM and _must_agree(actor, place.group_id):
            hidden = replace(words, masked=row.mask_id is not None)
            if first := rules_first.stop(_of_place(place, actor, drafts.place_of_post(post_id), hidden)):
                return first, 200
            row, place, _own, actor = post_here(post_id)  # they agreed with this very form
        if place.kind is not ConversationKind.TEAM and (asked := asking.find_question(words, place.group_words)):
            return asking.show_question(asked, words, place.group_address), 200
        words, _title = asking.answered(words)
        usecases.edit_post(actor, post_id, words.body, language_of_words(request, row.lang), meant_of(words))
    except Invalid as error:
        return _edit_form(row, place, words, forms.errors_of(error), sent_back()), error.status
    except NotAllowed as error:
        if not own or place.kind is not ConversationKind.ROOM:
            raise
        return _edit_form(row, place, words, [forms.Error("body", error.message)], sent_back()), error.status
    drafts.discard_draft(actor, place.group_id, drafts.place_of_post(post_id), *of_this_form())
    return redirect(url_for("conversations.show_sent", post_id=post_id), 303)


def _edit_form(row: Row, place: places.Place, words: Words, errors: list[forms.Error], draft: Kept) -> str:
    return render_template(
        "conversations/edit.html",
        post=fragments.shown(row, place.zone),
        place=place,
        words=words,
        classes=classes_of(place.own_notes),
        errors=errors,
        most_letters=MAX_BODY,
        draft=draft,
        kept=draft.any_words,
    )


@bp.post("/p/<post:post_id>/check-in")
def ask_check_in(post_id: int) -> AnyResponse:
    """Whoever wrote it would like somebody of the team to check in: said on their own line, under the face of the post."""
    _row, _place, own, actor = post_here(post_id)
    line_id = team.ask_to_check_in(actor, post_id, own, language_of_words(request), forms.token())
    return redirect(url_for("team.show_line", conversation_id=line_id, done="sent"), 303)


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
