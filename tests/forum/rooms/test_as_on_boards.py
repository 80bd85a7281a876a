"""What members can do about words works in rooms as on boards: telling the team, blocking, muting, notes, taking back."""

import pytest

from forum.base.idents import write_ident, write_post_id
from forum.conversations import choosing, usecases
from forum.models import Role
from forum.rooms import opening
from tests.meeting import Gathering, gather
from tests.world import World, text_of


@pytest.fixture
def there(world: World) -> Gathering:
    return gather(world)


def log_of(page: str) -> str:
    """What stands among the messages."""
    return page[page.index("data-room-log") : page.index("data-room-form")]


def test_a_message_and_a_whole_room_can_be_told_to_the_team(world: World, inside: object, there: Gathering) -> None:
    wren, heron = there.members
    written = there.say(wren, "Something unkind.")
    conversation = f"/c/{write_ident(there.seen.conversation_id)}"
    for address in (f"/p/{write_post_id(written.id)}/report", f"{conversation}/report"):
        assert heron.get(address).status_code == 200
    more = text_of(heron.get(f"/p/{write_post_id(written.id)}/more"))
    assert "This breaks our rules" in more
    stranger = world.person(there.group)
    assert stranger.get(f"/p/{write_post_id(written.id)}/more").status_code == 404
    assert stranger.get(f"/p/{write_post_id(written.id)}/report").status_code == 404


def test_a_blocked_author_is_away_for_who_blocked_and_for_nobody_else(
    world: World, inside: object, there: Gathering
) -> None:
    wren, heron = there.members
    written = there.say(wren, "Words of a blocked one.")
    choosing.block_author(heron.actor, written.id)
    assert "Words of a blocked one." not in heron.get(there.page).text
    assert wren.name not in log_of(heron.get(there.page).text)
    assert "Words of a blocked one." in there.host.get(there.page).text


def test_a_muted_word_is_away(world: World, inside: object, there: Gathering) -> None:
    wren, heron = there.members
    there.say(wren, "It is about the hospital.")
    assert "hospital" in heron.get(there.page).text
    choosing.mute_word(heron.actor, there.group.scope.group_id, "hospital")
    assert "hospital" not in log_of(heron.get(there.page).text)


def test_a_content_note_stands_before_the_words(world: World, inside: object, there: Gathering) -> None:
    wren, heron = there.members
    written = there.say(wren, "It is hard to say.")
    choosing.set_notes(there.host.actor, written.id, 1)
    assert "Content note:" in text_of(heron.get(there.page))


def test_words_taken_back_are_gone_from_the_room_also_after_it_closed(
    world: World, inside: object, there: Gathering
) -> None:
    wren, heron = there.members
    first, second = there.say(wren, "I take this back."), there.say(wren, "And this later.")
    usecases.withdraw_post(wren.actor, first.id)
    assert "I take this back." not in heron.get(there.page).text
    opening.close_meeting(there.host.actor, there.id)
    usecases.withdraw_post(wren.actor, second.id)
    assert "And this later." not in heron.get(there.page).text


def test_a_held_message_is_seen_by_its_author_and_the_team_alone(
    world: World, inside: object, there: Gathering
) -> None:
    wren, heron = there.members
    there.say(wren, "Look at https://example.org/page")
    assert "example.org" in wren.get(there.page).text
    assert "example.org" not in heron.get(there.page).text
    moderator = world.person(there.group, Role.MODERATOR)
    assert "1 thing waits" in text_of(moderator.get(f"/g/{there.group.address}/team?kind=hold"))


def test_words_of_rooms_are_not_found_by_searching(world: World, inside: object, there: Gathering) -> None:
    wren, heron = there.members
    there.say(wren, "A marmalade afternoon.")
    assert "marmalade afternoon" not in text_of(heron.get(f"/g/{there.group.address}/search?q=marmalade"))
    assert "marmalade afternoon" not in text_of(there.host.get(f"/g/{there.group.address}/search?q=marmalade"))


def test_a_question_about_details_comes_before_they_are_posted(world: World, inside: object, there: Gathering) -> None:
    wren = there.members[0]
    asked = wren.send(f"{there.page}/say", {"body": "My number is 07700 900123."})
    assert asked.status_code == 200
    assert "a phone number" in text_of(asked)
    as_json = {"headers": {"Accept": "application/json"}}
    told = wren.send(f"{there.page}/say", {"body": "My number is 07700 900123."}, **as_json)
    assert (told.status_code, told.get_json()) == (409, {"error": "ask"})


def test_what_was_told_of_a_room_reaches_the_team_with_the_words_around(
    world: World, inside: object, there: Gathering
) -> None:
    wren, heron = there.members
    there.say(wren, "Something unkind.")
    page = f"/c/{write_ident(there.seen.conversation_id)}/report"
    sent = heron.send(page, {"rule": "be-kind", "words": "It hurts.", "token": "a" * 26})
    assert sent.status_code == 303
    moderator = world.person(there.group, Role.MODERATOR)
    assert "1 person told us" in text_of(moderator.get(f"/g/{there.group.address}/team"))
