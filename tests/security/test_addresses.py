"""S5 and S6: nobody else hears of a visit, and no address or title says what somebody reads."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from sqlalchemy import update

from forum.base.transaction import here, transaction
from forum.models import Board, Role
from forum.web.assets import DIST
from tests.security.crawl import Visit, crawl, is_ours, parse, words_in
from tests.security.scene import HELD
from tests.world import World, post_url

pytestmark = pytest.mark.pages

#: Words that occur nowhere else, one for each place where a topic could show.
CANARIES = {
    "group": "quillfeather",
    "board": "sorrowbarn",
    "title": "zanzibarrow",
    "body": "plumthistle",
    "organisation": "harrowgate",
    "author": "Larkspurling",
}


@pytest.fixture
def visits(world: World) -> list[Visit]:
    """What a visitor, a member and a moderator meet in a group whose words are easy to find."""
    group = world.group(f"The {CANARIES['organisation']} Trust", boards=("To be renamed",))
    world.configure(group, name=f"{CANARIES['group']} circle", who_for=f"For {CANARIES['body']} people.")
    with world.app.app_context(), transaction():
        here().execute(update(Board).where(Board.id == group.board).values(name=f"{CANARIES['board']} corner"))
    author = world.person(group, name=CANARIES["author"])
    topic = world.topic(
        author, f"About {CANARIES['title']}", f"Some {CANARIES['body']} and https://example.org/out too."
    )
    world.topic(author, f"More {CANARIES['title']}", f"Plain {CANARIES['body']}.")
    held = world.reply(author, topic, HELD)
    moderator = world.person(group, Role.MODERATOR)
    waiting = [f"/g/{group.address}/team", post_url(held, "look-after"), post_url(held, "more")]
    found = [crawl(world.visitor()), crawl(author, *waiting), crawl(moderator, *waiting)]
    return [visit for one in found for visit in one]


def test_the_crawl_reaches_the_pages_that_matter(visits: list[Visit]) -> None:
    """Else the tests below would look at nothing."""
    kinds = {re.sub(r"/[a-z2-7]{12,26}", "/…", visit.path.split("?")[0]) for visit in visits if visit.status == 200}
    assert {"/", "/help", "/c/…", "/b/…", "/b/…/write", "/p/…/more", "/p/…/look-after", "/cases/…", "/sign-in"} <= kinds
    every = " ".join(visit.text for visit in visits)
    for canary in CANARIES.values():
        assert canary in every


def test_sec_s5_no_page_makes_a_browser_ask_anyone_else(visits: list[Visit]) -> None:
    for visit in visits:
        for tag, address, _attributes in visit.page.addresses():
            if tag != "a":
                assert is_ours(address) or address.startswith("data:image/svg"), (visit.path, tag, address)
        assert not re.search(r"url\(|@import", visit.text), visit.path


def test_sec_s5_links_to_elsewhere_say_nothing_of_where_they_stood(visits: list[Visit]) -> None:
    outward = [
        (visit.path, address, attributes)
        for visit in visits
        for tag, address, attributes in visit.page.addresses()
        if tag == "a" and not is_ours(address) and not address.startswith(("tel:", "sms:", "#"))
    ]
    for path, address, attributes in outward:
        assert address.startswith(("https://", "http://")), (path, address)
        assert {"noreferrer", "noopener"} <= set(attributes.get("rel", "").split()), (path, address)
        assert attributes.get("target", "") != "_blank" or "noopener" in attributes["rel"]
    assert any("example.org" in address for _, address, _ in outward)


def test_sec_s5_style_sheets_fetch_nothing_from_elsewhere() -> None:
    sheets = list(DIST.glob("*.css"))
    assert sheets
    for sheet in sheets:
        text = sheet.read_text()
        fetched = re.findall(r"url\(\s*[\"']?([^\"')]+)", text)
        assert [f for f in fetched if not f.startswith(("data:", "/static/")) and not (DIST / f).is_file()] == []
        assert not re.search(r"@import\s+[\"']?(https?:)?//", text)


def addresses_of(visit: Visit) -> Iterator[str]:
    yield visit.path
    yield from (address for _tag, address, _ in visit.page.addresses() if is_ours(address))
    for header in ("Location", "Content-Disposition", "Link", "Refresh"):
        yield visit.headers.get(header, "")


def test_sec_s6_no_word_of_a_topic_stands_in_any_address(visits: list[Visit]) -> None:
    for visit in visits:
        for address in addresses_of(visit):
            for canary in CANARIES.values():
                assert canary.lower() not in unquote(address).lower(), (visit.path, address)


def test_sec_s6_no_word_of_a_topic_stands_in_any_title(visits: list[Visit]) -> None:
    for visit in visits:
        if visit.status == 200 and "<html" in visit.text:
            title = visit.page.title
            assert title.strip(), visit.path
            assert title.rstrip().endswith("– Notes"), (visit.path, title)
            assert not words_in(title) & {c.lower() for c in CANARIES.values()}, (visit.path, title)


def test_sec_s6_titles_come_from_a_short_list_that_is_the_same_for_every_group(visits: list[Visit]) -> None:
    """Two groups' pages cannot be told apart by their titles, whatever words they use."""
    titles = {visit.page.title for visit in visits if "<html" in visit.text}
    assert len(titles) < 80  # one for each kind of page that the three of them meet: 59, however many topics there are
    assert not {
        title
        for title in titles
        if re.search(r"\b(circle|corner|about(?! me –| this person –)|more [a-z]+row)\b", title.lower())
    }


def test_sec_s6_the_icon_and_the_site_name_say_nothing(visits: list[Visit]) -> None:
    icons = {a["href"] for v in visits for tag, a in v.page.tags if tag == "link" and a.get("rel") == "icon"}
    assert icons
    assert all(re.fullmatch(r"/static/dist/icon-[0-9a-f]+\.svg", icon) for icon in icons)


def test_the_checks_notice_a_topic_in_an_address() -> None:
    page = parse(
        '<title>About grief – Notes</title><a href="/c/grief-and-loss">x</a><img src="https://other.example/a">'
    )
    assert "grief" in words_in(page.title)
    assert [a for t, a, _ in page.addresses() if t != "a" and not is_ours(a)] == ["https://other.example/a"]
    assert "grief" in words_in(next(a for t, a, _ in page.addresses() if t == "a"))
