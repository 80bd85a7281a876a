""" "I'm struggling": only facilitators see it, nothing changes for anybody else, and nobody is forgotten afterwards."""

import pytest
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import row, rows
from forum.base.errors import NotAllowed
from forum.base.idents import write_ident
from forum.conversations.masks import find_mask
from forum.models import FollowUp, MeetingState, Role, Signal
from forum.policy import concern
from forum.rooms import answering, desk, follow_ups, opening, run_state, seats, struggling
from tests.meeting import Gathering, gather
from tests.world import Moves, Person, World, text_of


@pytest.fixture
def there(world: World) -> Gathering:
    return gather(world, 3)


class Heard:
    """Whoever answers for people's safety, listening."""

    def __init__(self) -> None:
        self.signals: list[concern.Signal] = []

    def note(self, signal: concern.Signal) -> None:
        """Keep it."""
        self.signals.append(signal)


@pytest.fixture
def heard() -> object:
    before, desk_here = concern._desk, Heard()
    concern.plug(desk_here)
    yield desk_here
    concern.plug(before)


def everything_of(there: Gathering, person: Person) -> list[bytes]:
    """All that a member's browser can get of a meeting, without what is different in each answer anyhow."""
    conversation = write_ident(there.seen.conversation_id)
    paths = (
        there.page,
        f"{there.page}/state?after=-1",
        f"{there.page}/state?after={there.seen.state_no}",
        f"/c/{conversation}/changes?after=0",
        f"/g/{there.group.address}/rooms",
        "/",
    )
    return [b"".join(_steady(person.get(path).data)) for path in paths]


def _steady(page: bytes) -> list[bytes]:
    """Without form tokens, which are masked anew in each answer."""
    return [line for line in page.splitlines(keepends=True) if b"csrf" not in line and b'name="token"' not in line]


