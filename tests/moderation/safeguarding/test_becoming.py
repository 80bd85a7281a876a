"""What becomes a concern: an item somebody passes on, a worry nobody opened in time, what a room learns; and restricting."""

import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.base.db import row, rows
from forum.base.errors import NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here as session
from forum.base.transaction import transaction
from forum.models import Role
from forum.policy import concern, guard
from forum.policy.concern import Signal
from moderation import leases, report_queries, report_targets, reports
from moderation.models import CaseItem, CaseKind, Choice, Decision
from moderation.reports import Saying
from moderation.safeguarding import cases, chronology, lapsed, queries, words
from moderation.safeguarding.cases import Case
from moderation.safeguarding.desk import Desk
from moderation.safeguarding.guard import Guard
from moderation.safeguarding.models import Concern, EventKind, Origin, State
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, arm, scene
from tests.moderation.test_reports import decide
from tests.world import Person, World, text_of


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation whose people are called."""
    found = scene(world)
    arm(found.group.scope.organisation_id)
    concern.plug(Desk())
    guard.plug(Guard())
    return found


def every() -> list[Case]:
    """All concerns there are."""
    return [found for one in rows(select(Concern.id)) if (found := cases.find(one.id)) is not None]


def worry(here: Scene, teller: Person, post_id: int, kind: CaseKind = CaseKind.WELFARE, said: str = "") -> bytes:
    """Somebody worries about the author of a post, or reports it."""
    look = report_targets.of_author if kind is CaseKind.WELFARE else report_targets.of_post
    return reports.tell(teller.actor, kind, lambda now: look(now, post_id), Saying(words=said))


def post_by(here: Scene, author: Person, *, masked: bool = False) -> int:
    """Words in a topic of somebody else."""
    other = here.world.person(here.group)
    return here.world.reply(author, here.world.topic(other), "I gave my cat away.", masked=masked)


def test_a_worry_that_nobody_opened_in_time_becomes_a_concern(here: Scene, moment: Clock) -> None:
    heron = here.world.person(here.group)
    item = worry(here, heron, post_by(here, here.wren), said="She said goodbye to us.")
    assert lapsed.raise_lapsed() == 0
    found = row(select(CaseItem.due_at).where(CaseItem.id == item))
    assert found
    moment.go(seconds=(found.due_at - moment.at).total_seconds() + 1)
    assert lapsed.raise_lapsed() == 1
    assert lapsed.raise_lapsed() == 0, "once"
    (case,) = every()
    assert (case.origin, case.state) == (Origin.ITEM, State.RAISED)
    assert "She said goodbye to us." in [line.words for line in chronology.lines(case)]
    assert words.open_inside(case).subject_id == here.wren.persona_id


def test_the_page_of_a_worry_says_truly_whether_people_were_called(here: Scene, moment: Clock) -> None:
    owl = here.world.person(here.group, Role.MODERATOR)
    item = worry(here, here.world.person(here.group), post_by(here, here.wren))
    page = f"/cases/{write_ident(item)}"
    assert "No one was called." in text_of(owl.get(page))
    moment.go(hours=9)
    assert lapsed.raise_lapsed() == 1
    told = text_of(owl.get(page))
    assert "This is a concern now, and people were called about it." in told
    assert "No one was called." not in told


def test_a_worry_that_somebody_opened_does_not(here: Scene, moment: Clock) -> None:
    owl = here.world.person(here.group, Role.MODERATOR)
    item = worry(here, here.world.person(here.group), post_by(here, here.wren))
    decide(owl, item, Choice.KEPT_OPEN, "I wrote to them.")
    with transaction():
        session().execute(update(CaseItem).where(CaseItem.id == item).values(looked_at=moment.at))
    moment.go(days=3)
    assert lapsed.raise_lapsed() == 0


@pytest.mark.parametrize("left", [True, False], ids=["left", "phone died"])
def test_a_worry_that_somebody_took_and_did_nothing_about_becomes_one(here: Scene, moment: Clock, left: bool) -> None:
    """A volunteer for whom it was too heavy has not looked after anybody."""
    owl = here.world.person(here.group, Role.MODERATOR)
    item = worry(here, here.world.person(here.group), post_by(here, here.wren))
    found = row(select(CaseItem.due_at).where(CaseItem.id == item))
    assert found
    moment.go(seconds=(found.due_at - moment.at).total_seconds() - 60)
    gen = leases.claim(owl.actor, item)
    moment.go(minutes=2)
    assert lapsed.raise_lapsed() == 0, "somebody looks at it now"
    if left:
        leases.release(owl.actor, item, gen)
    else:
        moment.go(minutes=2)
    assert lapsed.raise_lapsed() == 1
    assert lapsed.raise_lapsed() == 0


def test_nobody_is_called_where_calls_are_off(inside: Flask, world: World, moment: Clock) -> None:
    here = scene(world)
    worry(here, world.person(here.group), post_by(here, here.wren))
    moment.go(days=3)
    assert lapsed.raise_lapsed() == 0
    assert not every()


def test_a_moderator_passes_a_worry_on(here: Scene) -> None:
    owl, heron = here.world.person(here.group, Role.MODERATOR), here.world.person(here.group)
    item = worry(here, heron, post_by(here, here.wren, masked=True))
    decide(owl, item, Choice.REFER, "He means it.")
    (case,) = every()
    inside_of = words.open_inside(case)
    assert (case.origin, inside_of.subject_kind) == (Origin.REFERRED, "mask"), "an alias stays an alias"
    assert [copy.body for copy in chronology.copies(case)] == ["I gave my cat away."]
    assert "He means it." in [line.words for line in chronology.lines(case)]
    decided = row(select(CaseItem.decided).where(CaseItem.id == item))
    assert decided
    assert decided.decided
    with pytest.raises(NotFound):
        queries.get(owl.actor, case.id)
    assert report_queries.list_mine(heron.actor)[0].outcome == "seen", "not that nothing more is needed"


def test_the_page_of_a_worry_offers_it(here: Scene) -> None:
    owl = here.world.person(here.group, Role.MODERATOR)
    item = worry(here, here.world.person(here.group), post_by(here, here.wren))
    leases.claim(owl.actor, item)
    page = owl.get(f"/cases/{write_ident(item)}")
    assert "Make it a safeguarding concern." in text_of(page)
    form = {name: found for name in ("version", "gen") if (found := hidden(page.text, name))}
    words_too = {"choice": "refer", "words": "He means it.", "sure": "yes"}
    assert owl.send(f"/cases/{write_ident(item)}/decide", form | words_too).status_code == 303
    assert "Passed on as a concern" in text_of(owl.get(f"/cases/{write_ident(item)}"))
    assert len(every()) == 1


def hidden(page: str, name: str) -> str:
    """A hidden field of the form to decide."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def test_a_report_that_is_passed_on_still_waits_for_a_decision(here: Scene) -> None:
    owl, heron = here.world.person(here.group, Role.MODERATOR), here.world.person(here.group)
    post_id = post_by(here, here.wren)
    item = worry(here, heron, post_id, CaseKind.REPORT)
    decide(owl, item, Choice.REFER, "I worry about the writer.")
    decide(owl, item, Choice.REFER, "I still do.")
    (case,) = every()
    assert EventKind.TOLD_MORE in [line.kind for line in chronology.lines(case)]
    found = row(select(CaseItem.decided).where(CaseItem.id == item))
    assert found
    assert not found.decided


