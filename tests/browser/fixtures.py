"""Fixtures for tests in a real browser, one for all folders: two at once would not start. `live` (tests/conftest.py) is the running server, or its address."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.harness import DESKTOP, PHONE, Visitor, launch, visiting


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; each visitor has a profile of their own."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def live_url(live: object) -> str:
    """Where the server under test answers."""
    return str(getattr(live, "url", live))


@pytest.fixture
def phone(browser: Browser, live_url: str) -> Iterator[Visitor]:
    """An old phone on a bad line: 360 × 740, 400 kbit/s, 400 ms there and back, a sixth of the processor."""
    with visiting(browser, live_url, PHONE, slow=True) as visitor:
        yield visitor
        assert visitor.problems() == []


@pytest.fixture
def desktop(browser: Browser, live_url: str) -> Iterator[Visitor]:
    """A desktop at full speed."""
    with visiting(browser, live_url, DESKTOP) as visitor:
        yield visitor
        assert visitor.problems() == []


@pytest.fixture
def nojs(browser: Browser, live_url: str) -> Iterator[Visitor]:
    """A phone whose browser runs no scripts. Assert on the page itself: axe cannot run here."""
    with visiting(browser, live_url, PHONE, scripts=False) as visitor:
        yield visitor
        assert visitor.problems() == []
