"""The pages of a room without any script: coming in, reading, writing, and what stands there afterwards."""

import pytest

from forum.base.idents import write_ident, write_post_id
from forum.models import MeetingState, Role, RoomKind
from forum.rooms import held, opening, queries, schedule, seats, side_rooms
from tests.meeting import Gathering, gather, make_room
from tests.world import World, text_of

SESSION = {"kind": RoomKind.SESSION, "weekday": 1, "starts": "19:30", "sign_up": True}


@pytest.fixture
def there(world: World) -> Gathering:
    return gather(world)


def test_a_member_comes_in_writes_and_another_reads_it(world: World, there: Gathering) -> None:
    wren, heron = world.person(there.group), there.members[0]
    door = text_of(wren.get(there.page))
    assert "Can you talk freely where you are?" in door
    assert there.host.name in door
    answer = wren.send(f"{there.page}/come-in")
    assert answer.status_code == 303
    sent = wren.send(f"{there.page}/say", {"body": "Hello from the kitchen."})
    assert sent.status_code == 303
    assert "Hello from the kitchen." in text_of(heron.get(there.page))


def test_nobody_is_told_who_came_or_left(world: World, there: Gathering) -> None:
    wren, heron = world.person(there.group), there.members[0]
    before = text_of(heron.get(there.page))
    wren.send(f"{there.page}/come-in")
    wren.send(f"{there.page}/go")
    assert wren.name not in text_of(heron.get(there.page))
    assert "come-in" not in before


def test_who_did_not_come_in_reads_nothing_of_it(world: World, inside: object, there: Gathering) -> None:
    there.say(there.members[0], "Only for us here.")
    wren = world.person(there.group)
    conversation = write_ident(there.seen.conversation_id)
    assert "Only for us here." not in text_of(wren.get(there.page))
    assert wren.get(f"/c/{conversation}").status_code == 404
    assert wren.get(f"/c/{conversation}/changes?after=0").status_code == 404
    wren.send(f"{there.page}/come-in")
    assert "Only for us here." in text_of(wren.get(there.page))
    assert wren.get(f"/c/{conversation}/changes?after=0").status_code == 200


def test_the_address_of_the_conversation_leads_to_the_room(world: World, inside: object, there: Gathering) -> None:
    written, wren = there.say(there.members[0]), there.members[0]
    for address in (f"/c/{write_ident(there.seen.conversation_id)}", f"/p/{write_post_id(written.id)}"):
        on = wren.get(address).headers["Location"]
        assert there.page in wren.get(on).headers["Location"]


def test_a_refused_message_comes_back_with_what_to_do(world: World, there: Gathering) -> None:
    wren = there.members[0]
    long = "word " * 500
    answer = wren.send(f"{there.page}/say", {"body": long})
    assert answer.status_code == 422
    assert "word word" in answer.text


def test_a_script_whose_line_broke_gets_json_and_sends_once(world: World, there: Gathering) -> None:
    wren = there.members[0]
    asks = {"headers": {"Accept": "application/json"}}
    first = wren.send(f"{there.page}/say", {"body": "Once.", "token": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}, **asks).get_json()
    again = wren.send(f"{there.page}/say", {"body": "Once.", "token": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}, **asks).get_json()
    assert first == again
    assert first["state"] == "visible"
    assert wren.get(there.page).text.count("Once.") == 1


def test_a_reader_without_scripts_can_have_the_page_come_anew(world: World, there: Gathering) -> None:
    wren = there.members[0]
    assert 'http-equiv="refresh"' not in wren.get(there.page).text
    assert 'http-equiv="refresh" content="30' in wren.get(f"{there.page}?refresh=30").text
    assert 'http-equiv="refresh"' not in wren.get(f"{there.page}?refresh=1").text


def test_a_closed_room_says_how_long_words_stay_and_where_to_go(world: World, inside: object, there: Gathering) -> None:
    there.say(there.members[0], "Thank you all.")
    opening.close_meeting(there.host.actor, there.id)
    inside_page = text_of(there.members[1].get(there.page))
    assert "Thank you all." in inside_page
    assert "Words in live rooms go after 90 days." in inside_page
    outside_page = text_of(world.person(there.group).get(there.page))
    assert "This meeting is over." in outside_page
    assert "Thank you all." not in outside_page


def test_l13_the_date_for_a_calendar_says_nothing_but_the_time(world: World) -> None:
    group = world.group()
    room_id = make_room(world, world.person(group, Role.FACILITATOR), name="Grief circle", **SESSION)
    wren = world.person(group)
    page = text_of(wren.get(f"/g/{group.address}/rooms"))
    assert "Grief circle" in page
    with world.app.app_context():
        meeting = schedule.list_planned(room_id)[0]
    answer = wren.get(f"/m/{write_ident(meeting.id)}/date.ics")
    words = answer.text
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert "SUMMARY:Date" in words
    for secret in ("Grief", group.name, group.address, write_ident(meeting.id), "localhost", "http"):
        assert secret not in words
    assert words == wren.get(f"/m/{write_ident(meeting.id)}/date.ics").text


