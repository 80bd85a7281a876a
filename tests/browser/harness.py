"""Chromium as our visitors use it: an old phone on a bad line, a desktop, and a browser without scripts.

Every page is watched. A dialog, a refusal by the content security policy, a script error or a request to any
other site is a problem, and the fixtures in fixtures.py fail the test that caused it.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from weakref import WeakSet

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Page, Playwright, Request

from tests import exercised

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
LINE_BYTES_PER_SECOND = 400_000 // 8  #: 400 kbit/s, a phone at the edge of coverage
LINE_LATENCY_MS = 400
SLOW_CPU = 6  #: times slower than this machine

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_without_scripts: WeakSet[BrowserContext] = WeakSet()


def launch(playwright: Playwright, *, keeps_pages: bool = False) -> Browser:
    """Start the Chromium of the operating system.

    :param keeps_pages: with the back-forward cache people's browsers have; Playwright turns it off, and with it
        the danger that Back shows a page somebody left.
    """
    path = shutil.which("chromium") or "/usr/bin/chromium"
    off = ["--disable-back-forward-cache"] if keeps_pages else []
    return playwright.chromium.launch(executable_path=path, args=FLAGS, ignore_default_args=off)


@dataclass
class Visitor:
    """One person's browser: what it asked for, and what went wrong in it."""

    context: BrowserContext
    origin: str
    slow: bool = False
    allowed: set[str] = field(default_factory=set)  #: other origins a test means to reach: the site /leave ends at
    requests: list[Request] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def new_page(self) -> Page:
        """A new tab, on this visitor's line and processor."""
        page = self.context.new_page()
        exercised.count("browser pages")
        if self.slow:
            _slow_down(page)
        return page

    def problems(self) -> list[str]:
        """Everything that must not happen in any journey."""
        return self.trouble + [f"asked another site: {url}" for url in self._elsewhere()]

    def _elsewhere(self) -> list[str]:
        ours = {self.origin, *self.allowed}
        return [r.url for r in self.requests if r.url.startswith(("http", "ws")) and _origin(r.url) not in ours]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.replace('ws', 'http', 1)}://{parts.netloc}"


@contextmanager
def visiting(
    browser: Browser, url: str, viewport: dict[str, int], *, scripts: bool = True, slow: bool = False
) -> Iterator[Visitor]:
    """A fresh browser profile for one person.

    :param url: the server under test; only its origin may be asked for anything.
    :param slow: the phone's line and processor, through the DevTools protocol, for each tab of `new_page`.
    """
    context = browser.new_context(viewport=viewport, java_script_enabled=scripts)  # type: ignore[arg-type]
    if not scripts:
        _without_scripts.add(context)
    visitor = Visitor(context, _origin(url), slow)
    context.on("page", lambda page: _watch(page, visitor))
    try:
        yield visitor
    finally:
        context.close()


def _watch(page: Page, visitor: Visitor) -> None:
    def on_dialog(dialog: Dialog) -> None:
        visitor.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_console(message: ConsoleMessage) -> None:
        refused = any(word in message.text for word in ("Content Security Policy", "TrustedHTML", "violates"))
        if refused or message.text.startswith("behaviour "):
            visitor.trouble.append(f"console: {message.text}")

    def on_error(error: Error) -> None:
        visitor.trouble.append(f"script error: {error.message}")

    page.on("dialog", on_dialog)
    page.on("console", on_console)
    page.on("pageerror", on_error)
    page.on("request", lambda request: visitor.requests.append(request))


def _slow_down(page: Page) -> None:
    line = {"offline": False, "latency": LINE_LATENCY_MS}
    line |= {"downloadThroughput": LINE_BYTES_PER_SECOND, "uploadThroughput": LINE_BYTES_PER_SECOND}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", line)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})


@cache
def _axe_source() -> str:
    return (ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8")


def axe(page: Page, *, besides: Iterable[str] = ()) -> dict[str, list[dict]]:
    """Run axe-core by the standards of AXE_RULES; its result has `violations` and `incomplete`.

    :param besides: single rules by name that no standard of these asks for.
    :raises ValueError: the page has no scripts. axe needs timers, and would never come back.
    """
    if page.context in _without_scripts:
        raise ValueError("axe never returns in a page without scripts: test its twin with scripts, or the DOM.")
    page.evaluate(_axe_source())
    page.evaluate("scrollTo(0, 0)")  # a page that came further down has words under its bar, which axe cannot judge
    return page.evaluate(
        "([tags, rules]) => axe.run(document, {runOnly: {type: 'tag', values: tags}, rules,"
        " resultTypes: ['violations', 'incomplete']})"
        ".then(({violations, incomplete}) => ({violations, incomplete}))",
        [AXE_RULES, {rule: {"enabled": True} for rule in besides}],
    )


@cache
def known_incomplete() -> dict[str, str]:
    """What axe cannot decide by itself and a person judged once: rule → selector of the elements (axe_incomplete.txt)."""
    lines = (HERE / "axe_incomplete.txt").read_text("utf-8").splitlines()
    judged = [line.partition("#")[0].split(maxsplit=1) for line in lines]
    return {entry[0]: entry[1].strip() for entry in judged if len(entry) == 2}
