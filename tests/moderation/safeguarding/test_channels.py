"""The ways in which somebody is called: real mail, a signed request that reaches no inner network, and trying each first."""

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from forum.base import jobs
from forum.base.db import rows
from forum.base.errors import Invalid
from forum.base.idents import new_ident
from forum.models import OfficerRole, Role
from moderation.safeguarding import channels, gateway, sending, ticking, watchdog
from moderation.safeguarding.channels import Way
from moderation.safeguarding.gateway import Request
from moderation.safeguarding.people_models import Call, CallState, Channel, ChannelKind
from tests.moderation.safeguarding.test_calls import now_of, raised
from tests.safeguarding import arm
from tests.services import Smtp
from tests.services.gateway import Gateway
from tests.services.gateway import gateway as a_gateway
from tests.world import Moves, World, text_of


@pytest.fixture
def gate() -> Iterator[Gateway]:
    """Started for one test."""
    with a_gateway() as known:
        yield known


@pytest.fixture
def post(world: World, smtp_server: Smtp) -> Iterator[Smtp]:
    """A real mail server, and a site that knows it."""
    before = world.app.extensions["settings"]
    url = f"smtp://{smtp_server.host}:{smtp_server.port}"
    world.app.extensions["settings"] = replace(
        before, smtp_url=url, mail_from="Notes <notes@example.org>", trusted_hosts=("localhost",)
    )
    yield smtp_server
    world.app.extensions["settings"] = before


@pytest.fixture
def trusting(world: World) -> Iterator[Callable[[Gateway], None]]:
    """An operator names a gateway on their own network."""
    before = world.app.extensions["settings"]

    def trust(gate: Gateway) -> None:
        world.app.extensions["settings"] = replace(before, call_gateways=(gate.url,))

    yield trust
    world.app.extensions["settings"] = before


ASKED = Request("a1", "lead", "A concern needs you.", urgent=False, drill=False)


def test_a_gateway_is_asked_once_signed_and_with_the_id_of_the_call(
    world: World, gate: Gateway, trusting: Callable[[Gateway], None], moment: Moves
) -> None:
    trusting(gate)
    with world.app.app_context():
        gateway.ask(f"{gate.url}/call?x=1", "secret", ASKED)
    headers, body = gate.asked[0]
    at = int(moment.at.timestamp())
    assert headers[gateway.ONCE] == "a1"
    assert (
        headers[gateway.SIGNATURE] == f"t={at},v1=" + hmac.digest(b"secret", b"%d." % at + body, hashlib.sha256).hex()
    )
    assert json.loads(body) == {"id": "a1", "to": "lead", "text": ASKED.text, "urgent": False, "drill": False}


def test_a_gateway_that_says_no_or_leads_elsewhere_is_a_call_that_was_not_taken(
    world: World, gate: Gateway, trusting: Callable[[Gateway], None]
) -> None:
    trusting(gate)
    with world.app.app_context():
        for status, to in ((500, ""), (302, f"{gate.url}/other")):
            gate.status, gate.to = status, to
            with pytest.raises(OSError, match="did not take it"):
                gateway.ask(gate.url, "secret", ASKED)
    assert len(gate.asked) == 2, "nothing was followed"


@pytest.mark.parametrize(
    "url",
    [
        "http://gate.example.org/",  # anybody on the way could read it
        "https://user@gate.example.org/",
        "https://localhost/",
        "ftp://gate.example.org/",
        "https://gate.example.org/\r\nX: 1",
        "https:///call",
        "",
    ],
)
def test_an_address_that_no_gateway_has_is_refused(inside: object, url: str) -> None:
    assert not gateway.is_allowed(url)
    with pytest.raises(Invalid):
        channels.check_hook(url, "lead")


