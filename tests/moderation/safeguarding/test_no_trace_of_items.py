"""SG6 by the ids and numbers of what waits for the team: what became a concern is not there for whom the concern names."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.idents import new_ident
from forum.models import Post, Role
from forum.policy.actor import Actor
from moderation import queue, report_queries, report_targets, reports
from moderation.models import CaseItem, CaseKind, Choice, Decision
from moderation.reports import Saying
from moderation.safeguarding import cases, closing, handing, lapsed, queries, responders, transitions
from moderation.safeguarding.cases import Case
from moderation.safeguarding.models import Concern, Kind, Level
from moderation.safeguarding.transitions import Assessment
from tests.conftest import Clock
from tests.moderation.safeguarding.people import Scene, arm, scene
from tests.moderation.safeguarding.test_no_trace import SKIPPED, plain
from tests.moderation.test_reports import decide
from tests.world import Person, World

pytestmark = pytest.mark.pages

#: Whatever leads to one thing of the team's list, or to the people and the words it is about.
IDS = frozenset({"address", "item_id", "decision_id", "persona_id", "post_id", "conversation_id"})
WHY = "Somebody of the team frightens her, she says."


@pytest.fixture
def here(inside: Flask, world: World) -> Scene:
    """An organisation whose people are called."""
    found = scene(world)
    arm(found.group.scope.organisation_id)
    return found


def tell(here: Scene, said: str = "", kind: CaseKind = CaseKind.WELFARE, teller: Person | None = None) -> bytes:
    """A member tells the team about a post of Wren; gives the item."""
    heron = teller or here.world.person(here.group)
    post_id = here.world.reply(here.wren, here.world.topic(heron), "I gave my cat away.")
    look = report_targets.of_author if kind is CaseKind.WELFARE else report_targets.of_post
    return reports.tell(heron.actor, kind, lambda now: look(now, post_id), Saying(words=said))


def lapse(moment: Clock) -> None:
    """Nobody looks at it in time."""
    moment.go(hours=9)
    lapsed.raise_lapsed()


def only() -> Case:
    """The one concern there is."""
    (found,) = (cases.find(one.id) for one in rows(select(Concern.id)))
    assert found is not None
    return found


def ids_of(here: Scene, item_id: bytes) -> dict[str, object]:
    """All that leads to an item; where nothing was decided, an id that is none."""
    post = row(select(Post.id, Post.conversation_id).where(Post.persona_id == here.wren.persona_id))
    decided = row(select(Decision.id).where(Decision.item_id == item_id))
    assert post is not None
    return {
        "address": here.group.address,
        "item_id": item_id,
        "decision_id": decided.id if decided else new_ident(),
        "persona_id": here.wren.persona_id,
        "post_id": post.id,
        "conversation_id": post.conversation_id,
    }


def path_of(app: Flask, rule: Rule, ids: dict[str, object]) -> str:
    """The address with these ids in it."""
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, ids)


def rules(app: Flask, method: str, *wanted: str) -> list[Rule]:
    """The addresses of a method that take one of these and nothing that is not known."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and rule.arguments <= IDS and rule.rule not in SKIPPED
        if rule.arguments & set(wanted)
    ]


def seen(
    here: Scene, who: Person, item_id: bytes, known: Mapping[str, object] = MappingProxyType({})
) -> dict[str, tuple[int, str, str]]:
    """What one person gets from each address that leads to an item, its people or its words. :param known: other ids."""
    found, ids = {}, ids_of(here, item_id) | dict(known)
    for rule in rules(here.world.app, "GET", *IDS):
        path = path_of(here.world.app, rule, {name: ids[name] for name in rule.arguments})
        answer = who.client.get(path, base_url="https://localhost")
        text = plain(answer.text) if (answer.mimetype or "").startswith("text/") else ""
        found[rule.rule] = (answer.status_code, plain(answer.headers.get("Location", "")), text)
    return found


def both_told(with_it: Scene, without: Scene, moment: Clock) -> list[bytes]:
    """The same worry that names Robin in two houses, thing by thing at the same moment; gives both items."""
    houses, items = (with_it, without), []
    herons = [one.world.person(one.group, name="Heron") for one in houses]
    topics = [one.world.topic(heron) for one, heron in zip(houses, herons, strict=True)]
    moment.go(hours=2)  # what waits stands in the order of its hours, and of one hour in no order
    for one, heron, topic in zip(houses, herons, topics, strict=True):
        arm(one.group.scope.organisation_id)
        post_id = one.world.reply(one.wren, topic, "I gave my cat away.")
        look = partial(report_targets.of_author, post_id=post_id)
        items.append(reports.tell(heron.actor, CaseKind.WELFARE, look, Saying(words="Robin frightens her.")))
    return items


