"""A group's rooms for its members: the list, the doorway, the room itself and what stands there after it closed."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.errors import Conflict, ForumError, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident, write_post_id
from forum.base.text import MAX_ROOM_BODY
from forum.base.words import _
from forum.conversations import asking, drafts, fragments, usecases
from forum.conversations.entrance import Entrance
from forum.conversations.lifecycle import Written
from forum.conversations.prepare import Words
from forum.conversations.views import enter_conversation
from forum.conversations.writing_forms import kept_here, of_this_form, read_words, refuse_files, sent_back
from forum.groups.queries import scope_of
from forum.groups.views import card_for_member
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_facilitate
from forum.rooms import (
    calendars,
    check_ins,
    debriefs,
    doorway,
    follow_ups,
    guests,
    opening,
    queries,
    room_page,
    run_state,
    seats,
    sign_up,
    struggling,
)
from forum.rooms.queries import MeetingSeen
from forum.web import display, forms
from forum.web.actors import current_actor_in
from forum.web.pages import show_crisis_of

bp = Blueprint("rooms", __name__)

#: What a reader without scripts can choose: seconds after which their page comes anew.
REFRESH = (15, 30, 60)


@bp.get("/g/<address>/rooms")
def show_rooms(address: str) -> str:
    """Which rooms there are and when people meet."""
    card, actor, me = card_for_member(address)
    coming = queries.list_coming(actor, card.id)
    facilitates = may_facilitate(actor, card.id) is None
    return render_template(
        "rooms/list.html",
        ask_how=check_ins.list_due(me),
        todo=follow_ups.count_open(actor, scope_of(card)) if facilitates else 0,
        card=card,
        coming=[(meeting, room_page.when(meeting), sign_up.sentence(meeting)) for meeting in coming],
        rooms=queries.list_rooms(actor, card.id),
        facilitates=facilitates,
        me=me,
    )


def meeting_here(meeting_id: bytes) -> tuple[MeetingSeen, Actor]:
    """A meeting for the one who asks, with what was due in it done. A stranger gets the same as for none.

    :raises Unauthorized: not signed in. :raises NotFound: not for this person.
    """
    actor = current_actor_in(queries.find_scope(meeting_id))
    if actor.account_id is None:
        raise Unauthorized
    meeting = queries.get_meeting(actor, meeting_id)
    show_crisis_of(meeting.nation, meeting.group_address)
    member = queries.member_of(actor, meeting)
    if member.on_team:
        seats.renew(meeting_id, member.persona_id)
    if opening.find_due(meeting, seats.list_here(meeting_id), clock.now()):
        opening.settle(meeting_id)
        meeting = queries.get_meeting(actor, meeting_id)
    return meeting, actor


@bp.get("/m/<ident:meeting_id>")
def show_meeting(meeting_id: bytes) -> AnyResponse | str:
    """A meeting as it is now for this person: its door, the room, or what is left of it."""
    meeting, actor = meeting_here(meeting_id)
    member = queries.member_of(actor, meeting)
    seated = seats.holds(meeting_id, member.persona_id)
    inside = guests.is_in(meeting.scope, member.persona_id, meeting_id)
    if meeting.is_over:
        return _closed(meeting, actor, inside)
    if seated and not meeting.is_live:
        return _prepare(meeting, actor)
    if seated or (inside and meeting.is_live):
        struggling.heard(meeting_id, member)
        return _room(meeting, enter_conversation(meeting.conversation_id), None, [], forms.new_token())
    return _door(meeting, actor)


@bp.get("/c/<ident:conversation_id>/room")
def show_of(conversation_id: bytes) -> AnyResponse:
    """The room whose words stand in a conversation, at the page that was asked for."""
    meeting = queries.find_by_conversation(conversation_id)
    if meeting is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    meeting_here(meeting.id)
    return redirect(url_for("rooms.show_meeting", meeting_id=meeting.id, page=request.args.get("page")), 303)


def _door(meeting: MeetingSeen, actor: Actor, errors: list[forms.Error] | None = None) -> str:
    member, denial = queries.member_of(actor, meeting), doorway.why_not(actor, meeting)
    return render_template(
        "rooms/doorway.html",
        meeting=meeting,
        me=member,
        why_not=denial,
        facilitates=may_facilitate(actor, meeting.scope.group_id) is None,
        errors=errors or [],
        **room_page.at_the_door(meeting, member),
    )


def _prepare(meeting: MeetingSeen, actor: Actor, errors: list[forms.Error] | None = None) -> str:
    here_now = seats.list_here(meeting.id)
    return render_template(
        "rooms/prepare.html",
        meeting=meeting,
        when=room_page.when(meeting),
        here_now=here_now,
        needed=seats.needed(meeting),
        enough=sum(one.leads for one in here_now) >= seats.needed(meeting),
        reasons=[{"value": word, "label": str(said)} for word, said in opening.REASONS.items()],
        coming=sign_up.sentence(meeting),
        refresh=_refresh(),
        errors=errors or [],
    )


def _refresh() -> int:
    """Seconds after which a reader without scripts wants the page anew; 0 for never."""
    chosen = forms.number("refresh", 0)
    return chosen if chosen in REFRESH else 0


def _room(meeting: MeetingSeen, found: Entrance, words: Words | None, errors: list[forms.Error], token: str) -> str:
    """The room. :param words: that come back; None: what was written here and not sent, as it is kept."""
    member, place = found.membership, found.place
    draft = kept_here(found.draft) if words is None else sent_back()
    here_now = seats.list_here(meeting.id)
    seated = any(one.persona_id == member.persona_id for one in here_now)
    page = min(forms.number("page", 0) or place.pages, place.pages)
    return render_template(
        "rooms/room.html",
        meeting=meeting,
        place=place,
        ident=write_ident(place.id),
        me=member,
        alias=found.alias,
        seated=seated,
        masked=meeting.masked and not seated,
        messages=room_page.messages(found, page),
        waiting=fragments.waiting_of(found),
        page=page,
        here_now=here_now,
        short=seats.is_short(meeting, here_now),
        state=run_state.of(found.actor, meeting),
        kept_for=room_page.kept_for(meeting),
        words=words or Words(draft.body),
        draft=draft,
        errors=errors,
        token=token,
        refresh=_refresh(),
        low=display.chosen(display.here())["low"],
        choices=REFRESH,
        most_letters=MAX_ROOM_BODY,
    )


def _closed(meeting: MeetingSeen, actor: Actor, inside: bool) -> str:
    member = queries.member_of(actor, meeting)
    found = enter_conversation(meeting.conversation_id) if inside or member.on_team else None
    page = min(forms.number("page", 0) or found.place.pages, found.place.pages) if found else 1
    return render_template(
        "rooms/closed.html",
        meeting=meeting,
        found=found,
        unsent=[found.draft, *found.draft.others] if found and found.draft else [],
        page=page,
        inside=inside,
        debriefs=debriefs.is_asked(member, meeting),
        messages=room_page.messages(found, page) if found else "",
        kept_for=room_page.kept_for(meeting),
        following=queries.find_next(meeting.scope.group_id),
        when_next=(following := queries.find_next(meeting.scope.group_id)) and room_page.when(following),
        facilitates=may_facilitate(actor, meeting.scope.group_id) is None,
    )


@bp.get("/m/<ident:meeting_id>/date.ics")
def download_date(meeting_id: bytes) -> Response:
    """A planned meeting for a calendar; it says nothing but the time."""
    meeting, _actor = meeting_here(meeting_id)
    if meeting.planned_at is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    answer = Response(calendars.write(meeting, meeting.planned_at), content_type=calendars.TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{calendars.NAME}"'
    return answer


@bp.post("/m/<ident:meeting_id>/sign-up")
def say_if_coming(meeting_id: bytes) -> AnyResponse | tuple[str, int]:
    """Yes, no or not sure."""
    meeting, actor = meeting_here(meeting_id)
    try:
        sign_up.answer(actor, meeting_id, request.form.get("answer", ""))
    except Invalid as error:
        return _door(meeting, actor, forms.errors_of(error)), error.status
    if request.form.get("back") == "group":
        return redirect(url_for("conversations.show_group", address=meeting.group_address), 303)
    return _to(meeting_id)


@bp.post("/m/<ident:meeting_id>/come-in")
def come_in(meeting_id: bytes) -> AnyResponse:
    """Through the doorway."""
    _meeting, actor = meeting_here(meeting_id)
    doorway.come_in(actor, meeting_id)
    return _to(meeting_id)


@bp.post("/m/<ident:meeting_id>/go")
def go(meeting_id: bytes) -> AnyResponse:
    """Leave the room quietly: nobody is told. Whoever looks after it hands over first."""
    meeting, actor = meeting_here(meeting_id)
    member = queries.member_of(actor, meeting)
    if seats.holds(meeting_id, member.persona_id):
        opening.leave_seat(actor, meeting_id)
    struggling.left(meeting_id, member)
    return redirect(url_for("rooms.show_rooms", address=meeting.group_address), 303)


@bp.post("/m/<ident:meeting_id>/sit")
def sit(meeting_id: bytes) -> AnyResponse:
    """Look after a meeting from now on, or help with the site there."""
    _meeting, actor = meeting_here(meeting_id)
    seats.sit(actor, meeting_id, for_site=forms.checked("for_site"))
    return _to(meeting_id)


@bp.post("/m/<ident:meeting_id>/open")
def open_room(meeting_id: bytes) -> AnyResponse | tuple[str, int]:
    """Let members in."""
    meeting, actor = meeting_here(meeting_id)
    try:
        opening.open_meeting(actor, meeting_id, request.form.get("reason", ""))
    except Invalid as error:
        return _prepare(meeting, actor, forms.errors_of(error)), error.status
    return _to(meeting_id)


@bp.post("/m/<ident:meeting_id>/renew")
def renew(meeting_id: bytes) -> AnyResponse:
    """A facilitator's page is still there: `meeting_here` renews its seat."""
    meeting_here(meeting_id)
    return Response(status=204)


