"""Groups, boards, topics and posts as pages to read, and the doors to them that other views share."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.accounts import queries as accounts_queries
from forum.base import clock, jobs
from forum.base.errors import NotFound
from forum.base.idents import read_ident, write_ident, write_post_id
from forum.content.reactions import KINDS
from forum.conversations import (
    answer_times,
    board_entrance,
    board_page,
    board_queries,
    choices,
    choosing,
    entrance,
    filtering,
    fragments,
    history,
    news_times,
    notices,
    places,
    polls,
    queries,
    reactions,
    shelves,
    team,
    topic_page,
    usecases,
    waiting,
    welcoming,
)
from forum.conversations.board_queries import Before
from forum.conversations.choices import Treatment
from forum.conversations.entrance import Entrance
from forum.conversations.prepare import Words
from forum.conversations.writing_forms import answering, first_waits, kept_here, words_of
from forum.groups import brakes, home, next_meeting, reading, rota, vouching
from forum.groups.door_views import show_outside
from forum.groups.queries import duty_sentence, scope_of
from forum.groups.views import card_here
from forum.models import ConversationKind
from forum.policy import gate, permissions, waiting_word
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import Denial, ReactionFacts
from forum.web import forms
from forum.web.actors import current_writer_in
from forum.web.csrf import current
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
def show_conversation(conversation_id: bytes) -> AnyResponse | str:
    """A topic, opened at the page of the first post not read yet unless another is asked for."""
    found = enter_conversation(conversation_id)
    if found.place.kind is ConversationKind.ROOM:
        return redirect(url_for("rooms.show_of", conversation_id=conversation_id), 303)
    unread_page = min(found.place.pages, found.marker // places.PAGE + 1)
    page = min(forms.number("page", 0) or unread_page, found.place.pages)
    found = replace(found, draft=kept_here(found.draft) if found.draft else None)
    kept = words_of(found.draft) if found.draft else Words("")
    waits = first_waits(found.membership, found.place.holds, found.place.zone)
    return topic_page.show(found, page, answering(found, kept.answers_id), kept, waits)


@bp.get("/c/<ident:conversation_id>/changes")
def show_changes(conversation_id: bytes) -> Response:
    """What changed since the reader's feed number, as this reader may see it now."""
    found = enter_conversation(conversation_id)
    after = forms.number("after")
    if after >= found.place.feed_no:
        return jsonify(to=found.place.feed_no, changes=[])
    parted = found.place.tended and history.has_parted_since(conversation_id, after)
    changes = None if parted else fragments.changes_of(found.actor, found.place, after, filtering.looking(found))
    return jsonify(to=found.place.feed_no, changes=changes or [], reload=changes is None)


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
        any_news=waiting_word.waits(membership.scope, membership.persona_id)
        or notices.may_be_told(membership, card.zone),
        asking=team.count_waiting(actor, scope_of(card)) if _reaches(card, actor, membership) else 0,
        duty=duty_sentence(card.id, card.zone),
        brake=(brake := brakes.find_on(card.id)),
        braked=brakes.sentences(brake, card.zone),
        alone=welcoming.find_alone(membership, card.zone),
        welcomes=membership.on_team or welcoming.is_welcomer(membership.persona_id),
        now=clock.now(),
        meets=next_meeting.show(actor, card.id),
        vouched=home.notices_about(
            address,
            card.name,
            membership.name,
            vouching.find_mine(membership),
            copied=vouching.find_copy(membership),
        ),
    )


def _reaches(card: Row, actor: Actor, membership: Membership) -> bool:
    """Whether the team's work may show itself to this reader now: who came to read as a member is left in peace."""
    if not membership.on_team:
        return False
    on_duty = any(turn.mine for turn in rota.list_on(actor, scope_of(card), card.zone))
    return news_times.team_may_reach(choices.find(membership), card.zone, clock.now(), on_duty=on_duty)


@bp.get("/b/<ident:board_id>")
def show_board(board_id: bytes) -> str:
    """A board's topics, latest activity first."""
    session, before = current(), _before()
    if session.opened is not None:
        found, topics = session.opened
        show_crisis_of(found.board.nation, found.board.group_address)
        return board_page.show(found, topics, before)
    found = board_entrance.enter(session.cookie_sha256, board_id)
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


