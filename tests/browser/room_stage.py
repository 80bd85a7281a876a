"""Rooms to look at: one that people are in, one that hides names, one that is left alone, one that is over, one to come."""

from datetime import timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import update

from forum.base import clock
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.models import Meeting, MeetingState, Role, RoomKind
from forum.rooms import (
    cards,
    check_ins,
    debriefs,
    desk_acts,
    floor,
    meetings,
    opening,
    schedule,
    seats,
    side_rooms,
    struggling,
    summaries,
)
from forum.rooms.run import Step
from forum.rooms.schedule import Theme
from tests.meeting import Gathering, gather, make_room
from tests.world import World

LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"


class RoomStage:
    """What the pages of rooms are about."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.named = gather(world, 3, name="Tuesday tea", purpose=f"For all of us: {LONG}")
        self.group = self.named.group
        self.running, self.past, self.ended = (
            gather(world, 3, group=self.group, name=name, planned=True, summary=True)
            for name in ("In the middle", "Yesterday", "Just over")
        )
        self.masked, self.alone, self.over = (gather(world, 2, group=self.group, **one) for one in _ROOMS)
        self.newcomer = world.person(self.group)
        self.lead = world.person(self.group, Role.FACILITATOR)
        self.drop_in = make_room(world, self.lead, name="Kitchen", kind=RoomKind.DROP_IN)
        weekly = {"name": f"Weekly {LONG}"[:60], "kind": RoomKind.SESSION, "weekday": 1, "starts": "19:30"}
        self.weekly = make_room(world, self.lead, sign_up=True, capacity=12, planned=True, **weekly)
        with world.app.app_context():
            self._talk()
            self._run()
            self.coming = schedule.list_planned(self.weekly)[0].id
            schedule.set_theme(self.lead.actor, self.coming, Theme("Small joys", "What made you smile this week?"))
            self.preparing = opening.prepare_now(self.lead.actor, self.drop_in)
            self.side = side_rooms.open_side_room(
                self.named.support.actor, self.named.id, [self.named.members[2].persona_id], "A talk for two"
            )

    def _talk(self) -> None:
        for there in (self.named, self.masked, self.over):
            there.say(there.members[0], "How was *your* week?")
            there.say(there.members[1], f"Long. {LONG}")
            there.say(there.host, "Thank you both for being here.")
        with transaction():
            grace = clock.now() + timedelta(minutes=2)
            meetings.set_state(self.alone.id, MeetingState.HELD, grace_until=grace, host_id=None)
        opening.close_meeting(self.over.host.actor, self.over.id)

    def _run(self) -> None:
        """One meeting in the middle of its run, with somebody who struggles, hands, a card and a pause to write."""
        there, (wren, heron, owl) = self.running, self.running.members
        for one in (wren, heron):
            there.say(one, "How was *your* week?")
        desk_acts.put_in(there.host.actor, there.id, Step.TURNS)
        for one in (heron, owl):
            floor.raise_hand(one.actor, there.id)
        floor.keep_words(owl.actor, there.id, f"I wrote this in peace. {LONG}")
        cards.show(wren.actor, there.id, "tired")
        desk_acts.set_prompt(there.host.actor, there.id, "What gets you through a hard hour?")
        desk_acts.pin_clause(there.host.actor, there.id, "be-kind")
        desk_acts.write_note(there.host.actor, there.id, f"Watch the clock. {LONG}")
        struggling.ask(wren.actor, there.id, struggling.STRUGGLING, f"It is too much. {LONG}")
        struggling.ask(heron.actor, there.id, struggling.SITE, "My screen is black.")
        check_ins.want(self.past.members[0].actor, self.past.id, on=True)
        check_ins.want(self.ended.members[0].actor, self.ended.id, on=True)
        opening.close_meeting(self.ended.host.actor, self.ended.id)
        self._end(self.past)

    def _end(self, there: Gathering) -> None:
        """A meeting of yesterday: its summary waits, its facilitators were asked three questions."""
        opening.close_meeting(there.host.actor, there.id)
        summaries.write(there.host.actor, there.id, f"We talked about rest. {LONG}", 0)
        debriefs.answer(there.support.actor, there.id, ["It was a heavy evening.", "", ""])
        yesterday = update(Meeting).where(Meeting.id == there.id).values(closed_at=clock.now() - timedelta(days=1))
        with transaction():
            here().execute(yesterday)

    def page(self, which: str, page: str = "") -> str:
        """A meeting's page, its facilitators still there."""
        there = getattr(self, which)
        with self.world.app.app_context():
            for one in (self.named, self.masked, self.running):
                one.stay(one.host, one.support)
            seats.renew(self.preparing, self.lead.persona_id)
            seats.renew(self.side, self.named.support.persona_id)
        return f"/m/{write_ident(there if isinstance(there, bytes) else there.id)}{page}"

    def room(self, which: str, page: str = "") -> str:
        """A room's page for its facilitators."""
        return f"/rooms/{write_ident(getattr(self, which))}{page}"


_ROOMS = ({"name": "Quiet hour", "masked": True}, {"name": "Night watch"}, {"name": "Last week"})
_stages: WeakKeyDictionary[World, RoomStage] = WeakKeyDictionary()


def room_stage(world: World) -> RoomStage:
    """Made once for all screens of a world."""
    if world not in _stages:
        _stages[world] = RoomStage(world)
    return _stages[world]
