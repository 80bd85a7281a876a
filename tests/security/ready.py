"""Everybody of the table of routes, made once for each worker and put back for each line of the table.

Half of the time of nine hundred lines went into making the same three groups with the same twelve people.
"""

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from forum.web import sessions
from tests import services
from tests.conftest import Database
from tests.security.matrix import ROLES, Line
from tests.security.scene import Ask, Scene, ask_for, everybody
from tests.world import Person, World

SQLITE = "sqlite:///"
#: Whoever is told one of these changed nothing: the next one asks for the same thing.
REFUSED = {401, 403, 404}


@dataclass(frozen=True)
class _Kept:
    """A scene as it was when it was made."""

    rows: Path
    at: datetime
    scene: Scene
    cookies: dict[str, str | None]


_kept: dict[str, _Kept] = {}


def everybody_again(world: World, database: Database) -> Scene:
    """Three groups with everybody in them, as if made just now; nothing of the test before is left."""
    if not database.url.startswith(SQLITE):
        return everybody(world)
    if database.url not in _kept:
        _kept[database.url] = _keep(everybody(world), Path(database.url.removeprefix(SQLITE)))
    kept = _kept[database.url]
    services.reset_sqlite(kept.rows, database.url.removeprefix(SQLITE))
    world.go_on_from(kept.scene.world, kept.at)
    people = {role: _again(world, person, kept.cookies[role]) for role, person in kept.scene.people.items()}
    return replace(kept.scene, world=world, people=people)


def _keep(scene: Scene, database: Path) -> _Kept:
    rows = database.with_name("everybody.db")
    source, copy = sqlite3.connect(database), sqlite3.connect(rows)
    source.backup(copy)
    source.close()
    copy.close()
    return _Kept(rows, scene.world.moment.at, scene, {role: person.cookie for role, person in scene.people.items()})


def _again(world: World, person: Person, cookie: str | None) -> Person:
    """The same person with a browser that has seen nothing but their sign-in."""
    again = replace(person, world=world, client=world.app.test_client(), pages=[])
    if cookie:
        again.client.set_cookie(sessions.COOKIE, cookie, domain="localhost", secure=True)
    return again


def ask_for_all(scene: Scene, line: Line) -> dict[str, Ask]:
    """What each person of a line asks for. Who only reads, and who is refused, share one thing; who may act has their own."""
    asks: dict[str, Ask] = {}
    shared: Ask | None = None
    for role in ROLES:
        if role not in line.answers:
            continue
        person = scene.people[role]
        if line.thing != "own" and (line.method == "GET" or line.answers[role] in REFUSED):
            shared = shared or ask_for(scene, line.endpoint, line.thing, person)
            asks[role] = shared
        else:
            asks[role] = ask_for(scene, line.endpoint, line.thing, person)
    return asks