def test_its_twin_is_taken(inside: object) -> None:
    assert gateway.is_allowed("https://gate.example.org/call?key=1")
    assert channels.check_hook("https://gate.example.org/call", "lead").secret


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1",
     "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_not_asked(inside: object, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert not gateway.is_public(address)
    opened: list[object] = []
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(gateway.socket, "getaddrinfo", lambda *_a, **_k: found)
    monkeypatch.setattr(gateway.socket, "create_connection", lambda *a, **_k: opened.append(a))
    with pytest.raises(OSError, match="not public"):
        gateway.ask("https://gate.example.org/", "secret", ASKED)
    assert opened == []


def test_the_address_that_was_looked_at_is_the_one_that_is_used(
    inside: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    asked: list[object] = []

    def resolve(*args: object, **_more: object) -> list[tuple[object, ...]]:
        asked.append(args)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14" if len(asked) == 1 else "127.0.0.1", 443))]

    def connect(address: tuple[str, int], *_args: object) -> object:
        opened.append(address)
        raise OSError("far away")

    assert gateway.is_public("93.184.215.14")
    monkeypatch.setattr(gateway.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(gateway.socket, "create_connection", connect)
    with pytest.raises(OSError, match="far away"):
        gateway.ask("https://gate.example.org/", "secret", ASKED)
    assert opened == [("93.184.215.14", 443)]


# --- Trying a channel ---


def test_a_facilitator_sets_a_mailbox_and_it_counts_once_its_number_came_back(world: World, post: Smtp) -> None:
    group = world.group()
    facilitator = world.person(group, Role.FACILITATOR)
    page = f"/g/{group.address}/calls"
    kept = facilitator.send(page, {"kind": "mail", "act": "set", "address": "me@example.org"})
    assert kept.status_code == 303
    assert post.messages == [], "no page waits for a mail server"
    with world.app.app_context():
        assert channels.kinds_of(facilitator.persona_id) == []
        jobs.run_due()
    text = post.messages[0].get_payload(decode=True).decode()
    assert group.name not in text
    code = text.split("Your number is ")[1][:6]
    wrong = "000000" if code != "000000" else "111111"
    assert facilitator.send(page, {"kind": "mail", "act": "confirm", "code": wrong}).status_code == 422
    with world.app.app_context():
        assert channels.kinds_of(facilitator.persona_id) == []
    assert facilitator.send(page, {"kind": "mail", "act": "confirm", "code": code}).status_code == 303
    assert "A call reached you there" in text_of(facilitator.get(page))
    with world.app.app_context():
        assert channels.kinds_of(facilitator.persona_id) == [ChannelKind.MAIL]
        assert channels.has_tested(facilitator.persona_id)
        world.moment.go(days=channels.TESTED_FOR.days + 1)
        assert not channels.has_tested(facilitator.persona_id), "telephones change"
        assert channels.kinds_of(facilitator.persona_id) == [ChannelKind.MAIL], "and still it is better than nothing"
    world.signed_in_again(facilitator).send(page, {"kind": "mail", "act": "remove"})
    with world.app.app_context():
        assert channels.kinds_of(facilitator.persona_id) == []


def test_after_five_wrong_numbers_no_number_counts(world: World, post: Smtp) -> None:
    group = world.group()
    facilitator = world.person(group, Role.FACILITATOR)
    page = f"/g/{group.address}/calls"
    facilitator.send(page, {"kind": "mail", "act": "set", "address": "me@example.org"})
    with world.app.app_context():
        way = channels.find(facilitator.persona_id, ChannelKind.MAIL)
    assert way
    for n in range(channels.CODE_TRIES):
        wrong = f"{(int(way.code) + n + 1) % 1_000_000:06}"
        facilitator.send(page, {"kind": "mail", "act": "confirm", "code": wrong})
    assert facilitator.send(page, {"kind": "mail", "act": "confirm", "code": way.code}).status_code == 422


def test_moderators_and_members_set_nothing_and_addresses_lie_sealed(world: World) -> None:
    group = world.group()
    for role, status in ((Role.MODERATOR, 403), (Role.MEMBER, 404)):
        one = world.person(group, role)
        assert one.send(f"/g/{group.address}/calls", {"kind": "mail", "act": "set"}).status_code == status
    with world.app.app_context():
        for address in ("a@b.org", "a-much-longer-one-of-somebody@mail.example.org"):
            channels.keep(new_ident(), ChannelKind.MAIL, Way(address))
        found = rows(sa.select(Channel.sealed))
    assert len({len(r.sealed) for r in found}) == 1, "of one size"
    assert not any(b"example" in r.sealed for r in found)


# --- R11: a mail server that is slow, down, or falls silent ---


def test_r11_a_mail_server_that_is_down_takes_the_call_later_once(world: World, post: Smtp, moment: Moves) -> None:
    group = world.group()
    arm(world, group)
    with world.app.app_context():
        raised(group)
        ticking.tick()
        post.refusing = True
        sending.send_all()
        assert post.messages == []
        assert [r.state for r in rows(sa.select(Call.state))] == [CallState.FAILED]
        post.refusing = False
        for _try in range(3):
            moment.go(seconds=30)
            sending.send_all()
    to = [message["To"] for message in post.messages]
    assert to.count("lead@example.org") == 1
    assert len({message["Message-ID"] for message in post.messages}) == len(post.messages)


def test_r11_a_line_cut_after_the_words_is_one_mail_at_its_receiver(world: World, post: Smtp, moment: Moves) -> None:
    group = world.group()
    arm(world, group)
    with world.app.app_context():
        raised(group)
        ticking.tick()
        post.cut_after_data = True
        sending.send_all()
        for _try in range(4):
            moment.go(seconds=30)
            sending.send_all()
    assert len({message["Message-ID"] for message in post.messages}) == 1


def test_r11_a_slow_mail_server_keeps_no_telephone_from_ringing_and_no_page_waiting(
    world: World, post: Smtp, gate: Gateway, trusting: Callable[[Gateway], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group()
    tier = arm(world, group)
    world.app.extensions["settings"] = replace(world.app.extensions["settings"], call_gateways=(gate.url,))
    monkeypatch.setattr("forum.base.mail.TIMEOUT_S", 0.3)
    post.delay_s = 1.0
    with world.app.app_context():
        way = replace(Way(f"{gate.url}/call", "lead", "secret"), tested_on="2026-11-20")
        channels.keep(tier.ids[OfficerRole.LEAD], ChannelKind.HOOK, way)
        case = raised(group)
        due = now_of(case.id).due_at
        worker = threading.Thread(target=_send_mail, args=(world,))
        worker.start()
        assert sending.send_due(ChannelKind.HOOK) == 1, "another worker"
        worker.join()
        assert len(gate.asked) == 1
        assert now_of(case.id).due_at == due, "one channel reached them"
        states = {r.channel: r.state for r in rows(sa.select(Call.channel, Call.state))}
        assert states[ChannelKind.HOOK] is CallState.SENT
    watchdog.forget()


def _send_mail(world: World) -> None:
    with world.app.app_context():
        sending.send_due(ChannelKind.MAIL)


def test_never_9_a_real_mail_says_a_code_and_a_step_and_nothing_else(world: World, post: Smtp) -> None:
    group = world.group("Harbour Trust")
    arm(world, group)
    with world.app.app_context():
        case = raised(group)
        ticking.tick()
        sending.send_all()
    mail = post.messages[0]
    whole = mail.as_string() + mail.get_payload(decode=True).decode()
    for word in (group.name, "Harbour", "Lee Lead", "Marigold", "tablets", "danger"):
        assert word.casefold() not in whole.casefold()
    said = mail.get_payload(decode=True).decode().strip()
    assert said == (
        f"A concern needs you. Code {case.code}, step 3. Sign in and take it: https://localhost/safeguarding/called"
    )
    assert set(mail.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip
