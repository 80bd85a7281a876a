"""Moderators say which languages they read: those find them first, and nothing is hidden from anybody."""

import pytest
from sqlalchemy import select, update

from forum.base.db import row
from forum.base.errors import Invalid, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.models import Role
from moderation import own_choices, queue, report_targets, reports, shifts
from moderation.models import CaseItem, CaseKind
from moderation.reports import Saying
from tests.world import World, text_of

POLISH = "Dzień dobry wszystkim, bardzo się cieszę, że was znalazłam i mogę tu pisać."


class Evening:
    """One post in Polish and one in English are told about, the English one first."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group), world.person(self.group)
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.jay = world.person(self.group, Role.MODERATOR, name="Jay")
        topic = world.topic(self.wren)
        with transaction():
            here().execute(update(CaseItem).values(decided=True).execution_options(synchronize_session=False))
        self.polish = self.tell(world.reply(self.wren, topic, POLISH, lang="pl"))
        world.moment.go(hours=1)
        self.english = self.tell(world.reply(self.wren, topic, "Some words in English."))

    def tell(self, post: int) -> bytes:
        return reports.tell(self.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())

    def first_for(self, person: object) -> bytes | None:
        found = shifts.find_next(person.actor, self.group.scope, CaseKind.REPORT)  # type: ignore[attr-defined]
        return found.id if found else None

    def listed(self, person: object) -> list[bytes]:
        found = queue.list_open(person.actor, self.group.scope, CaseKind.REPORT)  # type: ignore[attr-defined]
        return [line.id for line in found.lines]


@pytest.fixture
def evening(world: World, inside: object) -> Evening:
    return Evening(world)


def test_what_is_in_a_language_finds_whoever_reads_it(evening: Evening) -> None:
    assert evening.first_for(evening.owl) == evening.polish, "as long as nobody said anything the oldest comes first"
    own_choices.choose_langs(evening.jay.actor, evening.group.scope, ["pl", "en"])
    assert evening.first_for(evening.owl) == evening.english
    assert evening.first_for(evening.jay) == evening.polish
    assert evening.listed(evening.owl) == evening.listed(evening.jay) == [evening.polish, evening.english]
    assert "In a language that you read" in text_of(evening.jay.get(f"/g/{evening.group.address}/shift"))
    assert "In a language that you read" not in text_of(evening.owl.get(f"/g/{evening.group.address}/shift"))


def test_the_page_says_whether_somebody_reads_it_and_not_who(evening: Evening) -> None:
    page = f"/cases/{write_ident(evening.polish)}"
    assert "Nobody of the team has said that they read it." in text_of(evening.owl.get(page))
    own_choices.choose_langs(evening.jay.actor, evening.group.scope, ["pl"])
    shown = text_of(evening.owl.get(page))
    assert "Somebody else of the team reads it." in shown
    assert "Jay" not in shown
    assert "You read this language." in text_of(evening.jay.get(page))
    assert "Written in:" not in text_of(evening.owl.get(f"/cases/{write_ident(evening.english)}"))
    assert "Written in: Polski" in text_of(evening.owl.get(f"/g/{evening.group.address}/team"))


def test_it_is_offered_all_the_same_when_nothing_else_is_left(evening: Evening) -> None:
    own_choices.choose_langs(evening.jay.actor, evening.group.scope, ["pl"])
    with transaction():
        done = update(CaseItem).where(CaseItem.id == evening.english).values(decided=True)
        here().execute(done.execution_options(synchronize_session=False))
    assert evening.first_for(evening.owl) == evening.polish


def test_the_gate_says_the_language_too_and_not_screened_stays(evening: Evening) -> None:
    evening.world.topic(evening.world.person(evening.group), "Witam", POLISH, lang="pl")
    found = row(
        select(CaseItem.lang, CaseItem.screened).where(CaseItem.kind == CaseKind.WELCOME, CaseItem.lang == "pl")
    )
    assert found == ("pl", False)


def test_languages_are_chosen_on_a_page_and_kept_for_its_reader_alone(evening: Evening) -> None:
    page = f"/g/{evening.group.address}/shift/choices"
    assert evening.jay.send(page, {"langs": ["pl", "ur", "<b>"], "weeks": "0"}).status_code == 303
    assert 'value="pl" checked' in evening.jay.get(page).text
    assert 'value="pl" checked' not in evening.owl.get(page).text
    with pytest.raises(Invalid):
        own_choices.choose_langs(
            evening.jay.actor, evening.group.scope, ["aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai"]
        )
    with pytest.raises(NotFound):
        own_choices.choose_langs(evening.wren.actor, evening.group.scope, ["pl"])
