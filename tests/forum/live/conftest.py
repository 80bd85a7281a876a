"""A small world behind the real server. One server serves all tests of a file; each test makes a group of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import websocket

import wsgi
from forum.base import clock, keyring
from forum.base.config import Settings
from forum.base.db import db
from forum.base.idents import new_ident, write_ident, write_post_id
from forum.base.transaction import transaction
from forum.conversations import steps, usecases
from forum.conversations.prepare import Words
from forum.models import ConversationKind
from forum.policy import room_rules
from tests.conftest import settings_in
from tests.forum.live.rooms_app import Open
from tests.forum.live.served import Reader, Served, Talk, environment, gunicorn, knock
from tests.services import Redis
from tests.world import GroupHere, World


class RealTime:
    """The server has its own clock, so this world lives in the same time."""

    @property
    def at(self) -> datetime:
        return datetime.now(UTC)

    def go(self, **delta: float) -> datetime:
        """Only for this process: what it does next happens later, such as publishing what waits ten seconds."""
        later = timedelta(**delta)
        clock.use(lambda: datetime.now(UTC) + later)
        return clock.now()


@pytest.fixture(autouse=True)
def real_time(moment: object) -> Iterator[None]:
    """Rows made here must be as old as the server thinks."""
    before = clock.use(lambda: datetime.now(UTC))
    yield
    clock.use(before)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, ring: keyring.Keyring) -> Iterator[tuple[World, Settings]]:
    """A database of this file's own, with the program over it in this process too."""
    folder: Path = tmp_path_factory.mktemp("house")
    settings = settings_in(folder, f"sqlite:///{folder / 'forum.db'}", ring)
    app = wsgi.create_app(settings)
    with app.app_context():
        flask_migrate.upgrade(directory=str(wsgi.ROOT / "migrations"))
    yield World(app, RealTime()), settings
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def people(house: tuple[World, Settings], ring: keyring.Keyring) -> World:
    """Groups and people in the server's database."""
    keyring.use(ring)
    return house[0]


@pytest.fixture(scope="module")
def served(house: tuple[World, Settings]) -> Iterator[Served]:
    """The server."""
    with gunicorn("wsgi:create_app()", environment(house[1])) as found:
        yield found


@pytest.fixture
def group(people: World) -> Iterator[GroupHere]:
    """A group whose rooms are open to its members."""
    room_rules.plug(Open())
    yield people.group()
    room_rules.plug(None)


@pytest.fixture
def room(people: World, group: GroupHere) -> bytes:
    """A room's conversation."""
    with people.app.app_context(), transaction():
        return steps.open_conversation(group.scope.group_id, None, ConversationKind.ROOM, "Tuesday room", "en")


@pytest.fixture
def redis(redis_server: Redis) -> Iterator[Redis]:
    """Redis, well again after the test whatever was done to it."""
    yield redis_server
    redis_server.resume()
    redis_server.restart()


@pytest.fixture
def talk(people: World) -> Talk:
    """Two people in a conversation."""
    group = people.group()
    author, reader = people.person(group), people.person(group)
    with people.app.app_context():
        token = write_ident(new_ident())
        sent = usecases.start_topic(author.actor, group.board, "Tea or cake", Words("Hello from me."), token)
    people.settle()
    clock.use(lambda: datetime.now(UTC))
    return Talk(author, reader, sent.conversation_id, write_post_id(sent.id))


@pytest.fixture
def opens(served: Served) -> Iterator[Any]:
    """Open pages that are closed after the test."""
    opened: list[Reader] = []

    def open_page(person: Any, **options: Any) -> Reader:
        opened.append(Reader(served.url, person, **options))
        return opened[-1]

    yield open_page
    for reader in opened:
        reader.close()


@pytest.fixture
def knocks() -> Iterator[Any]:
    """Bare handshakes whose connections are closed after the test."""
    opened: list[websocket.WebSocket] = []

    def knock_there(*said: Any, **options: Any) -> websocket.WebSocket:
        opened.append(knock(*said, **options))
        return opened[-1]

    yield knock_there
    for line in opened:
        line.shutdown()
