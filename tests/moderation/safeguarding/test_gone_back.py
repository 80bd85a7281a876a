"""Whoever had a concern that went back hears it kindly; whom it must not reach by then hears nothing."""

from dataclasses import replace

import pytest
from flask import Flask

from forum.base import clock, jobs
from forum.base.idents import write_ident
from moderation.safeguarding import channels, handing, sending, ticking, transitions
from moderation.safeguarding.channels import Way
from moderation.safeguarding.models import State
from moderation.safeguarding.people_models import ChannelKind
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, arm, scene
from tests.world import World


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What left for whom, instead of leaving."""
    found: list[tuple[str, str]] = []
    monkeypatch.setattr(sending, "send_text", lambda _kind, way, message: found.append((way.address, message.text)))
    return found


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """Robin can be called by mail."""
    found = scene(world)
    arm(found.group.scope.organisation_id)
    way = replace(Way("robin@example.org"), tested_on=clock.today().isoformat())
    channels.keep(found.robin.persona_id, ChannelKind.MAIL, way)
    return found


def forgotten(here: Scene, moment: Clock) -> bytes:
    case = here.raise_one()
    transitions.acknowledge(here.robin.actor, case.id, case.version)
    moment.go(minutes=60)
    ticking.tick()
    assert here.now(case.id).state is State.RAISED
    return case.id


def test_whoever_had_it_hears_once_that_it_went_back(here: Scene, moment: Clock, told: list[tuple[str, str]]) -> None:
    code = here.now(forgotten(here, moment)).code
    jobs.run_due()
    jobs.run_due()
    assert [to for to, _text in told] == ["robin@example.org"]
    assert code in told[0][1]
    assert "You did nothing wrong." in told[0][1]


def test_whom_it_must_not_reach_by_then_hears_nothing(here: Scene, moment: Clock, told: list[tuple[str, str]]) -> None:
    concern = forgotten(here, moment)
    handing.recuse(here.lead.actor, concern, here.robin.persona_id, "He is her brother.")
    jobs.run_due()
    assert told == []


def test_it_is_said_on_the_page_until_somebody_has_it(here: Scene, moment: Clock) -> None:
    address = f"/concerns/{write_ident(forgotten(here, moment))}"
    words = "This went back to the team"
    assert words in here.robin.get(address).get_data(as_text=True)
    assert words not in here.sam.get(address).get_data(as_text=True)
