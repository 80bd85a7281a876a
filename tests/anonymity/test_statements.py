"""L24: what a masked post tells the database (decisions.md §2). The log holds the reads of the transaction as well."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import rows
from forum.conversations import usecases
from forum.conversations.prepare import Words
from forum.models import Role
from moderation import decisions
from moderation import usecases as usecases_of_team
from moderation.decisions import Verdict
from moderation.models import CaseItem, Choice
from tests.anonymity.traces import changed, everything, leads_to, listening
from tests.world import Person, World, conversation_url

#: decisions.md §2, and the sealed copy that a held post's case rests on (§6).
MAY_WRITE = {"post", "post_event", "mask", "mask_owner", "conversation", "resend", "case_item", "evidence", "job"}
#: What is known of people: none of it may change because somebody wrote under an alias.
OF_PEOPLE = {"account", "persona", "sign_in", "seat", "agreement", "credential", "read_marker", "draft", "restriction"}
#: Nor may it touch what people chose, or who asked to decide.
OF_PEOPLE |= {"charter_ballot", "charter_call"}

PLAIN, HELD = "I could not say this under my name.", "Look at https://example.org please."


@pytest.fixture
def story(world: World, inside: object, moment: object) -> tuple[World, Person, bytes]:
    """A newcomer who never wrote under a name, and a topic of somebody else. It is seven minutes past an hour."""
    group = world.group()
    newcomer, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    world.moment.go(minutes=7, seconds=13)
    return world, newcomer, topic


def submit(person: Person, topic: bytes, body: str, masked: bool = True) -> None:
    usecases.submit_post(person.actor, topic, Words(body, masked=masked), "one form")


def start(person: Person, _topic: bytes, body: str) -> None:
    assert person.group
    usecases.start_topic(person.actor, person.group.board, "Not under my name", Words(body, masked=True), "one form")


def by_form(person: Person, topic: bytes, body: str) -> None:
    answer = person.send(f"{conversation_url(topic)}/posts", {"body": body, "masked": "yes", "token": "one form"})
    assert answer.status_code == 303


WAYS = pytest.mark.parametrize("way", [submit, start, by_form])
BODIES = pytest.mark.parametrize("body", [PLAIN, HELD], ids=["shown", "held"])


@WAYS
@BODIES
def test_l24_no_value_of_a_masked_transaction_leads_to_its_author(
    story: tuple[World, Person, bytes], way: Callable[..., None], body: str
) -> None:
    _world, wren, topic = story
    with listening() as told:
        way(wren, topic, body)
    assert told.written_tables() >= {"post", "mask", "mask_owner", "resend"}
    for statement, values in told.statements:
        assert not leads_to(values, wren.persona_id, wren.account_id or b""), statement


def test_l24_the_log_would_show_a_named_author(story: tuple[World, Person, bytes]) -> None:
    _world, wren, topic = story
    with listening() as told:
        submit(wren, topic, PLAIN, masked=False)
    assert any(leads_to(values, wren.persona_id) for _statement, values in told.statements)
    assert "persona" in told.written_tables()


@WAYS
@BODIES
def test_l24_a_masked_post_writes_only_its_own_tables(
    story: tuple[World, Person, bytes], way: Callable[..., None], body: str
) -> None:
    _world, wren, topic = story
    before = everything()
    with listening() as told:
        way(wren, topic, body)
    new = changed(before, everything())
    assert told.written_tables() <= MAY_WRITE
    assert set(new) <= MAY_WRITE
    assert not set(new) & OF_PEOPLE
    assert len(new["post"]) == 1
    for table, found in new.items():
        for row in found:
            assert not leads_to([v for _name, v in row], wren.persona_id, wren.account_id or b""), table


@WAYS
@BODIES
def test_l24_times_beside_a_masked_post_are_whole_hours(
    story: tuple[World, Person, bytes], way: Callable[..., None], body: str
) -> None:
    world, wren, topic = story
    before = everything()
    way(wren, topic, body)
    new = changed(before, everything())
    exact = {
        (table, name)
        for table, found in new.items()
        for row in found
        for name, value in row
        if isinstance(value, datetime) and value != value.replace(minute=0, second=0, microsecond=0)
    }
    assert exact <= {("post", "due_at"), ("job", "due_at")}  # both are gone ten seconds later
    written = {value for row in new["post"] for name, value in row if name == "written_at"}
    assert written == {world.moment.at.replace(minute=0, second=0, microsecond=0)}


def test_l24_publishing_and_deciding_lead_to_nobody_either(story: tuple[World, Person, bytes]) -> None:
    world, wren, topic = story
    assert wren.group
    judge = world.person(wren.group, Role.MODERATOR)
    shown = usecases.submit_post(wren.actor, topic, Words(PLAIN, masked=True), "one form")
    held = usecases.submit_post(wren.actor, topic, Words(HELD, masked=True), "another form")
    world.moment.go(seconds=11)
    case = rows(select(CaseItem.id, CaseItem.version).where(CaseItem.post_id == held.id))[0]
    before = everything()
    with listening() as told:
        assert jobs.run_due() == 1
        usecases_of_team.hide_post(judge.actor, shown.id, "A reason for the author.", "be-kind")
        decisions.decide(judge.actor, case.id, Verdict(Choice.RELEASE, case.version))
    assert not set(changed(before, everything())) & OF_PEOPLE
    for statement, values in told.statements:
        assert not leads_to(values, wren.persona_id, wren.account_id or b""), statement


def test_l24_a_draft_goes_in_a_transaction_of_its_own(story: tuple[World, Person, bytes]) -> None:
    """Pages of SQLite's journal stand commit by commit: in one commit draft and mask would be one person's."""
    _world, wren, topic = story
    address = f"{conversation_url(topic)}/posts"
    assert wren.send(address, {"body": "Not yet.", "masked": "yes", "later": "yes"}).status_code == 303
    with listening() as told:
        by_form(wren, topic, PLAIN)
    together = [tables for tables in told.written_together() if tables]
    assert {"draft"} in together
    assert not [tables for tables in together if "draft" in tables and len(tables) > 1]
    assert [tables for tables in together if {"post", "mask", "mask_owner"} <= tables]
    for statement, values in told.statements:
        assert not leads_to(values, wren.persona_id, wren.account_id or b""), statement
