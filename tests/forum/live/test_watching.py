"""The team's open lists hear that something changed, and nobody hears of what does not exist for them."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from forum.base import clock
from forum.base.db import rows
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.models import Persona, Role
from moderation.models import CaseItem, CaseKind
from tests.forum.live.served import Served, send_form, soon
from tests.world import GroupHere, Person, World, post_url


@dataclass
class Team:
    """A group whose two moderators came long ago, with words of each of them and of a member."""

    served: Served
    group: GroupHere
    owl: Person
    jay: Person
    wren: Person
    words_of_owl: int
    words_of_wren: int

    @property
    def asked(self) -> dict[str, str]:
        """What a page of theirs says."""
        return {"group": write_ident(self.group.scope.group_id)}

    def report(self, post_id: int) -> bytes:
        """Somebody tells the team through the form; gives the item."""
        answer = send_form(self.served, self.wren, post_url(post_id, "report"), body="Please look.")
        assert answer.status_code == 303, answer.text
        found = rows(
            select(CaseItem.id).where(CaseItem.kind == CaseKind.REPORT, CaseItem.about == post_id.to_bytes(16))
        )
        return bytes(found[0].id)


def long_ago(people: World, *persons: Person) -> None:
    with people.app.app_context(), transaction():
        change = update(Persona).where(Persona.id.in_([one.persona_id for one in persons])).values(joined_on=None)
        here().execute(change.execution_options(synchronize_session=False))


@pytest.fixture
def team(served: Served, people: World) -> Team:
    group = people.group()
    owl, jay = people.person(group, Role.MODERATOR, "Owl"), people.person(group, Role.MODERATOR, "Jay")
    wren = people.person(group)
    long_ago(people, owl, jay)
    topic = people.topic(wren)
    words = []
    for person in (owl, wren):
        clock.use(lambda: datetime.now(UTC))  # each is published eleven seconds after it was written
        words.append(people.reply(person, topic, "These words."))
    return Team(served, group, owl, jay, wren, *words)


def test_an_open_list_hears_of_what_is_new_and_of_who_looks(opens, people: World, team: Team):
    page = opens(team.owl)
    room = page.ask("watch", team.asked)["room"]
    with people.app.app_context():
        item = team.report(team.words_of_wren)
    assert soon(lambda: len(page.hints) == 1)
    assert send_form(team.served, team.jay, f"/cases/{write_ident(item)}/claim").status_code == 303
    assert soon(lambda: len(page.hints) == 2)
    assert [(event, said) for _at, event, said in page.hints] == [("queue", {"room": room, "changed": 1})] * 2
    assert team.owl.persona_id.hex() not in room


def test_m13_whom_it_names_hears_nothing(opens, people: World, team: Team):
    named, other = opens(team.owl), opens(team.jay)
    for page in (named, other):
        assert "room" in page.ask("watch", team.asked)
    with people.app.app_context():
        item = team.report(team.words_of_owl)
    assert send_form(team.served, team.jay, f"/cases/{write_ident(item)}/claim").status_code == 303
    assert soon(lambda: len(other.hints) == 2)
    time.sleep(0.3)
    assert named.hints == []
    with people.app.app_context():
        team.report(team.words_of_wren)
    assert soon(lambda: len(named.hints) == 1)


def test_whoever_came_lately_asks_for_themselves(opens, people: World, team: Team):
    """They may have been somebody else here before, whom an item names."""
    settled, fresh = opens(team.owl), opens(people.person(team.group, Role.MODERATOR, "New"))
    for page in (settled, fresh):
        assert "room" in page.ask("watch", team.asked)
    with people.app.app_context():
        team.report(team.words_of_wren)
    assert soon(lambda: len(settled.hints) == 1)
    assert fresh.hints == []


def test_sec_s9_nobody_else_watches(opens, people: World, team: Team):
    far = people.person(people.group(), Role.MODERATOR)
    for person in (team.wren, far):
        page = opens(person)
        assert page.ask("watch", team.asked) == {"error": "not-found"}
        assert page.ask("watch", {"group": write_ident(new_ident())}) == {"error": "not-found"}
    assert opens(team.owl).ask("watch", {"conversation": "x"}) == {"error": "malformed"}
