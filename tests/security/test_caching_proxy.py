"""S4 against a real caching proxy: nobody receives what was made for somebody else."""

import http.client
from urllib.parse import urlsplit

import pytest

from forum.web import headers
from tests.conftest import Live
from tests.security.scene import Scene, add_role, scene_of
from tests.services import Nginx
from tests.world import Person, World, conversation_url, post_url


def fetch(proxy: Nginx, path: str, person: Person) -> tuple[int, bytes, str]:
    """What arrives through the proxy: status, body, and whether the proxy says it came from its store."""
    there = urlsplit(proxy.url)
    connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=30)
    cookie = {"Cookie": f"__Host-s={person.cookie}"} if person.cookie else {}
    connection.request("GET", path, headers=cookie)
    answer = connection.getresponse()
    body, stored = answer.read(), answer.headers.get("X-Proxy-Cache", "")
    connection.close()
    return answer.status, body, stored


def pages(scene: Scene) -> list[str]:
    topic = scene.world.topic(scene.people["heron"])
    post = scene.world.reply(scene.people["heron"], topic, "Heron's reply.")
    return [
        "/", "/devices", "/way-back", f"/g/{scene.ours.address}", conversation_url(topic), post_url(post, "more"),
        f"{conversation_url(topic)}/changes?after=0", "/no/such/page",
    ]  # fmt: skip


def name_devices(scene: Scene, people: dict[str, Person]) -> None:
    for who, person in people.items():
        person.send("/devices/name", {"name": f"canary {who}"})


def through_the_proxy(live: Live, proxy: Nginx, world: World) -> list[str]:
    """Which pages reached somebody else, asked three times round by three people."""
    scene = scene_of(world)
    people = {
        "heron": scene.people["heron"],
        "member": add_role(scene, "member"),
        "visitor": add_role(scene, "visitor"),
    }
    people["heron"].name, people["member"].name = "Heron", people["member"].name
    name_devices(scene, {who: p for who, p in people.items() if p.account_id})
    proxy.point_at(urlsplit(live.url).port or 0)
    leaked = []
    wanted = pages(scene)
    for _round in range(3):
        for path in wanted:
            for who, person in people.items():
                _status, body, stored = fetch(proxy, path, person)
                others = [f"canary {o}".encode() for o in people if o != who]
                if stored == "HIT" or any(other in body for other in others):
                    leaked.append(f"{who} {path}")
    return leaked


def test_sec_s4_nobody_receives_a_page_made_for_somebody_else(world: World, live: Live, nginx_server: Nginx) -> None:
    assert through_the_proxy(live, nginx_server, world) == []


def test_the_proxy_would_mix_people_up_without_our_headers(
    world: World, live: Live, nginx_server: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with a page that calls itself public, the test above fails."""
    monkeypatch.setattr(headers, "fenced", lambda said: [*said, ("Cache-Control", "public, max-age=600")])
    leaked = through_the_proxy(live, nginx_server, world)
    assert any(page.endswith("/devices") for page in leaked)


def test_sec_s4_a_page_dressed_as_a_file_is_in_no_store(world: World, live: Live, nginx_server: Nginx) -> None:
    scene = scene_of(world)
    topic = world.topic(scene.people["heron"])
    nginx_server.point_at(urlsplit(live.url).port or 0)
    for _round in range(2):
        for person in (scene.people["heron"], world.visitor()):
            status, body, stored = fetch(nginx_server, f"{conversation_url(topic)}/x.css", person)
            assert (status, stored) == (404, "MISS")
            assert b"Hello from me" not in body


def test_sec_s4_what_is_the_same_for_everybody_may_be_kept(world: World, live: Live, nginx_server: Nginx) -> None:
    """Style sheets are kept, or the proxy would be no help and these tests no test of one."""
    page = world.visitor().get("/help").get_data(as_text=True)
    sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
    nginx_server.point_at(urlsplit(live.url).port or 0)
    status, body, _stored = fetch(nginx_server, sheet, world.visitor())
    assert status == 200
    assert b"cg-crisis" in body
