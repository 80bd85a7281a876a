"""What makes pages quick must not change what they say, or to whom."""

import gzip
import re

import brotli
import pytest
from flask import Flask
from flask_babel import force_locale
from jinja2 import UndefinedError

from forum.base.idents import write_ident
from forum.models import SignInKind
from forum.web import assets, csrf, shells
from forum.web.assets import asset
from tests.world import World, conversation_url, text_of

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def test_sec_s8_two_readers_of_one_shell_get_their_own_names_and_tokens(world: World) -> None:
    group = world.group()
    wren, heron, owl = (world.person(group) for _ in range(3))
    url = conversation_url(world.topic(wren))
    first, second = heron.get(url).text, owl.get(url).text

    assert heron.name in first
    assert heron.name not in second
    assert owl.name in second
    tokens = [set(TOKEN.findall(page)) for page in (first, second)]
    assert [len(found) for found in tokens] == [1, 1]
    assert tokens[0] != tokens[1]
    for person, page in ((heron, first), (owl, second)):
        form = {"csrf_token": TOKEN.findall(page)[0], "seq": "1"}
        answer = person.client.post(f"{url}/read", data=form, base_url="https://localhost")
        assert answer.status_code == 303
        assert csrf.FIELD in person.get(url).text


def test_sec_s8_a_token_is_masked_anew_in_each_answer(world: World) -> None:
    person = world.person(world.group())
    url = conversation_url(world.topic(person))
    assert TOKEN.findall(person.get(url).text)[0] != TOKEN.findall(person.get(url).text)[0]


def test_an_address_in_a_shell_is_escaped(world: World) -> None:
    group = world.group()
    person = world.person(group)
    url = conversation_url(world.topic(person))
    person.get(url)
    page = person.get(f"{url}?page=1&x=%22%3E%3Cscript%3E").text
    assert re.search(r'name="next" value="[^"<>]*script[^"<>]*"', page)
    assert '"><script>' not in page


def test_a_mark_in_a_post_fills_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark is a new secret with each start; even one that got out stands in posts, which are never looked through."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    mark = shells._MARK
    url = conversation_url(world.topic(wren, body=f"Look: {mark}csrf{mark}"))
    heron.get(url)
    assert f"Look: {mark}csrf{mark}" in text_of(heron.get(url))


def test_a_shell_is_not_shown_in_another_language_or_on_another_kind_of_device(world: World) -> None:
    group = world.group()
    own, shared = world.person(group), world.person(group, device=SignInKind.SHARED)
    url = conversation_url(world.topic(own))
    assert "others use this device" not in own.get(url).text
    assert "others use this device" in shared.get(url).text
    own.client.set_cookie("__Host-lang", "ur", domain="localhost", secure=True)
    assert '<html lang="ur" dir="rtl"' in own.get(url).text
    assert '<html lang="en" dir="ltr"' in shared.get(url).text


def test_reading_on_moves_the_place_where_i_was(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    url = conversation_url(topic)
    heron.get(url)
    heron.send(f"{url}/read", {"seq": "1"})
    world.reply(wren, topic, "Something new.")
    page = heron.get(url).text
    assert page.index("Hello from me.") < page.index('id="unread"') < page.index("Something new.")
    assert page.count("cg-post--unread") == 1
    heron.send(f"{url}/read", {"seq": "2"})
    assert 'id="unread"' not in heron.get(url).text


def test_a_board_shows_each_reader_what_is_new_for_them(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic, url = world.topic(wren), f"/b/{write_ident(group.board)}"
    wren.send(f"{conversation_url(topic)}/read", {"seq": "1"})
    assert "cg-card--unread" not in wren.get(url).text
    assert "cg-card--unread" in heron.get(url).text
    assert "in the last hour" in text_of(heron.get(url))
    world.moment.go(hours=3)
    assert "3 hours ago" in text_of(heron.get(url))


@pytest.mark.parametrize(("asked", "opened"), [("gzip, br", brotli.decompress), ("gzip", gzip.decompress)])
def test_pages_come_compressed_and_are_the_same(world: World, asked: str, opened: object) -> None:
    visitor = world.visitor()
    plain = visitor.get("/privacy")
    small = visitor.get("/privacy", headers={"Accept-Encoding": asked})
    assert small.headers["Content-Encoding"] == asked.split(", ")[-1]
    assert len(small.data) < len(plain.data) / 2
    assert small.headers["Content-Length"] == str(len(small.data))
    assert opened(small.data) == plain.data  # type: ignore[operator]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_sec_s8_a_page_that_another_site_asked_for_is_not_compressed(world: World, site: str) -> None:
    """Its length must not tell whether a guess in the address stands elsewhere on the page (BREACH)."""
    headers = {"Accept-Encoding": "br", "Sec-Fetch-Site": site}
    assert "Content-Encoding" not in world.visitor().get("/help", headers=headers).headers


def test_nothing_is_compressed_that_the_browser_refuses(world: World) -> None:
    answer = world.visitor().get("/help", headers={"Accept-Encoding": "br;q=0, gzip;q=0"})
    assert "Content-Encoding" not in answer.headers


def test_built_files_come_compressed_for_ever_and_fenced(app: Flask) -> None:
    client, url = app.test_client(), asset("app.css")
    with client.get(url) as plain, client.get(url, headers={"Accept-Encoding": "br"}) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "br"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert brotli.decompress(answer.data) == plain.data


def test_only_a_hashed_name_is_kept_for_ever() -> None:
    assert assets.is_immutable("", "/static/dist/app-0123456789ab.css")
    assert not assets.is_immutable("", "/static/dist/manifest.json")


def test_words_are_put_in_when_a_template_is_compiled(app: Flask) -> None:
    with app.test_request_context():
        template = app.jinja_env.from_string('{{ _("Help now") }}|{{ _("Page %(n)s", n=n) }}|{{ _("it\'s <b>") }}')
        assert template.render(n="<1>") == "Help now|Page &lt;1&gt;|it&#39;s &lt;b&gt;"
        with force_locale("ur"):
            urdu = app.jinja_env.from_string('{{ _("Help now") }}')
        assert urdu.render() not in ("", "Help now")
        with pytest.raises(UndefinedError):
            app.jinja_env.from_string("{{ nowhere }}").render()
