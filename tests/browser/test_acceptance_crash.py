"""Acceptance case 4 on a phone: the program is killed with -9 once a worry was kept and before it was answered, and the member
sends it once more. Then there is one concern, every call left once, and the record shows the second try.

The program that dies is a fork of this process, so that the test holds its clock, too.
"""

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from moderation.safeguarding import cases
from tests.browser.night import Night, a_night
from tests.browser.test_acceptance_safeguarding import record_of
from tests.conftest import Live
from tests.faults.test_concerns_kept import ended, fork
from tests.services import Smtp, free_port
from tests.services.gateway import gateway
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

UP_WITHIN_S = 20.0
WORDS = "Jay wrote goodbye to us."


@pytest.fixture
def night(world: World, live: Live, browser: Browser, smtp_server: Smtp) -> Iterator[Night]:
    """The people of one organisation, at two in the morning."""
    with gateway() as listening, a_night(world, live, browser, smtp_server, listening) as made:
        yield made


def serve(app: Flask, port: int) -> None:
    """Answer at this port until this process ends."""
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


def wait_until_it_listens(port: int) -> None:
    """Until somebody answers there."""
    end = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.05)
    raise AssertionError("nobody answers there")


@contextmanager
def up(app: Flask, port: int) -> Iterator[None]:
    """The program answers there for a while."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def write_worry(page: Page) -> None:
    page.get_by_label("What worries you?").fill(WORDS)
    page.get_by_role("button", name="Send", exact=True).click()


def test_acceptance_4_killed_before_the_answer_and_sent_once_more(night: Night) -> None:
    app, port = night.world.app, free_port()
    sam = night.facilitator("Sam Shore", "sam@example.org")
    night.on_duty("Sam Shore")
    phone = night.phone(night.world.person(night.group))
    url = f"http://127.0.0.1:{port}"
    phone.allowed.add(url)
    page = phone.new_page()
    with up(app, port):
        page.goto(f"{url}{night.at}/worried")
    with app.app_context(), fork(lambda _pipe: serve(app, port), "after commit") as (pid, _answers):
        wait_until_it_listens(port)
        write_worry(page)
        assert ended(pid) == -signal.SIGKILL
    with app.app_context():
        assert len(cases.list_by()) == 1, "kept, and nobody was told so"
    night.wait(seconds=1)
    with up(app, port):
        page.reload()  # what the browser offers where a page did not load: the same form once more
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for telling us")
    night.wait(seconds=1)

    with app.app_context():
        assert len(cases.list_by()) == 1
    assert len(night.mails("sam@example.org")) == 1
    night.wait(minutes=20)
    assert len(night.mails("lead@example.org")) == len(night.calls("lead")) == 1
    lines = record_of(night.open(sam, "/safeguarding/called"))
    assert sum("Raised" in one for one in lines) == 1
    assert sum("Told again" in one for one in lines) == 1
