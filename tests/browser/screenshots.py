"""Pictures of every screen on a phone and a desk, from the demonstration: `make screenshots` → var/screenshots.

Starts a server of its own over a fresh demonstration; nothing of yours is touched.
"""

import sys
import tempfile
import threading
from pathlib import Path

import click
import flask_migrate
from flask import Flask
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

import wsgi
from forum.base import keyring
from forum.base.config import Settings
from tests.browser.harness import launch

OUT = Path("var/screenshots")
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 800}}
#: Seat, and where that person looks. The first topic of a board is opened by its link.
PAGES = {
    "card": ("newcomer", "/g/amber-kettle"),
    "join": ("newcomer", "/g/amber-kettle/write"),
    "help": ("newcomer", "/help"),
    "home": ("member", "/"),
    "group": ("member", "/g/amber-kettle"),
    "write": ("member", "/g/amber-kettle/start"),
    "rules": ("member", "/g/amber-kettle/rules"),
    "queue": ("moderator", "/g/amber-kettle/team"),
}


def main() -> None:
    """Take them all."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        app = demonstration(Path(folder))
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        take_all(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def demonstration(folder: Path) -> Flask:
    """A fresh demonstration in a folder."""
    keyring.init(folder / "keyring.json", demonstration=True)
    url = f"sqlite:///{folder / 'forum.db'}"
    app = wsgi.create_app(
        Settings(database_url=url, keyring_file=folder / "keyring.json", var=folder, demo=True, ticker=False)
    )
    with app.app_context():
        flask_migrate.upgrade(directory=str(wsgi.ROOT / "migrations"))
        app.test_cli_runner().invoke(args=["demo", "load"])
    return app


def take_all(url: str) -> None:
    """Every page in every size, and one conversation."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for size, viewport in SIZES.items():
            for name, (seat, path) in PAGES.items():
                page = browser.new_context(viewport=viewport).new_page()  # type: ignore[arg-type]
                page.goto(url)
                page.get_by_role("button", name=seat.capitalize(), exact=True).click()
                page.goto(url + path)
                page.screenshot(path=OUT / f"{name}-{size}.png")
                if name == "group":
                    page.locator("main a[href^='/b/']").first.click()
                    page.screenshot(path=OUT / f"board-{size}.png")
                    page.locator("main a[href^='/c/']").first.click()
                    page.screenshot(path=OUT / f"topic-{size}.png")
                click.echo(f"{name} {size}")
                page.context.close()


if __name__ == "__main__":
    sys.exit(main())