def post_here(post_id: int) -> tuple[Row, places.Place, bool, Actor]:
    """A post for the one who asks: a stranger's answer is the same whether it exists or not."""
    actor = current_writer_in(places.find_group_of_post(post_id))
    if actor.account_id is None:
        raise Unauthorized
    found = queries.get_row(actor, post_id)
    show_crisis_of(found[1].nation, found[1].group_address)
    return (*found, actor)


#: Where the posts of each kind of conversation are read.
PAGES_OF = {
    ConversationKind.TOPIC: "conversations.show_conversation",
    ConversationKind.ROOM: "rooms.show_of",
    ConversationKind.TEAM: "team.show_line",
}


@bp.get("/p/<post:post_id>")
def show_post(post_id: int) -> AnyResponse:
    """Where a post stands."""
    row, place, _own, _actor = post_here(post_id)
    page = (row.seq - 1) // places.PAGE + 1
    where = PAGES_OF[place.kind]
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
    if place.kind is ConversationKind.ROOM:
        return redirect(url_for("rooms.show_of", conversation_id=place.id), 303)
    return render_template(
        "conversations/sent.html",
        post=fragments.shown(row, place.zone),
        place=place,
        duty=duty_sentence(place.group_id, place.zone),
        promise=waiting.promise(gate.find_wait(post_id), place.zone),
        has_way_back=accounts_queries.has_way_back(actor),
        usual=answer_times.sentence(place.group_id, place.zone),
        may_follow=_may_follow(actor.membership_in(place.group_id), place.id),
        concerned=gate.is_concerned(f"{place.title}\n{row.body}" if row.seq == 1 else row.body),
        elsewhere=place.terms.values["crisis_talk"] == "redirect kindly",
        token=forms.new_token(),
    )


def _may_follow(membership: Membership | None, conversation_id: bytes) -> bool:
    """Asked, never done by itself: a masked post must not leave a trace with whoever wrote it."""
    return membership is not None and conversation_id not in shelves.list_followed(membership)


@bp.get("/p/<post:post_id>/more")
def show_more(post_id: int) -> str:
    """What this person may do with a post. Every post of every author links here."""
    row, place, own, actor = post_here(post_id)
    facts, to_team = queries.facts_of(row, place, own), place.kind is ConversationKind.TEAM
    post, me = fragments.shown(row, place.zone), actor.membership_in(place.group_id)
    look = filtering.look_alone(me, place, post, own)
    may_react = permissions.may_react(actor, ReactionFacts(facts, look.words is Treatment.BLOCKED)) is None
    return render_template(
        "conversations/more.html",
        post=post,
        look=look,
        place=place,
        me=actor.writer_in(place.group_id),
        mine=own,
        may_edit=permissions.may_edit(actor, facts) is None,
        may_withdraw=permissions.may_withdraw(actor, facts) is None,
        may_post=place.kind is ConversationKind.TOPIC and permissions.may_post(actor, places.facts_here(place)) is None,
        to_team=to_team,
        versions=_versions(actor, post_id) if permissions.may_see_versions(actor, facts) is None else [],
        may_look_after=not to_team and permissions.may_look_after(actor, place.group_id) is None,
        may_block=permissions.may_block(actor, facts) is None,
        may_note=permissions.may_note(actor, facts) is None,
        may_react=may_react,
        may_ask=row.seq == 1 and not to_team and polls.may_start(actor, place),
        kinds=_kinds(me, post_id) if may_react else [],
        noted_by_team=own and choosing.was_noted(post_id),
        bookmarked=_is_bookmarked(actor.membership_in(place.group_id), post_id),
        now=clock.now(),
    )


def _is_bookmarked(membership: Membership | None, post_id: int) -> bool:
    return membership is not None and post_id in shelves.list_bookmarks(membership)


def _kinds(me: Membership | None, post_id: int) -> list[dict[str, Any]]:
    """The quiet reactions that a reader can choose, with those they chose before."""
    mine = reactions.find_mine(me, post_id) if me else 0
    return [{"value": n, "words": words, "on": mine & 1 << n} for n, words in enumerate(KINDS)]


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
