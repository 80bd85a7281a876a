"""The desk: what facilitators do to the run, the pace, a message and a person; and who cannot."""

import pytest
from sqlalchemy import select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident, write_post_id
from forum.models import MeetingState, Post, PostState, Role
from forum.rooms import cards, desk_acts, follow_ups, guests, opening, run, run_steps, seats, struggling
from forum.rooms.run import Step
from moderation.models import CaseItem
from tests.meeting import Gathering, gather
from tests.world import Moves, World, text_of


@pytest.fixture
def there(world: World, inside: object) -> Gathering:
    return gather(world, 2)


def act(there: Gathering, name: str, **fields: str) -> int:
    """Press a button of the desk; gives the answer's status."""
    return there.host.send(f"{there.page}/desk/{name}", dict(fields)).status_code


def now(there: Gathering) -> Step | None:
    return run_steps.now_of(there.seen).step


def test_a_plan_runs_step_by_step_and_each_can_be_made_longer_or_shorter(
    moment: Moves, world: World, inside: object
) -> None:
    there = gather(world, 1, planned=True)
    assert now(there) is Step.SETTLING_IN
    assert "Settling in" in text_of(there.members[0].get(there.page))
    before = there.seen.step_until
    act(there, "longer")
    assert before
    assert there.seen.step_until == before + run.timedelta(minutes=desk_acts.SOME)
    act(there, "shorter")
    assert there.seen.step_until == before
    assert act(there, "next") == 303
    act(there, "step", step="break")
    assert "Break" in text_of(there.members[0].get(there.page))
    act(there, "next")
    assert now(there) is Step.OPENING_ROUND
    for _n in range(len(run.USUAL) - 1):
        act(there, "next")
    assert now(there) is Step.WIND_DOWN
    assert there.seen.state is MeetingState.WINDING_DOWN


def test_ten_minutes_before_the_end_everyone_reads_it_and_a_later_end_takes_it_back(
    moment: Moves, world: World, inside: object
) -> None:
    there = gather(world, 1)
    wren = there.members[0]
    act(there, "end-later")
    for _n in range(2):
        act(there, "end-later")
    assert there.seen.ends_at == clock.now() + run.timedelta(minutes=15)
    assert "The meeting ends in" not in text_of(wren.get(there.page))
    moment.go(minutes=6)
    there.host.get(there.page), there.support.get(there.page)
    assert "The meeting ends in 9 minutes." in text_of(wren.get(there.page))
    act(there, "end-later")
    assert "The meeting ends in" not in text_of(wren.get(there.page))


def test_a_pause_stops_everyone_but_those_who_look_after_the_room(there: Gathering) -> None:
    assert act(there, "pause") == 303
    with pytest.raises(NotAllowed, match="pauses"):
        there.say(there.members[0])
    there.say(there.host, "Let us breathe.")
    act(there, "go-on")
    there.say(there.members[0])


def test_slow_mode_makes_people_wait(moment: Moves, there: Gathering) -> None:
    act(there, "slow", seconds="30")
    there.say(there.members[0], "One.")
    with pytest.raises(NotAllowed):
        there.say(there.members[0], "Two.")
    moment.go(seconds=31)
    there.stay(there.host, there.support)
    there.say(there.members[0], "Two.")


@pytest.mark.parametrize("masked", [False, True])
def test_mute_for_ten_minutes_is_told_to_one_person_alone(
    moment: Moves, world: World, inside: object, masked: bool
) -> None:
    there = gather(world, 2, masked=masked)
    wren, heron = there.members
    written = there.say(wren, "Loud.")
    face = row(select(Post.persona_id, Post.mask_id).where(Post.id == written.id))
    assert face
    before = heron.get(f"{there.page}/state?after=-1").data
    assert act(there, "mute", face=write_ident(face.persona_id or face.mask_id)) == 303
    assert heron.get(f"{there.page}/state?after=-1").get_json()["no"] == there.seen.state_no
    assert len(before) == len(heron.get(f"{there.page}/state?after=-1").data)
    with pytest.raises(NotAllowed, match="10 minutes"):
        there.say(wren, "More.")
    there.say(heron, "I can write.")
    moment.go(minutes=10, seconds=1)
    there.stay(there.host, there.support)
    there.host.get(there.page)
    there.say(wren, "Quieter.")


