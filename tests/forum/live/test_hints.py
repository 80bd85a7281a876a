"""Who hears of what, and how little they hear (decisions.md §3, security.md L18)."""

import json
import time

import pytest
from flask import Flask

from forum.base import broadcast
from forum.base.idents import new_ident, write_ident
from forum.live import sockets
from tests.forum.live.served import Reader, Served, Talk, change, post_of, send_form, soon
from tests.world import World, conversation_url

#: The ten seconds in which a post can be taken back, and a tick or two.
PUBLISHED_S = 14.0


def reply(served: Served, talk: Talk) -> str:
    """Reply through the form, under an alias; gives the post's id."""
    form = {"body": "I hear you.", "token": write_ident(new_ident()), "masked": "yes"}
    answer = send_form(served, talk.author, f"{conversation_url(talk.conversation)}/posts", **form)
    assert answer.status_code == 303, answer.text
    return post_of(answer)


def test_l18_a_member_gets_a_hint_of_numbers_only(served: Served, opens, talk: Talk):
    page = opens(talk.reader)
    assert page.join(talk.conversation) == {"feed": 1}
    post = reply(served, talk)
    assert soon(lambda: len(page.hints) == 1, PUBLISHED_S)
    change(served, talk, post)
    assert soon(lambda: len(page.hints) == 2)
    room = f"c:{write_ident(talk.conversation)}"
    assert [(event, values) for _at, event, values in page.hints] == [
        ("change", {"room": room, "from": 1, "to": 2}),
        ("change", {"room": room, "from": 2, "to": 3}),
    ]


def test_l18_nobody_hears_who_comes_and_goes(opens, talk: Talk):
    page = opens(talk.reader)
    guest = opens(talk.author)
    assert page.join(talk.conversation) == guest.join(talk.conversation) == {"feed": 1}
    guest.ask("leave", {"conversation": write_ident(talk.conversation)})
    guest.join(talk.conversation)
    guest.close()
    time.sleep(0.3)
    assert page.hints == []


def test_l18_asking_for_presence_or_typing_is_not_understood(opens, talk: Talk):
    page = opens(talk.reader)
    page.join(talk.conversation)
    for event in ("presence", "typing", "who", "members"):
        assert page.ask(event, {"conversation": write_ident(talk.conversation)}) == {"error": "malformed"}


def test_sec_s9_a_stranger_cannot_join(served: Served, opens, people: World, talk: Talk):
    stranger, member = opens(people.person(people.group())), opens(talk.reader)
    assert stranger.join(talk.conversation) == stranger.join(new_ident()) == {"error": "not-found"}
    member.join(talk.conversation)
    change(served, talk)
    assert soon(lambda: member.hints)
    assert stranger.hints == []


def test_after_leaving_no_hint_comes(served: Served, opens, talk: Talk):
    stays, goes = opens(talk.reader), opens(talk.reader)
    stays.join(talk.conversation)
    goes.join(talk.conversation)
    assert goes.ask("leave", {"conversation": write_ident(talk.conversation)}) == {}
    change(served, talk)
    assert soon(lambda: stays.hints)
    assert goes.hints == []


MALFORMED = [
    (),
    (None,),
    (7,),
    ("text",),
    ([],),
    ({},),
    ({"conversation": 7},),
    ({"conversation": "1" * 26},),
    ({"conversation": "é" * 26},),
    ({"conversation": write_ident(b"\0" * 16), "more": 1},),
    ({"conversation": write_ident(b"\0" * 16)}, "more"),
]


def test_malformed_events_are_answered_and_the_line_stays(opens, talk: Talk):
    page = opens(talk.reader)
    for said in MALFORMED:
        assert page.ask("join", *said) == {"error": "malformed"}, said
    assert page.ask("nonsense") == {"error": "malformed"}
    assert "feed" in page.join(talk.conversation)


def test_what_was_refused_is_counted_and_noted_once(app: Flask, caplog: pytest.LogCaptureFixture):
    sockets.note_refused()
    caplog.clear()
    before = sockets.refused["malformed"]
    with app.test_request_context():
        for _ in range(2):
            assert sockets.malformed() == {"error": "malformed"}
    assert sockets.refused["malformed"] == before + 2
    for _ in range(2):
        sockets.note_refused()
    assert [one.getMessage() for one in caplog.records] == ["refused over lines: malformed 2"]


def test_a_line_that_keeps_on_about_nothing_is_hung_up(opens, talk: Talk):
    page = opens(talk.reader)
    for _ in range(25):
        page.client.emit("nonsense", namespace=broadcast.NAMESPACE)
    assert soon(lambda: page.closed_at)


def test_l18_a_hint_with_words_in_it_is_never_sent(monkeypatch: pytest.MonkeyPatch, people: World):
    sent: list[object] = []
    monkeypatch.setattr(broadcast.socketio, "emit", lambda *said, **_more: sent.append(said))
    broadcast.hint("c:x", "change", {"from": 1, "to": 2})
    broadcast.hint("c:x", "change", {"name": "Quiet Heron"})  # type: ignore[dict-item]
    broadcast.hint("c:x", "change", {f"n{i}": i for i in range(200)})
    assert sent == [("change", {"room": "c:x", "from": 1, "to": 2})]
    assert len(json.dumps(sent[0])) < broadcast.MOST_HINT_BYTES


def test_a_hint_that_cannot_be_sent_raises_nothing(monkeypatch: pytest.MonkeyPatch, people: World):
    def fail(*_said: object, **_more: object) -> None:
        raise OSError("no line")

    monkeypatch.setattr(broadcast.socketio, "emit", fail)
    monkeypatch.setattr(broadcast.socketio, "close_room", fail)
    broadcast.hint("c:x", "change", {"from": 1, "to": 2})
    broadcast.hang_up("c:x")


def test_reader_is_a_real_client(opens, talk: Talk):
    page: Reader = opens(talk.reader)
    assert page.client.transport() == "websocket"