def test_saying_if_one_comes_shows_a_number_and_nobody(world: World) -> None:
    group = world.group()
    room_id = make_room(world, world.person(group, Role.FACILITATOR), **SESSION)
    wren, heron = world.person(group), world.person(group)
    with world.app.app_context():
        page = f"/m/{write_ident(schedule.list_planned(room_id)[0].id)}"
    assert wren.send(f"{page}/sign-up", {"answer": "yes"}).status_code == 303
    assert "You said: yes." in text_of(wren.get(page))
    assert "A few people come." in text_of(heron.get(page))
    assert wren.name not in text_of(heron.get(page))
    assert wren.send(f"{page}/sign-up", {"answer": "perhaps"}).status_code == 422
    wren.send(f"{page}/sign-up", {"answer": "no"})
    assert "Nobody has said yet" in text_of(heron.get(page))


def test_a_full_meeting_takes_no_more_yes_and_a_no_frees_a_place(world: World) -> None:
    group = world.group()
    room_id = make_room(world, world.person(group, Role.FACILITATOR), capacity=1, **SESSION)
    wren, heron = world.person(group), world.person(group)
    with world.app.app_context():
        page = f"/m/{write_ident(schedule.list_planned(room_id)[0].id)}"
    wren.send(f"{page}/sign-up", {"answer": "yes"})
    assert heron.send(f"{page}/sign-up", {"answer": "yes"}).status_code == 422
    assert heron.send(f"{page}/sign-up", {"answer": "unsure"}).status_code == 303
    wren.send(f"{page}/sign-up", {"answer": "no"})
    assert heron.send(f"{page}/sign-up", {"answer": "yes"}).status_code == 303


def test_facilitators_make_plan_and_put_away_a_room_by_forms(world: World) -> None:
    group = world.group()
    host, member = world.person(group, Role.FACILITATOR), world.person(group)
    form = {"name": "Tea", "kind": "session", "weekday": "7", "needs": "1", "minutes": "60"}
    assert member.send(f"/g/{group.address}/rooms/new", form).status_code == 404
    made = host.send(f"/g/{group.address}/rooms/new", form)
    assert made.status_code == 303
    room = made.headers["Location"]
    planned = host.send(f"{room}/plan", {"day": "2036-01-01", "at": "19:30", "theme": "Small joys"})
    assert planned.status_code == 422
    day = world.moment.at.date().replace(day=28).isoformat()
    assert host.send(f"{room}/plan", {"day": day, "at": "19:30", "theme": "Small joys"}).status_code == 303
    assert "Small joys" in text_of(member.get(f"/g/{group.address}/rooms"))
    assert host.send(f"{room}/retire").status_code == 303
    assert "Small joys" not in text_of(member.get(f"/g/{group.address}/rooms"))


def test_a_refused_form_keeps_what_was_typed(world: World) -> None:
    group = world.group()
    host = world.person(group, Role.FACILITATOR)
    form = {"name": "Tea", "purpose": "For all", "kind": "session", "weekday": "1", "starts": "soon", "minutes": "60"}
    answer = host.send(f"/g/{group.address}/rooms/new", form)
    assert answer.status_code == 422
    assert "For all" in answer.text
    assert "such as 19:30" in text_of(answer)


def test_a_facilitator_prepares_opens_and_gives_up_by_forms(world: World, inside: object) -> None:
    group = world.group()
    host, member = world.person(group, Role.FACILITATOR), world.person(group)
    room_id = make_room(world, host, kind=RoomKind.DROP_IN, needs=1)
    page = host.send(f"/rooms/{write_ident(room_id)}/now").headers["Location"]
    assert "You prepare this room." in text_of(host.get(page))
    assert "not open yet" in text_of(member.get(page))
    assert host.send(f"{page}/open").status_code == 303
    assert "Come in" in text_of(member.get(page))
    assert host.send(f"{page}/go").status_code == 403


def test_a_side_room_is_for_those_asked_in_alone(world: World, inside: object) -> None:
    there = gather(world)
    wren, heron = there.members
    side_id = side_rooms.open_side_room(there.support.actor, there.id, [wren.persona_id])
    page = f"/m/{write_ident(side_id)}"
    assert wren.get(page).status_code == 200
    for closed in (page, f"{page}/date.ics"):
        assert heron.get(closed).status_code == 404
    assert heron.send(f"{page}/come-in").status_code == 404
    assert "Tuesday tea" in text_of(there.host.get(page))
    found = queries.find_meeting(side_id)
    assert found is not None
    assert found.state is MeetingState.OPEN
    assert seats.holds(side_id, there.support.persona_id)


def test_the_copy_of_what_is_held_says_where_somebody_came_in(world: World, inside: object, there: Gathering) -> None:
    scope = there.group.scope
    found = held.held(scope, there.members[0].persona_id)
    assert [(one["room"], one["came_in"], one["said_beforehand"]) for one in found] == [("Tuesday tea", True, None)]
    assert held.held(scope, world.person(there.group).persona_id) == []
