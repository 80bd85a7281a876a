"""A live room in a real browser: its script beside the real server (J5, X11, R8)."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from forum.base.db import row
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import transaction
from forum.conversations import lifecycle
from forum.models import Hold, Post
from tests.browser.harness import DESKTOP, Visitor, visiting
from tests.browser.test_journeys import sign_in
from tests.forum.live.served import Reader, Served, cookie_header, environment, gunicorn, soon
from tests.world import Person

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(house) -> Iterator[Served]:
    """The server, with open rooms."""
    with gunicorn("tests.forum.live.rooms_app:create_app()", environment(house[1])) as found:
        yield found


@pytest.fixture
def visit(browser: Browser, served: Served, room: bytes) -> Iterator[Callable[[Person], Page]]:
    """Opens the room for somebody; whatever goes wrong in a browser fails the test."""
    opened: list[Any] = []
    visitors: list[Visitor] = []

    def open_room(person: Person) -> Page:
        opened.append(visiting(browser, served.url, DESKTOP))
        visitor = opened[-1].__enter__()
        visitors.append(visitor)
        sign_in(visitor, person.cookie or "", served.url)
        page = visitor.new_page()
        joined: list[Any] = []
        page.on(
            "websocket", lambda line: line.on("framereceived", lambda said: "feed" in str(said) and joined.append(said))
        )
        page.goto(f"{served.url}/-/room/{write_ident(room)}")
        assert soon(
            lambda: page.wait_for_timeout(20) or joined, 10
        )  # what was said before is read with the page, silently
        return page

    yield open_room
    assert [visitor.problems() for visitor in visitors] == [[] for _ in visitors]
    for one in opened:
        one.__exit__(None, None, None)


def write(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Your message").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


def log(page: Page) -> Any:
    return page.locator("[data-room-log]")


def numbers(page: Page) -> list[int]:
    return [
        int(n) for n in page.eval_on_selector_all("[data-room-log] [data-seq]", "all => all.map(e => e.dataset.seq)")
    ]


def say(page: Reader, room: bytes, body: str) -> Any:
    said = {"conversation": write_ident(room), "body": body, "token": write_ident(new_ident())}
    return page.ask("send", said)


def test_words_go_and_come_and_the_field_stays_where_it_is(visit, people, group, room):
    wren, heron = visit(people.person(group)), visit(people.person(group))
    before = wren.get_by_role("textbox", name="Your message").bounding_box()
    write(wren, "Hello to *all*.")
    expect(log(heron)).to_contain_text("Hello to all.", timeout=3000)
    expect(log(wren)).to_contain_text("Hello to all.")
    expect(wren.locator("[data-room-outbox]")).to_be_hidden()
    expect(wren.locator("[data-status]")).to_have_text("Sent.")
    expect(wren.get_by_role("textbox", name="Your message")).to_be_focused()
    expect(wren.get_by_role("textbox", name="Your message")).to_have_value("")
    assert before["x"] == wren.get_by_role("textbox", name="Your message").bounding_box()["x"]
    assert numbers(wren) == numbers(heron) == [1]


def test_x11_the_log_is_silent_and_batches_are_polite(visit, opens, people, group, room):
    heron = visit(people.person(group))
    tree = heron.context.new_cdp_session(heron).send("Accessibility.getFullAXTree")["nodes"]
    said = next(n for n in tree if n.get("name", {}).get("value") == "New messages, read aloud")
    props = {p["name"]: p["value"].get("value") for p in said["properties"]}
    assert (said["role"]["value"], props["live"], props["atomic"]) == ("log", "polite", False)
    assert props["relevant"] == "additions text"
    assert log(heron).get_attribute("role") == "log"
    assert log(heron).get_attribute("aria-live") == "off"
    assert log(heron).get_attribute("tabindex") == "0"


def test_j5_four_messages_are_one_sentence_ones_own_is_none_and_hold_means_silence(visit, opens, people, group, room):
    heron = visit(people.person(group))
    spoken = heron.locator("[data-room-said] p")
    writers = [opens(people.person(group)) for _ in range(2)]
    for page in writers:
        page.join(room)
    for n in range(4):
        say(writers[n % 2], room, f"Line {n}.")
    write(heron, "My own line.")
    expect(spoken).to_have_count(1, timeout=6000)
    assert spoken.inner_text().startswith("4 new messages. From: ")
    heron.wait_for_timeout(3200)
    expect(spoken).to_have_count(1)
    say(writers[0], room, "One alone.")
    expect(spoken).to_have_count(2, timeout=6000)
    assert spoken.nth(1).inner_text().endswith(": One alone.")
    heron.get_by_label("Do not read new messages aloud to me").check()
    say(writers[0], room, "Nobody hears this.")
    expect(log(heron)).to_contain_text("Nobody hears this.")
    heron.wait_for_timeout(3500)
    expect(spoken).to_have_count(2)


def test_r8_after_a_time_offline_everything_is_there_in_order_once_and_silent(visit, opens, people, group, room):
    heron = visit(people.person(group))
    writers = [opens(people.person(group)) for _ in range(10)]
    heron.context.set_offline(True)
    write(heron, "Written without a line.")
    for n in range(100):
        assert "post" in say(writers[n % 10], room, f"Line {n}."), n
    expect(heron.locator("[data-room-outbox]")).to_contain_text("Not sent yet", timeout=12_000)
    heron.context.set_offline(False)
    back = time.monotonic()
    expect(log(heron).locator("[data-seq]")).to_have_count(101, timeout=10_000)
    assert time.monotonic() - back < 3
    assert numbers(heron) == list(range(1, 102))
    assert heron.locator("[data-room-log]").inner_text().count("Written without a line.") == 1
    expect(heron.locator("[data-room-outbox]")).to_be_hidden()
    heron.wait_for_timeout(3500)
    expect(heron.locator("[data-room-said] p")).to_have_count(0)


def test_who_reads_further_up_is_not_moved_and_finds_a_button(visit, opens, people, group, room):
    writers = [opens(people.person(group)) for _ in range(5)]
    for n in range(20):
        say(writers[n % 5], room, f"Line {n}.")
    heron = visit(people.person(group))
    heron.eval_on_selector("[data-room-log]", "log => { log.scrollTop = 0; }")
    heron.wait_for_timeout(700)
    say(writers[0], room, "The newest.")
    button = heron.get_by_role("button", name="New messages: 1")
    expect(button).to_be_visible(timeout=5000)
    assert heron.eval_on_selector("[data-room-log]", "log => log.scrollTop") == 0
    button.click()
    assert "The newest." in heron.evaluate("document.activeElement.innerText")
    expect(button).to_be_hidden()


def test_where_sockets_are_blocked_messages_come_and_go_within_15_seconds(browser, served, opens, people, group, room):
    person, writer = people.person(group), opens(people.person(group))
    with visiting(browser, served.url, DESKTOP) as visitor:
        sign_in(visitor, person.cookie or "", served.url)
        visitor.context.route("**/socket.io/**", lambda route: route.abort())
        visitor.context.route_web_socket("**/socket.io/**", lambda line: line.close())
        page = visitor.new_page()
        page.goto(f"{served.url}/-/room/{write_ident(room)}")
        write(page, "Past the proxy.")
        expect(log(page)).to_contain_text("Past the proxy.", timeout=3000)
        say(writer, room, "From elsewhere.")
        expect(log(page)).to_contain_text("From elsewhere.", timeout=15_000)
        expect(page.locator("[data-room-line]")).to_contain_text("every 15 seconds")


def test_a_held_message_stays_before_its_author_alone(visit, people, group, room):
    wren, heron = visit(people.person(group)), visit(people.person(group))
    people.configure(group, holds=Hold.EVERYTHING)
    write(wren, "Please look first.")
    expect(wren.locator("[data-room-outbox]")).to_contain_text("Somebody of the team reads it first")
    expect(wren.locator("[data-room-outbox]")).to_contain_text("Please look first.")
    assert "Please look first." not in heron.content()
    with people.app.app_context(), transaction():
        held = row(select(Post.id).where(Post.conversation_id == room))
        assert held
        lifecycle.publish(held.id, room, "add")
    people.configure(group, holds=Hold(0))
    write(heron, "Good evening.")
    expect(log(wren)).to_contain_text("Please look first.")
    expect(wren.locator("[data-room-outbox]")).to_be_hidden()


def test_words_that_are_refused_come_back(visit, people, group, room):
    wren = visit(people.person(group))
    wren.get_by_role("textbox", name="Your message").evaluate("field => { field.value = 'x'.repeat(2001); }")
    wren.get_by_role("button", name="Send", exact=True).click()
    expect(wren.locator("[data-status]")).to_contain_text("2000", timeout=5000)
    assert len(wren.get_by_role("textbox", name="Your message").input_value()) == 2001


def test_what_goes_on_is_fetched_when_its_number_moves(visit, served, people, group, room):
    person = people.person(group)
    heron = visit(person)
    heron.wait_for_timeout(500)
    url = f"{served.url}/-/state/{write_ident(room)}/9"
    assert requests.get(url, headers={"Cookie": cookie_header(person)}, timeout=5).text == "told"
    expect(heron.locator("[data-room-state]")).to_have_text("It winds down.")