@pytest.mark.parametrize("masked", [False, True])
def test_no_other_members_page_or_stream_changes_by_a_byte(
    world: World, inside: object, hints: list[tuple[str, str]], masked: bool
) -> None:
    there = gather(world, 3, masked=masked)
    wren, heron, owl = there.members
    there.say(wren, "Hello."), there.say(heron, "Hello, too.")
    before, told = [everything_of(there, one) for one in (heron, owl)], len(hints)
    asked = struggling.ask(wren.actor, there.id, struggling.STRUGGLING, "It is too much.")
    assert [everything_of(there, one) for one in (heron, owl)] == before
    here = f"c:{write_ident(there.seen.conversation_id)}"
    assert {event for room, event in hints[told:] if room == here} == {"desk"}
    assert asked.side_id
    assert heron.get(f"/m/{write_ident(asked.side_id)}").status_code == 404
    assert "You asked for somebody" in text_of(wren.get(there.page))


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is sent to sockets: where, and which event."""
    from forum.base import broadcast

    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(broadcast, "hint", lambda room, event, _values: sent.append((room, event)))
    return sent


def test_facilitators_see_it_and_the_tech_helper_does_not(world: World, inside: object, there: Gathering) -> None:
    helper = world.person(there.group, Role.MODERATOR)
    seats.sit(helper.actor, there.id, for_site=True)
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING, "It is too much.")
    struggling.ask(there.members[1].actor, there.id, struggling.SITE, "My screen is black.")
    for one, sees, sees_not in (
        (there.host, "too much", "screen is black"),
        (there.support, "too much", "screen is black"),
        (helper, "screen is black", "too much"),
    ):
        page = text_of(one.get(f"{there.page}/desk"))
        assert sees in page
        assert sees_not not in page


def test_without_a_tech_helper_the_host_sees_who_needs_help_with_the_site(inside: object, there: Gathering) -> None:
    struggling.ask(there.members[1].actor, there.id, struggling.SITE, "My screen is black.")
    assert "screen is black" in text_of(there.host.get(f"{there.page}/desk"))
    assert "screen is black" not in text_of(there.support.get(f"{there.page}/desk"))


def test_a_side_room_opens_the_place_stays_and_the_next_day_has_a_follow_up(
    moment: Moves, inside: object, there: Gathering, heard: Heard
) -> None:
    wren = there.members[0]
    wren.send(f"{there.page}/struggling", {"words": "It is too much."})
    found = row(select(Signal.id, Signal.side_id))
    assert found
    assert wren.get(f"/m/{write_ident(found.side_id)}").status_code == 200
    assert there.say(wren, "I am still here, too.")
    (todo,) = follow_ups.list_for(there.host.actor, there.group.scope)
    assert (todo.name, todo.words, todo.owner) == (wren.name, "It is too much.", "")
    assert 6 * 3600 <= (todo.due_at - moment.at).total_seconds() <= 30 * 3600
    assert [(one.kind, one.persona_id, one.mask_id) for one in heard.signals] == [("struggling", wren.persona_id, None)]
    answering.take(there.support.actor, found.id)
    (todo,) = follow_ups.list_for(there.host.actor, there.group.scope)
    assert todo.owner == there.support.name
    assert "A facilitator has answered." in text_of(wren.get(f"{there.page}/struggling"))


def test_under_an_alias_the_alias_is_told_and_nothing_else(world: World, inside: object, heard: Heard) -> None:
    there = gather(world, 1, masked=True)
    wren = there.members[0]
    struggling.ask(wren.actor, there.id, struggling.STRUGGLING)
    worn = find_mask(there.group.scope, wren.persona_id, there.seen.conversation_id)
    assert worn
    page = text_of(there.host.get(f"{there.page}/desk"))
    assert worn.alias in page
    assert wren.name not in page
    assert [(one.persona_id, one.mask_id) for one in heard.signals] == [(None, worn.id)]


def test_asking_twice_is_one_asking(inside: object, there: Gathering) -> None:
    wren = there.members[0].actor
    assert struggling.ask(wren, there.id, "struggling") == struggling.ask(wren, there.id, "struggling")
    assert len(rows(select(FollowUp.id))) == 1


def test_a_lost_line_becomes_a_follow_up_with_an_owner_within_the_hour(
    moment: Moves, inside: object, there: Gathering, heard: Heard
) -> None:
    wren = there.members[0]
    asked = struggling.ask(wren.actor, there.id, struggling.STRUGGLING)
    answering.take(there.support.actor, asked.signal_id)
    struggling.line_lost(there.id, wren.persona_id)
    moment.go(seconds=16)
    there.stay(there.host, there.support)
    jobs.run_due()
    kinds = {one.kind: one for one in follow_ups.list_for(there.host.actor, there.group.scope)}
    lost = kinds[follow_ups.LOST_LINE]
    assert lost.owner == there.support.name
    assert (lost.due_at - moment.at).total_seconds() <= 3600
    assert [one.kind for one in heard.signals] == ["struggling", "lost_line"]
    assert "Their line is lost" in text_of(there.host.get(f"{there.page}/desk"))


def test_a_line_that_came_back_is_not_lost(moment: Moves, inside: object, there: Gathering) -> None:
    wren = there.members[0]
    struggling.ask(wren.actor, there.id, struggling.STRUGGLING)
    struggling.line_lost(there.id, wren.persona_id)
    moment.go(seconds=5)
    struggling.heard(there.id, wren.actor.memberships[there.group.scope.group_id])
    moment.go(seconds=30)
    there.stay(there.host, there.support)
    jobs.run_due()
    assert [one.kind for one in follow_ups.list_for(there.host.actor, there.group.scope)] == [follow_ups.STRUGGLING]


def test_facilitators_read_that_somebody_left_by_choice(moment: Moves, inside: object, there: Gathering) -> None:
    wren = there.members[0]
    struggling.ask(wren.actor, there.id, struggling.STRUGGLING)
    wren.send(f"{there.page}/go")
    moment.go(minutes=3)
    there.stay(there.host, there.support)
    jobs.run_due()
    assert [one.kind for one in follow_ups.list_for(there.host.actor, there.group.scope)] == [follow_ups.STRUGGLING]
    here_now = desk.enter(there.host.actor, there.id)
    assert desk.list_signals(here_now)[0].line == "They left by choice."


def test_closing_waits_until_they_are_looked_after(inside: object, there: Gathering) -> None:
    asked = struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
    with pytest.raises(NotAllowed):
        opening.close_meeting(there.host.actor, there.id)
    answering.take(there.support.actor, asked.signal_id)
    with pytest.raises(NotAllowed):
        opening.close_meeting(there.host.actor, there.id)
    answering.finish(there.support.actor, asked.signal_id)
    opening.close_meeting(there.host.actor, there.id)
    assert there.seen.state is MeetingState.CLOSED


def test_a_room_that_closes_by_itself_leaves_what_nobody_answered_to_be_done_soon(
    moment: Moves, inside: object, there: Gathering
) -> None:
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
    for _n in range(4):
        moment.go(minutes=6)
        opening.look_after()
    assert there.seen.state is MeetingState.CLOSED
    kinds = {one.kind: one for one in follow_ups.list_for(there.host.actor, there.group.scope)}
    assert kinds[follow_ups.UNANSWERED].owner
    assert (kinds[follow_ups.UNANSWERED].due_at - moment.at).total_seconds() <= 3600


def test_the_page_says_truthfully_that_nobody_is_here(moment: Moves, inside: object, there: Gathering) -> None:
    wren = there.members[0]
    assert "No facilitator is here" not in text_of(wren.get(f"{there.page}/struggling"))
    moment.go(seconds=40)
    assert "No facilitator is here right now" in text_of(wren.get(f"{there.page}/struggling"))


def test_who_is_not_in_cannot_ask_or_learn_anything(world: World, there: Gathering) -> None:
    wren, stranger = world.person(there.group), world.person(world.group())
    for path in ("/struggling", "/site-help", "/state", "/turn"):
        assert wren.get(there.page + path).status_code == 404
        assert stranger.get(there.page + path).status_code == 404
        assert there.members[0].get(there.page + path).status_code == 200


def test_the_state_says_it_to_the_desk_alone(inside: object, there: Gathering) -> None:
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
    assert run_state.of(there.host.actor, there.seen).asked == 1
    assert run_state.of(there.members[1].actor, there.seen).asked == 0
