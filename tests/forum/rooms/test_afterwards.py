"""After a meeting: follow-ups, the summary without names, the debrief, and being asked the next day how one is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import rows
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import write_ident
from forum.conversations.masks import find_mask
from forum.models import CheckIn, FollowUp, Role, RoomCard, Signal
from forum.rooms import answering, cards, check_ins, debriefs, follow_ups, opening, struggling, summaries
from tests.meeting import Gathering, gather
from tests.world import Moves, Person, World, text_of


@pytest.fixture
def there(world: World, inside: object) -> Gathering:
    return gather(world, 2, summary=True)


def close(there: Gathering) -> None:
    """The meeting is over; whoever asked for a person was answered."""
    for one in struggling.list_still([there.id]):
        if one.kind == struggling.STRUGGLING:
            answering.finish(there.support.actor, one.id)
    opening.close_meeting(there.host.actor, there.id)


def todo(there: Gathering) -> follow_ups.FollowUpSeen:
    return follow_ups.list_for(there.host.actor, there.group.scope)[0]


# --- Follow-ups -------------------------------------------------------------------------------------------------------


def test_a_follow_up_ends_with_what_came_of_it_and_goes_after_ninety_days(moment: Moves, there: Gathering) -> None:
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
    struggling.ask(there.members[1].actor, there.id, struggling.SITE)
    page = f"/g/{there.group.address}/follow-ups"
    address = f"{page}/{write_ident(todo(there).id)}"
    assert "Nobody has it yet." in text_of(there.support.get(page))
    assert there.support.send(address, {"do": "take", "version": "0"}).status_code == 303
    assert there.support.name in text_of(there.host.get(page))
    assert there.support.send(address, {"do": "finish", "version": "1", "outcome": " "}).status_code == 422
    assert there.support.send(address, {"do": "finish", "version": "1", "outcome": "We talked."}).status_code == 303
    assert "We talked." in text_of(there.host.get(page))
    close(there)
    moment.go(days=91)
    for _n in range(3):
        jobs.run_due()
    assert rows(select(FollowUp.id)) == []
    assert rows(select(Signal.id)) == [], "and nothing says any more who asked"


def test_of_two_who_change_it_at_once_the_second_looks_anew(there: Gathering) -> None:
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
    one = todo(there)
    follow_ups.take(there.host.actor, one.id, one.version)
    with pytest.raises(Conflict):
        follow_ups.take(there.support.actor, one.id, one.version)
    follow_ups.take(there.support.actor, one.id, todo(there).version)


def test_what_is_late_says_so(moment: Moves, there: Gathering) -> None:
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
    page = f"/g/{there.group.address}/follow-ups"
    assert "This is late." not in text_of(there.host.get(page))
    moment.go(days=2)
    assert "This is late." in text_of(there.host.get(page))


def test_only_facilitators_of_the_group_see_them(world: World, there: Gathering) -> None:
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING, "Too much.")
    page = f"/g/{there.group.address}/follow-ups"
    others = (
        there.members[0],
        world.person(there.group, Role.MODERATOR),
        world.person(world.group(), Role.FACILITATOR),
    )
    for other in others:
        answer = other.get(page)
        assert answer.status_code in (403, 404)
        assert "Too much." not in text_of(answer)
        with pytest.raises(Exception, match=r"facilitator|no such page"):
            follow_ups.take(other.actor, todo(there).id, 0)
    assert "Too much." in text_of(there.host.get(page))


@pytest.mark.parametrize("masked", [False, True])
def test_a_facilitator_writes_to_them_under_the_face_they_had(world: World, inside: object, masked: bool) -> None:
    there = gather(world, 1, masked=masked)
    wren = there.members[0]
    struggling.ask(wren.actor, there.id, struggling.STRUGGLING)
    address = f"/g/{there.group.address}/follow-ups/{write_ident(todo(there).id)}"
    line = there.host.send(address, {"do": "line", "version": "0"}).headers["Location"]
    page = text_of(there.host.get(line))
    assert (wren.name in page) is not masked
    assert there.host.send(f"{line}/posts", {"body": "How are you today?", "token": "t" * 26}).status_code == 303
    world.settle()
    assert "How are you today?" in text_of(wren.get(line))


# --- The summary --------------------------------------------------------------------------------------------------------


def test_a_summary_has_no_names_and_stands_on_a_board_once_another_facilitator_approved_it(
    world: World, there: Gathering
) -> None:
    wren = there.members[0]
    close(there)
    page = f"{there.page}/summary"
    named = there.host.send(page, {"do": "write", "version": "0", "body": f"We heard {wren.name.upper()}."})
    assert named.status_code == 422
    assert wren.name in text_of(named)
    assert there.host.send(page, {"do": "write", "version": "0", "body": "We talked about rest."}).status_code == 303
    assert there.host.send(page, {"do": "approve", "version": "1"}).status_code == 403
    assert there.host.send(page, {"do": "post", "title": "Rest", "token": "t" * 26}).status_code == 409
    assert there.support.send(page, {"do": "approve", "version": "1"}).status_code == 303
    posted = there.host.send(page, {"do": "post", "title": "Rest", "token": "t" * 26})
    assert posted.status_code == 303
    world.settle()
    assert "We talked about rest." in text_of(there.host.get(posted.headers["Location"]))
    assert "It stands on a board" in text_of(there.host.get(page))


def test_changed_words_have_to_be_read_again(there: Gathering) -> None:
    close(there)
    summaries.write(there.host.actor, there.id, "About rest.", 0)
    summaries.approve(there.support.actor, there.id, 1)
    summaries.write(there.host.actor, there.id, "About sleep.", 2)
    with pytest.raises(Conflict):
        summaries.post(there.host.actor, there.id, "Rest", "t" * 26)
    with pytest.raises(Conflict):
        summaries.approve(there.support.actor, there.id, 2)
    summaries.approve(there.support.actor, there.id, 3)
    summaries.post(there.host.actor, there.id, "Rest", "t" * 26)


def test_aliases_are_names_too_and_parts_of_words_are_none(world: World, inside: object) -> None:
    there = gather(world, 1, masked=True, summary=True)
    there.say(there.members[0])
    worn = find_mask(there.group.scope, there.members[0].persona_id, there.seen.conversation_id)
    assert worn
    close(there)
    assert summaries.find_names(there.seen, f"It was {worn.alias.lower()}.") == [worn.alias]
    assert summaries.find_names(there.seen, f"It was {worn.alias.lower()}ly quiet.") == []


def test_a_room_without_summaries_and_a_meeting_that_goes_on_have_none(world: World, inside: object) -> None:
    without, there = gather(world, 1), gather(world, 1, summary=True)
    opening.close_meeting(without.host.actor, without.id)
    for one in (without, there):
        assert one.host.get(f"{one.page}/summary").status_code == 404
    close(there)
    assert there.host.get(f"{there.page}/summary").status_code == 200


# --- The debrief --------------------------------------------------------------------------------------------------------


def test_both_facilitators_are_asked_three_questions_and_see_what_is_still_to_do(there: Gathering) -> None:
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
    close(there)
    for one in (there.host, there.support):
        page = text_of(one.get(f"/g/{there.group.address}/follow-ups"))
        assert "Three questions after your meeting" in page
        page = text_of(one.get(f"{there.page}/debrief"))
        for question in debriefs.QUESTIONS:
            assert str(question) in page
        assert there.members[0].name in page
    there.support.send(f"{there.page}/debrief", {"answer0": "A heavy evening."})
    assert "A heavy evening." in text_of(there.host.get(f"{there.page}/debrief"))
    assert "Three questions" not in text_of(there.support.get(f"/g/{there.group.address}/follow-ups"))


def test_nobody_else_reads_a_debrief(world: World, there: Gathering) -> None:
    close(there)
    debriefs.answer(there.host.actor, there.id, ["Mine.", "", ""])
    later = world.person(there.group, Role.FACILITATOR)
    for other in (later, there.members[0]):
        assert other.get(f"{there.page}/debrief").status_code == 404
    with pytest.raises(Invalid):
        debriefs.answer(there.host.actor, there.id, ["x" * 700])


# --- The next day -------------------------------------------------------------------------------------------------------


def next_day(moment: Moves, there: Gathering, person: Person) -> str:
    check_ins.want(person.actor, there.id, on=True)
    close(there)
    moment.go(hours=34)
    return f"{there.page}/check-in"


def test_whoever_wanted_it_is_asked_the_next_day_and_an_answer_is_passed_on_only_if_they_want_to_talk(
    moment: Moves, there: Gathering
) -> None:
    wren, heron = there.members
    check_ins.want(heron.actor, there.id, on=True)
    page = next_day(moment, there, wren)
    me = wren.actor.memberships[there.group.scope.group_id]
    assert [one.id for one in check_ins.list_due(me)] == [there.id]
    for where in (f"/g/{there.group.address}", f"/g/{there.group.address}/rooms"):
        assert "You wanted to be asked." in text_of(wren.get(where))
        assert "You wanted to be asked." not in text_of(there.support.get(where))
    heron.send(page, {"do": "well"})
    assert follow_ups.list_for(there.host.actor, there.group.scope) == []
    answer = wren.send(page, {"do": "talk"})
    assert "Someone from the team writes to you by tomorrow." in text_of(wren.get(answer.headers["Location"]))
    assert todo(there).kind == follow_ups.CHECK_IN
    assert check_ins.list_due(me) == []
    with pytest.raises(NotFound):
        check_ins.answer(wren.actor, there.id, "talk")


def test_nobody_is_asked_who_did_not_want_it_and_one_can_call_it_off(moment: Moves, there: Gathering) -> None:
    wren, heron = there.members
    check_ins.want(heron.actor, there.id, on=True)
    check_ins.want(heron.actor, there.id, on=False)
    close(there)
    moment.go(hours=34)
    for one in (wren, heron):
        assert check_ins.list_due(one.actor.memberships[there.group.scope.group_id]) == []
        assert "nothing to answer" in text_of(one.get(f"{there.page}/check-in"))


def test_after_some_days_nobody_is_asked_any_more(moment: Moves, there: Gathering) -> None:
    next_day(moment, there, there.members[0])
    moment.go(days=5)
    jobs.run_due()
    assert rows(select(CheckIn.tag)) == []


def test_cards_go_with_the_meeting(there: Gathering) -> None:
    cards.show(there.members[0].actor, there.id, "tired")
    assert "Not much energy" in text_of(there.members[1].get(there.page))
    close(there)
    assert rows(select(RoomCard.card)) == []


@pytest.mark.parametrize(("hour", "hours"), [(19, 15), (23, 11), (2, 8), (5, 29), (9, 25)])
def test_the_next_morning_is_after_a_nights_sleep(hour: int, hours: int) -> None:
    now = datetime(2026, 1, 12, hour, tzinfo=UTC)
    assert follow_ups.next_morning("Europe/London", now) - now == timedelta(hours=hours)
