"""A server process as it is deployed, and browsers that talk to it: what the fault tests kill and watch."""

import contextlib
import html
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.services import free_port
from tests.world import Person

ROOT = Path(__file__).resolve().parents[2]
START_S = 30


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def post(self) -> str:
        """The post that a form became, as written in addresses; "" if it became none."""
        found = re.search(r"/p/([a-z2-7]{12})", self.headers.get("location", ""))
        return found[1] if found else ""


class Site:
    """One process group of its own, over a database that outlives it.

    :param env: what the program reads from its environment.
    """

    def __init__(self, env: dict[str, str], log: Path, app: str = "tests.faults.child:create_app()") -> None:
        self.env, self.log, self.app = env, log, app
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> "Site":
        """Start, and come back when it answers.

        :param more: for this start only, such as FORUM_FAILPOINT="before commit:3".
        """
        argv = [str(Path(sys.executable).parent / "gunicorn"), "-c", str(Path(__file__).with_name("gunicorn_conf.py"))]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*argv, "-b", f"127.0.0.1:{self.port}", self.app],
                cwd=ROOT,
                env={**_plain_environment(), **self.env, **more},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_it_answers()
        return self

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            assert self.process is not None
            assert self.process.poll() is None, self.log_text()
            with contextlib.suppress(OSError, http.client.HTTPException):
                if get(self.url, "/healthz").status == 200:
                    return
            time.sleep(0.02)
        raise AssertionError(f"not up after {START_S} s\n{self.log_text()}")

    @property
    def alive(self) -> bool:
        """Whether any of it still runs."""
        return self.process is not None and self.process.poll() is None

    def wait_until_dead(self, seconds: float) -> bool:
        """Whether it died by itself in this time."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            assert self.process is not None
            self.process.wait(seconds)
            return True
        return False

    def kill9(self) -> None:
        """As if the power went."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(START_S)

    def log_text(self) -> str:
        """What it said so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def _plain_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("FORUM_", "DATABASE_", "REDIS_"))}


def get(url: str, path: str, cookie: str = "", **headers: str) -> Answer:
    """Open a page.

    :raises OSError: nothing came back.
    """
    return ask(url, "GET", path, None, cookie, **headers)


def ask(
    url: str, method: str, path: str, body: bytes | None, cookie: str = "", timeout: float = 30, **headers: str
) -> Answer:
    """One request over a connection of its own; an answer counts only when it came back whole.

    :raises OSError: nothing or only half came back.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if cookie:
        sent["Cookie"] = f"__Host-s={cookie}"
    try:
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)


def kept_words(page: str) -> str:
    """What stands in the page's text box, as a browser would send it again."""
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    return html.unescape(found[1]).replace("\r\n", "\n") if found else ""


FORM = "application/x-www-form-urlencoded"


@dataclass
class Browser:
    """Somebody's browser on a real connection. Their cookie and form token were made beforehand."""

    url: str
    cookie: str
    form_token: str
    name: str = ""
    persona_id: bytes = b""
    timeout: float = 30
    answers: list[Answer] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return ask(self.url, "GET", path, None, self.cookie, self.timeout, **headers)

    def send(self, path: str, form: dict[str, Any], **headers: str) -> Answer:
        """Send a form as its page would."""
        body = urlencode({"csrf_token": self.form_token, **form}).encode()
        return ask(self.url, "POST", path, body, self.cookie, self.timeout, **{"Content_Type": FORM, **headers})


def browser_of(person: Person, url: str) -> Browser:
    """The browser of somebody of the test's world, at this server."""
    return Browser(url, person.cookie or "", person.form_token(), person.name, person.persona_id)
