"""A group's door: open, by request, by invitation, shut; and what somebody who waits can and cannot do."""

import re

import pytest
from flask import Flask
from sqlalchemy import update

from forum.base.errors import Conflict, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import board_queries
from forum.groups import doors, queries
from forum.models import Door, Listing, Persona, Role, Standing
from forum.policy.actor import Actor
from forum.policy.members import find_membership, find_waiting, names_of
from forum.web import sign_ins
from tests.world import GroupHere, Person, World, conversation_url, text_of

YES = {"answer-what-we-must-tell": "yes"}


def comes_in(visitor: Person, group: GroupHere, name: str = "Quiet Fern") -> str:
    """Through the pages, as a newcomer does; gives where it led."""
    visitor.get(f"/g/{group.address}/write")
    answer = visitor.send(f"/g/{group.address}/join", {"name": name, **YES})
    return answer.headers.get("Location", text_of(answer))


def actor_of(world: World, person: Person) -> Actor:
    """Who the browser of a person signs in as."""
    with world.app.app_context():
        found = sign_ins.find(sign_ins.hash_of(person.cookie or ""))
    assert found
    return Actor(found.account_id)


def front_board(group: GroupHere) -> str:
    return f"/b/{write_ident(group.board)}"


@pytest.fixture
def asked(world: World) -> tuple[GroupHere, Person, Person]:
    """A group by request with a facilitator and duty times, and somebody who asked to come in."""
    group = world.group()
    world.configure(group, door=Door.REQUEST)
    world.on_duty(group, 0, "19:00", "21:00")
    facilitator, newcomer = world.person(group, Role.FACILITATOR), world.visitor()
    assert comes_in(newcomer, group) == f"/g/{group.address}"
    return group, facilitator, newcomer


def requests_of(world: World, facilitator: Person) -> list[bytes]:
    assert facilitator.group
    with world.app.app_context():
        return [r.id for r in doors.list_requests(facilitator.actor, facilitator.group.scope)]


def test_an_open_door_lets_anybody_in(world: World) -> None:
    group, newcomer = world.group(), world.visitor()
    assert comes_in(newcomer, group).endswith("/start")
    assert newcomer.get(front_board(group)).status_code == 200


def test_a_shut_door_lets_nobody_in_and_nobody_inside_notices(world: World) -> None:
    group, newcomer = world.group(), world.visitor()
    facilitator, member = world.person(group, Role.FACILITATOR), world.person(group)
    answer = facilitator.send(f"/g/{group.address}/door/shut")
    assert answer.status_code == 303
    assert "takes no new members" in comes_in(newcomer, group)
    assert "takes no new members" in text_of(newcomer.get(f"/g/{group.address}"))
    assert "takes no new members" in text_of(newcomer.get(f"/g/{group.address}/write"))
    assert member.get(front_board(group)).status_code == 200


def test_the_whole_team_shuts_and_facilitators_alone_open(world: World) -> None:
    group = world.group()
    moderator, facilitator = world.person(group, Role.MODERATOR), world.person(group, Role.FACILITATOR)
    member = world.person(group)
    assert member.send(f"/g/{group.address}/door/shut").status_code == 404
    assert moderator.send(f"/g/{group.address}/door/shut").status_code == 303
    choice = {"door": "open", "listing": "listed", "confirm": "yes"}
    assert moderator.send(f"/g/{group.address}/door", choice).status_code == 403
    assert facilitator.send(f"/g/{group.address}/door", choice).status_code == 403, "opening is an act with weight"
    world.second_step(facilitator)
    world.step_up(facilitator)
    assert facilitator.send(f"/g/{group.address}/door", choice).status_code == 303
    assert comes_in(world.visitor(), group).endswith("/start")


def test_a_change_says_what_it_means_before_it_holds(world: World) -> None:
    group = world.group()
    facilitator = world.person(group, Role.FACILITATOR)
    page = facilitator.send(f"/g/{group.address}/door", {"door": "request", "listing": "by_name"})
    assert page.status_code == 200
    assert "A newcomer waits until one of you looks" in text_of(page)
    assert comes_in(world.visitor(), group).endswith("/start"), "nothing holds yet"
    assert facilitator.send(f"/g/{group.address}/door", {"door": "ajar", "listing": "listed"}).status_code == 422


def test_somebody_who_waits_reads_the_true_time_and_never_that_somebody_is_here(
    world: World, asked: tuple[GroupHere, Person, Person]
) -> None:
    group, _facilitator, newcomer = asked
    page = text_of(newcomer.get(f"/g/{group.address}"))
    assert "You are waiting for a person" in page
    assert "Monday 23 November, from 19:00 to 21:00" in page
    world.moment.go(hours=18)  # 20:00: somebody is on duty
    assert "from 19:00 to 21:00" in text_of(newcomer.get(f"/g/{group.address}"))
    assert "is here" not in text_of(newcomer.get(f"/g/{group.address}"))


def test_s21_somebody_who_waits_is_a_stranger_everywhere(world: World, asked: tuple[GroupHere, Person, Person]) -> None:
    group, facilitator, newcomer = asked
    topic = world.topic(facilitator)
    for path in (conversation_url(topic), front_board(group), f"/g/{group.address}/start", f"/g/{group.address}/team"):
        assert newcomer.get(path).status_code == 404, path
    assert newcomer.send(f"{conversation_url(topic)}/posts", {"body": "Hello"}).status_code == 404
    actor = actor_of(world, newcomer)
    with world.app.app_context():
        assert find_membership(actor.account_id, group.scope) is None
        waiting = find_waiting(actor, group.scope)
        assert waiting
        assert waiting.name == "Quiet Fern"
        assert find_waiting(facilitator.actor, group.scope) is None
        assert names_of(actor.account_id or b"") == set()
        assert queries.count_members(group.scope.group_id) == 1
        with pytest.raises(NotFound):
            board_queries.list_boards(actor, group.scope.group_id)


