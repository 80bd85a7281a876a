"""Rooms and meetings of a group, each in the state that an address is about."""

from typing import Any

from sqlalchemy import func, select, update

from forum.base import clock
from forum.base.db import rows
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.models import Duty, Persona, Role, Room, RoomKind
from forum.rooms import follow_ups, guests, opening, queries, schedule, seats, struggling
from forum.rooms.set_up import MOST_ROOMS
from tests.meeting import Gathering, gather, make_room
from tests.world import GroupHere, World

#: Forms that the pages send.
ROOM_FORMS = {
    "rooms.say_if_coming": {"answer": "yes"},
    "rooms.say": {"body": "Hello, all.", "token": write_ident(new_ident())},
    "room_hands.show_card": {"card": "tired"},
    "room_hands.take_turn": {"do": "keep", "turn_body": "In peace."},
    "room_desk.do": {"note": "Watch the clock."},
    "room_desk.send_out": {"words": "Please rest today.", "to_room": ""},
    "room_after.change_check_in": {"do": "want"},
    "room_after.change_summary": {"do": "write", "body": "We talked about rest.", "version": "0"},
    "room_after.answer_debrief": {"answer0": "Tired."},
    "follow_ups.change": {"do": "take", "version": "0"},
    "room_set_up.make": {"name": "Tea", "kind": "session", "weekday": "7", "needs": "2", "minutes": "60"},
    "room_set_up.change": {"name": "Tea", "kind": "drop_in", "weekday": "7", "needs": "2", "minutes": "60"},
    "room_set_up.set_theme": {"theme": "Small joys"},
}
#: What is asked of a meeting that is still to come.
PLANNED = {"rooms.say_if_coming", "rooms.download_date", "room_set_up.show_theme", "room_set_up.set_theme"}
SESSION = {"kind": RoomKind.SESSION, "weekday": 1, "starts": "19:30", "sign_up": True}


def room_thing(
    world: World, endpoint: str, group: GroupHere, arguments: set[str]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What an address of rooms is about; None for any other address."""
    _put_away_old_rooms(world, group)
    if "follow_up_id" in arguments:
        there = gather(world, group=group)
        at = {"address": group.address}
        return {**at, "follow_up_id": asked_for(world, there)}, {**at, "follow_up_id": new_ident()}
    if endpoint.split(".")[0] in ("room_hands", "room_signals", "room_desk", "room_after"):
        return _of_meeting(world, endpoint, group)
    if "room_id" in arguments:
        return {"room_id": _room(world, group)}, {"room_id": new_ident()}
    if endpoint == "rooms.show_of":
        return {"conversation_id": _words_of(world, gather(world, group=group))}, {"conversation_id": new_ident()}
    if "meeting_id" not in arguments:
        return None
    planned = endpoint in PLANNED or endpoint == "room_set_up.cancel"
    found = _planned(world, group) if planned else gather(world, group=group).id
    return {"meeting_id": found}, {"meeting_id": new_ident()}


def _put_away_old_rooms(world: World, group: GroupHere) -> None:
    """Each address gets a room of its own, and a group has only so many: half of them, for those still to be asked for."""
    open_ones = (Room.group_id == group.scope.group_id, Room.retired_at.is_(None))
    with world.app.app_context(), transaction():
        if here().scalar(select(func.count()).where(*open_ones)) < MOST_ROOMS // 2:
            return
        here().execute(update(Room).where(*open_ones).values(retired_at=clock.now()))


def _of_meeting(world: World, endpoint: str, group: GroupHere) -> tuple[dict[str, Any], dict[str, Any]]:
    """A meeting that everybody of the group is in, and whose desk each of its facilitators has a seat at."""
    there = gather(world, group=group, summary=True)
    more: dict[str, Any] = {"act": "note"} if endpoint == "room_desk.do" else {}
    if endpoint in ("room_desk.show_person", "room_desk.send_out"):
        more = {"face_id": there.members[0].persona_id}
    with world.app.app_context(), transaction():
        for one in rows(select(Persona.id, Persona.role).where(Persona.group_id == group.scope.group_id)):
            guests.ask_in(group.scope, one.id, there.id)
            if one.role is Role.FACILITATOR and not endpoint.startswith(("room_hands", "room_signals")):
                seats.take(there.id, one.id, Duty.HOST if one.id == there.host.persona_id else Duty.SUPPORT)
    if endpoint.startswith("room_after"):
        with world.app.app_context():
            opening.close_meeting(there.host.actor, there.id)
    return {"meeting_id": there.id, **more}, {"meeting_id": new_ident(), **more}


def asked_for(world: World, there: Gathering) -> bytes:
    """Somebody of a meeting asked for a person; gives what is to be done about it."""
    with world.app.app_context():
        struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
        return follow_ups.list_for(there.host.actor, there.group.scope)[0].id


def _room(world: World, group: GroupHere) -> bytes:
    return make_room(world, world.person(group, Role.FACILITATOR), kind=RoomKind.DROP_IN)


def _planned(world: World, group: GroupHere) -> bytes:
    room_id = make_room(world, world.person(group, Role.FACILITATOR), **SESSION)
    with world.app.app_context():
        return schedule.list_planned(room_id)[0].id


def _words_of(world: World, there: Gathering) -> bytes:
    with world.app.app_context():
        found = queries.find_meeting(there.id)
        assert found
        return found.conversation_id