def _to(meeting_id: bytes) -> AnyResponse:
    return redirect(url_for("rooms.show_meeting", meeting_id=meeting_id), 303)


# --- Writing ---


@bp.post("/m/<ident:meeting_id>/say")
def say(meeting_id: bytes) -> AnyResponse | tuple[AnyResponse | str, int]:
    """Send a message: as a form, or from a page whose line is broken, which wants JSON."""
    meeting, actor = meeting_here(meeting_id)
    member = queries.member_of(actor, meeting)
    seated = seats.holds(meeting_id, member.persona_id)
    if not (seated or guests.is_in(meeting.scope, member.persona_id, meeting_id)):
        raise NotAllowed(_("Come in to the room first. Then you can write."))
    found = enter_conversation(meeting.conversation_id)
    masked = face_shown(meeting.masked and not seated)
    words = replace(read_words(), masked=masked, as_team=False, answers_id=None)
    as_json = request.accept_mimetypes.best == "application/json"
    try:
        refuse_files()
        if asked := asking.find_question(words, found.place.group_words):
            return _ask_first(asked, words, meeting, as_json)
        words = asking.answered(words)[0]
        written = usecases.submit_post(found.actor, meeting.conversation_id, words, forms.token())
    except (Invalid, NotAllowed) as error:
        return _refused(meeting, found, words, error, as_json), error.status
    drafts.discard_draft(found.actor, meeting.scope.group_id, meeting.conversation_id, *of_this_form())
    return _said(written) if as_json else redirect(f"{_to(meeting_id).location}#end", 303)


def face_shown(now: bool) -> bool:
    """Whether the page that sends this form showed its reader an alias. :param now: for a form that does not say."""
    return {"yes": True, "no": False}.get(request.form.get("masked", ""), now)


def _ask_first(asked: Any, words: Words, meeting: MeetingSeen, as_json: bool) -> tuple[AnyResponse | str, int]:
    """The one question before words go out; a script then sends the form itself, so that its page comes."""
    if as_json:
        return jsonify(error="ask"), Conflict.status
    return asking.show_question(asked, words, meeting.group_address), 200


def _said(written: Written) -> AnyResponse:
    return jsonify(post=write_post_id(written.id), seq=written.seq, state=written.state.value)


def _refused(
    meeting: MeetingSeen, found: Entrance, words: Words, error: ForumError, as_json: bool
) -> AnyResponse | str:
    """The words come back with what is in the way; the same form sent again is still the same message."""
    if as_json:
        return jsonify(error=type(error).__name__.lower(), words=error.message)
    return _room(meeting, found, words, [forms.Error("body", error.message)], forms.token())
