"""What ends is hung up, everywhere, within a second and a half of the click (security.md S9, S7)."""

import dataclasses
import json
import time
from datetime import timedelta

import pytest
import requests
import socketio.exceptions
from sqlalchemy import delete, update

from forum.accounts import usecases as accounts
from forum.base import broadcast, clock
from forum.base.broadcast import NAMESPACE
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.live import ended
from forum.models import SignIn, SignInKind
from forum.web import sessions, sign_ins
from tests.forum.live.served import Reader, Served, Talk, cannot_be_sent, change, cookie_header, hears, send_form, soon
from tests.world import Person, World

#: The promise is a second; half of one more is for this machine.
PROMISED_S = 1.5


def hash_of(person: Person) -> bytes:
    assert person.cookie
    return sign_ins.hash_of(person.cookie)


def other_device(person: Person) -> Person:
    """The same person in another browser."""
    app = person.world.app
    assert person.account_id
    with app.app_context(), transaction():
        entered = accounts.enter(person.account_id, SignInKind.OWN, None)
    other = dataclasses.replace(person, client=app.test_client(), pages=[])
    other.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)
    return other


def joined(opens, talk: Talk) -> tuple[Reader, Reader]:
    """The reader's page, and the author's as a witness that hints flow."""
    page, witness = opens(talk.reader), opens(talk.author)
    page.join(talk.conversation)
    witness.join(talk.conversation)
    return page, witness


def closes_in_time(page: Reader, since: float) -> bool:
    assert soon(lambda: page.closed_at, PROMISED_S + 1), "the line stayed open"
    assert page.closed_at
    return page.closed_at - since <= PROMISED_S


def leave(served: Served, person: Person) -> None:
    requests.get(served.url + "/leave", headers={"Cookie": cookie_header(person)}, allow_redirects=False, timeout=5)


def sign_out(served: Served, person: Person) -> None:
    assert send_form(served, person, "/sign-out").status_code == 303


def end_from_another(served: Served, person: Person) -> None:
    answer = send_form(served, other_device(person), "/devices/end", ref=hash_of(person).hex())
    assert answer.status_code == 303


def end_all_others(served: Served, person: Person) -> None:
    assert send_form(served, other_device(person), "/devices/end", ref="others").status_code == 303


@pytest.mark.parametrize("end", [leave, sign_out, end_from_another, end_all_others])
def test_sec_s9_after_an_ending_the_line_is_closed_and_no_hint_follows(served: Served, opens, talk: Talk, end):
    page, witness = joined(opens, talk)
    change(served, talk)
    assert soon(lambda: page.hints)
    clicked = time.monotonic()
    end(served, talk.reader)
    page.hints.clear()
    change(served, talk, n=2)
    assert soon(lambda: len(witness.hints) == 2)
    assert closes_in_time(page, clicked)
    assert page.hints == []


def test_sec_s9_an_end_in_another_process_hangs_up(served: Served, opens, people: World, talk: Talk):
    page, witness = joined(opens, talk)
    began = time.monotonic()
    with people.app.app_context(), transaction():
        sign_ins.end(hash_of(talk.reader))
    assert closes_in_time(page, began)
    change(served, talk)
    assert soon(lambda: witness.hints)
    assert page.hints == []
    assert witness.closed_at is None


def test_sec_s9_removal_from_the_group_hangs_up(opens, people: World, talk: Talk):
    page, witness = joined(opens, talk)
    began = time.monotonic()
    with people.app.app_context(), transaction():
        sign_ins.announce_end(f"persona:{talk.reader.persona_id.hex()}")
    assert closes_in_time(page, began)
    assert witness.closed_at is None


def test_sec_s9_another_device_stays(served: Served, opens, talk: Talk):
    page, other = opens(talk.reader), opens(other_device(talk.reader))
    sign_out(served, talk.reader)
    assert soon(lambda: page.closed_at)
    assert "feed" in other.join(talk.conversation)


def test_sec_s9_every_event_reads_the_sign_in_anew(opens, people: World, talk: Talk):
    """Here nobody announces the end: the row is gone, so the next event is the last."""
    page = opens(talk.reader)
    with people.app.app_context(), transaction():
        here().execute(delete(SignIn).where(SignIn.cookie_sha256 == hash_of(talk.reader)))
    page.client.emit("leave", {"conversation": write_ident(talk.conversation)}, namespace=NAMESPACE)
    assert soon(lambda: page.closed_at)


def test_sec_s9_who_is_hung_up_cannot_come_back(served: Served, opens, talk: Talk):
    page = opens(talk.reader)
    sign_out(served, talk.reader)
    assert soon(lambda: page.closed_at)
    with pytest.raises(socketio.exceptions.ConnectionError, match="namespaces failed"):
        opens(talk.reader)


def test_sec_s9_who_ignores_the_farewell_is_cut_off(knocks, served: Served, talk: Talk):
    """A program of somebody's own that never closes and goes on talking."""
    line = knocks(served.address, talk.reader)
    line.send(f"40{NAMESPACE}," + json.dumps({"token": talk.reader.form_token()}))
    assert hears(line, f"40{NAMESPACE},")
    clicked = time.monotonic()
    sign_out(served, talk.reader)
    assert soon(lambda: cannot_be_sent(line, "3"), PROMISED_S + 1)
    assert time.monotonic() - clicked <= PROMISED_S


# --- Ends that nobody announces ------------------------------------------------------------------------------------


@pytest.fixture
def line(people: World, talk: Talk):
    """The reader's line in this process, where the test can look at the looks."""
    client = broadcast.socketio.test_client(
        people.app,
        namespace=NAMESPACE,
        auth={"token": talk.reader.form_token()},
        headers={"Cookie": cookie_header(talk.reader), "Host": "localhost"},
    )
    assert client.is_connected(NAMESPACE)
    with people.app.app_context():
        yield client


def test_sec_s9_a_sign_in_that_ran_out_is_hung_up(line, talk: Talk):
    assert ended.hang_up_expired() == 0
    assert line.is_connected(NAMESPACE)
    with transaction():
        over = clock.now() - timedelta(minutes=1)
        here().execute(update(SignIn).where(SignIn.cookie_sha256 == hash_of(talk.reader)).values(ends_on=over))
    assert ended.hang_up_expired() == 1
    assert not line.is_connected(NAMESPACE)


def test_sec_s9_an_ending_is_acted_on_once(line, talk: Talk):
    ended.hang_up_ended()
    with transaction():
        sign_ins.announce_end(f"sign-in:{hash_of(talk.reader).hex()}")
    assert not line.is_connected(NAMESPACE)
    assert (ended.hang_up_ended(), ended.hang_up_ended()) == (1, 0)