def test_sg6_by_no_id_of_an_item_can_whom_it_names_tell_that_it_is_a_concern(
    inside: Flask, world: World, moment: Clock
) -> None:
    """In one house nobody looks and the worry becomes a concern; in the other one somebody does."""
    with_it, without = scene(world, "Harbour Trust"), scene(world, "Quayside Trust")
    items = both_told(with_it, without, moment)
    owls = [world.person(one.group, Role.MODERATOR, "Owl") for one in (with_it, without)]
    decide(owls[1], items[1], Choice.KEPT_OPEN, "I wrote to her.")
    lapse(moment)
    assert queries.get(with_it.sam.actor, only().id)
    here, there = (seen(one, one.robin, item) for one, item in zip((with_it, without), items, strict=True))
    assert [rule for rule in here if here[rule] != there[rule]] == []
    assert len([rule for rule in here if "item_id" in rule]) > 2
    mine, yours = (seen(one, owl, item) for one, owl, item in zip((with_it, without), owls, items, strict=True))
    assert "/cases/<ident:item_id>" in [rule for rule in mine if mine[rule] != yours[rule]], "else nothing was compared"


def forms(here: Scene, who: Person, ids: dict[str, object]) -> dict[str, tuple[int, str]]:
    """What one person gets from each form about an item or a decision."""
    found = {}
    for rule in rules(here.world.app, "POST", "item_id", "decision_id"):
        path = path_of(here.world.app, rule, {n: ids[n] for n in rule.arguments})
        answer = who.send(path, {"version": "1", "gen": "1", "choice": "spoken", "words": "She is well."})
        found[rule.rule] = (answer.status_code, plain(answer.text))
    return found


def test_sg6_once_somebody_is_named_every_id_of_the_item_is_one_that_never_was(here: Scene, moment: Clock) -> None:
    owl, scope = here.world.person(here.group, Role.MODERATOR), here.group.scope
    before = queue.list_open(here.robin.actor, scope).in_all
    item = tell(here, kind=CaseKind.REPORT)
    told = queue.list_open(here.robin.actor, scope).in_all
    decide(owl, item, Choice.REFER, "I worry about the writer.")
    page = "/cases/<ident:item_id>"
    assert seen(here, here.robin, item)[page][0] == 200, "its twin"
    handing.recuse(here.lead.actor, only().id, here.robin.persona_id, "He frightens her.")
    assert queue.list_open(here.robin.actor, scope).in_all == told - 1 >= before
    ids, never = ids_of(here, item), {"item_id": new_ident(), "decision_id": new_ident()}
    now, other = (seen(here, here.robin, item, known) for known in ({}, never))
    assert [rule for rule in now if now[rule] != other[rule]] == []
    assert now[page][0] == now["/decisions/<ident:decision_id>"][0] == 404
    sent, nothing = (forms(here, here.robin, ids | known) for known in ({}, never))
    assert sent == nothing
    assert {status for status, _text in sent.values()} == {404}
    assert seen(here, here.sam, item)[page][0] == 200, "its twin"


def test_sg6_an_officer_whom_a_member_names_in_a_report_gets_no_concern_of_it(here: Scene, moment: Clock) -> None:
    tell(here, "The lead told everybody where she lives.")
    lapse(moment)
    with pytest.raises(NotFound):
        queries.get(here.lead.actor, only().id)
    assert queries.get(here.deputy.actor, only().id), "its twin"


def assess(here: Scene, case: Case, kind: Kind) -> None:
    """A facilitator looked at it, and says what it is about."""
    transitions.acknowledge(here.sam.actor, case.id, case.version)
    said = Assessment(Level.HIGH, WHY, wants="To be left alone by them.", raiser_danger="no", kind=kind)
    transitions.triage(here.sam.actor, case.id, here.now(case.id).version, said)


