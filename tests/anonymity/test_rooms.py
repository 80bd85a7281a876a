"""L24 in rooms that hide names: what a message tells the database, and what stands in it afterwards (decisions.md §2)."""

from datetime import datetime

import pytest

from forum.base.transaction import transaction
from forum.conversations import masks
from forum.rooms import cards, desk_acts, doorway, floor, meetings, struggling
from forum.rooms.run import Step
from tests.anonymity.traces import changed, everything, leads_to, listening
from tests.meeting import gather
from tests.world import World

#: A message writes these; the list of people in a room, and who spoke when, is not among them.
MAY_WRITE = {"post", "post_event", "mask", "mask_owner", "conversation", "resend", "case_item", "evidence", "job"}
BODIES = pytest.mark.parametrize(
    "body", ["I could not say this under my name.", "Look at https://example.org please."], ids=["shown", "held"]
)


@BODIES
def test_l24_no_value_of_a_message_under_an_alias_leads_to_its_author(world: World, inside: object, body: str) -> None:
    there = gather(world, masked=True)
    wren = there.members[0]
    world.moment.go(seconds=13)
    before = everything()
    with listening() as told:
        there.say(wren, body)
    assert told.written_tables() >= {"post", "mask", "mask_owner", "resend"}
    for statement, values in told.statements:
        assert not leads_to(values, wren.persona_id, wren.account_id or b""), statement
    new = changed(before, everything())
    assert set(new) <= MAY_WRITE
    for table, found in new.items():
        for row in found:
            assert not leads_to([v for _name, v in row], wren.persona_id, wren.account_id or b""), table


def test_l24_the_log_would_show_a_named_author(world: World, inside: object) -> None:
    there = gather(world)
    wren = there.members[0]
    with listening() as told:
        there.say(wren)
    assert any(leads_to(values, wren.persona_id) for _statement, values in told.statements)


@BODIES
def test_l24_times_beside_a_message_under_an_alias_are_whole_hours(world: World, inside: object, body: str) -> None:
    there = gather(world, masked=True)
    world.moment.go(seconds=13)
    before = everything()
    there.say(there.members[0], body)
    exact = {
        (table, name)
        for table, found in changed(before, everything()).items()
        for row in found
        for name, value in row
        if isinstance(value, datetime) and (value.minute or value.second)
    }
    assert exact <= {("job", "due_at"), ("case_item", "due_at")}


def test_where_people_wait_the_time_of_the_last_message_lies_sealed_and_apart(world: World, inside: object) -> None:
    there = gather(world, masked=True)
    wren = there.members[0]
    with transaction():
        meetings.put(there.id, slow_s=30)
    before = everything()
    there.say(wren)
    new = changed(before, everything())
    assert set(new) - MAY_WRITE == {"restriction"}
    for row in new["restriction"]:
        assert not leads_to([v for _name, v in row], wren.persona_id, wren.account_id or b"")


def test_coming_in_leaves_one_row_that_names_nobody(world: World, inside: object) -> None:
    there = gather(world, masked=True)
    wren = world.person(there.group)
    before = everything()
    doorway.come_in(wren.actor, there.id)
    new = changed(before, everything())
    assert set(new) == {"room_guest"}
    for row in new["room_guest"]:
        assert not leads_to([v for _name, v in row], wren.persona_id, wren.account_id or b"")
        assert not any(isinstance(value, datetime) for _name, value in row)


@pytest.mark.parametrize("act", ["card", "hand", "struggling"])
def test_l24_what_one_does_first_in_a_room_under_an_alias_names_nobody_either(
    world: World, inside: object, act: str
) -> None:
    there = gather(world, masked=True)
    wren = there.members[0]
    desk_acts.put_in(there.host.actor, there.id, Step.TURNS)
    do = {
        "card": lambda: cards.show(wren.actor, there.id, "tired"),
        "hand": lambda: floor.raise_hand(wren.actor, there.id),
        "struggling": lambda: struggling.ask(wren.actor, there.id, struggling.STRUGGLING),
    }
    before = everything()
    with listening() as told:
        do[act]()
    assert told.written_tables() >= {"mask", "mask_owner"}
    for statement, values in told.statements:
        assert not leads_to(values, wren.persona_id, wren.account_id or b""), statement
    for table, found in changed(before, everything()).items():
        for row in found:
            assert not leads_to([v for _name, v in row], wren.persona_id, wren.account_id or b""), table


def test_l24_no_row_says_who_was_sent_out_under_an_alias(world: World, inside: object) -> None:
    """Beside the line to the alias stands which lines to hang up; rows of one transaction are known to belong together."""
    there = gather(world, masked=True)
    wren = there.members[0]
    there.say(wren)
    worn = masks.find_mask(there.group.scope, wren.persona_id, there.seen.conversation_id)
    assert worn
    before = everything()
    desk_acts.send_out(there.host.actor, there.id, worn.id, "Please rest today.", "", "t" * 26)
    new = changed(before, everything())
    assert set(new) >= {"ended_feed", "team_line", "room_guest", "follow_up"}
    for table, found in new.items():
        for row in found:
            assert not leads_to([v for _name, v in row], wren.persona_id, wren.account_id or b""), table
