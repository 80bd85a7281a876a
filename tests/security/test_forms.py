"""S8 and S10: a form counts only from a page of ours, and nothing a stranger says about the way here is believed."""

import base64
import dataclasses
import re

import pytest
from flask import Flask

import wsgi
from forum.base.config import SettingsError, check
from forum.web import csrf, fence, headers
from tests.security.scene import Scene, address_of, filled, scene_of
from tests.world import BASE, Person, World, conversation_url

WORDS = "It took me an hour to write this: siskin."
#: They change a cookie of this one browser or nothing, and no visit begins with them: the origin alone is asked.
NO_FORM = {"accounts.choose_language", "display.save", "guide.try_practice"}


@pytest.fixture
def scene(world: World) -> Scene:
    return scene_of(world)


def post_raw(person: Person, path: str, form: dict[str, str], **more: object) -> tuple[int, str]:
    answer = person.client.post(path, data=form, base_url=BASE, **more)  # type: ignore[arg-type]
    return answer.status_code, answer.get_data(as_text=True)


def spoiled_tokens(person: Person, other: Person) -> dict[str, str | None]:
    good = person.form_token()
    return {
        "missing": None,
        "empty": "",
        "of another session": other.form_token(),
        "cut short": good[:-2],
        "longer": good + "AA",
        "one letter changed": ("B" if good[0] == "A" else "A") + good[1:],
        "no base64": "*" * len(good),
        "zeros": base64.urlsafe_b64encode(bytes(32)).decode().rstrip("="),
        "not ASCII": "ü" * 43,
    }


def test_sec_s8_a_form_without_a_good_token_is_refused_and_keeps_the_words(scene: Scene) -> None:
    heron = scene.people["heron"]
    topic = scene.world.topic(heron)
    for why, token in spoiled_tokens(heron, scene.people["warden"]).items():
        form = {"body": WORDS, "title": "My heading", "token": "t" * 26} | ({csrf.FIELD: token} if token else {})
        status, page = post_raw(heron, f"{conversation_url(topic)}/posts", form)
        assert status == 403, why
        assert WORDS in page, why
        assert "My heading" in page, why
    scene.world.settle()
    assert WORDS not in heron.get(conversation_url(topic)).get_data(as_text=True)


def test_sec_s8_the_same_form_with_a_good_token_is_taken(scene: Scene) -> None:
    """Else the test above could pass for the wrong reason."""
    heron = scene.people["heron"]
    topic = scene.world.topic(heron)
    assert heron.send(f"{conversation_url(topic)}/posts", {"body": WORDS, "token": "t" * 26}).status_code == 303


def test_sec_s8_a_token_from_before_signing_in_again_is_old(scene: Scene) -> None:
    heron = scene.people["heron"]
    topic = scene.world.topic(heron)
    old = heron.form_token()
    with scene.world.app.app_context():
        fresh = scene.world.person(scene.ours)
    heron.client.set_cookie("__Host-s", fresh.cookie or "", domain="localhost", secure=True)
    status, page = post_raw(heron, f"{conversation_url(topic)}/posts", {csrf.FIELD: old, "body": WORDS})
    assert status == 403
    assert WORDS in page


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost"},
        {"Origin": "https://localhost.evil.example"},
        {"Origin": "https://localhost:8443"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_sec_s8_other_sites_cannot_send_our_forms(scene: Scene, said: dict[str, str]) -> None:
    heron = scene.people["heron"]
    topic = scene.world.topic(heron)
    form = {csrf.FIELD: heron.form_token(), "body": WORDS, "token": "t" * 26}
    status, page = post_raw(heron, f"{conversation_url(topic)}/posts", form, headers=said)
    assert status == 403
    assert WORDS in page
    assert post_raw(heron, "/language", {"language": "ur"}, headers=said)[0] == 403
    assert post_raw(heron, "/display", {"size": "2"}, headers=said)[0] == 403


def test_sec_s8_every_form_of_the_program_asks_for_the_token(scene: Scene) -> None:
    topic = scene.world.topic(scene.people["heron"])
    real = {"address": scene.ours.address, "board_id": scene.ours.board, "conversation_id": topic, "post_id": 7,
            "item_id": bytes(16), "version_id": bytes(16)}  # fmt: skip
    asked = 0
    for rule in scene.world.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint in NO_FORM | fence.DOORS:
            continue
        path = address_of(scene, rule.endpoint, filled(scene, rule.endpoint, real))
        assert post_raw(scene.people["warden"], path, {"body": WORDS})[0] == 403, rule.endpoint
        asked += 1
    assert asked > 15
    assert NO_FORM | {"demo.take_seat"} == fence.HARMLESS


def test_sec_s8_the_doors_for_help_ask_for_the_origin_alone(scene: Scene) -> None:
    """A page that was open all night must still let somebody ask for help. Nothing but these routes is let off."""
    assert {one.partition(".")[0] for one in fence.DOORS} == {"concern_doors", "talk"}
    heron, evil = scene.people["heron"], {"Sec-Fetch-Site": "cross-site"}
    for path in ("/worried", "/need-help", f"/g/{scene.ours.address}/need-help", f"/g/{scene.ours.address}/worried"):
        assert post_raw(heron, path, {"body": WORDS}, headers=evil)[0] == 403, path
        assert post_raw(heron, path, {"body": WORDS})[0] in (200, 303), path


def test_sec_s8_nothing_but_forms_changes_anything(scene: Scene) -> None:
    """A route takes one or the other. The way out is a GET that signs out, on purpose (security.md §4.1)."""
    for rule in scene.world.app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), rule.endpoint


