"""What a page costs on the line: every screen, as it is sent, against the budget for people with little data."""

import gzip

import pytest

from tests.browser.screens import SCREENS, set_stage
from tests.world import World

#: experience.md §2.3, for any page with twenty posts on it.
MOST_HTML_BYTES = 12_000
#: What a phone from before brotli gets.
GZIP = {"Accept-Encoding": "gzip"}


def test_no_page_is_heavier_than_its_budget(world: World) -> None:
    stage = set_stage(world)
    sizes = {}
    for name, screen in SCREENS.items():
        person = screen.who(stage) or world.visitor()
        answer = person.get(screen.path(stage), headers=GZIP)
        sent = answer.data
        if answer.content_encoding == "gzip":
            assert gzip.decompress(sent).startswith(b"<!doctype html>")
        sizes[name] = len(sent)
    assert {name: size for name, size in sizes.items() if size > MOST_HTML_BYTES} == {}
    assert len(sizes) == len(SCREENS) > 50


@pytest.mark.parametrize("name", ["card", "examples", "inside", "who reads"])
def test_what_is_read_before_joining_is_light(world: World, name: str) -> None:
    """M1's own budget: 6 kB."""
    stage = set_stage(world)
    assert len(world.visitor().get(SCREENS[name].path(stage), headers=GZIP).data) <= 6_000
