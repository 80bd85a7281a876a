"""For facilitators: making rooms, their times and themes, and preparing one now."""

from datetime import date, time

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from forum.base.errors import Invalid, NotFound
from forum.base.words import _
from forum.groups.queries import find_card, scope_of
from forum.groups.views import card_for_facilitator
from forum.models import RoomKind
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_facilitate, require
from forum.rooms import opening, queries, room_page, schedule, set_up
from forum.rooms.schedule import Theme
from forum.rooms.set_up import Wanted
from forum.web import forms
from forum.web.actors import current_actor_in
from forum.web.pages import show_crisis_of

bp = Blueprint("room_set_up", __name__)


def room_here(room_id: bytes) -> tuple[Row, Row, Actor]:
    """A room with its group's card, for a facilitator of it.

    :raises Unauthorized: not signed in. :raises NotFound, NotAllowed: anybody else.
    """
    scope = queries.find_scope_of_room(room_id)
    actor = current_actor_in(scope)
    if actor.account_id is None:
        raise Unauthorized
    room = queries.get_room(actor, room_id)
    require(may_facilitate, actor, room.group_id)
    card = find_card(room.address)
    if card is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    show_crisis_of(card.nation, card.address)
    return room, card, actor


@bp.get("/g/<address>/rooms/new")
def show_new(address: str) -> str:
    """A form for a new room."""
    card, _actor = card_for_facilitator(address)
    return _form(card, None, Wanted(), [])


@bp.post("/g/<address>/rooms/new")
def make(address: str) -> AnyResponse | tuple[str, int]:
    """Make a room."""
    card, actor = card_for_facilitator(address)
    try:
        wanted = _typed()
        room_id = set_up.make_room(actor, scope_of(card), wanted)
    except Invalid as error:
        return _form(card, None, _shown(), forms.errors_of(error)), error.status
    return redirect(url_for("room_set_up.show_room", room_id=room_id), 303)


@bp.get("/rooms/<ident:room_id>")
def show_room(room_id: bytes) -> str:
    """A room: what is planned in it, and its settings."""
    room, card, _actor = room_here(room_id)
    return _room(card, room, Theme(), [])


def _room(card: Row, room: Row, theme: Theme, errors: list[forms.Error]) -> str:
    planned = schedule.list_planned(room.id)
    return render_template(
        "rooms/set_up_room.html",
        card=card,
        room=room,
        planned=[(meeting, room_page.when(meeting)) for meeting in planned],
        theme=theme,
        typed={name: request.form.get(name, "") for name in ("day", "at")},
        errors=errors,
    )


@bp.get("/rooms/<ident:room_id>/settings")
def show_settings(room_id: bytes) -> str:
    """A form for other settings of a room."""
    room, card, _actor = room_here(room_id)
    return _form(card, room, set_up.wanted_of(room), [])


@bp.post("/rooms/<ident:room_id>/settings")
def change(room_id: bytes) -> AnyResponse | tuple[str, int]:
    """Change a room."""
    room, card, actor = room_here(room_id)
    try:
        set_up.change_room(actor, room_id, _typed())
    except Invalid as error:
        return _form(card, room, _shown(), forms.errors_of(error)), error.status
    return redirect(url_for("room_set_up.show_room", room_id=room_id), 303)


@bp.post("/rooms/<ident:room_id>/retire")
def retire(room_id: bytes) -> AnyResponse:
    """Put a room away."""
    _room_row, card, actor = room_here(room_id)
    set_up.retire_room(actor, room_id)
    return redirect(url_for("rooms.show_rooms", address=card.address), 303)


@bp.post("/rooms/<ident:room_id>/now")
def open_now(room_id: bytes) -> AnyResponse:
    """Prepare a room that has no set times."""
    _room_row, _card, actor = room_here(room_id)
    return redirect(url_for("rooms.show_meeting", meeting_id=opening.prepare_now(actor, room_id)), 303)


