"""S26 and S27: no address, no browser and no word of anybody stays behind in the database, in files or in logs."""

import base64
import hashlib
import ipaddress
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from redis.client import Monitor

import wsgi
from forum.base import keyring
from forum.base.db import db
from forum.models import Role
from forum.web import access_log
from tests import services
from tests.conftest import Clock, migrate, settings_in
from tests.security.dump import dump_of
from tests.security.scene import HELD, add_role, address_of, case_of, filled, phrase_in, scene_of
from tests.services.raw import raw_bytes
from tests.world import Person, World, conversation_url, post_url, sent_post

ADDRESSES = ("127.7.7.7", "fd00::7")
BROWSER = "CanaryBrowser/7.7 (Heronphone; rv:77)"


def spellings(address: str) -> set[bytes]:
    """Every way an address could have been written down."""
    ip = ipaddress.ip_address(address)
    mapped = ipaddress.ip_address(f"::ffff:{address}") if ip.version == 4 else ip
    texts = {address, ip.exploded, mapped.exploded, str(mapped), ip.reverse_pointer, str(int(ip)), str(int(mapped))}
    texts |= {ip.packed.hex(), ip.packed.hex().upper(), mapped.packed.hex(), f"0x{int(ip):x}"}
    said = {text.encode() for text in texts}
    for raw in (address.encode(), ip.packed, mapped.packed):
        encoded = {base64.b64encode(raw), base64.urlsafe_b64encode(raw), base64.b32encode(raw)}
        said |= {code.rstrip(b"=") for code in encoded} | {base64.b32encode(raw).rstrip(b"=").lower()}
        for name in ("md5", "sha1", "sha256"):
            digest = hashlib.new(name, raw, usedforsecurity=False)
            said |= {digest.digest(), digest.hexdigest().encode()}
    if ip.version == 6:
        said.add(ip.packed)
    return said


def found(kept: bytes) -> list[bytes]:
    wanted = {spelling for address in ADDRESSES for spelling in spellings(address)}
    browser = BROWSER.encode()
    wanted |= {browser, b"CanaryBrowser", b"Heronphone", base64.b64encode(browser), hashlib.sha256(browser).digest()}
    return sorted(spelling for spelling in wanted if spelling in kept)


def seen_from(person: Person, address: str) -> Person:
    """From now on this person's requests come from there, with a browser that says what it is."""
    person.client.environ_base |= {"REMOTE_ADDR": address, "HTTP_USER_AGENT": BROWSER}
    return person


def files_of(world: World) -> bytes:
    """Whatever the program wrote beside the database."""
    folder = Path(world.app.extensions["settings"].var)
    return b"\n".join(raw_bytes(path) for path in sorted(folder.rglob("*")) if path.is_file())


def live_an_evening(world: World, address: str) -> None:
    """Everything a person and a moderator do, from one address."""
    scene = scene_of(world)
    newcomer, member = seen_from(world.visitor(), address), seen_from(add_role(scene, "member"), address)
    warden = seen_from(add_role(scene, "moder"), address)
    for path in ("/", "/help", "/sign-in", f"/g/{scene.ours.address}", f"/g/{scene.ours.address}/write", "/no/such"):
        newcomer.get(path)
    for _n in range(6):
        newcomer.send("/sign-in", {"phrase": "no such words"})
    world.moment.go(minutes=1)
    board = member.get(f"/g/{scene.ours.address}/start").headers["Location"]
    started = sent_post(member.send(board, {"title": "A heading", "body": "Some words.", "token": "a" * 26}))
    world.settle()
    topic = world.topic(member)
    for n, body in enumerate((HELD, "Masked words.", "More words.")):
        form = {"body": body, "token": f"{n:026d}", "details": "keep"} | ({"masked": "yes"} if n == 1 else {})
        held = member.send(f"{conversation_url(topic)}/posts", form)
        world.settle()
        if n == 0:
            with world.app.app_context():
                case = case_of(world, sent_post(held))
            decide = address_of(scene, "decisions.decide", {"item_id": case})
            warden.send(
                decide,
                {
                    "choice": "keep_back",
                    "version": "0",
                    "gen": "0",
                    "sure": "yes",
                    "clause": "links",
                    "words": "Please leave the link out.",
                },
            )
    member.send(post_url(started, "edit"), {"body": "Other words."})
    member.send(f"{conversation_url(topic)}/read", {"seq": "2"})
    member.send("/devices/name", {"name": "tablet"})
    phrase = phrase_in(member.send("/way-back").get_data(as_text=True))
    newcomer.send("/sign-in", {"phrase": phrase})
    newcomer.get("/devices")
    newcomer.get("/leave")


