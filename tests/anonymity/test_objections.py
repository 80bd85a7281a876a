"""L24, C5: a reason against a proposal under an alias leads to nobody, and neither does what somebody chose."""

import pytest
from flask import Flask

from forum.conversations import contracting
from forum.conversations.contracting import Saying
from forum.conversations.prepare import Words
from forum.ground_rules import votes
from forum.models import Role
from tests.anonymity.traces import leads_to, listening
from tests.forum.ground_rules import at_hand
from tests.world import Person, World


@pytest.fixture
def deciding(world: World, inside: Flask) -> tuple[World, Person, bytes]:
    """A proposal that people decide about by consent, and a member who did not write it."""
    group = world.group()
    wren, heron, lark = (world.person(group) for _one in range(3))
    made = at_hand.decided_about(wren, heron, world.person(group, Role.FACILITATOR))
    return world, lark, made


def test_l24_a_reason_under_an_alias_leads_to_nobody(deciding: tuple[World, Person, bytes]) -> None:
    _world, lark, made = deciding
    with listening() as told:
        at_hand.object_to(made, lark)
    assert told.written_tables() >= {"post", "charter_objection"}
    assert "charter_ballot" not in told.written_tables()
    for statement, values in told.statements:
        assert not leads_to(values, lark.persona_id, lark.account_id or b""), statement


def test_c5_no_value_of_a_choice_leads_to_who_chose(deciding: tuple[World, Person, bytes]) -> None:
    _world, lark, made = deciding
    with listening() as told:
        votes.choose(lark.actor, made, "agree")
    assert told.written_tables() == {"charter_ballot"}
    for statement, values in told.statements:
        assert not leads_to(values, lark.persona_id, lark.account_id or b""), statement


def test_the_log_would_show_words_with_a_name(deciding: tuple[World, Person, bytes]) -> None:
    _world, lark, made = deciding
    with listening() as told:
        contracting.say(lark.actor, made, Saying("be-kind", Words("I like it.")), at_hand.form())
    assert "clause_remark" in told.written_tables()
    assert any(leads_to(values, lark.persona_id) for _statement, values in told.statements)
