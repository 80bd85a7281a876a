"""A text so long that the server does not read it: what the page then says has to be true (docs/decisions/0010)."""

import pytest
from playwright.sync_api import expect

from forum.web import limits
from tests.browser.harness import Visitor
from tests.browser.test_journeys import sign_in
from tests.conftest import Live
from tests.world import World, conversation_url

pytestmark = pytest.mark.browser

FILL = "(n) => { document.querySelector('textarea[name=body]').value = 'A long diary. '.repeat(n / 14) }"


@pytest.mark.parametrize("who", ["phone", "nojs"])
def test_sec_s12_back_gives_words_again_that_were_too_many_to_send(
    world: World, live: Live, request: pytest.FixtureRequest, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a lower limit: laying four megabytes out takes a browser longer than anybody waits."""
    monkeypatch.setattr(limits, "MOST_WORDS_BYTES", limits.MOST_REQUEST_BYTES)
    visitor: Visitor = request.getfixturevalue(who)
    wren = world.person(world.group())
    topic = world.topic(wren)
    sign_in(visitor, wren.cookie or "", live.url)
    page = visitor.new_page()
    page.goto(live.url + conversation_url(topic))
    page.evaluate(FILL, limits.MOST_WORDS_BYTES + 20_000)
    page.locator(".cg-send button").first.click(timeout=15_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("That was too long")
    expect(page.get_by_text("Press Back now: your words")).to_be_visible()
    page.go_back()
    kept = page.locator("textarea[name=body]").input_value()
    assert len(kept) > limits.MOST_WORDS_BYTES
    assert kept.startswith("A long diary.")