@pytest.mark.parametrize("address", ADDRESSES)
def test_sec_s26_no_address_and_no_browser_is_kept_anywhere(
    world: World, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    caplog.set_level(logging.DEBUG)
    live_an_evening(world, address)
    kept = dump_of(world.app)
    assert b"A heading" in kept
    assert found(kept) == []
    assert found(files_of(world)) == []
    assert len(caplog.records) > 20
    assert found(caplog.text.encode()) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_sec_s26_redis_is_told_no_address_and_no_browser(
    tmp_path: Path, ring: keyring.Keyring, moment: Clock, redis_server: services.Redis, address: str
) -> None:
    """What is sent through Redis, and what stays in it."""
    url = f"sqlite:///{tmp_path / 'forum.db'}"
    migrate(url, tmp_path)
    app = wsgi.create_app(replace(settings_in(tmp_path, url, ring), redis_url=redis_server.url))
    app.testing = False
    with Redis(port=redis_server.port) as client, client.monitor() as monitor:
        live_an_evening(World(app, moment), address)
        heard = [said["command"] for said in heard_until_quiet(monitor)]
        kept = [client.dump(key) or b"" for key in client.scan_iter()]
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    assert any("PUBLISH" in command for command in heard)
    assert found("\n".join(heard).encode("utf-8", "surrogateescape") + b"".join(kept)) == []


def heard_until_quiet(monitor: Monitor) -> Iterator[dict[str, str]]:
    """What Redis was told, until nothing came for a second."""
    while monitor.connection.can_read(timeout=1):
        yield monitor.next_command()


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_search_finds_an_address_in_every_spelling(address: str) -> None:
    ip = ipaddress.ip_address(address)
    for spelling in (address, ip.exploded, str(int(ip)), ip.packed.hex(), base64.b64encode(address.encode()).decode()):
        assert found(b"x" + spelling.encode() + b"y"), spelling
    assert found(hashlib.sha256(address.encode()).digest())
    assert found(f"... {BROWSER} ...".encode())
    assert found(b"127.0.0.1 fd00::8 Mozilla/5.0") == []


def test_the_search_finds_an_address_that_was_kept(world: World) -> None:
    """Twin: one device named after its address, and the dump shows it."""
    person = seen_from(world.person(world.group()), ADDRESSES[0])
    person.send("/devices/name", {"name": ADDRESSES[0]})
    assert found(dump_of(world.app))


# --- S27 ----------------------------------------------------------------------------------------------------------

FIELDS = ("body", "title", "phrase", "name", "own_name", "password", "reason", "next", "token", "answers", "lang", "seq",
          "ref", "method", "choice", "version", "language", "board", "answer-limits", "shared", "masked")  # fmt: skip


def canary(field: str) -> str:
    return f"canary{field.replace('_', '').replace('-', '')}kestrel"


def test_sec_s27_l23_no_log_says_what_anybody_typed_or_who_was_where(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every field of every form and address, asked right and wrong, also while things break."""
    caplog.set_level(logging.DEBUG)
    scene = scene_of(world)
    people = [add_role(scene, role) for role in ("visitor", "member", "moder")]
    topic = world.topic(scene.people["heron"])
    post = world.reply(scene.people["heron"], topic, "A reply.")
    held = world.reply(scene.people["heron"], topic, HELD)
    with world.app.app_context():
        case = case_of(world, held)
    real = {"address": scene.ours.address, "board_id": scene.ours.board, "conversation_id": topic, "post_id": post,
            "item_id": case, "version_id": bytes(16), "filename": "js/app.js"}  # fmt: skip
    typed = {field: canary(field) for field in FIELDS}
    asked = {
        "query_string": {"q": canary("q"), "page": canary("page"), "after": canary("after"), "before": canary("before")},
        "headers": {"Referer": f"https://{canary('referer')}.example/", "User-Agent": canary("agent"),
                    "X-CSRF-Token": canary("token"), "Accept-Language": canary("lang")},
    }  # fmt: skip
    sent = 0
    for person in people:
        for rule in list(world.app.url_map.iter_rules()):
            path = address_of(scene, rule.endpoint, filled(scene, rule.endpoint, real))
            world.moment.go(seconds=40)
            if "GET" in (rule.methods or ()) and rule.endpoint != "accounts.leave":
                person.get(path, **asked).close()
            elif rule.endpoint not in ("accounts.sign_out", "accounts.leave"):
                person.send(path, typed)
                person.client.post(path, data=typed, base_url="https://localhost")
            sent += 1
    with monkeypatch.context() as patch:
        patch.setattr("forum.groups.queries.find_card", lambda *_a: 1 / 0)
        people[1].send(f"/g/{scene.ours.address}/join", typed)
    people[1].get(f"/{canary('path')}")

    log = caplog.text
    assert sent > 120
    assert log.count("answered id=") > 120
    assert "kestrel" not in log
    for person in people:
        if person.account_id:
            for who in (person.name, person.account_id.hex(), person.persona_id.hex(), person.cookie or "?"):
                assert who not in log
    for thing in (address_of(scene, "conversations.show_conversation", {"conversation_id": topic}), post_url(post),
                  topic.hex(), scene.ours.address, scene.ours.name):  # fmt: skip
        assert thing not in log


def test_sec_s27_l23_a_line_of_the_access_log_says_route_status_and_time_alone(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "forum.access")
    person = world.person(world.group(), Role.MODERATOR)
    topic = world.topic(person)
    caplog.clear()
    person.get(f"{conversation_url(topic)}?page=1")
    person.get("/no/such/page?q=x")
    world.visitor().get("/devices")
    lines = [record.getMessage() for record in caplog.records if record.name == "forum.access"]
    shape = re.compile(r"answered id=[0-9a-f]{8} route=(\S+) status=(\d{3}) ms=\d+")
    read = [shape.fullmatch(line) for line in lines]
    assert [match and match.groups() for match in read] == [
        ("/c/<ident:conversation_id>", "200"),
        ("none", "404"),
        ("/devices", "401"),
    ]
    assert len({line.split()[1] for line in lines}) == 3


def test_the_lines_go_to_stderr_once_however_often_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "_waiting", None)
    access_log.write_to_stderr()
    access_log.note("/one", 200, None)
    access_log.write_to_stderr()
    access_log.flush()
    access_log.flush()
    assert capsys.readouterr().err.count("route=/one status=200") == 1


def test_lines_wait_for_each_other_but_not_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "_waiting", None)
    access_log.write_to_stderr()
    for _ in range(access_log.MOST_WAITING - 1):
        access_log.note("/many", 200, None)
    assert "route=/many" not in capsys.readouterr().err
    access_log.note("/many", 200, None)
    assert capsys.readouterr().err.count("route=/many") == access_log.MOST_WAITING
