"""S14: when something of ours breaks, a person reads what to do, keeps the words, and learns nothing about machines."""

import logging
import re

import pytest

from tests.security.answers import TITLE, WORDS
from tests.security.scene import Scene, add_role, address_of, ask_for, scene_of
from tests.security.test_crisis import TECHNICAL, shows_numbers
from tests.world import Person, World, text_of

CODE = re.compile(r"\b[0-9a-f]{8}\b")
SECRET = "harrier-canary"


def breaking(*_args: object, **_more: object) -> object:
    raise RuntimeError(f"psycopg.errors: relation post, parameters: {SECRET} {WORDS}")


def ask_of(scene: Scene, endpoint: str, person: Person) -> str:
    rule = next(r for r in scene.world.app.url_map.iter_rules() if r.endpoint == endpoint)
    if not rule.arguments or endpoint == "static":
        return address_of(scene, endpoint, {"filename": "js/app.js"} if endpoint == "static" else {})
    thing = "ours" if not {"post_id", "item_id"} & rule.arguments else "theirs"
    return address_of(scene, endpoint, ask_for(scene, endpoint, thing, person).values)


def test_sec_s14_every_view_that_breaks_says_so_kindly_and_keeps_the_words(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scene = scene_of(world)
    person = add_role(scene, "moder")
    codes: list[str] = []
    for rule in list(world.app.url_map.iter_rules()):
        path = ask_of(scene, rule.endpoint, person)
        with monkeypatch.context() as patch:
            patch.setitem(world.app.view_functions, rule.endpoint, breaking)
            if "GET" in (rule.methods or ()):
                answer = person.get(path)
            else:
                answer = person.send(path, {"body": WORDS, "title": TITLE})
                page = answer.get_data(as_text=True)
                assert WORDS in page, rule.endpoint
                assert TITLE in page, rule.endpoint
        words = text_of(answer)
        assert answer.status_code == 500, rule.endpoint
        assert not [word for word in TECHNICAL if word in words.lower()], rule.endpoint
        assert SECRET not in words
        assert shows_numbers(answer.get_data(as_text=True), "england")
        codes += CODE.findall(words)
    assert len(codes) == len(set(codes)) > 40
    assert SECRET not in caplog.text
    assert WORDS not in caplog.text
    assert all(f"ref={code}" in caplog.text for code in codes)
    assert "kind=RuntimeError" in caplog.text


def test_sec_s14_scripts_get_the_same_in_their_own_form(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.app.view_functions, "accounts.show_help", breaking)
    answer = world.visitor().get("/help", headers={"Accept": "application/json"})
    assert answer.status_code == 500
    assert set(answer.json or {}) == {"error", "status", "reference"}
    assert SECRET not in answer.get_data(as_text=True)


def test_sec_s14_what_breaks_while_the_answer_is_finished_is_told_alike(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After the view: Flask would log the traceback and answer in its own words."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(world.app.session_interface, "save_session", breaking_once())
    answer = world.visitor().get("/help")
    assert answer.status_code == 500
    assert not [word for word in TECHNICAL if word in text_of(answer).lower()]
    assert shows_numbers(answer.get_data(as_text=True), "england")
    assert SECRET not in caplog.text


def breaking_once() -> object:
    calls: list[int] = []

    def save(*_args: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            breaking()

    return save


def test_sec_s14_a_gate_that_breaks_leaves_no_words_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = world.person(world.group())
    topic = world.topic(person)
    monkeypatch.setattr("moderation.gate.ModerationGate.screen", breaking)
    world.reply(person, topic, WORDS)
    assert "the gate could not screen a post" in caplog.text
    assert WORDS not in caplog.text
    assert SECRET not in caplog.text


def test_a_wrong_method_says_which_are_right(world: World) -> None:
    answer = world.visitor().send("/help")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_the_page_that_asks_to_wait_says_how_long(world: World) -> None:
    visitor = world.visitor()
    for _n in range(8):
        world.moment.go(seconds=31)
        visitor.send("/sign-in", {"phrase": "no such words"})
    refused = visitor.send("/sign-in", {"phrase": "no such words"})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "16"
    assert "Please wait 16 seconds, then try again. Nothing is locked." in text_of(refused)
    assert "no such words" not in refused.get_data(as_text=True)
