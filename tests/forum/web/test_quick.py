"""Pages answered before Flask say, byte for byte, what Flask says to the same reader, or leave it to Flask."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.groups import reading
from forum.models import Persona, Role, SignInKind, Standing
from forum.web import quick
from tests.world import Person, World, conversation_url

#: What differs between any two answers: the form token's mask, and the token that makes a form one post.
FRESH = re.compile(rb'(name="(?:csrf_token|token)" value=")[^"]+')
ONLINE = {"Accept-Encoding": "identity"}


@pytest.fixture
def quickly(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The routes that were answered before Flask, in order."""
    answered: list[str] = []
    note = quick.access_log.note

    def watched(route: str, *rest: object) -> None:
        if rest[1] is not None:
            answered.append(route)
        note(route, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(quick, "access_log", type("Watched", (), {"note": staticmethod(watched)}))
    return answered


def both(person: Person, path: str, quickly: list[str], **headers: str) -> tuple[bytes, bytes, bool]:
    """The page from Flask, the page as it comes now, and whether Flask was left out of the second."""
    sent = {**ONLINE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    person.get(path, headers=sent)  # fills what is remembered
    slow = person.get(path, headers={**sent, "Content-Length": "1"})  # nobody's browser does; Flask takes it
    before = len(quickly)
    quick_one = person.get(path, headers=sent)
    assert dict(slow.headers) == dict(quick_one.headers)
    assert slow.status == quick_one.status
    return FRESH.sub(rb"\1", slow.data), FRESH.sub(rb"\1", quick_one.data), len(quickly) > before


def someone(world: World, role: Role = Role.MEMBER, **more: object) -> tuple[Person, Person, bytes]:
    group = world.group()
    wren, heron = world.person(group), world.person(group, role, **more)  # type: ignore[arg-type]
    topic = world.topic(wren, title="<b>Nights</b>", body="It is quiet & long.")
    for n in range(25):
        world.reply(wren, topic, f"Word {n}.", masked=n % 3 == 0)
    return wren, heron, topic


@pytest.mark.parametrize("role", list(Role))
def test_sec_s21_a_quick_page_is_the_page(world: World, quickly: list[str], role: Role) -> None:
    wren, heron, topic = someone(world, role)
    here = conversation_url(topic)
    board = f"/b/{write_ident(wren.group.board)}" if wren.group else ""
    for path in (here, f"{here}?page=1", f"{here}?page=2", f"{here}/changes?after=99", board):
        slow, fast, left_out = both(heron, path, quickly)
        assert slow == fast
        assert left_out, path
    heron.send(f"{here}/read", {"seq": "7"})
    slow, fast, left_out = both(heron, f"{here}?page=1", quickly)
    assert slow == fast
    assert left_out
    assert b'id="unread"' in fast


def test_sec_s21_home_from_memory_says_what_is_so_now(world: World, quickly: list[str]) -> None:
    _wren, heron, topic = someone(world)
    other = world.group()
    inside, busy = world.join(heron, other), world.person(other)
    world.on_duty(other, 0, "19:00", "21:00")
    pages = []

    def look() -> str:
        slow, fast, left_out = both(heron, "/", quickly)
        assert slow == fast
        assert left_out
        pages.append(fast.decode())
        return pages[-1]

    assert "26 new posts" in look()
    heron.send(f"{conversation_url(topic)}/read", {"seq": "20"})
    assert "6 new posts" in look()
    assert "1 new post" not in pages[-1]
    world.topic(busy)
    assert "1 new post" in look()
    world.moment.go(hours=18)
    assert "here until" in look()
    with world.app.app_context(), transaction():
        here().execute(update(Persona).where(Persona.id == inside.persona_id).values(standing=Standing.LEFT))
    assert other.name not in look()
    assert all(other.name in page for page in pages[:-1])


def test_x16_a_quick_page_is_in_the_readers_language(world: World, quickly: list[str]) -> None:
    _wren, heron, topic = someone(world)
    here = f"{conversation_url(topic)}?page=1"
    slow, fast, left_out = both(heron, here, quickly, Accept_Language="ur, en;q=0.5")
    assert slow == fast
    assert left_out
    assert b'<html lang="ur" dir="rtl"' in fast
    heron.client.set_cookie("__Host-lang", "en", domain="localhost", secure=True)
    assert b'<html lang="en"' in both(heron, here, quickly, Accept_Language="ur")[1]


def test_a_quick_page_comes_compressed_as_any_other(world: World, quickly: list[str]) -> None:
    _wren, heron, topic = someone(world)
    here = f"{conversation_url(topic)}?page=1"
    heron.get(here)
    for wanted in ("br", "gzip"):
        answer = heron.get(here, headers={"Accept-Encoding": wanted})
        assert answer.headers["Content-Encoding"] == wanted
    assert quickly
    cross = heron.get(here, headers={"Accept-Encoding": "br", "Sec-Fetch-Site": "cross-site"})
    assert "Content-Encoding" not in cross.headers


Spoil = Callable[[World, Person, Person, bytes], None]


def _end(_world: World, _wren: Person, heron: Person, _topic: bytes) -> None:
    heron.client.get("/leave", base_url="https://localhost")


def _keep_words(_world: World, _wren: Person, heron: Person, topic: bytes) -> None:
    heron.send(f"{conversation_url(topic)}/posts", {"body": "Half a thought", "later": "yes"})


@pytest.mark.parametrize("spoil", [_end, _keep_words])
def test_sec_s21_what_is_not_plain_reading_is_left_to_flask(world: World, quickly: list[str], spoil: Spoil) -> None:
    wren, heron, topic = someone(world)
    here = f"{conversation_url(topic)}?page=1"
    heron.get(here)
    heron.get(here)
    assert quickly
    quickly.clear()
    spoil(world, wren, heron, topic)
    heron.get(here)
    assert quickly == []


def test_sec_s21_a_stranger_is_left_to_flask(world: World, quickly: list[str]) -> None:
    _wren, heron, topic = someone(world)
    stranger, visitor = world.person(world.group()), world.visitor()
    here = f"{conversation_url(topic)}?page=1"
    heron.get(here)
    assert [who.get(here).status_code for who in (stranger, visitor)] == [404, 401]
    assert heron.get(here).status_code == 200
    assert quickly == ["/c/<ident:conversation_id>"]


def test_sec_s19_a_shared_devices_session_is_kept_alive_by_flask(
    world: World, quickly: list[str], moment: object
) -> None:
    _wren, heron, topic = someone(world, device=SignInKind.SHARED)
    here = f"{conversation_url(topic)}?page=1"
    heron.get(here)
    heron.get(here)
    assert quickly
    quickly.clear()
    for _ in range(4):
        moment.go(minutes=12)  # type: ignore[attr-defined]
        assert heron.get(here).status_code == 200
    assert quickly == []


@pytest.mark.parametrize("cookie", ['"{}"', "{}; __Host-s=other", "x{}"])
def test_sec_s3_an_odd_cookie_is_left_to_flask(world: World, quickly: list[str], cookie: str) -> None:
    _wren, heron, topic = someone(world)
    here = f"{conversation_url(topic)}?page=1"
    heron.get(here)
    heron.get(here)
    quickly.clear()
    world.app.test_client(use_cookies=False).get(
        here, base_url="https://localhost", headers={"Cookie": "__Host-s=" + cookie.format(heron.cookie)}
    )
    assert quickly == []


def test_r2_a_quick_page_whose_database_fails_is_left_to_flask(
    world: World, quickly: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _wren, heron, topic = someone(world)
    here = f"{conversation_url(topic)}?page=1"
    heron.get(here)

    def fail(*_args: object) -> None:
        raise OSError("the disk is gone")

    pages = [quick.Quick(p.route, p.address, fail) for p in quick_pages(world.app)]
    monkeypatch.setattr(outermost(world.app), "_pages", pages)
    assert heron.get(here).status_code == 200
    assert quickly == []


def outermost(app: Flask) -> quick.Quickly:
    layer = app.wsgi_app
    while not isinstance(layer, quick.Quickly):
        layer = layer._inner  # type: ignore[attr-defined]
    return layer


def quick_pages(app: Flask) -> list[quick.Quick]:
    return list(outermost(app)._pages)


def test_t9_a_quick_page_counts_and_slows_down_as_any_other(world: World, quickly: list[str]) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topics = [conversation_url(world.topic(wren, title=f"Topic {n}")) + "?page=1" for n in range(reading.FREE + 2)]
    for topic in topics:
        wren.get(topic)  # in memory from here on
    statuses = [heron.get(topic).status_code for topic in topics]
    assert len(quickly) > reading.FREE // 2
    assert statuses[: reading.FREE] == [200] * reading.FREE
    assert statuses[-1] == 429
