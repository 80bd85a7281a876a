"""Boards, topics and posts over HTTP. Everything works as a plain form; scripts only save waiting."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import queries as accounts_queries
from forum.base import clock, jobs
from forum.base.errors import Invalid, NotFound
from forum.base.idents import read_ident, read_post_id, write_ident, write_post_id
from forum.base.keyring import Scope
from forum.base.text import MAX_BODY
from forum.base.words import _
from forum.conversations import (
    board_page,
    board_queries,
    drafts,
    entrance,
    fragments,
    places,
    queries,
    team,
    topic_page,
    usecases,
)
from forum.conversations.board_queries import Before
from forum.conversations.drafts import Kept
from forum.conversations.entrance import Entrance
from forum.conversations.usecases import Words
from forum.groups import home, reading, vouching
from forum.groups.door_views import show_outside
from forum.groups.queries import count_members, duty_sentence, scope_of
from forum.groups.views import card_here
from forum.models import ConversationKind, Standing
from forum.policy import permissions
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import Denial
from forum.web import forms
from forum.web.actors import current_actor_in, current_writer_in
from forum.web.csrf import current
from forum.web.language import language_of_words
from forum.web.pages import show_crisis_of

bp = Blueprint("conversations", __name__)


def enter_conversation(conversation_id: bytes) -> Entrance:
    """Open a conversation for the one who asks. A stranger's answer is the same whether it exists or not."""
    session = current()
    door = session.opened or entrance.look(session.cookie_sha256, conversation_id)
    found = entrance.read(door) if door else None
    if found is None:
        raise _stranger()
    session.know(found.sign_in)
    show_crisis_of(found.place.nation, found.place.group_address)
    reading.check(session.cookie_sha256 or b"", found.place.group_id, conversation_id)
    if found.due:
        jobs.help_out()
        return entrance.enter(session.cookie_sha256, conversation_id) or found
    return found


def _stranger() -> Exception:
    """What somebody gets who may not come in: the same whether it exists or not."""
    if current().account_id is None:
        return Unauthorized()
    return NotFound(str(Denial.NOT_A_MEMBER.value))


@bp.get("/c/<ident:conversation_id>")
def show_conversation(conversation_id: bytes) -> str:
    """A topic, opened at the page of the first post not read yet unless another is asked for."""
    found = enter_conversation(conversation_id)
    unread_page = min(found.place.pages, found.marker // places.PAGE + 1)
    page = min(forms.number("page", 0) or unread_page, found.place.pages)
    kept = _words_of(found.draft) if found.draft else Words("")
    waits = first_waits(found.membership, found.place.holds_newcomers, found.place.zone)
    return topic_page.show(found, page, _answering(found, kept.answers_id), kept, waits)


def first_waits(me: Membership | None, holds_newcomers: bool, zone: str) -> str | None:
    """What it costs that this group reads first posts, and posts under an alias, before others do; said before they post."""
    if me is None or not holds_newcomers:
        return None
    if me.standing is Standing.NEWCOMER:
        cost = _("Someone from the team reads your first post before the group does.")
    else:
        cost = _("If you hide your name, someone from the team reads your post before the group does.")
    return f"{cost} {duty_sentence(me.scope.group_id, zone)}"


def _answering(found: Entrance, kept_id: int | None = None) -> fragments.Shown | None:
    """The post that the writer chose to answer, if they may see it; without a choice the one of their kept words."""
    typed = request.form if request.method == "POST" else request.args
    post_id = read_post_id(typed["answers"]) if "answers" in typed else kept_id
    if post_id is None:
        return None
    try:
        row, place, _own = queries.get_row(found.actor, post_id)
    except NotFound:
        if "answers" in typed:
            raise
        return None  # gone since they kept their words
    return fragments.shown(row, place.zone) if place.id == found.place.id and row.changed_in else None


@bp.get("/c/<ident:conversation_id>/changes")
def show_changes(conversation_id: bytes) -> Response:
    """What changed since the reader's feed number, as this reader may see it now."""
    found = enter_conversation(conversation_id)
    after = forms.number("after")
    if after >= found.place.feed_no:
        return jsonify(to=found.place.feed_no, changes=[])
    changes = fragments.changes_of(found.actor, found.place, after)
    return jsonify(to=found.place.feed_no, changes=changes or [], reload=changes is None)


@bp.post("/c/<ident:conversation_id>/posts")
def submit_post(conversation_id: bytes) -> AnyResponse | tuple[str, int]:
    """Reply."""
    found = enter_conversation(conversation_id)
    words = read_words()
    try:
        if forms.checked("later"):
            drafts.keep_draft(found.actor, found.place.group_id, conversation_id, _kept(words))
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
        answering=_answering(found),
        token=forms.token(),
        errors=forms.errors_of(error),
        words=words,
        kept=False,
        most_letters=MAX_BODY,
        first_waits=first_waits(found.membership, found.place.holds_newcomers, found.place.zone),
    )


def read_words() -> Words:
    """What the form says."""
    return Words(
        body=request.form.get("body", ""),
        lang=language_of_words(request),
        masked=request.form.get("masked") == "yes",
        answers_id=read_post_id(request.form.get("answers", "")),
    )


def _kept(words: Words, title: str = "") -> Kept:
    return Kept(words.body, title, words.masked, words.lang, words.answers_id)


def _words_of(kept: Kept) -> Words:
    return Words(kept.body, kept.lang or language_of_words(request), kept.masked, kept.answers_id)


