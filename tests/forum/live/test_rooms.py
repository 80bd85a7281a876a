"""A live room's messages over sockets: said once to all alike, never lost, never twice, and each reader as they chose."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from forum.base.idents import new_ident, write_ident
from forum.base.transaction import transaction
from forum.conversations import choosing, steps
from forum.models import ConversationKind, Hold, Role
from forum.policy import room_rules
from tests.forum.live.rooms_app import Open
from tests.forum.live.served import Reader, Served, cookie_header, environment, gunicorn, send_form, soon
from tests.world import GroupHere, World


@pytest.fixture(scope="module")
def served(house) -> Iterator[Served]:
    """The server, with open rooms."""
    with gunicorn("tests.forum.live.rooms_app:create_app()", environment(house[1])) as found:
        yield found


@pytest.fixture(autouse=True)
def open_rooms(people: World) -> Iterator[None]:
    """The same in this process."""
    room_rules.plug(Open())
    yield
    room_rules.plug(None)


@pytest.fixture
def group(people: World) -> GroupHere:
    return people.group()


@pytest.fixture
def room(people: World, group: GroupHere) -> bytes:
    """A room's conversation."""
    with people.app.app_context(), transaction():
        return steps.open_conversation(group.scope.group_id, None, ConversationKind.ROOM, "Tuesday room", "en")


def say(page: Reader, room: bytes, body: str, token: str = "") -> Any:
    return page.ask(
        "send", {"conversation": write_ident(room), "body": body, "token": token or write_ident(new_ident())}
    )


def heard(page: Reader, event: str = "posts") -> list[dict[str, Any]]:
    return [said for _at, name, said in page.hints if name == event]


def words(page: Reader) -> str:
    return " ".join(str(change["html"]) for said in heard(page) for change in said["changes"])


def test_a_message_reaches_everybody_with_its_words_and_the_answer_means_kept(opens, people, group, room):
    wren, heron = opens(people.person(group)), opens(people.person(group))
    assert (wren.join(room), heron.join(room)) == ({"feed": 0}, {"feed": 0})
    answer = say(wren, room, "Hello to *all*.")
    assert (answer["seq"], answer["state"]) == (1, "visible")
    assert soon(lambda: heard(wren) and heard(heron))
    assert heard(wren) == heard(heron)
    (said,) = heard(heron)
    assert (said["room"], said["from"], said["to"]) == (f"c:{write_ident(room)}", 0, 1)
    assert said["changes"][0]["post"] == answer["post"]
    assert "<em>all</em>" in said["changes"][0]["html"]


def test_the_same_token_is_one_message(opens, people, group, room):
    wren, token = opens(people.person(group)), write_ident(new_ident())
    wren.join(room)
    assert say(wren, room, "Once.", token) == say(wren, room, "Once.", token)
    say(wren, room, "Twice.")
    assert soon(lambda: len(heard(wren)) == 2)
    assert [said["to"] for said in heard(wren)] == [1, 2]


def test_who_muted_words_or_blocked_somebody_fetches_their_own(opens, people, group, room):
    writer, reader = people.person(group), people.person(group)
    with people.app.app_context():
        choosing.mute_word(reader.actor, group.scope.group_id, "winter")
    wren, heron = opens(writer), opens(reader)
    wren.join(room)
    heron.join(room)
    say(wren, room, "A long winter.")
    assert soon(lambda: heard(heron, "change"))
    assert heard(heron, "change") == [{"room": f"c:{write_ident(room)}", "from": 0, "to": 1}]
    assert heard(heron) == []
    assert soon(lambda: heard(wren))


def test_a_choice_made_while_the_page_is_open_holds_from_the_next_message_on(served, opens, people, group, room):
    writer, reader = people.person(group), people.person(group)
    wren, heron = opens(writer), opens(reader)
    wren.join(room)
    heron.join(room)
    answer = send_form(served, reader, f"/g/{group.address}/my-reading/words", word="winter")
    assert answer.status_code == 303, answer.text
    say(wren, room, "A long winter.")
    assert soon(lambda: heard(heron, "change"))
    assert heard(heron) == []


def test_readers_in_two_languages_get_the_same_message_each_in_theirs(opens, people, group, room):
    wren, sparrow = opens(people.person(group)), opens(people.person(group), language="ur")
    wren.join(room)
    sparrow.join(room)
    say(wren, room, "Hello.")
    assert soon(lambda: heard(wren) and heard(sparrow))
    assert "Hello." in words(wren)
    assert "Hello." in words(sparrow)
    assert words(wren) != words(sparrow)


def test_what_is_taken_back_is_told_too(served, opens, people, group, room):
    writer = people.person(group)
    wren, heron = opens(writer), opens(people.person(group))
    wren.join(room)
    heron.join(room)
    answer = say(wren, room, "Not like this.")
    assert soon(lambda: len(heard(heron)) == 1)
    assert send_form(served, writer, f"/p/{answer['post']}/withdraw").status_code == 303
    assert soon(lambda: len(heard(heron)) == 2)
    (change,) = heard(heron)[1]["changes"]
    assert change["post"] == answer["post"]
    assert "Not like this." not in change["html"]


