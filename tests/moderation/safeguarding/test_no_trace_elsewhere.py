"""SG6 besides pages by group: addresses by post and conversation, what open pages hear over sockets, and mails."""

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from forum.base import broadcast, clock, jobs
from forum.base.db import rows
from forum.base.idents import write_ident, write_post_id
from forum.models import Post
from moderation.safeguarding import channels, handing, sending, ticking, transitions
from moderation.safeguarding.channels import Way
from moderation.safeguarding.models import EventKind
from moderation.safeguarding.people_models import ChannelKind
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, arm, scene
from tests.moderation.safeguarding.test_no_trace import Worlds, plain, worlds
from tests.world import Person, World

__all__ = ["worlds"]
pytestmark = pytest.mark.pages

#: A page of a post needs one of these, and nothing but these.
BY_POST = frozenset({"post_id", "conversation_id"})


def rules_by_post(app: Flask) -> list[Rule]:
    found = [r for r in app.url_map.iter_rules() if "GET" in (r.methods or ()) and r.arguments]
    return [r for r in found if r.arguments <= BY_POST]


def seen_by_post(app: Flask, who: Person, conversation: bytes) -> dict[str, tuple[int, str, str]]:
    """What one person gets from every address of somebody's post."""
    post = rows(select(Post.id).where(Post.conversation_id == conversation))[0].id
    ids = {"post_id": write_post_id(post), "conversation_id": write_ident(conversation)}
    found = {}
    for rule in rules_by_post(app):
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda at: ids[at[1]], rule.rule)
        answer = who.client.get(path, base_url="https://localhost")
        text = plain(answer.text) if (answer.mimetype or "").startswith("text/") else ""
        found[rule.rule] = (answer.status_code, plain(answer.headers.get("Location", "")), text)
    return found


def test_sg6_from_every_address_of_a_post_the_answer_is_that_of_a_world_without_it(
    worlds: Worlds, world: World
) -> None:
    here, there = worlds.with_it, worlds.without
    topics = [world.topic(one.wren, "A hard night", "I am low.") for one in (here, there)]
    named = frozenset({here.robin.persona_id, here.lead.id})
    here.raise_one(involved=named, place_id=topics[0])
    with_it, without = (
        seen_by_post(worlds.app, one.robin, topic) for one, topic in zip((here, there), topics, strict=True)
    )
    assert len(with_it) > 10
    assert [rule for rule in with_it if with_it[rule] != without[rule]] == []


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Whatever is said to open pages."""
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(broadcast.socketio, "server", object())
    for name in ("hint", "tell", "hang_up"):
        monkeypatch.setattr(broadcast, name, lambda *said: found.append(said))
    return found


def live_through(here: Scene, moment: Clock) -> None:
    """A concern that names Robin and the lead, from its first word into an emergency."""
    case = here.raise_one(involved=frozenset({here.robin.persona_id, here.lead.id}))
    ticking.tick()
    transitions.acknowledge(here.sam.actor, case.id, here.now(case.id).version)
    transitions.write_note(here.sam.actor, case.id, EventKind.FACT, "She lives alone.")
    transitions.emergency(here.deputy.actor, case.id)
    handing.recuse(here.deputy.actor, case.id, here.sam.persona_id, "She is his sister.")
    for _step in range(6):
        moment.go(minutes=20)
        ticking.tick()


def test_sg6_no_open_page_hears_of_it(inside: Flask, world: World, moment: Clock, heard: list[tuple[Any, ...]]) -> None:
    here = scene(world)
    arm(here.group.scope.organisation_id)
    live_through(here, moment)
    assert heard == []
    world.topic(here.wren)
    assert heard != [], "else nothing was listened to"


def test_sg6_no_mail_goes_to_whom_it_names(
    inside: Flask, world: World, moment: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, sent = scene(world), []
    arm(here.group.scope.organisation_id)
    people = {here.robin.persona_id: "robin", here.sam.persona_id: "sam", here.lead.id: "lead", here.deputy.id: "dee"}
    for ident, name in people.items():
        way = replace(Way(f"{name}@example.org"), tested_on=clock.today().isoformat())
        channels.keep(ident, ChannelKind.MAIL, way)
    monkeypatch.setattr(sending, "send_text", lambda _kind, way, _message: sent.append(way.address))
    here.raise_one(involved=frozenset({here.robin.persona_id, here.lead.id}))
    for _step in range(8):
        ticking.tick()
        sending.send_all()
        jobs.run_due()
        moment.go(minutes=15)
    assert set(sent) == {"sam@example.org", "dee@example.org"}