@bp.post("/rooms/<ident:room_id>/plan")
def plan(room_id: bytes) -> AnyResponse | tuple[str, int]:
    """Plan one meeting."""
    room, card, actor = room_here(room_id)
    theme = _theme()
    try:
        day, at = _day_and_time()
        schedule.plan_meeting(actor, room_id, day, at, theme, card.zone)
    except Invalid as error:
        return _room(card, room, theme, forms.errors_of(error)), error.status
    return redirect(url_for("room_set_up.show_room", room_id=room_id), 303)


@bp.get("/m/<ident:meeting_id>/theme")
def show_theme(meeting_id: bytes) -> str:
    """What a meeting is about, to say or to change, and calling it off."""
    actor = _actor_of(meeting_id)
    meeting = queries.get_meeting(actor, meeting_id)
    require(may_facilitate, actor, meeting.scope.group_id)
    return _theme_form(meeting, Theme(meeting.theme, meeting.prompt), [])


@bp.post("/m/<ident:meeting_id>/theme")
def set_theme(meeting_id: bytes) -> AnyResponse | tuple[str, int]:
    """Say what a meeting is about."""
    actor = _actor_of(meeting_id)
    meeting = queries.get_meeting(actor, meeting_id)
    try:
        schedule.set_theme(actor, meeting_id, _theme())
    except Invalid as error:
        return _theme_form(meeting, _theme(), forms.errors_of(error)), error.status
    return redirect(url_for("room_set_up.show_room", room_id=meeting.room_id), 303)


@bp.post("/m/<ident:meeting_id>/cancel")
def cancel(meeting_id: bytes) -> AnyResponse:
    """A planned meeting does not take place."""
    actor = _actor_of(meeting_id)
    meeting = queries.get_meeting(actor, meeting_id)
    schedule.cancel_meeting(actor, meeting_id)
    return redirect(url_for("room_set_up.show_room", room_id=meeting.room_id), 303)


def _actor_of(meeting_id: bytes) -> Actor:
    actor = current_actor_in(queries.find_scope(meeting_id))
    if actor.account_id is None:
        raise Unauthorized
    return actor


def _theme_form(meeting: queries.MeetingSeen, theme: Theme, errors: list[forms.Error]) -> str:
    show_crisis_of(meeting.nation, meeting.group_address)
    return render_template(
        "rooms/set_up_theme.html", meeting=meeting, when=room_page.when(meeting), theme=theme, errors=errors
    )


def _form(card: Row, room: Row | None, wanted: Wanted, errors: list[forms.Error]) -> str:
    return render_template(
        "rooms/set_up_form.html",
        card=card,
        room=room,
        wanted=wanted,
        kinds=set_up.KINDS,
        needs=set_up.NEEDS,
        most_places=set_up.MOST_PLACES,
        errors=errors,
    )


def _theme() -> Theme:
    return Theme(request.form.get("theme", ""), request.form.get("prompt", ""))


def _day_and_time() -> tuple[date, time]:
    """:raises Invalid: one of the two is none."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise Invalid(_("Give the day as year, month and day, such as 2030-01-31."), "day") from error
    try:
        return day, time.fromisoformat(request.form.get("at", ""))
    except ValueError as error:
        raise Invalid(_("Give the time as hours and minutes, such as 19:30."), "at") from error


def _typed() -> Wanted:
    """What the form says. :raises Invalid: no such kind of room."""
    if request.form.get("kind") not in set(RoomKind):
        raise Invalid(_("Choose one of the answers."), "kind")
    return _shown()


def _shown() -> Wanted:
    """The same as it is shown again; nonsense is left out."""
    kind, weekday = request.form.get("kind", ""), forms.sent_number("weekday", 7)
    return Wanted(
        name=request.form.get("name", ""),
        purpose=request.form.get("purpose", ""),
        kind=RoomKind(kind) if kind in set(RoomKind) else RoomKind.SESSION,
        masked=forms.checked("masked"),
        needs=forms.sent_number("needs", 2),
        capacity=forms.sent_number("capacity", 0) or None,
        weekday=weekday if weekday < 7 else None,
        starts=request.form.get("starts", "").strip(),
        minutes=forms.sent_number("minutes", 0),
        sign_up=forms.checked("sign_up"),
        summary=forms.checked("summary"),
        planned=forms.checked("planned"),
    )
