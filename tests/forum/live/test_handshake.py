"""Who may open a line: pages of ours, shown with their form token, of somebody whose sign-in lives (security.md S9)."""

from collections.abc import Callable

import pytest
import requests
import socketio.exceptions
import websocket

from forum.base.config import Settings
from forum.live import newcomers
from forum.live.handshake import MOST_LINES, Handshake, is_ours
from tests.forum.live.served import PATH, Served, cannot_be_sent, soon
from tests.world import World

FOREIGN = "https://evil.example"
Refused = websocket.WebSocketBadStatusException


def test_sec_s9_our_own_page_may_knock(knocks, served: Served):
    line = knocks(served.address)
    assert line.getstatus() == 101


@pytest.mark.parametrize("origin", [None, FOREIGN, "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_sec_s9_missing_or_foreign_origin_is_refused(knocks, served: Served, origin: str | None):
    with pytest.raises(Refused) as refused:
        knocks(served.address, origin=origin)
    assert refused.value.status_code == 403


@pytest.mark.parametrize(
    "forged",
    [
        {"X_Forwarded_Host": "evil.example"},
        {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X_Original_Host": "evil.example"},
    ],
)
def test_sec_s9_forged_forwarding_is_refused(knocks, served: Served, forged: dict[str, str]):
    with pytest.raises(Refused) as refused:
        knocks(served.address, origin=FOREIGN, **forged)
    assert refused.value.status_code == 403


def test_sec_s9_polling_is_refused(served: Served):
    answer = requests.get(served.url + PATH.replace("websocket", "polling"), headers={"Origin": served.url}, timeout=5)
    assert answer.status_code == 400
    assert "Access-Control-Allow-Origin" not in answer.headers


def settings(**values: object) -> Settings:
    return Settings(database_url="sqlite://", keyring_file="k", var="v", **values)  # type: ignore[arg-type]


def asked(origin: str | None, host: str = "forum.example.org", **more: str) -> dict[str, str]:
    return {"HTTP_HOST": host, **({"HTTP_ORIGIN": origin} if origin else {}), **more}


def test_sec_s9_listed_origins_are_the_only_ones():
    listed = settings(origins=("https://app.example.org",))
    assert is_ours(asked("https://app.example.org"), listed)
    assert not is_ours(asked("https://forum.example.org"), listed)


def test_sec_s9_behind_a_proxy_the_page_came_encrypted():
    proxied = settings(proxy_hops=1)
    assert is_ours(asked("https://forum.example.org"), proxied)
    assert not is_ours(asked("http://forum.example.org", HTTP_X_FORWARDED_PROTO="http"), proxied)
    assert is_ours(asked("http://forum.example.org"), settings())


def test_sec_s9_a_host_that_is_not_ours_is_refused():
    named = settings(trusted_hosts=("forum.example.org",))
    assert is_ours(asked("https://forum.example.org"), named)
    assert not is_ours(asked("https://evil.example", host="evil.example"), named)


def test_sec_s9_a_member_with_their_form_token_is_let_in(people: World, opens):
    me = people.person(people.group())
    assert opens(me).client.connected


@pytest.mark.parametrize("token", ["", "AAAA", "é" * 43, 7, ["x"], {}, "A" * 43])
def test_sec_s9_a_wrong_token_is_refused(people: World, opens, token: object):
    me = people.person(people.group())
    with pytest.raises(socketio.exceptions.ConnectionError, match="namespaces failed"):
        opens(me, token=token)


def test_sec_s9_the_token_of_another_session_is_refused(people: World, opens):
    group = people.group()
    me, other = people.person(group), people.person(group)
    with pytest.raises(socketio.exceptions.ConnectionError, match="namespaces failed"):
        opens(me, token=other.form_token())


def test_sec_s9_a_visitor_is_refused(people: World, opens):
    with pytest.raises(socketio.exceptions.ConnectionError, match="namespaces failed"):
        opens(people.visitor())


def test_sec_s9_a_made_up_cookie_with_its_own_token_is_refused(people: World, opens):
    stranger = people.visitor()
    stranger.client.set_cookie("__Host-s", "A" * 22, domain="localhost", secure=True)
    with pytest.raises(socketio.exceptions.ConnectionError, match="namespaces failed"):
        opens(stranger)


@pytest.mark.parametrize(("open_already", "status"), [(MOST_LINES - 1, "200"), (MOST_LINES, "503")])
def test_r21_at_the_cap_a_line_is_refused_politely(open_already: int, status: str):
    """A page that gets none asks over HTTP, and tries again later."""
    said: list[tuple[str, dict[str, str]]] = []

    def inner(_environ: dict[str, object], start: Callable[..., object]) -> list[bytes]:
        start("200 OK", [])
        return []

    door = Handshake(inner, settings(), lambda: open_already)
    list(
        door(
            {**asked("https://forum.example.org"), "PATH_INFO": "/socket.io/"},
            lambda *told: said.append((told[0], dict(told[1]))),
        )
    )
    (answer, headers), *_none = said
    assert answer.startswith(status)
    assert ("Retry-After" in headers) is (status == "503")


def test_sec_s12_hundreds_of_silent_lines_keep_no_member_out(knocks, people: World, served: Served, opens):
    silent = [knocks(served.address) for _n in range(newcomers.MOST + 20)]
    page = opens(people.person(people.group()))
    assert page.client.connected
    assert soon(lambda: cannot_be_sent(silent[0], "3")), "the oldest went"
    assert not cannot_be_sent(silent[-1], "3")
    assert page.client.connected
