"""Links to other sites: a page of ours names the host first, and old posts get it too (S5, docs/decisions/0025)."""

from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from forum.base import text
from forum.base.db import row
from forum.base.transaction import here, transaction
from forum.conversations import fragments, upkeep
from forum.models import Post, Role
from tests.security.crawl import parse
from tests.world import World, conversation_url, text_of

TARGET = "https://example.org/help?for=me&n=2"


def out(address: str) -> str:
    return f"/out?to={quote(address, safe='')}"


def test_sec_s5_a_link_in_a_post_leads_to_a_page_that_names_the_host(world: World) -> None:
    group = world.group()
    owl, heron = world.person(group, Role.FACILITATOR), world.person(group)
    topic = world.topic(owl, body=f"Read [this]({TARGET}).")
    page = parse(heron.get(conversation_url(topic)).get_data(as_text=True))
    links = [address for _tag, address, _more in page.addresses() if "example.org" in address]
    assert links == [out(TARGET)]

    answer = heron.get(links[0])
    assert answer.status_code == 200
    assert "example.org" in text_of(answer)
    onward = [(a, more) for _t, a, more in parse(answer.get_data(as_text=True)).addresses() if a.startswith("http")]
    assert [a for a, _more in onward] == [TARGET]
    assert {"noreferrer", "noopener"} <= set(onward[0][1]["rel"].split())
    assert "target" not in onward[0][1]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_sec_s5_it_is_a_page_and_no_redirect_for_anybody(world: World) -> None:
    answer = world.visitor().get(out("https://bad.example/"))
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert "Refresh" not in answer.headers
    assert "http-equiv" not in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_sec_s5_whoever_asks_gets_the_same_words(world: World) -> None:
    group = world.group()
    said = {
        text_of(person.get(out(TARGET))).split("You are about to leave")[1].split("press Back")[0]
        for person in (world.visitor(), world.person(group), world.person(group, Role.MODERATOR))
    }
    assert len(said) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "/leave",
        "//bad.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@b.example",
        "tel:123",
        "https://nhs.uk@bad.example/",
        "https://localhost/",
        "https://bad.example/ x",
        "https://bad.example/\r\nX: y",
        "https://bad.example/\x00",
        "https://bad.example\\@nhs.uk/",
        "https://b\u0430d.example/",
        "ftp://bad.example/",
    ],
)
def test_sec_s5_what_is_no_web_address_has_no_page(world: World, address: str) -> None:
    assert world.visitor().get(out(address)).status_code == 404


@pytest.mark.parametrize(
    "address", ['https://bad.example/"onclick="x', "https://bad.example/<b>x</b>", "https://b.example/'"]
)
def test_sec_s11_marks_in_the_address_stay_marks(world: World, address: str) -> None:
    page = parse(world.visitor().get(out(address)).get_data(as_text=True))
    assert [a for _tag, a, _more in page.addresses() if a.startswith("http")] == [address]
    assert not [tag for tag, more in page.tags if tag == "b" or "onclick" in more]


def test_sec_s5_posts_of_an_older_renderer_get_it_with_the_next_night(world: World) -> None:
    group = world.group()
    owl, heron = world.person(group, Role.FACILITATOR), world.person(group)
    topic = world.topic(owl, body=f"Read {TARGET}")
    gone = world.reply(owl, topic, "Taken back.")
    tangled = world.reply(owl, topic, "Left as it is.")
    before = f'<p dir="auto"><a href="{TARGET}">old</a></p>'
    with world.app.app_context():
        with transaction():
            here().execute(
                update(Post).values(html=before, renderer="md1").execution_options(synchronize_session=False)
            )
            here().execute(update(Post).where(Post.id == gone).values(html="", body=""))
            here().execute(update(Post).where(Post.id == tangled).values(body="[" * 600))
        first = row(select(Post.id, Post.changed_in, Post.body, Post.edited).where(Post.seq == 1))
        assert upkeep.render_anew() == 1
        assert upkeep.render_anew() == 0
        now = row(select(Post.html, Post.renderer).where(Post.seq == 1))
        assert now
        assert f'href="/out?to={quote(TARGET, safe="")}"' in now.html
        assert now.renderer == text.RENDERER
        assert row(select(Post.id, Post.changed_in, Post.body, Post.edited).where(Post.seq == 1)) == first
        assert row(select(Post.html).where(Post.id == gone)) == ("",)
        assert row(select(Post.renderer).where(Post.id == tangled)) == ("md1",)
    fragments.forget()
    assert out(TARGET).replace("&", "&amp;") in heron.get(conversation_url(topic)).get_data(as_text=True)
