"""Whom an item names gets no live event, no line of their copy and no search result of it; and nothing is logged."""

import json
import logging
from collections.abc import Callable

import pytest

from forum.base import broadcast
from forum.base.idents import write_ident
from forum.leaving import held
from forum.live.watching import room_of
from moderation.models import CaseKind
from tests.moderation.test_meanwhile import joined
from tests.moderation.test_reports import ACCUSED, Story, tell
from tests.world import Person, World, post_url


@pytest.fixture
def hinted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rooms that were told something, while pages are open."""
    told: list[str] = []
    monkeypatch.setattr(broadcast.socketio, "server", object())
    monkeypatch.setattr(broadcast, "hint", lambda room, _event, _values: told.append(room))
    return told


@pytest.fixture
def story(world: World, inside: object) -> Story:
    """Who came lately gets no live events: they may have been somebody else here, whom the item names."""
    found = Story(world)
    for person in (found.owl, found.jay):
        joined(person, 60)
    return found


def own_room(story: Story, person: Person) -> str:
    return room_of(story.group.scope, person.persona_id)


@ACCUSED
def test_sec_t5_no_live_event_reaches_whom_it_names(
    story: Story, hinted: list[str], way: Callable[[Story], int]
) -> None:
    post = way(story)
    hinted.clear()
    story.heron.send(post_url(post, "report"), {"body": "Please look at this."})
    assert own_room(story, story.jay) in hinted
    assert own_room(story, story.owl) not in hinted


def test_sec_t5_others_of_the_team_do_get_one(story: Story, hinted: list[str]) -> None:
    tell(story.heron, story.post)
    assert {own_room(story, story.jay), own_room(story, story.owl)} <= set(hinted)


@ACCUSED
def test_sec_t5_the_copy_of_whom_it_names_is_the_same(story: Story, way: Callable[[Story], int]) -> None:
    post = way(story)
    before = copy_of(story, story.owl)
    for kind in (CaseKind.REPORT, CaseKind.WELFARE):
        item = tell(story.heron, post, kind, words="canary-5521")
        assert write_ident(item) not in before
    assert copy_of(story, story.owl) == before
    assert "canary-5521" in copy_of(story, story.heron)


def copy_of(story: Story, person: Person) -> str:
    """Everything that a member takes along, as it is read from the file."""
    return json.dumps(held.gather(story.group.scope, person.persona_id), default=str, sort_keys=True)


def test_m13_nothing_is_logged_of_who_told_or_what(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").info("the log is listened to")
        item = tell(story.heron, story.post, words="canary-5521")
        story.owl.get(f"/cases/{write_ident(item)}")
    said = caplog.text
    assert "the log is listened to" in said
    for one in ("canary-5521", "Heron", story.heron.persona_id.hex(), write_ident(story.heron.persona_id)):
        assert one not in said
