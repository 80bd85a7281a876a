"""Keeping unsent words over HTTP: what a page with a script asks every few seconds, and the button to throw them away."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.base.idents import read_ident, write_post_id
from forum.conversations import drafts, queries, team
from forum.conversations.team_views import group_here, line_here, mask_here
from forum.conversations.views import enter_conversation, post_here
from forum.conversations.writing_forms import begun, kept_of, of_this_form, read_words, was_sent
from forum.conversations.writing_views import board_here
from forum.policy import permissions
from forum.policy.actor import Actor
from forum.web import forms

bp = Blueprint("drafting", __name__)


@bp.post("/c/<ident:conversation_id>/draft")
def keep_reply(conversation_id: bytes) -> AnyResponse | str:
    """A reply that is being written."""
    found = enter_conversation(conversation_id)
    back = url_for("conversations.show_conversation", conversation_id=conversation_id) + "#reply"
    return _keep(found.actor, found.place.group_id, conversation_id, conversation_id, back)


@bp.post("/b/<ident:board_id>/draft")
def keep_topic(board_id: bytes) -> AnyResponse | str:
    """A new topic that is being written."""
    board, actor = board_here(board_id)
    sent_to = read_ident(request.form.get("board", "")) or board_id
    return _keep(actor, board.group_id, board_id, sent_to, url_for("writing.write_topic", board_id=board_id))


@bp.post("/p/<post:post_id>/draft")
def keep_change(post_id: int) -> AnyResponse | str:
    """A change of one's own post that is being written."""
    row, place, own, actor = post_here(post_id)
    permissions.require(permissions.may_edit, actor, queries.facts_of(row, place, own))
    kept_at = drafts.place_of_post(post_id)
    return _keep(actor, place.group_id, kept_at, kept_at, url_for("writing.show_edit", post_id=post_id))


@bp.post("/line/<ident:conversation_id>/draft")
def keep_line(conversation_id: bytes) -> AnyResponse | str:
    """More words to the team, or of it."""
    here = line_here(conversation_id)
    back = url_for("team.show_line", conversation_id=conversation_id) + "#reply"
    return _keep(here.actor, here.place.group_id, here.kept_at, conversation_id, back)


@bp.post("/g/<address>/ask/draft")
def keep_question(address: str) -> AnyResponse | str:
    """The first words to the team."""
    card, scope, actor = group_here(address)
    line = team.find_line(actor, scope)
    kept_at = team.place_of_first_words(actor, scope)
    return _keep(actor, card.id, kept_at, line.conversation_id if line else kept_at, f"/g/{address}/ask")


@bp.post("/p/<post:post_id>/ask/draft")
def keep_hidden_question(post_id: int) -> AnyResponse | str:
    """The first words to the team under an alias."""
    place, face, _alias, actor = mask_here(post_id)
    line = team.find_line(actor, place.scope, face.id)
    back = url_for("team.show_ask_hidden", post_id=post_id)
    return _keep(actor, place.group_id, face.id, line.conversation_id if line else face.id, back)


def _keep(actor: Actor, group_id: bytes, place_id: bytes, sent_to: bytes, back: str) -> AnyResponse | str:
    """One page's version. Words that were posted meanwhile are not kept again: a save may come late.

    :param sent_to: where the form would be sent; it may name another board than its page.
    """
    kept = kept_of(read_words(), request.form.get("title", ""))
    if forms.checked("discard"):
        drafts.discard_draft(actor, group_id, place_id, *of_this_form())
        answers = write_post_id(kept.answers_id) if kept.answers_id else ""
        return render_template(
            "conversations/thrown_away.html", kept=kept, answers=answers, here=request.path, back=back
        )
    sent = was_sent(actor, group_id, sent_to, kept)
    now = None if sent else drafts.keep_draft(actor, group_id, place_id, kept, begun())
    if request.accept_mimetypes.best != "application/json":
        return redirect(back, 303)
    if sent or (now and now.others):
        return jsonify(sent=sent)
    return Response(status=204)