@pytest.mark.parametrize("kind", [Kind.STAFF, Kind.ADULT])
def test_sg6_once_it_is_about_one_of_the_team_none_of_them_reads_on_their_list_that_it_is_a_concern(
    here: Scene, moment: Clock, kind: Kind
) -> None:
    owl, item = here.world.person(here.group, Role.MODERATOR), tell(here)
    lapse(moment)
    assess(here, only(), kind)
    page, is_gone = "/cases/<ident:item_id>", kind is Kind.STAFF
    later = here.world.person(here.group, Role.FACILITATOR)
    for who in (here.robin, here.sam, owl, later):
        assert (seen(here, who, item)[page][0] == 404) is is_gone
    found = row(select(CaseItem.decided).where(CaseItem.id == item))
    assert found is not None
    assert found.decided is is_gone, "else it would go to an admin, since nobody of the team may see it"
    assert queries.get(here.lead.actor, only().id)


def test_sg6_who_joins_the_team_later_finds_no_worry_that_a_colleague_passed_on(here: Scene) -> None:
    item = tell(here)
    decide(here.sam, item, Choice.REFER, "She means it.")
    new = here.world.person(here.group, Role.FACILITATOR)
    page = "/cases/<ident:item_id>"
    assert seen(here, new, item)[page][0] == 200, "its twin"
    assess(here, only(), Kind.STAFF)
    for who in (new, here.world.person(here.group, Role.FACILITATOR)):
        assert seen(here, who, item)[page][0] == 404


def test_whoever_told_of_it_reads_that_it_was_seen_and_not_that_nothing_was_wrong(here: Scene, moment: Clock) -> None:
    heron = here.world.person(here.group)
    tell(here, teller=heron)
    lapse(moment)
    assess(here, only(), Kind.STAFF)
    assert report_queries.list_mine(heron.actor)[0].outcome == "seen"


# --- Put together ----------------------------------------------------------------------------------------------------


def merged(here: Scene, moment: Clock) -> tuple[Case, Case, bytes]:
    """A concern that came from an item, put together with another one about Wren; both, and the item."""
    item = tell(here)
    lapse(moment)
    one, other = only(), here.raise_one()
    closing.merge(here.sam.actor, one.id, here.now(one.id).version, other.id)
    return one, other, item


def is_there(here: Scene, who: Actor, case: Case) -> bool:
    """Whether a concern exists for somebody: its page, and among those that ended."""
    me = responders.find(who, here.group.scope)
    assert me is not None
    listed = case.id in {one.id for one in queries.list_for(me, closed=True)}
    try:
        queries.get(who, case.id)
    except NotFound:
        return listed
    return True


def test_sg6_whom_the_one_that_is_left_names_reads_of_no_other_that_it_was_put_together_with(
    here: Scene, moment: Clock
) -> None:
    item = tell(here)
    lapse(moment)
    one, other = only(), here.raise_one(involved=frozenset({here.robin.persona_id}))
    assert is_there(here, here.robin.actor, one), "until then"
    closing.merge(here.sam.actor, one.id, here.now(one.id).version, other.id)
    assert not is_there(here, here.robin.actor, one)
    assert seen(here, here.robin, item)["/cases/<ident:item_id>"][0] == 404
    assert is_there(here, here.sam.actor, one), "its twin"


def test_sg7_who_is_named_later_loses_what_was_put_together_with_it_too(here: Scene, moment: Clock) -> None:
    one, other, item = merged(here, moment)
    assert is_there(here, here.robin.actor, one)
    handing.recuse(here.lead.actor, other.id, here.robin.persona_id, "He frightens her.")
    assert not is_there(here, here.robin.actor, one)
    assert seen(here, here.robin, item)["/cases/<ident:item_id>"][0] == 404
    assert is_there(here, here.sam.actor, one), "its twin"


def test_sg6_what_was_put_together_with_one_about_the_team_is_not_for_the_team(here: Scene, moment: Clock) -> None:
    one, other, item = merged(here, moment)
    assess(here, here.now(other.id), Kind.STAFF)
    assert not is_there(here, here.robin.actor, one)
    assert seen(here, here.robin, item)["/cases/<ident:item_id>"][0] == 404
    assert is_there(here, here.lead.actor, one), "its twin"


def test_a_form_that_looks_like_an_item_hurts_no_concern(here: Scene) -> None:
    """A form's token is whatever a browser sends."""
    case = here.raise_one(once=b"item" + new_ident(), involved=frozenset({here.robin.persona_id}))
    assert handing.recuse(here.lead.actor, case.id, here.sam.persona_id, "She is his sister.")
