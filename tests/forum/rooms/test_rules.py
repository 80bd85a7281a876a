"""What a room keeps of its group's rules, whichever way a message comes (ground-rules.md §2.4)."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from forum.base import clock
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import write_post_id
from forum.base.transaction import here, transaction
from forum.conversations import adjustments
from forum.models import MeetingState, PostState, Role, RoomSeat
from forum.rooms import desk_acts, doorway, guests, keeping, meetings, opening, rules, seats
from tests.binding import bind
from tests.meeting import Gathering, gather
from tests.world import Person, World


def test_a_pause_stops_members_and_not_who_leads(world: World, inside: object) -> None:
    there = gather(world)
    with transaction():
        meetings.put(there.id, paused=True)
    with pytest.raises(NotAllowed, match="pauses"):
        there.say(there.members[0])
    assert there.say(there.host).state is PostState.VISIBLE
    with transaction():
        meetings.put(there.id, paused=False)
    assert there.say(there.members[0]).state is PostState.VISIBLE


def test_a_slow_room_names_its_rule_and_lets_go_after_its_time(world: World, inside: object) -> None:
    group = world.group()
    bind(group.scope, {"chat.slow_mode": "30 seconds"})
    there = gather(world, group=group)
    wren, heron = there.members
    there.say(wren)
    with pytest.raises(NotAllowed, match="our rule"):
        there.say(wren)
    there.say(heron)
    world.moment.go(seconds=29)
    there.stay(there.host, there.support)
    with pytest.raises(NotAllowed):
        there.say(wren)
    world.moment.go(seconds=1)
    there.say(wren)
    there.say(there.host)
    there.say(there.host)


@pytest.mark.parametrize("masked", [False, True], ids=["named", "masked"])
def test_who_writes_by_voice_need_not_wait_under_a_name(world: World, inside: object, masked: bool) -> None:
    there = gather(world, masked=masked)
    wren = there.members[0]
    with transaction():
        meetings.put(there.id, slow_s=30)
    adjustments.set_no_pause(there.host.actor, there.group.scope, wren.persona_id, on=True)
    there.say(wren)
    if masked:
        with pytest.raises(NotAllowed):
            there.say(wren)
    else:
        there.say(wren)


def test_late_entry_is_for_those_who_were_in(world: World, inside: object) -> None:
    group = world.group()
    bind(group.scope, {"chat.late_entry": "first 15 minutes"})
    there = gather(world, group=group)
    in_time, late = world.person(group), world.person(group)
    world.moment.go(minutes=14)
    seats.sit(there.host.actor, there.id)
    doorway.come_in(in_time.actor, there.id)
    world.moment.go(minutes=2)
    with pytest.raises(NotAllowed):
        doorway.come_in(late.actor, there.id)
    doorway.come_in(there.members[0].actor, there.id)
    doorway.come_in(in_time.actor, there.id)


def test_a_room_that_hides_names_hides_all_and_shows_who_leads(world: World, inside: object) -> None:
    there = gather(world, masked=True)
    wren = there.members[0]
    there.say(wren, "Under an alias.")
    there.say(there.host, "I lead here.")
    page = there.members[1].get(there.page).text
    log = page[page.index('role="log"') :]
    assert "Under an alias." in log
    assert wren.name not in log
    assert there.host.name in log


def test_l18_nobody_shows_a_name_among_aliases(world: World, inside: object) -> None:
    """A form made by hand, or a page from before, is refused; the twin through the usual way is taken."""
    from forum.conversations import usecases
    from forum.conversations.prepare import Words

    there = gather(world, masked=True)
    wren = there.members[0]
    with pytest.raises(NotAllowed):
        usecases.submit_post(wren.actor, there.seen.conversation_id, Words("Named.", "en", masked=False), "a" * 26)
    there.say(wren, "Hidden.")
    named = gather(world)
    with pytest.raises(NotAllowed):
        usecases.submit_post(
            named.members[0].actor, named.seen.conversation_id, Words("Hidden.", "en", masked=True), "a" * 26
        )


def test_l18_whoever_leads_gets_no_alias_by_a_bad_line(world: World, inside: object) -> None:
    """They came in by the door before they took a seat, and its time ran out: their page still shows them their name."""
    there = gather(world, masked=True)
    doorway.come_in(there.support.actor, there.id)
    world.moment.go(seconds=seats.LEASE.total_seconds() + 1)
    there.stay(there.host)
    with pytest.raises(NotAllowed):
        there.say(there.support, "I look after you.")
    there.stay(there.support)
    there.say(there.support, "I look after you.")
    assert f"{there.support.name}" in there.members[0].get(there.page).text.split("I look after you.")[0]


@pytest.fixture
def older(world: World, inside: object) -> tuple[Gathering, Person]:
    """A facilitator whose page shows an alias, and who took a seat in another tab meanwhile."""
    there = gather(world, masked=True)
    heron = world.person(there.group, Role.FACILITATOR)
    doorway.come_in(heron.actor, there.id)
    assert 'name="masked" value="yes"' in heron.get(there.page).text
    seats.sit(heron.actor, there.id)
    return there, heron


@pytest.mark.parametrize("as_json", [True, False])
def test_l18_a_page_with_an_alias_says_nothing_under_a_name(older: tuple[Gathering, Person], as_json: bool) -> None:
    there, heron = older
    said = {"body": "I never told anybody.", "masked": "yes", "token": "a" * 26}
    options = {"headers": {"Accept": "application/json"}} if as_json else {}
    kept = heron.send(f"{there.page}/say", said, **options)
    assert (kept.status_code, "your name shows" in kept.text) == (403, True)
    assert as_json or "I never told anybody." in kept.text
    assert "never told" not in there.members[0].get(there.page).text
    assert heron.send(f"{there.page}/say", {**said, "body": "I look after you.", "masked": "no"}).status_code == 303
    assert "I look after you." in there.members[0].get(there.page).text


@pytest.mark.parametrize("act", ["card", "hand", "turn"])
def test_l18_a_page_with_an_alias_shows_nothing_under_a_name(older: tuple[Gathering, Person], act: str) -> None:
    there, heron = older
    form = {"card": "hard", "do": "raise" if act == "hand" else "send", "turn_body": "I never told.", "token": "a" * 26}
    assert heron.send(f"{there.page}/{act}", {**form, "masked": "yes"}).status_code == 403
    page = there.members[0].get(there.page).text
    assert "never told" not in page
    assert f"{heron.name}</bdi>: " not in page
    assert heron.send(f"{there.page}/card", {"card": "hard", "masked": "no"}).status_code == 303
    assert f"{heron.name}</bdi>: " in there.members[0].get(there.page).text


def test_who_was_sent_out_reads_and_writes_no_more_in_this_room_alone(world: World, inside: object) -> None:
    there = gather(world)
    wren = there.members[0]
    there.say(there.members[1], "Still ours.")
    with transaction():
        guests.send_out(there.group.scope, wren.persona_id, there.id)
    with pytest.raises(NotFound):
        there.say(wren)
    assert "Still ours." not in wren.get(there.page).text
    with pytest.raises(NotAllowed):
        doorway.come_in(wren.actor, there.id)
    other = gather(world, members=0, group=there.group)
    doorway.come_in(wren.actor, other.id)
    other.say(wren)


@pytest.mark.parametrize("why", ["muted", "sent out", "paused", "closed"])
def test_who_may_not_speak_says_nothing_by_changing_earlier_words(world: World, inside: object, why: str) -> None:
    there = gather(world)
    wren, heron = there.members
    page = f"/p/{write_post_id(there.say(wren, 'As I said.').id)}/edit"
    match why:
        case "muted":
            desk_acts.mute(there.host.actor, there.id, wren.persona_id)
        case "sent out":
            desk_acts.send_out(there.host.actor, there.id, wren.persona_id, "Please rest.", "", "t" * 26)
        case "paused":
            desk_acts.pause(there.host.actor, there.id, on=True)
        case _:
            opening.close_meeting(there.host.actor, there.id)
    said = {"body": "Something else.", "lang": "en", "token": "q" * 26}
    answer = wren.send(page, said)
    assert answer.status_code == 403
    assert "Something else." in answer.text  # it comes back
    assert "Something else." not in heron.get(there.page).text
    assert "As I said." in heron.get(there.page).text


def test_who_may_speak_changes_earlier_words_and_in_a_room_that_nobody_looks_after_they_wait(
    world: World, inside: object
) -> None:
    there = gather(world, masked=True)
    wren, heron = there.members
    page = f"/p/{write_post_id(there.say(wren, 'As I siad.').id)}/edit"
    assert wren.send(page, {"body": "As I said.", "lang": "en", "token": "q" * 26}).status_code == 303
    assert "As I said." in heron.get(there.page).text
    with transaction():
        meetings.set_state(there.id, MeetingState.HELD, grace_until=clock.now() + opening.HELD_FOR)
    with transaction():
        here().execute(delete(RoomSeat))
    assert wren.send(page, {"body": "Unseen.", "lang": "en", "token": "r" * 26}).status_code == 303
    assert "Unseen." not in heron.get(there.page).text


def test_a_mute_of_ten_minutes_ends_by_itself(world: World, inside: object) -> None:
    there = gather(world)
    wren = there.members[0]
    with transaction():
        guests.mute(there.group.scope, wren.persona_id, there.id, world.moment.at + timedelta(minutes=10))
    with pytest.raises(NotAllowed, match="10 minutes"):
        there.say(wren)
    world.moment.go(minutes=10)
    seats.sit(there.host.actor, there.id)
    there.say(wren)


@pytest.mark.parametrize(
    ("bound", "held"),
    [({"premod": "all"}, True), ({"premod": "none"}, False)],
    ids=["all", "none"],
)
def test_premoderation_holds_in_rooms_as_on_boards(
    world: World, inside: object, bound: dict[str, str], held: bool
) -> None:
    group = world.group()
    bind(group.scope, bound)
    there = gather(world, group=group)
    assert (there.say(there.members[0]).state is PostState.HELD) is held


def test_links_that_nobody_posts_are_refused_in_rooms_too(world: World, inside: object) -> None:
    group = world.group()
    bind(group.scope, {"links": "none"})
    there = gather(world, group=group)
    with pytest.raises(Invalid, match="our rule"):
        there.say(there.members[0], "Look: https://example.org/here")


def test_a_stricter_time_to_keep_words_counts_at_once_and_a_looser_one_does_not(world: World, inside: object) -> None:
    there = gather(world)
    assert there.seen.retention == "90 days"
    bind(there.group.scope, {"chat.retention": "24 hours"})
    there.say(there.members[0])
    assert there.seen.retention == "24 hours"
    bind(there.group.scope, {"chat.retention": "30 days"})
    there.say(there.members[0])
    assert there.seen.retention == "24 hours"
    assert "after a day" in keeping.sentence(there.seen.retention)


def test_every_value_of_the_settings_has_its_meaning_here() -> None:
    """A value that a clause can bind and that no table knows would stop a room in the middle of a sentence."""
    from forum.policy.bindings import REGISTRY

    assert set(REGISTRY["chat.retention"].values) == set(keeping.DAYS)
    assert set(REGISTRY["chat.slow_mode"].values) == set(rules.SECONDS)
    assert set(REGISTRY["chat.late_entry"].values) == set(doorway.LATE)