def test_it_is_no_choice_where_calls_are_off(inside: Flask, world: World) -> None:
    here = scene(world)
    owl = world.person(here.group, Role.MODERATOR)
    item = worry(here, world.person(here.group), post_by(here, here.wren))
    with pytest.raises(Exception, match="does not fit"):
        decide(owl, item, Choice.REFER, "He means it.")


def test_whom_the_item_names_the_concern_does_not_reach(here: Scene) -> None:
    owl = here.world.person(here.group, Role.MODERATOR)
    item = worry(here, here.world.person(here.group), post_by(here, here.wren), said="Robin frightens her.")
    decide(owl, item, Choice.REFER, "He means it.")
    (case,) = every()
    with pytest.raises(NotFound):
        queries.get(here.robin.actor, case.id)
    assert queries.get(here.sam.actor, case.id)


def test_a_room_tells_of_somebody_who_struggles_once(here: Scene) -> None:
    topic = here.world.topic(here.wren)
    for kind in ("struggling", "lost_line"):
        with transaction():
            concern.note(Signal(here.group.scope, kind, topic, persona_id=here.wren.persona_id))
    (case,) = every()
    assert case.origin is Origin.ROOM
    signals = [line.codes.get("signal") for line in chronology.lines(case) if line.kind is EventKind.TOLD_MORE]
    assert signals == ["struggling", "lost_line"]


def test_restricting_waits_for_whoever_may_know_of_the_concern(here: Scene) -> None:
    here.raise_one()
    scope, wren = here.group.scope, here.wren.persona_id
    robin = here.robin.actor.memberships[scope.group_id]
    with transaction(), pytest.raises(NotAllowed, match="safety"):
        guard.require_free(scope, wren, robin)
    with transaction():
        guard.require_free(scope, here.sam.persona_id, robin)


def test_sg6_whoever_must_not_know_restricts_as_in_a_world_without_it_and_the_officers_are_called(here: Scene) -> None:
    case = here.raise_one(involved=frozenset({here.robin.persona_id}))
    scope, robin = here.group.scope, here.robin.actor.memberships[here.group.scope.group_id]
    moderator = here.world.person(here.group, Role.MODERATOR).actor.memberships[scope.group_id]
    for one in (robin, moderator):
        with transaction():
            guard.require_free(scope, here.wren.persona_id, one)
    lines = chronology.lines(here.now(case.id))
    assert [line.kind for line in lines].count(EventKind.RESTRICTED) == 2
    assert here.lead.id.hex() in [line for line in lines if line.kind is EventKind.PAGED][-1].codes["responders"]


def test_the_author_reads_nowhere_that_it_became_a_concern(here: Scene) -> None:
    owl = here.world.person(here.group, Role.MODERATOR)
    post_id = post_by(here, here.wren)
    item = worry(here, here.world.person(here.group), post_id)
    decide(owl, item, Choice.REFER, "He means it.")
    found = row(select(Decision.post_id).where(Decision.choice == Choice.REFER))
    assert found
    assert found.post_id is None
