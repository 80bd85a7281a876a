"""The demonstration: whoever tries a seat can also take the steps that need a code, for the page tells it."""

import re
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

import wsgi
from forum.base import keyring
from forum.base.config import Settings
from forum.base.db import db, rows
from forum.ground_rules import queries
from forum.groups import examples
from forum.models import Conversation, Group, Meeting, Post, PostState, Room, RoomKind
from forum.policy import gate, terms
from forum.policy.gate import Situation
from tests.conftest import forget
from tests.world import BASE


@pytest.fixture
def shown(tmp_path: Path, ring: keyring.Keyring, cheap_hashing: None) -> Iterator[Flask]:
    """A demonstration of its own."""
    keyring.save(ring, tmp_path / "keyring.json")
    url = f"sqlite:///{tmp_path / 'forum.db'}"
    app = wsgi.create_app(Settings(url, tmp_path / "keyring.json", tmp_path, demo=True, ticker=False))
    with app.app_context():
        flask_migrate.upgrade(directory=str(wsgi.ROOT / "migrations"))
    assert app.test_cli_runner().invoke(args=["demo", "load"]).exit_code == 0
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    forget(ring)


def send(client: FlaskClient, page: str, path: str, **form: str) -> str:
    """Send a form of `page`, with its token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token, page
    answer = client.post(path, data={"csrf_token": token[1], **form}, base_url=BASE, follow_redirects=True)
    return answer.get_data(as_text=True)


def test_a_facilitators_seat_is_told_its_code(shown: Flask) -> None:
    client = shown.test_client()
    client.post("/demo/seat", data={"seat": "facilitator"}, base_url=BASE, headers={"Sec-Fetch-Site": "same-origin"})
    home = client.get("/", base_url=BASE).get_data(as_text=True)
    group = re.search(r'"(/g/[a-z]+-[a-z]+)"', home)
    assert group
    door = {"door": "request", "listing": "listed", "confirm": "yes"}
    asked = send(client, home, f"{group[1]}/door", **door)
    code = re.search(r"The code is now: (\d{6})", asked)
    assert code
    done = send(client, asked, f"{group[1]}/door", **door, step_up_code=code[1])
    assert "The code is now" not in done


def test_a_members_seat_has_none(shown: Flask) -> None:
    client = shown.test_client()
    client.post("/demo/seat", data={"seat": "member"}, base_url=BASE, headers={"Sec-Fetch-Site": "same-origin"})
    page = client.get("/second-step", base_url=BASE).get_data(as_text=True)
    assert "The code is now" not in page
    assert "Set up my second step" in page


def test_its_groups_are_open(shown: Flask) -> None:
    first = shown.test_client().get("/groups", base_url=BASE).get_data(as_text=True)
    assert len(set(re.findall(r'"(/g/[a-z]+-[a-z]+)"', first))) == 3


def test_c2_nothing_in_the_demonstration_is_what_its_rules_refuse(shown: Flask) -> None:
    with shown.app_context():
        groups = rows(select(Group.id))
        assert groups
        for group in groups:
            agreed, rules = terms.of_group(group.id), queries.find_rules(group.id)
            assert rules
            wanted = select(Post.body, Post.charter_version_id).join(
                Conversation, Post.conversation_id == Conversation.id
            )
            posts = rows(wanted.where(Conversation.group_id == group.id, Post.state == PostState.VISIBLE))
            assert {post.charter_version_id for post in posts} <= {rules.version_id}
            made_up = [voice.body for one in examples.list_examples(group.id) for voice in one.voices]
            for body in [*(post.body for post in posts), *made_up]:
                found = gate.decide(gate.screen(body, frozenset()), Situation(group.id, terms=agreed))
                assert not found.refused, body


def test_a_newcomer_sees_when_people_meet_and_one_person_alone_can_try_a_room(shown: Flask) -> None:
    with shown.app_context():
        groups = rows(select(Group.id))
        planned = {
            one.group_id: one for one in rows(select(Meeting.group_id, Meeting.theme).where(Meeting.theme != ""))
        }
        assert set(planned) == {one.id for one in groups}
        assert {r.needs for r in rows(select(Room.needs))} == {1}
        assert [r.name for r in rows(select(Room.name).where(Room.kind == RoomKind.DROP_IN))] == ["The open door"]
