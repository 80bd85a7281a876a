"""Where no ticker runs: requests and cron do what is due about concerns."""

from datetime import timedelta

import pytest
from flask import Flask

from moderation.safeguarding import lazily, ticking
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, scene
from tests.world import World


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """People of an organisation."""
    lazily.forget()
    return scene(world)


@pytest.mark.parametrize("path", ["/need-help", "/concerns"])
def test_a_page_of_those_who_look_after_people_calls_whoever_is_due(here: Scene, moment: Clock, path: str) -> None:
    case = here.raise_one()
    moment.go(minutes=16)
    here.robin.get(path)
    assert here.now(case.id).step == case.step + 1


def test_it_is_looked_once_a_second_and_not_more(here: Scene, moment: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    monkeypatch.setattr(ticking, "help_out", lambda: looks.append(1))
    for _n in range(3):
        here.robin.get("/concerns")
    moment.go(seconds=1)
    here.robin.get("/concerns")
    assert len(looks) == 2


def test_cron_does_the_same(here: Scene, moment: Clock) -> None:
    case = here.raise_one()
    moment.go(minutes=16)
    said = here.world.app.test_cli_runner().invoke(args=["safeguarding", "tick"])
    assert said.exit_code == 0, said.output
    assert "1 concerns looked at" in said.output
    after = here.now(case.id)
    assert after.step == case.step + 1
    assert after.due_at is not None
    assert after.due_at - moment.at == timedelta(minutes=15)