def token_in(page: str) -> str:
    found = re.search(rf'name="{csrf.FIELD}" value="([^"]+)"', page)
    assert found
    return found[1]


def test_sec_s8_two_pages_repeat_no_byte_of_a_token(scene: Scene) -> None:
    """BREACH guesses what every answer repeats. Sixteen random bytes come first, the rest is masked by them."""
    heron = scene.people["heron"]
    first, second = (token_in(heron.get("/way-back").get_data(as_text=True)) for _ in range(2))
    assert first != second
    seen = {token_in(heron.get("/way-back").get_data(as_text=True)) for _ in range(30)}
    assert len(seen) == 30
    for place in range(0, 42, 4):
        assert len({token[place : place + 4] for token in seen}) > 25


def test_sec_s8_a_script_may_send_the_token_in_a_header(scene: Scene) -> None:
    heron = scene.people["heron"]
    topic = scene.world.topic(heron)
    answer = heron.client.post(
        f"{conversation_url(topic)}/read",
        data={"seq": "1"},
        base_url=BASE,
        headers={csrf.HEADER: heron.form_token(), "Accept": "application/json"},
    )
    assert answer.status_code == 204


# --- S10 ----------------------------------------------------------------------------------------------------------

SPOOFS = [
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-For": "203.0.113.5"},
    {"X-Forwarded-Port": "8443", "X-Forwarded-Prefix": "/evil"},
    {"Forwarded": "for=203.0.113.5;host=evil.example;proto=http"},
    {"X-Original-URL": "/devices", "X-Rewrite-URL": "/devices"},
    {"X-HTTP-Method-Override": "DELETE"},
]


@pytest.mark.parametrize("said", SPOOFS, ids=str)
def test_sec_s10_what_a_stranger_says_about_the_way_here_changes_nothing(scene: Scene, said: dict[str, str]) -> None:
    heron = scene.people["heron"]
    for path in ("/help", f"/g/{scene.ours.address}", "/no/such/page", f"/g/{scene.ours.address}/start"):
        plainly, spoofed = heron.get(path), heron.get(path, headers=said)
        assert spoofed.status_code == plainly.status_code
        assert spoofed.headers.get("Location") == plainly.headers.get("Location")
        assert "evil" not in spoofed.get_data(as_text=True)


def test_sec_s10_forwarded_addresses_do_not_get_around_the_slowing(scene: Scene) -> None:
    visitor = scene.world.visitor()
    visitor.get("/sign-in")
    answers = [
        visitor.send("/sign-in", {"phrase": "no such words"}, headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code
        for n in range(6)
    ]
    assert answers == [403, 403, 403, 403, 429, 429]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:99999", "evil.example:443", "[::1"]
)
def test_sec_s10_other_host_names_are_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setitem(scene.world.app.config, "TRUSTED_HOSTS", ["localhost"])
    heron = scene.people["heron"]
    for path in ("/", "/help", "/sign-in", f"/g/{scene.ours.address}"):
        answer = heron.client.get(path, base_url=BASE, headers={"Host": host})
        assert answer.status_code == 400, path
        page = answer.get_data(as_text=True)
        assert "evil" not in page
        assert "tel:" in page
        assert answer.headers["Content-Security-Policy"] == headers.CSP
    assert heron.get("/help").status_code == 200


def test_sec_s10_the_settings_reach_the_fence(scene: Scene) -> None:
    settings = scene.world.app.extensions["settings"]
    app = Flask("fenced")
    fence.put_up(app, dataclasses.replace(settings, trusted_hosts=("forum.example.org",)))
    assert app.config["TRUSTED_HOSTS"] == ["forum.example.org"]


@pytest.mark.parametrize(("hops", "seen"), [(0, "192.0.2.1"), (1, "203.0.113.9"), (2, "203.0.113.8")])
def test_sec_s10_only_the_configured_proxies_may_say_who_asked(scene: Scene, hops: int, seen: str) -> None:
    """The nearest proxy adds its word last; what stands before it was said by anybody."""
    told = {}

    def note(environ: dict[str, object], start_response: object) -> list[bytes]:
        told.update(address=environ["REMOTE_ADDR"], host=environ["HTTP_HOST"])
        start_response("200 OK", [])  # type: ignore[operator]
        return []

    settings = dataclasses.replace(scene.world.app.extensions["settings"], proxy_hops=hops)
    app = Flask("fenced")
    app.wsgi_app = wsgi.behind_proxies(note, settings)  # type: ignore[method-assign]
    said = {"X-Forwarded-For": "198.51.100.1, 203.0.113.8, 203.0.113.9", "X-Forwarded-Host": "evil.example"}
    app.test_client().get("/", headers=said, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert told == {"address": seen, "host": "localhost"}


def test_sec_s10_the_program_does_not_start_for_any_host_name(scene: Scene) -> None:
    settings = dataclasses.replace(scene.world.app.extensions["settings"], testing=False, trusted_hosts=())
    with pytest.raises(SettingsError, match="FORUM_TRUSTED_HOSTS"):
        check(settings)
    check(dataclasses.replace(settings, trusted_hosts=("forum.example.org",)))
