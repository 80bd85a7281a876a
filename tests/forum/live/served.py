"""The real server as a child of the test: gunicorn with gevent on a free port, as `make run` starts it."""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import engineio
import requests
import socketio
import websocket

from forum.base.broadcast import NAMESPACE
from forum.base.config import Settings
from forum.base.idents import write_ident
from forum.web import csrf, sessions
from tests.services import free_port
from tests.world import Person

ROOT = Path(__file__).parents[3]
START_S = 60
PATH = "/socket.io/?EIO=4&transport=websocket"


@dataclass(frozen=True)
class Served:
    """A server that runs by itself, with its own clock and ticker."""

    url: str
    process: "subprocess.Popen[bytes]"
    errors: Path

    def log(self) -> str:
        """What it complained of since it started."""
        return self.errors.read_text(errors="replace")

    @property
    def address(self) -> str:
        """Where its sockets are."""
        return self.url.replace("http", "ws") + PATH


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The settings as the program reads them."""
    mine = {
        "FORUM_DEMO": "1",
        "FORUM_VAR": str(settings.var),
        "FORUM_KEYRING_FILE": str(settings.keyring_file),
        "DATABASE_URL": settings.database_url,
        **more,
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FORUM_", "DATABASE_", "REDIS_"))}
    return kept | mine


@contextmanager
def gunicorn(factory: str, env: dict[str, str], ready: str = "/readyz") -> Iterator[Served]:
    """Run `factory` behind gunicorn until the block ends."""
    port = free_port()
    flags = ["-k", "gevent", "-w", "1", "--graceful-timeout", "1", "--no-control-socket", "--log-level", "warning"]
    argv = [sys.executable, "-m", "gunicorn", *flags, "-b", f"127.0.0.1:{port}", factory]
    errors = Path(tempfile.mkstemp(prefix="gunicorn-", suffix=".log")[1])
    with errors.open("wb") as log:
        process = subprocess.Popen(argv, cwd=ROOT, env=env, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: urllib.request.urlopen(url + ready, timeout=5).close() or True, process)
        yield Served(url, process, errors)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        print(errors.read_text(errors="replace")[-4000:])  # shown by pytest where a test failed
        errors.unlink()


def wait_for(answers: Any, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers."""
    end = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < end:
        try:
            if answers():
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not start, exit code {process.poll()}")


def soon(true: Any, within: float = 5.0) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return bool(true())


def cookie_header(person: Person) -> str:
    """A browser's Cookie line. The cookie is Secure; browsers send it to this machine's own address all the same."""
    return f"{sessions.COOKIE}={person.cookie}"


class InOrder(engineio.Client):  # type: ignore[misc]
    """Takes messages in the order in which they arrive, as a browser does. The library's own starts a thread for each."""

    def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        return super()._trigger_event(event, *args, **{**options, "run_async": False})


class Page(socketio.Client):  # type: ignore[misc]
    """A page's Socket.IO client."""

    def _engineio_client_class(self) -> type[engineio.Client]:
        return InOrder


class Reader:
    """Somebody's open page: a real Socket.IO client.

    :param token: of the page's forms; a valid one unless given. :param language: that the browser prefers.
    """

    def __init__(
        self, served_url: str, person: Person, token: object = None, language: str = "en", **options: Any
    ) -> None:
        self.hints: list[tuple[float, str, dict[str, Any]]] = []
        self.closed_at: float | None = None
        self.client = Page(reconnection=False, **options)
        self.client.on("*", self._hear, namespace=NAMESPACE)
        self.client.on("disconnect", self._end, namespace=NAMESPACE)
        self.client.connect(
            served_url,
            headers={"Cookie": cookie_header(person), "Accept-Language": language},
            auth={"token": person.form_token() if token is None else token},
            transports=["websocket"],
            namespaces=[NAMESPACE],
            wait_timeout=5,
        )

    def _hear(self, event: str, values: dict[str, Any]) -> None:
        self.hints.append((time.monotonic(), event, values))

    def _end(self, *_reason: object) -> None:
        self.closed_at = time.monotonic()

    def ask(self, event: str, *said: Any) -> Any:
        """Send an event and wait for its answer."""
        return self.client.call(event, said if said else None, namespace=NAMESPACE, timeout=5)

    def join(self, conversation: bytes) -> Any:
        """Ask to hear of a conversation."""
        return self.ask("join", {"conversation": write_ident(conversation)})

    def close(self) -> None:
        """Close the page."""
        self.client.disconnect()


def send_form(served: Served, person: Person, path: str, **form: str) -> requests.Response:
    """Send a form over HTTP as the page would."""
    return requests.post(
        served.url + path,
        data={csrf.FIELD: person.form_token(), **form},
        headers={"Cookie": cookie_header(person)},
        allow_redirects=False,
        timeout=10,
    )


def knock(address: str, person: Person | None = None, origin: str | None = "own", **headers: str) -> Any:
    """A bare WebSocket handshake.

    :param origin: "own" for the page's own, None for none at all.
    :raises websocket.WebSocketBadStatusException: refused.
    """
    options: dict[str, Any] = {"suppress_origin": True} if origin is None else {}
    if origin not in (None, "own"):
        options["origin"] = origin
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if person:
        lines.append(f"Cookie: {cookie_header(person)}")
    return websocket.create_connection(address, header=lines, timeout=5, **options)


def hears(line: websocket.WebSocket, beginning: str) -> bool:
    """Whether one of the next messages begins so."""
    return any(line.recv().startswith(beginning) for _ in range(5))


def cannot_be_sent(line: websocket.WebSocket, text: str) -> bool:
    """Whether the connection is gone, as its sender notices."""
    try:
        line.send(text)
    except (OSError, websocket.WebSocketException):
        return True
    return False


@dataclass(frozen=True)
class Talk:
    """Two people, a conversation of theirs and the author's visible post in it."""

    author: Person
    reader: Person
    conversation: bytes
    post: str


def change(served: Served, talk: Talk, post: str = "", n: int = 0) -> None:
    """Change a visible post through its form: readers are told of it at once."""
    answer = send_form(served, talk.author, f"/p/{post or talk.post}/edit", body=f"Hello again {n}.", lang="en")
    assert answer.status_code == 303, answer.text


def post_of(answer: requests.Response) -> str:
    """The post's id from the redirect after sending."""
    found = re.search(r"/p/(\w+)/sent", answer.headers["Location"])
    assert found, answer.headers
    return found[1]
