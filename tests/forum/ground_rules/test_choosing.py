"""From a rule of the library to a proposal of the group."""

import pytest

from forum.base import jobs
from forum.base.errors import Conflict, NotFound
from forum.content.library import clause_library
from forum.ground_rules import choosing, proposals, versions
from forum.ground_rules.patches import ADD, EDIT, Rule, apply
from tests.forum.ground_rules.contracting import Council
from tests.world import World

SAID = ("We post no links.", "Links frighten some of us.")
OFFERS = [offer for offer in clause_library().offers if not offer.is_fixed]


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.id)
def test_each_rule_of_the_library_can_be_brought_to_any_group(offer) -> None:
    nothing: tuple[Rule, ...] = ()
    once = apply(choosing.patch_for(offer, nothing), nothing)
    assert (once[0].uid, once[0].body, once[0].easy) == (offer.clause.uid, offer.clause.body, offer.clause.easy)
    assert choosing.patch_for(offer, once) == ()


def test_another_way_to_word_a_rule_is_an_edit_of_it(world: World, inside: object) -> None:
    council = Council(world)
    made = choosing.propose(council.people[0].actor, council.group.scope, "links-none", *SAID)
    change = council.get(made).patch[0]
    assert (change.uid, change.do, change.to["binding_value"]) == ("links", EDIT, "none")
    assert "binding_key" not in change.to


def test_a_rule_that_is_not_there_comes_at_the_end(world: World, inside: object) -> None:
    council = Council(world)
    made = choosing.propose(council.people[0].actor, council.group.scope, "keep-one-year", *SAID)
    change = council.get(made).patch[0]
    assert (change.do, change.ord) == (ADD, len(council.rules.rules) + 1)
    assert (change.to["binding_key"], change.to["binding_value"]) == ("board.retention", "1 year")


def test_a_rule_of_our_own_about_the_same_setting_gives_way() -> None:
    own = Rule("our-links", "Our links", "We post some.", kind="enforced", binding_key="links", binding_value="open")
    offer = clause_library().find("links-none")
    assert offer
    now = apply(choosing.patch_for(offer, (own,)), (own,))
    assert [(one.uid, one.binding_value) for one in now] == [("our-links", "none")]


def test_the_rule_that_a_group_has_is_not_proposed(world: World, inside: object) -> None:
    council = Council(world)
    with pytest.raises(Conflict):
        choosing.propose(council.people[0].actor, council.group.scope, "links", *SAID)
    assert proposals.list_for(council.people[0].actor, council.group_id) == []


def test_given_rules_and_unknown_ones_cannot_be_proposed(world: World, inside: object) -> None:
    council = Council(world)
    for ident in ("what-we-must-tell", "no-such-rule"):
        with pytest.raises(NotFound):
            choosing.propose(council.people[0].actor, council.group.scope, ident, *SAID)


def test_what_is_proposed_comes_into_force_as_it_stood_in_the_library(world: World, inside: object) -> None:
    council = Council(world)
    offer = clause_library().find("no-screenshots")
    assert offer
    patch = choosing.patch_for(offer, council.rules.rules)
    proposal = council.deciding(patch)
    council.choose(proposal, *["agree"] * 4)
    world.moment.go(days=7, minutes=1)
    jobs.run_due()
    world.moment.go(hours=49)
    jobs.run_due()
    assert versions.get_in_force(council.group_id).rules[-1].body == offer.clause.body
    page = council.people[0].get(f"/g/{council.group.address}/rules").get_data(as_text=True)
    decided = page.split("See how they decided")[0].rsplit('href="', 1)[1].split('"')[0]
    assert council.people[0].get(decided).status_code == 200