def test_a_message_taken_out_waits_for_the_team_and_its_author_reads_why(there: Gathering) -> None:
    wren, heron = there.members
    written = there.say(wren, "Something hard about heron.")
    assert act(there, "take-out", post=write_post_id(written.id)) == 303
    assert "Something hard" not in text_of(heron.get(there.page))
    state = row(select(Post.state).where(Post.id == written.id))
    assert state
    assert state.state is PostState.HELD
    item = row(select(CaseItem.reasons).where(CaseItem.post_id == written.id))
    assert item
    assert item.reasons == desk_acts.TAKEN_OUT
    assert "A facilitator took it out of the room" in text_of(wren.get(f"/p/{write_post_id(written.id)}/waiting"))


def test_taking_out_reaches_this_meeting_alone(world: World, there: Gathering) -> None:
    topic = world.topic(there.members[0], body="On a board.")
    found = row(select(Post.id).where(Post.conversation_id == topic))
    assert found
    assert act(there, "take-out", post=write_post_id(found.id)) == 404
    assert "On a board." in text_of(there.members[1].get(f"/c/{write_ident(topic)}"))


@pytest.mark.parametrize("masked", [False, True])
def test_whoever_is_asked_to_leave_and_the_room_both_read_words_and_somebody_writes_tomorrow(
    world: World, inside: object, masked: bool
) -> None:
    there = gather(world, 2, masked=masked)
    wren, heron = there.members
    written = there.say(wren, "Loud.")
    face = row(select(Post.persona_id, Post.mask_id).where(Post.id == written.id))
    assert face
    page = f"{there.page}/desk/person/{write_ident(face.persona_id or face.mask_id)}"
    assert "Your words to them" in text_of(there.host.get(page))
    assert there.host.send(page, {"words": " ", "to_room": ""}).status_code == 422
    said = {"words": "Please rest today.", "to_room": "One of us takes a break.", "token": "t" * 26}
    assert there.host.send(page, said).status_code == 303
    assert "One of us takes a break." in text_of(heron.get(there.page))
    door = text_of(wren.get(there.page))
    assert "A facilitator asked you to leave this room." in door
    assert "Please rest today." not in text_of(heron.get(there.page))
    assert there.group.address in wren.get(f"/g/{there.group.address}/rooms").get_data(as_text=True)
    (todo,) = follow_ups.list_for(there.host.actor, there.group.scope)
    assert (todo.kind, todo.owner, todo.words) == (follow_ups.SENT_OUT, there.host.name, "Please rest today.")
    assert (wren.name in str(todo)) is not masked
    with pytest.raises(NotFound):
        there.say(wren)
    assert world.topic(wren)  # of this room only


@pytest.mark.parametrize("masked", [False, True])
def test_quiet_words_and_the_card_of_whoever_is_sent_out_reach_nobody(
    world: World, inside: object, masked: bool
) -> None:
    there = gather(world, 2, masked=masked)
    wren, heron = there.members
    cards.show(wren.actor, there.id, "hard")
    desk_acts.write_quietly(there.host.actor, there.id)
    written, other = there.say(wren, "Loud."), there.say(heron, "Calm.")
    face = row(select(Post.persona_id, Post.mask_id).where(Post.id == written.id))
    assert face
    desk_acts.send_out(there.host.actor, there.id, face.persona_id or face.mask_id, "Please rest today.", "", "t" * 26)
    assert cards.list_shown(there.seen) == []
    desk_acts.release(there.host.actor, there.id)
    page = text_of(heron.get(there.page))
    assert "Calm." in page
    assert "Loud." not in page
    states = dict(rows(select(Post.id, Post.state).where(Post.id.in_([written.id, other.id]))))
    assert states == {written.id: PostState.HELD, other.id: PostState.VISIBLE}
    assert row(select(CaseItem.id).where(CaseItem.post_id == written.id)), "the team reads them"


def test_nobody_is_let_in_by_being_muted(world: World, there: Gathering) -> None:
    kite = world.person(there.group)
    desk_acts.mute(there.host.actor, there.id, kite.persona_id)
    assert not guests.is_in(there.group.scope, kite.persona_id, there.id)


def test_the_leaver_reads_the_words_as_a_message_from_the_team(world: World, there: Gathering) -> None:
    wren = there.members[0]
    there.say(wren, "Loud.")
    page = f"{there.page}/desk/person/{write_ident(wren.persona_id)}"
    there.host.send(page, {"words": "Please rest today.", "to_room": "", "token": "t" * 26})
    world.settle()
    assert "Please rest today." in text_of(wren.get(f"/g/{there.group.address}/ask", follow_redirects=True))


def test_nobody_of_the_team_is_sent_out(there: Gathering) -> None:
    there.say(there.support)
    page = f"{there.page}/desk/person/{write_ident(there.support.persona_id)}"
    assert there.host.get(page).status_code == 404
    assert there.host.send(page, {"words": "Go.", "token": "t" * 26}).status_code == 404
    assert guests.find(there.group.scope, there.support.persona_id, there.id) is None


def test_a_ground_rule_stands_above_the_messages(there: Gathering) -> None:
    page = there.host.get(f"{there.page}/desk").get_data(as_text=True)
    uid = (
        page.split('<select class="nhsuk-select cg-wide" id="clause"')[1]
        .split('<option lang="en" value="')[1]
        .split('"')[0]
    )
    act(there, "pin", clause=uid)
    assert "Our rule 1:" in text_of(there.members[0].get(there.page))
    assert act(there, "pin", clause="no-such-rule") == 422
    act(there, "pin", clause="")
    assert "Our rule" not in text_of(there.members[0].get(there.page))


def test_notes_are_for_those_with_a_seat_and_nobody_else(world: World, there: Gathering) -> None:
    helper = world.person(there.group, Role.MODERATOR)
    seats.sit(helper.actor, there.id, for_site=True)
    act(there, "note", note="Watch how Wren is doing.")
    assert "Watch how Wren is doing." in text_of(there.support.get(f"{there.page}/desk"))
    for other in (helper, there.members[0], world.person(there.group, Role.FACILITATOR)):
        assert "Watch how" not in text_of(other.get(f"{there.page}/desk"))


def test_a_prompt_from_the_bank_or_in_own_words_goes_with_its_step(there: Gathering) -> None:
    act(there, "prompt", prompt="What is in your cup?", own_prompt="")
    assert "What is in your cup?" in text_of(there.members[0].get(there.page))
    act(there, "prompt", prompt="What is in your cup?", own_prompt="What did you hear today?")
    assert "What did you hear today?" in text_of(there.members[0].get(there.page))
    act(there, "step", step="break")
    assert "What did you hear today?" not in text_of(there.members[0].get(there.page))
    assert act(there, "prompt", own_prompt="x" * 400) == 422


def test_a_side_room_is_for_those_who_were_asked_in(world: World, there: Gathering) -> None:
    wren, heron = there.members
    there.say(wren)
    answer = there.host.send(f"{there.page}/desk/side", {"face": write_ident(wren.persona_id)})
    side = answer.headers["Location"]
    assert wren.get(side).status_code == 200
    assert heron.get(side).status_code == 404
    assert act(there, "side") == 422


def test_the_lead_is_handed_over_and_the_last_one_leaves_by_closing(there: Gathering) -> None:
    assert there.host.send(f"{there.page}/go").status_code == 403
    act(there, "hand-over", persona=write_ident(there.support.persona_id))
    assert there.seen.host_id == there.support.persona_id
    assert there.host.send(f"{there.page}/go").status_code == 303
    assert there.support.send(f"{there.page}/desk/close").status_code == 303
    assert there.seen.state is MeetingState.CLOSED


def test_closing_says_what_it_waits_for(there: Gathering) -> None:
    struggling.ask(there.members[0].actor, there.id, struggling.STRUGGLING)
    answer = there.host.send(f"{there.page}/desk/close")
    assert answer.status_code == 403
    assert "Somebody asked for help" in text_of(answer)
    with pytest.raises(NotAllowed):
        opening.close_meeting(there.host.actor, there.id)


def test_every_act_needs_a_seat_and_nobody_else_learns_of_the_desk(world: World, there: Gathering) -> None:
    unseated = world.person(there.group, Role.FACILITATOR)
    stranger = world.person(world.group(), Role.FACILITATOR)
    for who, status in ((unseated, 403), (there.members[0], 404), (stranger, 404)):
        assert who.get(f"{there.page}/desk").status_code == status
        assert who.send(f"{there.page}/desk/pause").status_code == status
    assert there.seen.paused is False
    assert act(there, "no-such-act") == 404
    assert act(there, "pause") == 303


def test_too_long_words_come_back(there: Gathering) -> None:
    with pytest.raises(Invalid):
        desk_acts.write_note(there.host.actor, there.id, "x" * 600)
    with pytest.raises(Invalid):
        desk_acts.write_quietly(there.host.actor, there.id, "x" * 400)
