"""How pages look to a reader: in nine digits of a cookie, without an account, the same size whatever was chosen."""

import pytest

from forum.web import assets, display
from tests.forum.web.test_quick import both, quickly, someone  # noqa: F401 - a fixture
from tests.world import Person, World, conversation_url, text_of


def look_of(person: Person) -> str | None:
    found = person.client.get_cookie(display.COOKIE, domain="localhost")
    return found.value if found else None


def test_a_choice_is_kept_without_an_account_and_shows_on_every_page(world: World) -> None:
    visitor = world.visitor()
    assert visitor.send("/display", {"size": "3"}).headers["Location"] == "/display#size"
    visitor.send("/display", {"theme": "cream"})
    page = visitor.get("/help").get_data(as_text=True)
    assert 'data-size="3" data-theme="cream">' in page
    assert visitor.client.get_cookie("__Host-s", domain="localhost") is None, "nobody gets a session for it"


def test_what_was_chosen_does_not_show_in_the_cookies_size(world: World) -> None:
    sizes = set()
    for name, meant in display.SETTINGS.items():
        for value in meant:
            visitor = world.visitor()
            visitor.send("/display", {name: value})
            look = look_of(visitor)
            assert look
            assert display.chosen(look)[name] == value
            sizes.add(len(look))
    assert sizes == {len(display.PLAIN)}


@pytest.mark.parametrize("way", ["/sign-out", "/leave"])
def test_x18_it_survives_signing_out_and_leaving(world: World, way: str) -> None:
    person = world.person(world.group())
    person.send("/display", {"size": "2"})
    if way == "/leave":
        answer = person.get(way)
        assert "cookies" not in answer.headers["Clear-Site-Data"]
    else:
        person.send(way)
    assert person.get("/devices").status_code == 401
    assert 'data-size="2"' in person.get("/help").get_data(as_text=True)


def test_all_of_it_can_be_forgotten(world: World) -> None:
    visitor = world.visitor()
    visitor.send("/display", {"size": "2"})
    assert "Forget all of it" in text_of(visitor.get("/display"))
    visitor.send("/display", {"forget": "yes"})
    assert look_of(visitor) is None
    assert "Forget all of it" not in text_of(visitor.get("/display"))


@pytest.mark.parametrize("odd", ["", "1", "9" * 9, "00000000x", '"><script>', "0" * 10, "٠" * 9])
def test_sec_s11_a_cookie_of_somebody_elses_making_changes_nothing(odd: str) -> None:
    assert display.read(odd) == display.PLAIN
    assert display.attributes(display.read(odd)) == 'data-theme="light"'


def test_nonsense_chooses_nothing(world: World) -> None:
    visitor = world.visitor()
    visitor.send("/display", {"size": "17", "colour": "red"})
    assert look_of(visitor) == display.PLAIN
    assert visitor.send("/display", {"size": "1", "next": "//elsewhere.example"}).headers["Location"] == "/display#size"


def test_the_way_back_leads_to_the_page_one_came_from(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    here = conversation_url(world.topic(wren))
    assert f'href="/display?next={here}"' in wren.get(here).get_data(as_text=True)
    assert f'href="{here}">Back to where I was' in wren.get(f"/display?next={here}").get_data(as_text=True)
    assert "elsewhere" not in wren.get("/display?next=//elsewhere.example").get_data(as_text=True)


def test_what_a_font_costs_is_what_it_weighs(world: World) -> None:
    page = text_of(world.visitor().get("/display"))
    for name, file in (("Lexend", "lexend.woff2"), ("OpenDyslexic", "dyslexic.woff2")):
        answer = world.visitor().get(assets.asset(file))
        assert f"{name}, {-(-len(answer.data) // 1000)} kB" in page
        answer.close()


def test_x18_a_page_from_memory_looks_as_its_reader_chose(world: World, quickly: list[str]) -> None:  # noqa: F811
    _wren, heron, topic = someone(world)
    here = f"{conversation_url(topic)}?page=1"
    plain = both(heron, here, quickly)[1]
    heron.send("/display", {"size": "3"})
    slow, fast, left_out = both(heron, here, quickly)
    assert slow == fast
    assert left_out, "whoever chose something waits no longer for it"
    assert b'data-size="3"' in fast
    assert b"data-size" not in plain
