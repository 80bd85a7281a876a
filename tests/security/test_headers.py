"""S1 to S4: what every answer says to the browser, whatever its status."""

from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.base.db import rows
from forum.base.idents import new_ident, new_post_id
from forum.models import SignIn
from forum.web.sign_ins import hash_of
from tests.security.answers import STATUSES, answer_of
from tests.security.scene import Scene, add_role, address_of, everybody, filled, scene_of
from tests.world import BASE, World

pytestmark = pytest.mark.pages

#: security.md S1, directive by directive.
CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "fragment",
}
#: security.md S2.
TABLE = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, noarchive",
}
#: What could watch somebody, or show that they are here.
WATCHFUL = {"camera", "microphone", "geolocation", "display-capture", "accelerometer", "gyroscope", "browsing-topics"}
ROLES = ("visitor", "member", "moder")


def directives(answer: TestResponse) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: value for name, _space, value in parts}


def check_headers(answer: TestResponse) -> None:
    assert directives(answer) == CSP
    for name, value in TABLE.items():
        assert answer.headers.getlist(name) == [value], name
    policy = answer.headers["Permissions-Policy"].split(", ")
    assert all(part.endswith("=()") for part in policy)
    assert {part.removesuffix("=()") for part in policy} >= WATCHFUL
    assert "Server" not in answer.headers or "Werkzeug" in answer.headers["Server"]


def check_personal(answer: TestResponse) -> None:
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Cookie"
    for name in ("ETag", "Last-Modified", "Expires", "Age"):
        assert name not in answer.headers, name


def check_cookies(answer: TestResponse) -> None:
    for line in answer.headers.getlist("Set-Cookie"):
        ((name, morsel),) = SimpleCookie(line).items()
        assert name.startswith("__Host-")
        assert morsel["secure"] is True
        assert morsel["httponly"] is True
        assert morsel["samesite"] == "Lax"
        assert morsel["path"] == "/"
        assert morsel["domain"] == ""
        assert len(f"{name}={morsel.value}") <= 64


@pytest.mark.parametrize("who", ["visitor", "member"])
@pytest.mark.parametrize("status", STATUSES)
def test_sec_s1_s2_s3_s4_every_status_carries_every_header(world: World, status: int, who: str) -> None:
    scene = scene_of(world)
    answer = answer_of(scene, add_role(scene, who), status)
    assert answer.status_code == status
    check_headers(answer)
    check_personal(answer)
    check_cookies(answer)


def walk(scene: Scene) -> list[tuple[str, str]]:
    """Every route with ids of ours where it takes some, and with ids of nothing."""
    topic = scene.world.topic(scene.people["heron"])
    real = {"address": scene.ours.address, "board_id": scene.ours.board, "conversation_id": topic}
    ghost = {"post_id": new_post_id(), "item_id": new_ident(), "version_id": new_ident(), "filename": "none.css"}
    found = []
    for rule in scene.world.app.url_map.iter_rules():
        path = address_of(scene, rule.endpoint, filled(scene, rule.endpoint, real | ghost))
        found += [(method, path) for method in ("GET", "POST", "PUT", "DELETE")]
    return found


def test_sec_s1_s2_every_route_in_every_method_carries_them(world: World) -> None:
    scene = everybody(world)
    paths = [p for p in walk(scene) if p[1] != "/leave"]
    seen = set()
    for role in ROLES:
        for method, path in paths:
            answer = scene.people[role].client.open(path, method=method, base_url=BASE)
            seen.add(answer.status_code)
            check_headers(answer)
            check_cookies(answer)
            if not path.startswith("/static/"):
                check_personal(answer)
            answer.close()
    assert {200, 401, 403, 404, 405} <= seen


@pytest.mark.parametrize("name", [*TABLE, "Permissions-Policy", "Content-Security-Policy"])
def test_the_check_notices_a_header_that_is_missing_or_weaker(world: World, name: str) -> None:
    answer = world.visitor().get("/help")
    check_headers(answer)
    answer.headers[name] = "unsafe-url"
    with pytest.raises(AssertionError):
        check_headers(answer)
    del answer.headers[name]
    with pytest.raises((AssertionError, KeyError)):
        check_headers(answer)


def test_sec_s3_the_cookie_says_nothing_and_the_database_keeps_only_its_hash(world: World, inside: object) -> None:
    person = world.person(world.group())
    assert person.cookie
    assert len(person.cookie) == 22
    kept = [bytes(r.cookie_sha256) for r in rows(select(SignIn.cookie_sha256))]
    assert hash_of(person.cookie) in kept
    assert person.cookie.encode() not in b"".join(kept)


def test_sec_s3_reading_gives_a_visitor_no_cookie_and_a_form_does(world: World) -> None:
    group, visitor = world.group(), world.visitor()
    for path in ("/", "/help", "/safe", "/privacy", f"/g/{group.address}", f"/g/{group.address}/rules"):
        assert "Set-Cookie" not in visitor.get(path).headers, path
    assert "Set-Cookie" in visitor.get("/sign-in").headers


def test_sec_s3_a_copied_cookie_opens_nothing_after_signing_out(world: World) -> None:
    person = world.person(world.group())
    copied = person.cookie or ""
    assert person.get("/devices").status_code == 200
    assert person.send("/sign-out").status_code == 303

    thief = world.visitor()
    thief.client.set_cookie("__Host-s", copied, domain="localhost", secure=True)
    assert thief.get("/devices").status_code == 401


def test_sec_s3_the_hash_in_a_stolen_dump_is_no_cookie(world: World) -> None:
    person = world.person(world.group())
    digest = hash_of(person.cookie or "")
    for stolen in (digest.hex(), digest.hex()[:22], "A" * 22, "", "x" * 4_000):
        thief = world.visitor()
        thief.client.set_cookie("__Host-s", stolen, domain="localhost", secure=True)
        assert thief.get("/devices").status_code == 401


def test_sec_s4_an_address_dressed_as_a_file_is_no_page(world: World) -> None:
    """Web cache deception: a proxy that keeps *.css must find nothing of a person under such a name."""
    group = world.group()
    person = world.person(group)
    topic = world.topic(person)
    scene = Scene(world, group, group, group)
    for endpoint, values in (
        ("conversations.show_conversation", {"conversation_id": topic}),
        ("conversations.show_group", {"address": group.address}),
        ("accounts.show_devices", {}),
    ):
        path = address_of(scene, endpoint, values)
        assert person.get(path).status_code == 200
        for dress in ("/x.css", ".css", "/static/x.css", ";x.css", "%2fx.css", "/..%2f..%2fstatic/x.css", "//x.js"):
            answer = person.get(path + dress)
            assert answer.status_code in (404, 308), (path, dress)
            assert answer.status_code == 404 or person.name.encode() not in answer.data
            check_personal(answer)
