"""How I read: the page where a member chooses and undoes, the doors to it on each post, and notes that the team sets."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid
from forum.content import notes
from forum.conversations import choices, choosing, fragments, queries
from forum.conversations.fragments import Look
from forum.conversations.views import post_here
from forum.groups.own_notes import own_notes_of
from forum.groups.views import card_for_member
from forum.models import ConversationKind
from forum.policy.actor import Actor
from forum.policy.permissions import may_note, require
from forum.web import forms

bp = Blueprint("choosing", __name__)


@bp.get("/g/<address>/my-reading")
def show_mine(address: str) -> str:
    """What I blocked, muted and chose about content notes, each with its undo."""
    card, actor, _membership = card_for_member(address)
    return _page(card, actor, "", [])


def _page(card: Row, actor: Actor, word: str, errors: list[forms.Error]) -> str:
    membership = actor.membership_in(card.id)
    assert membership is not None
    chosen = choices.find(membership)
    return render_template(
        "conversations/my_reading.html",
        card=card,
        classes=[
            {"bit": one.bit, "name": one.name, "own": one.own, "way": choosing.way_of(chosen, one.mask)}
            for one in notes.classes_of(own_notes_of(card.id))
        ],
        ways=choosing.way_words(),
        words=chosen.words,
        blocked=choosing.list_blocked(membership, chosen),
        word=word,
        most_letters=choices.MOST_LETTERS,
        done=request.args.get("done", "") if request.method == "GET" else "",
        errors=errors,
    )


def _done(address: str, what: str) -> AnyResponse:
    return redirect(url_for("choosing.show_mine", address=address, done=what), 303)


@bp.post("/g/<address>/my-reading/notes")
def prefer(address: str) -> AnyResponse:
    """How to see words with a content note."""
    card, actor, _membership = card_for_member(address)
    own = own_notes_of(card.id)
    ways = {one.bit: request.form.get(f"class-{one.bit}", "") for one in notes.classes_of(own)}
    choosing.prefer(actor, card.id, own, ways)
    return _done(address, "notes")


@bp.post("/g/<address>/my-reading/words")
def mute_word(address: str) -> AnyResponse | tuple[str, int]:
    """Mute a word."""
    card, actor, _membership = card_for_member(address)
    word = request.form.get("word", "")
    try:
        choosing.mute_word(actor, card.id, word)
    except Invalid as error:
        return _page(card, actor, word, [forms.Error(error.field or "word", error.message)]), error.status
    return _done(address, "muted")


@bp.post("/g/<address>/my-reading/words/undo")
def unmute_word(address: str) -> AnyResponse:
    """See posts with a word again."""
    card, actor, _membership = card_for_member(address)
    choosing.unmute_word(actor, card.id, request.form.get("word", ""))
    return _done(address, "unmuted")


@bp.post("/g/<address>/my-reading/people/undo")
def unblock(address: str) -> AnyResponse:
    """See somebody's words again."""
    card, actor, _membership = card_for_member(address)
    choosing.unblock(actor, card.id, request.form.get("who", ""))
    return _done(address, "unblocked")


@bp.post("/p/<post:post_id>/block")
def block_author(post_id: int) -> AnyResponse:
    """See no more words of whoever wrote this. Nobody is told."""
    _row, place, _own, actor = post_here(post_id)
    try:
        choosing.block_author(actor, post_id)
    except Invalid:
        return _done(place.group_address, "full")
    return _done(place.group_address, "blocked")


@bp.get("/p/<post:post_id>/once")
def show_once(post_id: int) -> AnyResponse | str:
    """A post that this reader put away, this one time."""
    row, place, _own, _actor = post_here(post_id)
    if place.kind is ConversationKind.TEAM:
        return redirect(url_for("conversations.show_post", post_id=post_id), 303)
    post = fragments.shown(row, place.zone)
    return render_template(
        "conversations/once.html", post=post, article=fragments.article(post, Look(None, None)), place=place
    )


@bp.get("/p/<post:post_id>/notes")
def show_notes(post_id: int) -> str:
    """For the team: what a post is about."""
    row, place, own, actor = post_here(post_id)
    require(may_note, actor, queries.facts_of(row, place, own))
    post = fragments.shown(row, place.zone)
    return render_template(
        "conversations/notes.html",
        post=post,
        article=fragments.article(post, fragments.usual_look(post)),
        classes=notes.classes_of(place.own_notes),
        chosen=row.notes,
    )


@bp.post("/p/<post:post_id>/notes")
def set_notes(post_id: int) -> AnyResponse:
    """Put content notes on a post, or take them off."""
    *_rest, actor = post_here(post_id)
    choosing.set_notes(actor, post_id, notes.mask_of(request.form.getlist("note")))
    return redirect(url_for("conversations.show_more", post_id=post_id), 303)
