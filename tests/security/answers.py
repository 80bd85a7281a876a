"""One real answer of every status the program gives, to a visitor and to a member."""

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from forum.base import db, transaction
from forum.groups import queries as groups
from tests.security.scene import Scene
from tests.world import BASE, Person, conversation_url

WORDS = "Words that must not get lost: kestrel."
TITLE = "A heading to keep: harrier"
STATUSES = (200, 303, 401, 403, 404, 405, 413, 422, 429, 500, 503)
ERRORS = tuple(status for status in STATUSES if status >= 400)


def database_away(patch: pytest.MonkeyPatch) -> None:
    """As after pulling its plug: neither reading nor writing gets through."""

    def refuse(*_args: object, **_more: object) -> object:
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    patch.setattr(db, "_read", refuse)
    patch.setattr(transaction, "_begin", refuse)


def answer_of(scene: Scene, person: Person, status: int) -> TestResponse:
    """Make the program answer `person` with `status`."""
    with pytest.MonkeyPatch.context() as patch:
        return _WAYS[status](scene, person, patch)


def _page(_scene: Scene, person: Person, _patch: pytest.MonkeyPatch) -> TestResponse:
    return person.get("/help")


def _onward(_scene: Scene, person: Person, _patch: pytest.MonkeyPatch) -> TestResponse:
    return person.send("/language", {"language": "en"})


def _ask_to_sign_in(scene: Scene, person: Person, _patch: pytest.MonkeyPatch) -> TestResponse:
    """A member meets it when a device was signed out meanwhile."""
    return scene.world.visitor().get("/devices") if person.account_id else person.get("/devices")


def _refused_form(_scene: Scene, person: Person, _patch: pytest.MonkeyPatch) -> TestResponse:
    return person.client.post("/sign-in", data={"body": WORDS, "title": TITLE}, base_url=BASE)


def _no_such_page(_scene: Scene, person: Person, _patch: pytest.MonkeyPatch) -> TestResponse:
    return person.get("/no/such/page")


def _wrong_way(_scene: Scene, person: Person, _patch: pytest.MonkeyPatch) -> TestResponse:
    return person.send("/help")


def _too_long(_scene: Scene, person: Person, _patch: pytest.MonkeyPatch) -> TestResponse:
    return person.send("/sign-in", {"phrase": "x" * 70_000})


def _change_something(scene: Scene, person: Person, _patch: pytest.MonkeyPatch) -> TestResponse:
    if person.account_id is None:
        return person.send(f"/g/{scene.ours.address}/join", {"name": "x"})
    topic = scene.world.topic(scene.people["heron"])
    return person.send(f"{conversation_url(topic)}/posts", {"body": " ", "token": "t" * 26})


def _slower(_scene: Scene, person: Person, _patch: pytest.MonkeyPatch) -> TestResponse:
    for _n in range(4):
        person.send("/sign-in", {"phrase": "no such words are known here"})
    return person.send("/sign-in", {"phrase": "no such words are known here"})


def _our_fault(_scene: Scene, person: Person, patch: pytest.MonkeyPatch) -> TestResponse:
    def fail(*_args: object) -> object:
        raise RuntimeError("psycopg.errors.UndefinedTable: Traceback kestrel")

    patch.setattr(groups, "find_card", fail)
    return person.send("/g/any-thing/join", {"body": WORDS, "title": TITLE})


def _away(scene: Scene, person: Person, patch: pytest.MonkeyPatch) -> TestResponse:
    topic = scene.world.topic(scene.people["heron"])
    path = f"{conversation_url(topic)}/posts" if person.account_id else f"/g/{scene.ours.address}/join"
    token = person.form_token()
    database_away(patch)
    form = {"csrf_token": token, "body": WORDS, "title": TITLE, "token": "t" * 26}
    return person.client.post(path, data=form, base_url=BASE)


_WAYS = {
    200: _page,
    303: _onward,
    401: _ask_to_sign_in,
    403: _refused_form,
    404: _no_such_page,
    405: _wrong_way,
    413: _too_long,
    422: _change_something,
    429: _slower,
    500: _our_fault,
    503: _away,
}


def every_answer(scene: Scene, people: dict[str, Person]) -> Iterator[tuple[str, int, TestResponse]]:
    """Who, the status, and the answer."""
    for who, person in people.items():
        for status in STATUSES:
            yield who, status, answer_of(scene, person, status)
            scene.world.moment.go(minutes=1)