def test_somebody_who_waits_writes_to_the_team(world: World, asked: tuple[GroupHere, Person, Person]) -> None:
    group, facilitator, newcomer = asked
    assert f"/g/{group.address}/ask" in newcomer.get(f"/g/{group.address}").get_data(as_text=True)
    assert newcomer.get(f"/g/{group.address}/ask").status_code == 200
    sent = newcomer.send(f"/g/{group.address}/ask", {"body": "May I come in?", "token": write_ident(b"t" * 16)})
    assert sent.status_code == 303
    world.settle()
    assert "May I come in?" in text_of(facilitator.get(sent.headers["Location"]))
    assert world.person(group).get(sent.headers["Location"]).status_code == 404


def test_a_facilitator_lets_somebody_in(world: World, asked: tuple[GroupHere, Person, Person]) -> None:
    group, facilitator, newcomer = asked
    (persona,) = requests_of(world, facilitator)
    with world.app.app_context():
        with pytest.raises(NotFound):
            doors.let_in(world.person(world.group(), Role.FACILITATOR).actor, group.scope, persona)
        with pytest.raises(NotAllowed):
            doors.let_in(world.person(group, Role.MODERATOR).actor, group.scope, persona)
        doors.let_in(facilitator.actor, group.scope, persona)
        with pytest.raises(Conflict):
            doors.let_in(facilitator.actor, group.scope, persona)
    assert newcomer.get(front_board(group)).status_code == 200
    assert requests_of(world, facilitator) == []


def test_a_request_never_ends_by_age(world: World, asked: tuple[GroupHere, Person, Person]) -> None:
    _group, facilitator, _newcomer = asked
    world.moment.go(days=400)
    assert len(requests_of(world, facilitator)) == 1


def test_a_no_is_read_in_the_teams_words_and_may_be_asked_again_after_a_month(
    world: World, asked: tuple[GroupHere, Person, Person]
) -> None:
    group, facilitator, newcomer = asked
    (persona,) = requests_of(world, facilitator)
    with world.app.app_context():
        doors.say_no(facilitator.actor, group.scope, persona, "This group is for carers. Lantern Lane may fit you.")
    assert requests_of(world, facilitator) == []
    page = text_of(newcomer.get(f"/g/{group.address}"))
    assert "Lantern Lane may fit you." in page
    assert "You can ask again from" in page
    assert "said no lately" in comes_in(newcomer, group)
    world.moment.go(days=29)
    assert "said no lately" in comes_in(newcomer, group)
    world.moment.go(days=1)
    assert comes_in(newcomer, group) == f"/g/{group.address}"
    assert requests_of(world, facilitator) == [persona]


def test_a_request_is_taken_back_in_one_tap_and_made_again(
    world: World, asked: tuple[GroupHere, Person, Person]
) -> None:
    group, facilitator, newcomer = asked
    assert newcomer.send(f"/g/{group.address}/withdraw-request").status_code == 303
    assert requests_of(world, facilitator) == []
    assert "You are waiting" not in text_of(newcomer.get(f"/g/{group.address}"))
    assert comes_in(newcomer, group) == f"/g/{group.address}"
    assert len(requests_of(world, facilitator)) == 1
    assert facilitator.send(f"/g/{group.address}/withdraw-request").status_code == 404


def test_a_door_opened_meanwhile_lets_in_who_waited_and_taps_again(
    world: World, asked: tuple[GroupHere, Person, Person]
) -> None:
    group, _facilitator, newcomer = asked
    world.configure(group, door=Door.OPEN)
    assert comes_in(newcomer, group).endswith("/start")
    assert newcomer.get(front_board(group)).status_code == 200


def test_who_left_as_a_member_is_no_request(world: World, inside: Flask) -> None:
    group = world.group()
    member = world.person(group)
    with transaction():
        here().execute(update(Persona).where(Persona.id == member.persona_id).values(standing=Standing.LEFT))
    world.configure(group, door=Door.REQUEST)
    assert "You left this group before" in comes_in(member, group)


def test_listed_by_name_only_says_the_name_and_the_way_in(world: World) -> None:
    group, visitor = world.group(), world.visitor()
    world.configure(group, listing=Listing.BY_NAME, door=Door.REQUEST, facilitators="Wren looks after it.")
    front, card = text_of(visitor.get("/")), text_of(visitor.get(f"/g/{group.address}"))
    assert group.name in front
    assert "Anyone who cares." not in front
    assert "Ask to come in" in card
    for words in ("Anyone who cares.", "You are not alone here.", "Wren looks after it."):
        assert words not in card
    world.configure(group, listing=Listing.LISTED)
    assert "Anyone who cares." in text_of(visitor.get("/"))


def test_the_page_of_the_door_leads_on_and_says_how_it_stands(world: World) -> None:
    group = world.group()
    page = world.person(group, Role.FACILITATOR).get(f"/g/{group.address}/door").get_data(as_text=True)
    assert "Open: anyone can come in" in page
    assert re.search(r'action="/g/[a-z-]+/door/shut"', page)
