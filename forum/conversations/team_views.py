"""The line to the team as pages: one tap and one form from every page of a group, for members and for who waits."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts.views import help_texts
from forum.base import clock
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.text import MAX_BODY
from forum.conversations import drafts, fragments, outside, places, queries, team
from forum.conversations import usecases as posting
from forum.conversations.drafts import Kept
from forum.conversations.prepare import Words
from forum.conversations.team import Here
from forum.conversations.views import post_here
from forum.conversations.writing_forms import kept_here, of_this_form, sent_back, words_of
from forum.groups.queries import duty_sentence, scope_of
from forum.groups.views import card_here
from forum.policy import asking, help_door, opened
from forum.policy.actor import Actor
from forum.policy.lines import Face
from forum.policy.members import find_waiting, list_scopes
from forum.policy.permissions import may_write_to_team, require
from forum.web import forms
from forum.web.actors import current_actor, current_writer_in
from forum.web.language import language_of_words
from forum.web.pages import show_crisis_asked_for, show_crisis_of

bp = Blueprint("team", __name__)


def group_here(address: str) -> tuple[Row, Scope, Actor]:
    """A group for somebody who may write to its team; to anybody else this page does not exist."""
    card, actor = card_here(address)
    require(may_write_to_team, actor, card.id)
    return card, scope_of(card), actor


@bp.get("/g/<address>/ask")
def show_ask(address: str) -> AnyResponse | str:
    """The way to the team from every page: the form, or the conversation that is there already."""
    card, scope, actor = group_here(address)
    line = team.find_line(actor, scope)
    if line is not None:
        return redirect(url_for("team.show_line", conversation_id=line.conversation_id), 303)
    kept = kept_here(drafts.find_draft(actor, card.id, team.place_of_first_words(actor, scope)))
    return _ask_form(card, scope, actor, words_of(kept), [], kept)


@bp.post("/g/<address>/ask")
def ask(address: str) -> AnyResponse | tuple[str, int]:
    """The first words to the team, under one's name."""
    card, scope, actor = group_here(address)
    words = _words()
    try:
        written = team.write_to_team(actor, scope, words, forms.token())
    except Invalid as error:
        return _ask_form(card, scope, actor, words, forms.errors_of(error), sent_back()), error.status
    drafts.discard_draft(actor, card.id, team.place_of_first_words(actor, scope), *of_this_form())
    return _to_line(written.conversation_id, "sent")


def _ask_form(card: Row, scope: Scope, actor: Actor, words: Words, errors: list[forms.Error], draft: Kept) -> str:
    me = actor.writer_in(card.id)
    assert me is not None
    return _first_words(scope, card.address, card.zone, me.name, False, f"/g/{card.address}/ask", words, errors, draft)


@bp.get("/g/<address>/help")
def show_help(address: str) -> AnyResponse | str:
    """Help now for somebody who came from their group: who they can call, and when its team looks.

    Whose sign-in ended while the page was open gets the numbers all the same, whatever the address is.
    """
    if current_actor().account_id is None:
        return redirect(url_for("accounts.show_help"), 303)
    _card, _scope, actor = group_here(address)
    nation = show_crisis_asked_for()
    return render_template("accounts/help.html", ways=help_door.list_ways(actor, address), **help_texts(nation))


@bp.get("/p/<post:post_id>/ask")
def show_ask_hidden(post_id: int) -> AnyResponse | str:
    """The same under the alias of one's own post."""
    place, face, alias, actor = mask_here(post_id)
    line = team.find_line(actor, place.scope, face.id)
    if line is not None:
        return redirect(url_for("team.show_line", conversation_id=line.conversation_id), 303)
    kept = kept_here(drafts.find_draft(actor, place.group_id, face.id))
    return _hidden_form(post_id, place, alias, words_of(kept), [], kept)


@bp.post("/p/<post:post_id>/ask")
def ask_hidden(post_id: int) -> AnyResponse | tuple[str, int]:
    """The first words to the team, under an alias."""
    place, face, alias, actor = mask_here(post_id)
    words = _words()
    try:
        written = team.write_to_team(actor, place.scope, words, forms.token(), face.id)
    except Invalid as error:
        return _hidden_form(post_id, place, alias, words, forms.errors_of(error), sent_back()), error.status
    drafts.discard_draft(actor, place.group_id, face.id, *of_this_form())
    return _to_line(written.conversation_id, "sent")


def mask_here(post_id: int) -> tuple[places.Place, Face, str, Actor]:
    *_found, actor = post_here(post_id)
    return (*team.find_own_mask(actor, post_id), actor)


def _hidden_form(
    post_id: int, place: places.Place, alias: str, words: Words, errors: list[forms.Error], draft: Kept
) -> str:
    here = url_for("team.ask_hidden", post_id=post_id)
    return _first_words(place.scope, place.group_address, place.zone, alias, True, here, words, errors, draft)


def _first_words(
    scope: Scope,
    address: str,
    zone: str,
    name: str,
    masked: bool,
    here: str,
    words: Words,
    errors: list[forms.Error],
    draft: Kept,
) -> str:
    return render_template(
        "conversations/team_ask.html",
        address=address,
        name=name,
        masked=masked,
        here=here,
        readers=team.list_team(scope),
        duty=duty_sentence(scope.group_id, zone),
        words=words,
        kept=draft.any_words,
        draft=draft,
        errors=errors,
        token=forms.token(),
        most_letters=MAX_BODY,
    )


