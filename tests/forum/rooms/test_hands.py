"""Hands and the floor: whoever has it keeps it, nobody is ranked, and words got ready become the turn."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.base import jobs
from forum.base.errors import NotAllowed
from forum.base.idents import new_ident, write_ident
from forum.conversations.prepare import Words
from forum.rooms import cards, desk_acts, floor, hands, queries, quiet_writing, run_state
from forum.rooms.hands import HandSeen
from forum.rooms.run import Step
from tests.binding import bind
from tests.meeting import Gathering, gather
from tests.world import Moves, Person, World, text_of


@pytest.fixture
def there(world: World, inside: object) -> Gathering:
    group = world.group()
    bind(group.scope, {"chat.hands": "on"})
    return gather(world, 4, group=group)


def order(there: Gathering) -> list[str]:
    """Who has the floor, then who waits."""
    return [one.name for one in hands.list_open(there.seen)]


def raise_all(there: Gathering, *people: Person) -> None:
    for one in people:
        floor.raise_hand(one.actor, there.id)


def hand_of(there: Gathering, person: Person) -> bytes:
    return next(one.id for one in hands.list_open(there.seen) if one.name == person.name)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=8))
def test_the_order_is_that_of_hands_and_by_least_heard_only_where_it_is_asked_for(
    spoken: list[tuple[int, bool]],
) -> None:
    up = [HandSeen(bytes([n]), bytes([n]), "", n, has_floor=False) for n in range(len(spoken))]
    heard = {bytes([n]): times for n, (times, _known) in enumerate(spoken)}
    assert hands.in_order(reversed(up), heard, least_heard=False) == up
    fair = hands.in_order(up, heard, least_heard=True)
    assert [(heard[one.face_id], one.n) for one in fair] == sorted((heard[one.face_id], one.n) for one in up)


def test_whoever_has_the_floor_keeps_it_until_they_pass_it_on(there: Gathering) -> None:
    wren, heron, owl, _crow = there.members
    raise_all(there, wren, heron)
    floor.call(there.host.actor, hand_of(there, wren))
    for quick in (heron, owl):
        with pytest.raises(NotAllowed, match="Somebody else has the floor"):
            there.say(quick, "I am quicker.")
    there.say(wren, "Slowly, "), there.say(wren, "but well.")
    floor.lower_hand(wren.actor, there.id)
    assert order(there) == [heron.name]
    there.say(heron, "Thank you.")
    floor.lower_hand(heron.actor, there.id)
    there.say(owl, "Now I can, too.")


def test_a_facilitator_puts_somebody_back_in_the_place_they_had(there: Gathering) -> None:
    wren, heron, owl, _crow = there.members
    raise_all(there, wren, heron, owl)
    floor.call(there.host.actor, hand_of(there, heron))
    floor.put_back(there.host.actor, hand_of(there, heron))
    assert order(there) == [wren.name, heron.name, owl.name]
    assert hands.find_floor(there.id) is None


def test_whoever_stepped_out_is_passed_over_and_keeps_their_place(there: Gathering) -> None:
    wren, heron, owl, _crow = there.members
    raise_all(there, wren, heron, owl)
    cards.show(heron.actor, there.id, cards.AWAY)
    floor.call(there.host.actor, hand_of(there, wren))
    floor.lower_hand(wren.actor, there.id)
    assert order(there) == [owl.name, heron.name]
    cards.show(heron.actor, there.id, "")
    floor.lower_hand(owl.actor, there.id)
    assert order(there) == [heron.name]
    floor_now = hands.find_floor(there.id)
    assert floor_now is not None
    assert floor_now.persona_id == heron.persona_id


def test_least_heard_is_off_by_default_and_no_page_of_the_room_says_that_it_is_on(there: Gathering) -> None:
    wren, heron, *_rest = there.members
    for _n in range(3):
        there.say(wren, "Again.")
    raise_all(there, wren, heron)
    assert order(there) == [wren.name, heron.name]
    state = heron.get(f"{there.page}/state?after=-1").get_json()
    floor.order_by_least_heard(there.host.actor, there.id, on=True)
    assert order(there) == [heron.name, wren.name]
    after = heron.get(f"{there.page}/state?after=-1").get_json()
    assert state["no"] < after["no"]
    said = [re.sub(r"<[^>]+>", " ", one["html"]) for one in (state, after)]
    assert sorted(said[0].split()) == sorted(said[1].split()), "the same names and words, in another order"


def test_words_got_ready_become_the_turn_and_nobody_knew_of_them(there: Gathering) -> None:
    wren, heron, *_rest = there.members
    raise_all(there, wren)
    before = heron.get(f"{there.page}/state?after=-1").get_json()
    wren.send(f"{there.page}/turn", {"turn_body": "I wrote this in peace.", "do": "keep"})
    assert heron.get(f"{there.page}/state?after=-1").get_json()["no"] == before["no"]
    assert "in peace" not in text_of(heron.get(there.page))
    floor.call(there.host.actor, hand_of(there, wren))
    page = text_of(wren.get(f"{there.page}/turn"))
    assert "I wrote this in peace." in page
    assert "has the floor" in text_of(heron.get(there.page))
    assert "typing" not in text_of(heron.get(there.page)).lower()
    wren.send(f"{there.page}/turn", {"turn_body": "I wrote this in peace.", "do": "pass", "token": "t" * 26})
    assert "I wrote this in peace." in text_of(heron.get(there.page))
    assert order(there) == []
    assert run_state.of(wren.actor, there.seen).prepared == ""


def test_refused_words_keep_the_floor_and_come_back(there: Gathering) -> None:
    wren = there.members[0]
    raise_all(there, wren)
    floor.call(there.host.actor, hand_of(there, wren))
    answer = wren.send(f"{there.page}/turn", {"turn_body": "x" * 2_100, "do": "pass"})
    assert answer.status_code == 422
    assert "x" * 2_100 in answer.get_data(as_text=True)
    assert order(there) == [wren.name]


def test_in_turns_everyone_has_the_same_time_and_nobody_is_cut_off(moment: Moves, there: Gathering) -> None:
    people = there.members
    raise_all(there, *people)
    desk_acts.put_in(there.host.actor, there.id, Step.TURNS)
    turns: list[str] = []
    for one in people:
        at = hands.list_open(there.seen)[0]
        assert at.has_floor
        assert at.until == moment.at + hands.TURN
        turns.append(at.name)
        moment.go(minutes=1)
        there.stay(there.host, there.support)
        there.say(one, "My turn.")
        floor.lower_hand(one.actor, there.id)
    assert turns == [one.name for one in people]
    raise_all(there, people[0])
    moment.go(minutes=4)
    there.stay(there.host, there.support)
    there.say(people[0], "I need longer, and that is all right.")


def test_where_rules_say_so_one_speaks_when_called_and_reads_which_rule(world: World, inside: object) -> None:
    group = world.group()
    bind(group.scope, {"chat.hands": "when called"})
    there = gather(world, 2, group=group)
    wren, heron = there.members
    with pytest.raises(NotAllowed, match="our rule"):
        there.say(wren)
    raise_all(there, wren)
    floor.call(there.host.actor, hand_of(there, wren))
    there.say(wren)
    with pytest.raises(NotAllowed):
        there.say(heron)
    there.say(there.host, "Whoever looks after it speaks at any time.")


def test_without_hands_nobody_can_raise_one_until_there_are_turns(world: World, inside: object) -> None:
    there = gather(world, 1)
    wren = there.members[0]
    with pytest.raises(NotAllowed):
        floor.raise_hand(wren.actor, there.id)
    desk_acts.put_in(there.host.actor, there.id, Step.TURNS)
    floor.raise_hand(wren.actor, there.id)
    assert order(there) == [wren.name]


def test_under_aliases_hands_and_cards_show_aliases_alone(world: World, inside: object) -> None:
    group = world.group()
    bind(group.scope, {"chat.hands": "on"})
    there = gather(world, 2, group=group, masked=True)
    wren, heron = there.members
    raise_all(there, wren)
    cards.show(wren.actor, there.id, "tired")
    page = text_of(heron.get(there.page))
    assert wren.name not in page
    assert order(there)[0] in page
    assert "Not much energy" in page


# --- Ten quiet minutes ------------------------------------------------------------------------------------------------


def test_in_quiet_minutes_answers_wait_with_their_author_and_come_out_together(moment: Moves, there: Gathering) -> None:
    wren, heron, *_rest = there.members
    desk_acts.write_quietly(there.host.actor, there.id, "What is true for you right now?")
    there.say(wren, "I am tired."), there.say(heron, "I slept at last.")
    assert "I slept at last." not in text_of(wren.get(there.page))
    assert "I am tired." in text_of(wren.get(there.page))
    assert "I am tired." not in text_of(there.host.get(f"{there.page}/desk"))
    moment.go(minutes=quiet_writing.MINUTES, seconds=1)
    there.stay(there.host, there.support)
    jobs.run_due()
    page = text_of(wren.get(there.page))
    assert page.index("I am tired.") < page.index("I slept at last.")
    assert there.seen.quiet_until is None


def test_a_facilitator_shows_all_answers_sooner_and_quiet_writing_asks_for_no_hand(there: Gathering) -> None:
    wren, heron, *_rest = there.members
    raise_all(there, wren)
    floor.call(there.host.actor, hand_of(there, wren))
    desk_acts.write_quietly(there.host.actor, there.id)
    there.say(heron, "Over nobody, since nobody reads it yet.")
    assert "Over nobody" not in text_of(wren.get(there.page))
    desk_acts.release(there.host.actor, there.id)
    assert "Over nobody" in text_of(wren.get(there.page))


def test_winding_down_lets_out_what_was_written(there: Gathering) -> None:
    wren, heron, *_rest = there.members
    desk_acts.write_quietly(there.host.actor, there.id)
    there.say(wren, "Not lost.")
    there.host.send(f"{there.page}/desk/wind-down")
    assert "Not lost." in text_of(heron.get(there.page))


def test_a_turn_sent_twice_is_one_message(there: Gathering) -> None:
    wren = there.members[0]
    token = write_ident(new_ident())
    first = floor.take_turn(wren.actor, there.id, Words("Once.", "en"), token, pass_on=False)
    assert floor.take_turn(wren.actor, there.id, Words("Once.", "en"), token, pass_on=False).id == first.id


def test_who_is_not_in_raises_no_hand(world: World, there: Gathering) -> None:
    wren = world.person(there.group)
    assert wren.send(f"{there.page}/hand", {"do": "raise"}).status_code == 404
    assert there.members[0].send(f"{there.page}/hand", {"do": "raise"}).status_code == 303
    assert queries.find_meeting(there.id) is not None
