"""SG6: whoever a concern must not reach gets, from every address there is, what they would get without the concern."""

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule

from forum.base.idents import new_ident, write_ident
from moderation.safeguarding import exclusions, handing, queries, responders
from moderation.safeguarding.cases import Case
from moderation.safeguarding.models import Kind
from tests.moderation.safeguarding.people import Scene, arm, scene
from tests.world import Person, World

pytestmark = pytest.mark.pages

#: What is another each time, in a world with a concern or without: ids, tokens of forms, names of groups and houses.
NOISE = re.compile(
    r"Group \d+ of \w+ Trust|\b(?:Harbour|Quayside) Trust|[a-z]+-[a-j][a-j]lane|[a-z2-7]{26}|[A-Za-z0-9_=-]{40,}|[a-z2-7]{12}"
)
#: Names that are drawn afresh for whoever may yet come in, and the picture of a group's address.
DRAWN = re.compile(r'(?<=see you as <bdi>)[^<]+|(?<=name="name" value=")[^"]+|<svg class="cg-qr".*?</svg>', re.DOTALL)
#: Nothing but drawn names, and signing out.
SKIPPED = frozenset({"/g/<address>/known/name", "/g/<address>/name", "/g/<address>/names", "/leave", "/sign-out"})


@dataclass
class Worlds:
    """Two organisations alike, name by name: in one of them is a concern that names Robin and the lead."""

    app: Flask
    with_it: Scene
    without: Scene
    case: Case


@pytest.fixture
def worlds(inside: Flask, world: World) -> Worlds:
    """Both, at the same moment of the clock."""
    made = []
    for house in ("Harbour Trust", "Quayside Trust"):
        found = scene(world, house)
        arm(found.group.scope.organisation_id)
        made.append(found)
    with_it, without = made
    named = frozenset({with_it.robin.persona_id, with_it.lead.id})
    return Worlds(inside, with_it, without, with_it.raise_one(involved=named))


def addresses(app: Flask, method: str) -> list[Rule]:
    """Every address that needs no more than a group, an organisation or a concern to be asked for."""
    known = {"address", "concern_id", "organisation_id", "way"}
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and rule.arguments <= known and rule.rule not in SKIPPED
    ]


def path_of(rule: Rule, here: Scene, concern_id: bytes) -> str:
    """The address in one of the worlds."""
    values = {
        "address": here.group.address,
        "concern_id": write_ident(concern_id),
        "organisation_id": write_ident(here.group.scope.organisation_id),
        "way": "acknowledge",
    }
    path = rule.rule
    for name in rule.arguments:
        path = re.sub(rf"<(?:\w+:)?{name}>", values[name], path)
    return path


def plain(page: str) -> str:
    """A page without what is always another."""
    return NOISE.sub("·", DRAWN.sub("·", page))


def answers(
    worlds: Worlds, here: Scene, who: Person, concern_id: bytes, only: list[str] | None
) -> dict[str, tuple[int, str, str]]:
    """What one person gets from each address: status, where it leads, and the page."""
    found = {}
    for rule in addresses(worlds.app, "GET"):
        if only is not None and rule.rule not in only:
            continue
        answer = who.client.get(path_of(rule, here, concern_id), base_url="https://localhost")
        found[rule.rule] = (
            answer.status_code,
            plain(answer.headers.get("Location", "")),
            plain(answer.text) if (answer.mimetype or "").startswith("text/") else "",
        )
    return found


def differences(worlds: Worlds, one: Person, other: Person, only: list[str] | None = None) -> list[str]:
    """The addresses whose answers differ between the two worlds. :param only: ask these alone."""
    with_it = answers(worlds, worlds.with_it, one, worlds.case.id, only)
    without = answers(worlds, worlds.without, other, new_ident(), only)
    return [rule for rule in with_it if with_it[rule] != without[rule]]


@pytest.mark.parametrize("who", ["robin", "lead", pytest.param("wren", marks=pytest.mark.nightly)])
def test_sg6_from_every_address_the_answer_is_that_of_a_world_without_it(worlds: Worlds, who: str) -> None:
    one, other = getattr(worlds.with_it, who), getattr(worlds.without, who)
    found = differences(worlds, getattr(one, "person", one), getattr(other, "person", other))
    assert found == []


def test_sg6_whoever_may_know_gets_another_answer(worlds: Worlds) -> None:
    """Else the test above compares pages on which concerns never stand."""
    shows = ["/concerns", "/concerns/<ident:concern_id>"]
    assert differences(worlds, worlds.with_it.sam, worlds.without.sam, shows) == shows
    assert differences(worlds, worlds.with_it.deputy.person, worlds.without.deputy.person, shows) == shows


def test_sg6_each_form_about_it_answers_as_for_one_that_never_was(worlds: Worlds) -> None:
    robin, nothing = worlds.with_it.robin, new_ident()
    for rule in addresses(worlds.app, "POST"):
        if "concern_id" not in rule.arguments:
            continue
        real = robin.send(path_of(rule, worlds.with_it, worlds.case.id), {"version": "1"})
        none = robin.send(path_of(rule, worlds.with_it, nothing), {"version": "1"})
        assert (real.status_code, plain(real.text)) == (none.status_code, plain(none.text))
        assert real.status_code == 404, rule.rule


def test_sg6_counts_and_lists_are_those_of_a_world_without_it(worlds: Worlds) -> None:
    here = worlds.with_it
    for actor, count in ((here.robin.actor, 0), (here.sam.actor, 1), (here.lead.actor, 0), (here.deputy.actor, 1)):
        me = responders.find(actor, here.group.scope)
        assert me is not None
        assert queries.count_for(me) == count
        assert len(queries.list_for(me)) == count


def test_sg6_nobody_who_is_named_is_called(worlds: Worlds) -> None:
    named = exclusions.excluded_ids(worlds.case)
    assert {worlds.with_it.robin.persona_id, worlds.with_it.lead.id} <= named
    assert not exclusions.eligible(worlds.case, [r for r in responders.all_of(worlds.case.scope) if r.id in named])


def test_sg6_what_one_of_the_team_is_said_to_have_done_is_not_for_their_colleagues(worlds: Worlds) -> None:
    here = worlds.with_it
    case = here.raise_one(kind=Kind.STAFF, subject_id=here.sam.persona_id)
    for one in (here.robin, here.sam):
        me = responders.find(one.actor, here.group.scope)
        assert me is not None
        assert exclusions.is_hidden(case, me)
    assert queries.get(here.deputy.actor, case.id)


def test_sg7_the_moment_somebody_is_named_every_address_forgets_it_for_them(worlds: Worlds) -> None:
    sam, other = worlds.with_it.sam, worlds.without.sam
    showed = differences(worlds, sam, other)
    assert "/concerns" in showed
    handing.recuse(worlds.with_it.deputy.actor, worlds.case.id, sam.persona_id, "She is his sister.")
    assert differences(worlds, sam, other, showed) == []