def _words(seen: int = 0) -> Words:
    said = request.form.get("body", ""), language_of_words(request)
    return Words(*said, seen=seen, as_team=request.form.get("masked") == "team")


def _to_line(conversation_id: bytes, done: str) -> AnyResponse:
    return redirect(url_for("team.show_line", conversation_id=conversation_id, done=done), 303)


def line_here(conversation_id: bytes) -> Here:
    """A line for its owner or the team: a stranger's answer is the same whether it exists or not."""
    place = places.find_place(conversation_id)
    found = team.enter(current_writer_in(place.scope if place else None), conversation_id)
    show_crisis_of(found.place.nation, found.place.group_address)
    return found


@bp.get("/line/<ident:conversation_id>")
def show_line(conversation_id: bytes) -> str:
    """One conversation with the team, for the two sides of it."""
    here = line_here(conversation_id)
    return _line_page(here, [])


def _line_page(here: Here, errors: list[forms.Error], refused: Words | None = None) -> str:
    """With the words that were refused, or those that are kept."""
    draft = sent_back() if refused else kept_here(drafts.find_draft(here.actor, here.place.group_id, here.kept_at))
    words = refused or words_of(draft)
    place = here.place
    page = min(forms.number("page", 0) or place.pages, place.pages)
    posts = [fragments.shown(r, place.zone) for r in queries.list_posts(here.actor, place.id, page)]
    sending = [fragments.shown(r, place.zone) for r in queries.list_sending(place, here.me)]
    return render_template(
        "conversations/team_line.html",
        place=place,
        line=here.line,
        own=here.own,
        name=here.name,
        me=here.me,
        posts=posts,
        sending=sending,
        page=page,
        read=team.read_upto(here),
        last_seq=posts[-1].seq if posts else 0,
        readers=team.list_team(place.scope),
        receipts=outside.list_receipts(here),
        waits=None if here.own else asking.find(here.me, place.id),
        duty=duty_sentence(place.group_id, place.zone),
        now=clock.now(),
        words=words,
        kept=draft.any_words,
        draft=draft,
        errors=errors,
        token=forms.token(),
        most_letters=MAX_BODY,
        done=request.args.get("done", ""),
    )


@bp.post("/line/<ident:conversation_id>/posts")
def write(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """More words of either side."""
    here = line_here(conversation_id)
    words = _words(forms.sent_number("seen", 0))
    try:
        posting.submit_post(here.actor, conversation_id, words, forms.token())
    except Invalid as error:
        return _line_page(here, forms.errors_of(error), words), error.status
    drafts.discard_draft(here.actor, here.place.group_id, here.kept_at, *of_this_form())
    if words.seen:
        team.mark_read(here.actor, conversation_id, words.seen)
    return _to_line(conversation_id, "sent" if here.own else "answered")


@bp.post("/line/<ident:conversation_id>/read")
def mark_read(conversation_id: bytes) -> AnyResponse:
    """Note how far somebody read."""
    here = line_here(conversation_id)
    team.mark_read(here.actor, conversation_id, forms.sent_number("seq", 0))
    return _to_line(conversation_id, "read")


@bp.post("/line/<ident:conversation_id>/no-answer")
def mark_no_answer(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """The team read it, and it needs no answer."""
    here = line_here(conversation_id)
    try:
        team.mark_no_answer(here.actor, conversation_id, forms.sent_number("seen", 0))
    except Invalid as error:
        return _line_page(here, forms.errors_of(error)), error.status
    return redirect(url_for("team.show_lines", address=here.place.group_address), 303)


@bp.get("/g/<address>/lines")
def show_lines(address: str) -> str:
    """For the team: who waits for an answer, the oldest promise first, and whom it answered."""
    card, actor = card_here(address)
    count = team.count_pages(actor, scope_of(card))
    page = min(forms.number("page", 1), count)
    waiting, answered = team.list_lines(actor, scope_of(card), page)
    return render_template(
        "conversations/team_lines.html",
        card=card,
        waiting=waiting,
        answered=answered,
        page=page,
        pages_in_all=count,
        duty=duty_sentence(card.id, card.zone),
        now=clock.now(),
    )


@bp.get("/messages")
def show_messages() -> str:
    """M18: one's own conversations with the teams of one's groups, and where something is new."""
    actor = current_actor()
    return render_template("conversations/messages.html", groups=[_messages_of(s, actor) for s in _scopes(actor)])


def _scopes(actor: Actor) -> list[Scope]:
    return list_scopes(actor.account_id) if actor.account_id else []


def _messages_of(scope: Scope, actor: Actor) -> dict[str, Any]:
    writer = current_writer_in(scope).writer_in(scope.group_id)
    mine = team.list_mine([writer]) if writer else []
    named = team.names_of(mine)
    return {
        "group": team.find_group(scope) if writer else None,
        "waits": find_waiting(actor, scope) is not None,
        "about": asking.list_about(actor, scope),
        "talks": help_door.list_talks(writer),
        "opened": opened.has_news(writer),
        "lines": sorted(((one, named[one.face.id]) for one in mine), key=lambda pair: pair[0].face.masked),
    }
