"""Quiet minutes: nothing that a member writes comes out before all of it does, whichever way round somebody tries."""

import pytest
from sqlalchemy import select

from forum.base.db import row
from forum.conversations.lifecycle import Written
from forum.leaving import usecases as leaving
from forum.leaving.usecases import Hidden
from forum.models import Post, PostState, Role
from forum.rooms import desk_acts
from moderation import decisions
from moderation.decisions import Verdict
from moderation.models import CaseItem, Choice
from tests.meeting import Gathering, gather
from tests.world import Person, World, post_url, text_of


@pytest.fixture
def there(world: World, inside: object) -> Gathering:
    return gather(world)


@pytest.fixture
def quiet(there: Gathering) -> Gathering:
    """Ten quiet minutes have begun."""
    desk_acts.write_quietly(there.host.actor, there.id)
    return there


def released(there: Gathering) -> str:
    """What another member reads once the quiet minutes are over."""
    desk_acts.release(there.host.actor, there.id)
    return text_of(there.members[1].get(there.page))


def go_away(person: Person, there: Gathering) -> None:
    """Take all back that one wrote under one's name."""
    leaving.take_words_back(person.actor, there.group.scope, Hidden.STAY)


def come_back(person: Person, there: Gathering) -> None:
    """Undo that."""
    leaving.bring_words_back(person.actor, there.group.scope)


def find_state(said: Written) -> PostState:
    found = row(select(Post.state).where(Post.id == said.id))
    assert found
    return PostState(found.state)


def test_words_that_come_back_in_quiet_minutes_wait_for_their_end(world: World, quiet: Gathering) -> None:
    wren, heron, *_rest = quiet.members
    said = quiet.say(wren, "Only when we all show it.")
    go_away(wren, quiet), come_back(wren, quiet)
    assert "Only when we all show it." not in text_of(heron.get(quiet.page))
    assert find_state(said) is PostState.SENDING
    assert released(quiet).count("Only when we all show it.") == 1


def test_words_said_before_that_come_back_in_quiet_minutes_wait_too(there: Gathering) -> None:
    wren, heron, *_rest = there.members
    there.say(wren, "Said out loud.")
    go_away(wren, there)
    desk_acts.write_quietly(there.host.actor, there.id)
    come_back(wren, there)
    assert "Said out loud." not in text_of(heron.get(there.page))
    assert released(there).count("Said out loud.") == 1


def test_words_that_come_back_when_nobody_writes_quietly_stand_there_at_once(there: Gathering) -> None:
    wren, heron, *_rest = there.members
    there.say(wren, "Said out loud.")
    go_away(wren, there), come_back(wren, there)
    assert "Said out loud." in text_of(heron.get(there.page))


def test_a_message_that_all_read_is_not_changed_in_quiet_minutes_and_the_new_words_stay(there: Gathering) -> None:
    wren, heron, *_rest = there.members
    said = there.say(wren, "Hello.")
    desk_acts.write_quietly(there.host.actor, there.id)
    form = {"body": "My answer before all others.", "lang": "en"}
    kept = wren.send(post_url(said.id, "edit"), form)
    assert (kept.status_code, "My answer before all others." in text_of(kept)) == (403, True)
    assert "before all others" not in text_of(heron.get(there.page))
    desk_acts.release(there.host.actor, there.id)
    assert wren.send(post_url(said.id, "edit"), form).status_code == 303
    assert "My answer before all others." in text_of(heron.get(there.page))


def test_an_answer_is_changed_while_it_waits(quiet: Gathering) -> None:
    wren, heron, *_rest = quiet.members
    said = quiet.say(wren, "My furst word.")
    assert wren.send(post_url(said.id, "edit"), {"body": "My first word.", "lang": "en"}).status_code == 303
    assert "My first word." not in text_of(heron.get(quiet.page))
    assert "My first word." in released(quiet)


def test_a_held_message_that_is_let_through_in_quiet_minutes_waits_for_their_end(
    world: World, there: Gathering
) -> None:
    wren, heron, *_rest = there.members
    said = there.say(wren, "Taken out, and then let through.")
    desk_acts.take_out(there.host.actor, there.id, said.id)
    desk_acts.write_quietly(there.host.actor, there.id)
    case = row(select(CaseItem.id).where(CaseItem.post_id == said.id))
    assert case
    decisions.decide(world.person(there.group, Role.MODERATOR).actor, case.id, Verdict(Choice.RELEASE, 0))
    assert "let through" not in text_of(heron.get(there.page))
    assert released(there).count("let through") == 1
