"""The pictures in docs/: `make pictures` takes them anew from the demonstration, on a narrow phone and on a desk.

They are walked to as a newcomer would: finding old words, answering them, and finding one's own words again.
"""

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from tests.browser.harness import launch
from tests.browser.screenshots import demonstration

OUT = Path("docs/images")
#: The narrowest screen that a page has to fit, and an ordinary desk.
SIZES = {"320": {"width": 320, "height": 640}, "1280": {"width": 1280, "height": 720}}


def find_old_words(page: Page) -> None:
    """The beginnings of two words, half remembered."""
    page.goto("/g/amber-kettle/search")
    page.get_by_label("Words to look for").fill("light hous")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("heading", name="What was found").evaluate("heading => heading.scrollIntoView()")


def read_a_topic(page: Page) -> None:
    """A conversation from its beginning."""
    find_old_words(page)
    page.get_by_role("link", name="The nights are the hardest").first.click()
    page.locator("h1").evaluate("heading => heading.scrollIntoView()")


def answer(page: Page) -> None:
    """A quote, a content note, and words that save themselves."""
    read_a_topic(page)
    page.get_by_role("link", name="More about post 1").click()
    page.get_by_role("link", name="Answer this post").click()
    page.get_by_text("Add a content note").click()
    page.get_by_label("Death or loss").check()
    page.get_by_label("Your words", exact=True).fill("I see your light. Ours is on as well.")
    page.get_by_text("Saved. Only you can see it.").wait_for()
    page.locator("#reply").evaluate("form => form.scrollIntoView()")


def look_at_my_things(page: Page) -> None:
    """What is kept for one member alone."""
    page.goto("/g/amber-kettle/mine")
    page.get_by_role("heading", name="Words I have not posted").scroll_into_view_if_needed()


PICTURES: dict[str, Callable[[Page], None]] = {
    "topic": read_a_topic,
    "search": find_old_words,
    "answer": answer,
    "mine": look_at_my_things,
}


def main() -> None:
    """Take them all."""
    OUT.mkdir(parents=True, exist_ok=True)
    for size, viewport in SIZES.items():
        with site() as url, sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_context(viewport=viewport, base_url=url).new_page()  # type: ignore[arg-type]
            page.goto("/")
            page.get_by_role("button", name="Member", exact=True).click()
            for name, walk in PICTURES.items():
                walk(page)
                page.screenshot(path=OUT / f"{name}-{size}.png")
                click.echo(f"{name} {size}")
            browser.close()


@contextmanager
def site() -> Iterator[str]:
    """A fresh demonstration for each size, so that nobody has words there before."""
    with tempfile.TemporaryDirectory() as folder:
        server = make_server("127.0.0.1", 0, demonstration(Path(folder)), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