def test_a_held_message_is_its_authors_alone_until_it_is_let_through(served, opens, people, group, room):
    people.configure(group, holds=Hold.EVERYTHING)
    wren, heron, owl = (opens(people.person(group, role)) for role in (Role.MEMBER, Role.MEMBER, Role.MODERATOR))
    for page in (wren, heron, owl):
        page.join(room)
    assert say(wren, room, "Please look first.")["state"] == "held"
    people.configure(group, holds=Hold(0))
    say(heron, room, "Good evening.")
    assert soon(lambda: heard(heron) and heard(wren) and heard(owl))
    assert [said["to"] for said in heard(heron)] == [1]
    assert "Please look" not in words(heron) + words(wren) + words(owl)


def test_sec_s9_a_stranger_cannot_send(opens, people, group, room):
    stranger, member = opens(people.person(people.group())), opens(people.person(group))
    assert say(stranger, room, "Hi.") == {"error": "not-found"}
    assert say(stranger, new_ident(), "Hi.") == {"error": "not-found"}
    assert say(member, room, "Hi.")["state"] == "visible"


def test_sec_s9_a_topic_takes_no_message_over_a_line(opens, people, talk):
    assert say(opens(talk.author), talk.conversation, "Hi.") == {"error": "not-found"}


def test_words_that_cannot_be_taken_are_answered_with_what_to_do(opens, people, group, room):
    wren = opens(people.person(group))
    wren.join(room)
    for body in ("", "x" * 2001):
        answer = say(wren, room, body)
        assert answer["error"] == "refused"
        assert answer["words"]
    assert say(wren, room, "x" * 2000)["state"] == "visible"


@pytest.mark.parametrize("said", [{"body": "x"}, {"body": 7, "token": "t"}, {"body": "x", "token": "t", "more": "m"}])
def test_malformed_messages_are_answered(opens, people, group, room, said):
    wren = opens(people.person(group))
    assert wren.ask("send", {"conversation": write_ident(room), **said}) == {"error": "malformed"}


def test_whoever_sends_too_fast_is_told_to_wait_on_all_their_lines(opens, people, group, room):
    person = people.person(group)
    here, there = opens(person), opens(person)
    answers = [say(page, room, f"{n}.") for n in range(8) for page in (here, there)]
    assert sum("post" in answer for answer in answers) in range(10, 14)
    assert {answer.get("error") for answer in answers[-2:]} == {"wait"}
    assert all(answer["seconds"] >= 1 for answer in answers[-2:])


def test_everybody_hears_that_the_state_changed_and_nobody_without_a_seat_of_the_desk(
    served, opens, people, group, room
):
    member, plain, owl = (opens(people.person(group, role)) for role in (Role.MEMBER, Role.MEMBER, Role.FACILITATOR))
    reader = people.person(group)
    with people.app.app_context():
        choosing.mute_word(reader.actor, group.scope.group_id, "winter")
    chooser = opens(reader)
    for page in (member, plain, owl, chooser):
        page.join(room)
    for what, number in (("desk", 7), ("state", 8)):
        url = f"{served.url}/-/{what}/{write_ident(room)}/{number}"
        assert requests.get(url, headers={"Cookie": cookie_header(reader)}, timeout=5).text == "told"
    everybody = (member, plain, owl, chooser)
    assert soon(lambda: all(heard(page, "state") for page in everybody))
    assert {page.hints[-1][2]["no"] for page in everybody} == {8}
    assert [len(page.hints) for page in everybody] == [1, 1, 1, 1]


def test_after_leaving_no_word_comes(opens, people, group, room):
    stays, goes = opens(people.person(group)), opens(people.person(group))
    stays.join(room)
    goes.join(room)
    assert goes.ask("leave", {"conversation": write_ident(room)}) == {}
    say(stays, room, "Only for those here.")
    assert soon(lambda: heard(stays))
    assert goes.hints == []


def test_sec_s9_after_signing_out_no_word_comes(served, opens, people, group, room):
    person = people.person(group)
    stays, goes = opens(people.person(group)), opens(person)
    stays.join(room)
    goes.join(room)
    assert send_form(served, person, "/sign-out").status_code == 303
    say(stays, room, "Only for those here.")
    assert soon(lambda: heard(stays) and goes.closed_at, 1.5)
    assert goes.hints == []


def test_fifty_messages_of_five_people_arrive_in_order_and_none_twice(opens, people, group, room):
    pages = [opens(people.person(group)) for _ in range(5)]
    for page in pages:
        page.join(room)
    for n in range(10):
        for page in pages:
            assert "post" in say(page, room, f"Line {n}.")
    for page in pages:
        assert soon(lambda p=page: heard(p) and heard(p)[-1]["to"] == 50)
        told = heard(page)
        assert [said["from"] for said in told] == [0, *(said["to"] for said in told[:-1])]
        assert [change["seq"] for said in told for change in said["changes"]] == list(range(1, 51))
