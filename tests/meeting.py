"""Rooms and meetings for tests, through the real use cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forum.base.idents import new_ident, write_ident
from forum.conversations import usecases
from forum.conversations.lifecycle import Written
from forum.conversations.prepare import Words
from forum.models import Role, RoomKind
from forum.policy import room_rules
from forum.rooms import doorway, opening, queries, seats, set_up
from forum.rooms.queries import MeetingSeen
from forum.rooms.set_up import Wanted
from tests.world import GroupHere, Person, World


@dataclass
class Gathering:
    """A meeting with its people."""

    world: World
    group: GroupHere
    room_id: bytes
    id: bytes
    host: Person
    support: Person
    members: Sequence[Person]

    @property
    def seen(self) -> MeetingSeen:
        """As it is now. Needs an application context."""
        found = queries.find_meeting(self.id)
        assert found
        return found

    @property
    def page(self) -> str:
        """Its address."""
        return f"/m/{write_ident(self.id)}"

    def say(self, person: Person, body: str = "Hello, all.", token: str = "") -> Written:
        """A message, as a form or a socket sends it. Needs an application context."""
        seen = self.seen
        me = queries.member_of(person.actor, seen)
        words = Words(body, "en", room_rules.is_masked(me, seen.conversation_id))
        return usecases.submit_post(person.actor, seen.conversation_id, words, token or write_ident(new_ident()))

    def stay(self, *people: Person) -> None:
        """Facilitators' pages say that they are still there. Needs an application context."""
        for person in people:
            seats.renew(self.id, person.persona_id)


def make_room(world: World, by: Person, **wanted: Any) -> bytes:
    """A room made by a facilitator."""
    assert by.group
    with world.app.app_context():
        return set_up.make_room(by.actor, by.group.scope, Wanted(**{"name": "Tuesday tea", **wanted}))


def gather(world: World, members: int = 2, *, group: GroupHere | None = None, **wanted: Any) -> Gathering:
    """A meeting that is open, with two facilitators in their seats and members who came in."""
    there = group or world.group()
    host, support = world.person(there, Role.FACILITATOR), world.person(there, Role.FACILITATOR)
    room_id = make_room(world, host, **{"kind": RoomKind.DROP_IN, **wanted})
    people = [world.person(there) for _n in range(members)]
    with world.app.app_context():
        meeting_id = opening.prepare_now(host.actor, room_id)
        seats.sit(support.actor, meeting_id)
        opening.open_meeting(host.actor, meeting_id)
        for person in people:
            doorway.come_in(person.actor, meeting_id)
    return Gathering(world, there, room_id, meeting_id, host, support, people)
