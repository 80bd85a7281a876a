"""Acceptance case 14 through real sockets: a facilitator's line breaks in the middle of a meeting."""

import contextlib
import socket
from collections.abc import Callable
from typing import Any

import requests

from forum.base.idents import write_ident
from forum.conversations import masks
from forum.models import MeetingState, Role, RoomKind
from forum.rooms import desk_acts, doorway, hands, queries, seats
from tests.binding import bind
from tests.forum.live.served import Reader, Served, cookie_header, send_form, soon
from tests.meeting import Gathering, gather
from tests.world import Person, World

#: The promise of acceptance case 14.
GAINS_HOST_S = 5.0


def cut(page: Reader) -> None:
    """The line breaks: no goodbye, as on a phone in a tunnel."""
    with contextlib.suppress(OSError):
        page.client.eio.ws.sock.shutdown(socket.SHUT_RDWR)


def read(served: Served, person: Person, path: str) -> requests.Response:
    """Open a page of the running server."""
    return requests.get(served.url + path, headers={"Cookie": cookie_header(person)}, timeout=10)


def say(page: Reader, there: Gathering, conversation: bytes, body: str) -> Any:
    token = write_ident(conversation)[:20] + str(len(body))
    return page.ask("send", {"conversation": write_ident(conversation), "body": body, "token": token})


def seen(people: World, there: Gathering) -> queries.MeetingSeen:
    with people.app.app_context():
        return there.seen


def up(people: World, there: Gathering) -> list[bytes]:
    with people.app.app_context():
        return [one.face_id for one in hands.list_open(there.seen)]


def test_case_14_a_facilitators_line_breaks_with_nine_people_two_hands_and_a_call_for_help(
    served: Served, people: World, opens: Callable[..., Reader]
) -> None:
    group = people.group()
    with people.app.app_context():
        bind(group.scope, {"chat.hands": "on"})
    there = gather(people, 9, group=group, kind=RoomKind.DROP_IN)
    conversation = seen(people, there).conversation_id
    host, support = opens(there.host), opens(there.support)
    free = people.person(group, Role.FACILITATOR)
    pages = [opens(one) for one in (*there.members, free)]
    with people.app.app_context():
        doorway.come_in(free.actor, there.id)  # of the team, and here for themselves
    for page in (host, support, *pages):
        page.join(conversation)
    first, second, third = there.members[:3]
    for one in (first, second):
        assert send_form(served, one, f"{there.page}/hand", do="raise").status_code == 303
    no = seen(people, there).state_no
    assert soon(lambda: all(page.hints and page.hints[-1][2]["no"] == no for page in pages[3:])), (
        "all saw both hands go up"
    )
    before = [list(page.hints) for page in pages[3:]]
    assert send_form(served, third, f"{there.page}/struggling", words="It is too much.").status_code == 303
    assert soon(lambda: any(event == "desk" for _at, event, _said in support.hints))
    assert [list(page.hints) for page in pages[3:]] == before, "nothing reaches anybody else"
    cut(host)
    gained = lambda: seen(people, there).host_id == there.support.persona_id  # noqa: E731
    assert soon(gained, within=GAINS_HOST_S), "the co-facilitator leads within five seconds"
    assert soon(lambda: "Fewer of the team are here" in read(served, first, there.page).text)
    assert say(pages[4], there, conversation, "One.").get("post")
    assert "write slowly" in say(pages[4], there, conversation, "Two, at once.")["words"]
    assert up(people, there) == [first.persona_id, second.persona_id], "the order of hands is kept"
    close = f"{there.page}/desk/close"
    assert send_form(served, there.support, f"{there.page}/go").status_code == 403, "the last one stays"
    assert send_form(served, there.support, close).status_code == 403
    signal = _hidden(read(served, there.support, f"{there.page}/desk").text, "signal")
    for act in ("take", "finish"):
        assert send_form(served, there.support, f"{there.page}/desk/{act}", signal=signal).status_code == 303
    assert send_form(served, there.support, close).status_code == 403, "two hands are still up"
    for one in (first, second):
        hand = _hidden(read(served, there.support, f"{there.page}/desk").text, "hand")
        assert send_form(served, there.support, f"{there.page}/desk/call", hand=hand).status_code == 303
        assert send_form(served, one, f"{there.page}/hand", do="lower").status_code == 303
    assert send_form(served, there.support, close).status_code == 303
    assert seen(people, there).state is MeetingState.CLOSED
    assert f"{there.page}/check-in" in read(served, first, there.page).text, "the way to be asked tomorrow"
    todo = read(served, there.support, f"/g/{group.address}/follow-ups").text
    assert third.name in todo


def test_whoever_is_sent_out_under_an_alias_hears_no_further_word(
    served: Served, people: World, opens: Callable[..., Reader]
) -> None:
    there = gather(people, 2, masked=True)
    wren, heron = there.members
    conversation = seen(people, there).conversation_id
    goes, stays = opens(wren), opens(heron)
    for page in (goes, stays):
        page.join(conversation)
    assert say(goes, there, conversation, "Loud.").get("post")
    assert soon(lambda: goes.hints and stays.hints)
    heard = list(goes.hints)
    with people.app.app_context():
        worn = masks.find_mask(there.group.scope, wren.persona_id, conversation)
        assert worn
        desk_acts.send_out(there.host.actor, there.id, worn.id, "Please rest today.", "", "t" * 26)
    assert soon(lambda: goes.closed_at, 2), "another process wrote it; this one looks every second"
    assert say(stays, there, conversation, "Only for those here.").get("post")
    assert soon(lambda: len(stays.hints) > 1)
    assert [one for one in goes.hints if one[1] == "posts"] == [one for one in heard if one[1] == "posts"]
    assert stays.closed_at is None


def test_l18_a_line_that_was_opened_under_an_alias_says_nothing_under_a_name(
    people: World, opens: Callable[..., Reader]
) -> None:
    there = gather(people, 1, masked=True)
    conversation, heron = seen(people, there).conversation_id, people.person(there.group, Role.FACILITATOR)
    with people.app.app_context():
        doorway.come_in(heron.actor, there.id)
    older = opens(heron)
    older.join(conversation)
    with people.app.app_context():
        seats.sit(heron.actor, there.id)
    said = {"conversation": write_ident(conversation), "body": "I never told.", "token": "a" * 26}
    answer = older.ask("send", {**said, "masked": "yes"})
    assert (answer["error"], "your name shows" in answer["words"]) == ("refused", True)
    assert older.ask("send", {**said, "masked": "no"}).get("post")
    assert older.ask("send", {**said, "masked": 1})["error"] == "malformed"


def _hidden(page: str, field: str) -> str:
    """What the first form of a page says in a hidden field."""
    return page.split(f'name="{field}" value="')[1].split('"')[0]
