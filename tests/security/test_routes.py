"""S21: every route, every kind of person, every kind of thing, as tests/security/matrix.py says."""

import pytest
from flask import Flask

from forum.accounts.slowing import LONGEST_S
from tests.conftest import Database
from tests.security import matrix, ready
from tests.security.matrix import Line
from tests.security.scene import Ask, Scene, address_of, plain, send
from tests.world import World

pytestmark = pytest.mark.pages

#: Handled by Werkzeug itself, the same for everybody.
OWN_METHODS = {"HEAD", "OPTIONS"}
#: Headers that may differ between two equal answers.
PER_ANSWER = {"Set-Cookie"}


def test_sec_s21_every_route_stands_in_the_table(app: Flask) -> None:
    routes = {(m, r.endpoint) for r in app.url_map.iter_rules() for m in (r.methods or set()) - OWN_METHODS}
    told = {(line.method, line.endpoint) for line in matrix.lines()}
    assert routes - told == set(), "new routes: say in tests/security/matrix.py who may open them"
    assert told - routes == set(), "these routes are gone"


def test_sec_s21_every_page_of_a_thing_says_what_happens_far_away(app: Flask) -> None:
    """A line only about our own things would not notice a page that opens everybody's."""
    things: dict[str, set[str]] = {}
    for line in matrix.lines():
        things.setdefault(line.endpoint, set()).add(line.thing)
    public = {"show_names", "offer_names", "show_rules", "begin", "pick_name", "join", "show_guide", "show_easy"}
    public |= {"show_link", "accept"}  # a link for an admin is nobody's before it is opened
    public |= {"show_examples", "show_inside", "show_readers", "show_paper"}
    public |= {"show_code"}
    public |= {"show_told", "say_more"}  # whoever keeps the secret: tests/moderation/test_outsiders.py
    public |= {f"{name}_by_secret" for name in ("show", "write", "choose_readers", "wish_no_action")}  # the same
    public |= {"show_stop", "stop_by_link"}  # a mail's link, whoever has it: test_tenants crosses its parts
    only_mine = {"show_sent", "show_edit", "erase_version"}  # what another member of one's own group gets says it
    for rule in app.url_map.iter_rules():
        name = rule.endpoint.split(".")[-1]
        if rule.arguments and rule.endpoint != "static" and name not in public | only_mine:
            assert "far" in things[rule.endpoint], rule.endpoint


@pytest.mark.parametrize("line", matrix.lines(), ids=str)
def test_sec_s21_the_table_holds(world: World, database: Database, line: Line) -> None:
    scene = ready.everybody_again(world, database)
    asks = ready.ask_for_all(scene, line)
    scene.depart()

    got = {}
    for role, ask in asks.items():
        path = address_of(scene, line.endpoint, ask.values)
        world.moment.go(seconds=LONGEST_S)  # so that one person's wrong phrase does not slow the next
        answer = send(scene.people[role], line.method, path, ask.form)
        got[role] = answer.status_code
        if answer.status_code == 404 and ask.ghost:
            same_as_nothing(scene, line, role, ask, plain(answer, path), dict(answer.headers))
    assert got == line.answers


def same_as_nothing(scene: Scene, line: Line, role: str, ask: Ask, seen: bytes, headers: dict[str, str]) -> None:
    """Asking for what is not theirs, they cannot tell it from what never was."""
    path = address_of(scene, line.endpoint, ask.ghost)
    nothing = send(scene.people[role], line.method, path, ask.form)
    assert nothing.status_code == 404
    assert seen == plain(nothing, path)
    for name in set(headers) | set(dict(nothing.headers)):
        if name not in PER_ANSWER and name != "Content-Length":
            assert headers.get(name) == nothing.headers.get(name), name
