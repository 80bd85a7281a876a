"""What an operator can set for a group until its pages exist, and that it takes effect."""

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from forum.base.db import row
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.models import Persona, PostState, Role
from moderation.models import AuditEntry
from tests.world import World


def flask(world: World, *args: str) -> Result:
    return world.app.test_cli_runner().invoke(args=list(args))


def test_a_group_made_on_the_command_line_is_its_teams_until_they_open_it(world: World) -> None:
    options = ["--organisation", "Tide Trust", "--address", "quiet-harbour", "--name", "Evening Harbour"]
    options += ["--benefits", "You are not alone.", "--who-for", "Carers.", "--board", "Say hello"]
    result = flask(world, "group", "create", *options)
    assert result.exit_code == 0, result.output
    assert "flask group facilitator quiet-harbour" in result.output
    assert world.visitor().get("/g/quiet-harbour").status_code == 404
    again = flask(world, "group", "create", *options)
    assert again.exit_code == 1
    assert "taken" in again.output


def test_an_address_that_tells_the_topic_apart_is_two_plain_words(world: World) -> None:
    options = ["--organisation", "T", "--address", "Bipolar", "--name", "N", "--benefits", "b", "--who-for", "w"]
    result = flask(world, "group", "create", *options, "--board", "B")
    assert result.exit_code == 1
    assert "two neutral words" in result.output


def test_duty_times_and_other_hours_speak_at_once(world: World) -> None:
    group = world.group()
    result = flask(world, "group", "duty", group.address, "monday", "19:00", "21:00")
    assert "looks today at 19:00" in result.output
    away = flask(world, "group", "other-hours", group.address, "2026-11-23")
    assert "looks on Monday 30 November at 19:00" in away.output
    wrong = flask(world, "group", "duty", group.address, "monday", "7pm", "9pm")
    assert wrong.exit_code == 1
    assert "19:00" in wrong.output


def test_the_groups_own_words_hold_a_post(world: World, tmp_path: Path) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    file = tmp_path / "words.txt"
    file.write_text("banned phrase\n")
    assert "1 words" in flask(world, "group", "words", group.address, str(file)).output
    with world.app.app_context():
        held = posting.submit_post(wren.actor, topic, Words("This is a Banned   phrase, you see."), "a")
        free = posting.submit_post(wren.actor, topic, Words("This is not."), "b")
    assert (held.state, free.state) == (PostState.HELD, PostState.SENDING)


def test_holding_newcomers_says_its_price_first(world: World) -> None:
    group = world.group()
    result = flask(world, "group", "hold-newcomers", group.address, "on")
    assert "First posts will wait" in result.output
    assert "No one from the team is due here" in result.output
    assert result.exit_code == 1, "it was saved without a yes"
    assert flask(world, "group", "hold-newcomers", group.address, "on", "--yes").exit_code == 0


def test_a_role_is_given_and_recorded_and_the_last_facilitator_stays(world: World) -> None:
    group = world.group()
    wren = world.person(group, name="Gentle Wren")
    assert flask(world, "group", "role", group.address, "gentle wren", "facilitator").exit_code == 0
    with world.app.app_context():
        role = row(select(Persona.role).where(Persona.id == wren.persona_id))
        entry = row(select(AuditEntry.action, AuditEntry.codes))
        assert role
        assert role.role is Role.FACILITATOR
        assert entry
        assert (entry.action, entry.codes) == ("role.set", "facilitator")
    last = flask(world, "group", "role", group.address, "Gentle Wren", "member")
    assert last.exit_code == 1
    assert "last facilitator" in last.output


@pytest.mark.parametrize("command", ["duty", "words", "role"])
def test_a_group_that_is_not_there_is_named(world: World, command: str, tmp_path: Path) -> None:
    file = tmp_path / "w"
    file.write_text("")
    rest = {"duty": ["monday", "19:00", "21:00"], "words": [str(file)], "role": ["Somebody", "member"]}[command]
    result = flask(world, "group", command, "no-where", *rest)
    assert result.exit_code == 1
    assert "no group at no-where" in result.output