@bp.post("/c/<ident:conversation_id>/read")
def mark_read(conversation_id: bytes) -> AnyResponse:
    """Note how far somebody read."""
    found = enter_conversation(conversation_id)
    usecases.mark_read(found.actor, conversation_id, forms.sent_number("seq", 0))
    if request.accept_mimetypes.best == "application/json":
        return Response(status=204)
    return redirect(url_for("conversations.show_board", board_id=found.place.board_id), 303)


@bp.get("/g/<address>")
def show_group(address: str) -> str:
    """A group: its card for everyone (M1), its boards for members."""
    card, actor = card_here(address)
    membership = actor.membership_in(card.id)
    if membership is None:
        return show_outside(card, actor)
    return render_template(
        "groups/group.html",
        card=card,
        me=membership,
        boards=board_queries.list_boards(actor, card.id),
        retired=board_queries.list_retired_boards(actor, card.id),
        answers=sum(line.has_news for line in team.list_mine([membership])),
        asking=team.count_waiting(actor, scope_of(card)) if membership.on_team else 0,
        duty=duty_sentence(card.id, card.zone),
        now=clock.now(),
        vouched=home.notices_about(address, card.name, membership.name, vouching.find_mine(membership)),
    )


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
    return redirect(url_for("conversations.write_topic", board_id=boards[0].id), 303)


@bp.get("/b/<ident:board_id>")
def show_board(board_id: bytes) -> str:
    """A board's topics, latest activity first."""
    session, before = current(), _before()
    if session.opened is not None:
        found, topics = session.opened
        show_crisis_of(found.board.nation, found.board.group_address)
        return board_page.show(found, topics, before)
    found = entrance.enter_board(session.cookie_sha256, board_id)
    if found is None:
        raise _stranger()
    session.know(found.sign_in)
    show_crisis_of(found.board.nation, found.board.group_address)
    return board_page.show(found, board_page.list_topics(found, before), before)


def _before() -> Before | None:
    """Where the page begins, from an address we made."""
    hour, dot, ident = request.args.get("before", "").partition(".")
    conversation_id = read_ident(ident) if dot else None
    if conversation_id is None or not (hour.isascii() and hour.isdigit() and len(hour) < 10):
        return None
    return Before(clock.from_hours(int(hour)), conversation_id)


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
    return _topic_form(board, actor, kept.title, _words_of(kept), [], kept=bool(kept.body or kept.title))


@bp.post("/b/<ident:board_id>/write")
def start_topic(board_id: bytes) -> AnyResponse | tuple[str, int]:
    """Open a topic."""
    board, actor = _board(read_ident(request.form.get("board", "")) or board_id)
    words, title = read_words(), request.form.get("title", "")
    try:
        if forms.checked("later"):
            drafts.keep_draft(actor, board.group_id, board.id, _kept(words, title))
            return redirect(url_for("conversations.write_topic", board_id=board.id), 303)
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


def post_here(post_id: int) -> tuple[Row, places.Place, bool, Actor]:
    """A post for the one who asks: a stranger's answer is the same whether it exists or not."""
    actor = current_writer_in(places.find_group_of_post(post_id))
    if actor.account_id is None:
        raise Unauthorized
    found = queries.get_row(actor, post_id)
    show_crisis_of(found[1].nation, found[1].group_address)
    return (*found, actor)


@bp.get("/p/<post:post_id>")
def show_post(post_id: int) -> AnyResponse:
    """Where a post stands."""
    row, place, _own, _actor = post_here(post_id)
    page = (row.seq - 1) // places.PAGE + 1
    where = "team.show_line" if place.kind is ConversationKind.TEAM else "conversations.show_conversation"
    address = url_for(where, conversation_id=place.id, page=page)
    return redirect(f"{address}#post-{write_post_id(post_id)}", 303)


@bp.get("/p/<post:post_id>/sent")
def show_sent(post_id: int) -> AnyResponse | str:
    """After posting (M8): what became of the words, when somebody will look, where help is."""
    row, place, own, actor = post_here(post_id)
    if not own:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    if place.kind is ConversationKind.TEAM:
        return redirect(url_for("team.show_line", conversation_id=place.id, done="sent"), 303)
    return render_template(
        "conversations/sent.html",
        post=fragments.shown(row, place.zone),
        place=place,
        duty=duty_sentence(place.group_id, place.zone),
        has_way_back=accounts_queries.has_way_back(actor),
    )


@bp.get("/p/<post:post_id>/more")
def show_more(post_id: int) -> str:
    """What this person may do with a post. Every post of every author links here."""
    row, place, own, actor = post_here(post_id)
    facts, to_team = queries.facts_of(row, place, own), place.kind is ConversationKind.TEAM
    return render_template(
        "conversations/more.html",
        post=fragments.shown(row, place.zone),
        place=place,
        me=actor.writer_in(place.group_id),
        mine=own,
        may_edit=permissions.may_edit(actor, facts) is None,
        may_withdraw=permissions.may_withdraw(actor, facts) is None,
        may_post=not to_team and permissions.may_post(actor, places.facts_here(place)) is None,
        to_team=to_team,
        versions=_versions(actor, post_id) if permissions.may_see_versions(actor, facts) is None else [],
        may_look_after=not to_team and permissions.may_look_after(actor, place.group_id) is None,
        now=clock.now(),
    )


def _versions(actor: Actor, post_id: int) -> list[dict[str, Any]]:
    """Earlier words, newest first; a link leads on to older ones, so that all of them can be erased."""
    return [
        {
            "ident": write_ident(v.id),
            "n": v.n,
            "html": Markup(v.html),  # noqa: S704 - sanitised when it was written (forum.base.text)
            "replaced_hour": v.replaced_hour,
        }
        for v in queries.list_versions(actor, post_id, forms.number("before"))
    ]


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
    return redirect(url_for("conversations.show_withdrawn", conversation_id=place.id), 303)


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
