"""Somebody who asked for help finds the answer from home, and where to say how they can be reached, and nothing on the way tells of it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.base.transaction import transaction
from forum.groups.vouching import Deed, Stage, Vouched
from forum.models import Vouch
from forum.policy import waiting_word
from forum.policy.actor import Actor
from forum.web import sign_ins
from moderation.safeguarding import cases, closing, deletion, keys, responders, talk, talking, transitions
from moderation.safeguarding.closing import Outcome
from moderation.safeguarding.models import Level
from moderation.safeguarding.transitions import Assessment
from tests.safeguarding import Tier
from tests.world import GroupHere, Person, World, text_of

NEW, WHY = "There is something new for you.", "She writes every night that she cannot go on."
REACH = "How to reach me if I am not safe, and who looked"


@pytest.fixture
def wren(world: World, group: GroupHere, tier: Tier) -> Person:
    """Somebody who asked for help."""
    person = world.person(group, name="Wren")
    assert person.send(f"/g/{group.address}/need-help", {}).status_code == 303
    return person


def officer(tier: Tier) -> Actor:
    """The lead as use cases want them."""
    return Actor(tier.lead.account_id, sign_ins.hash_of(tier.lead.cookie or ""))


def answered(world: World, tier: Tier, words: str = "I am here. What would help you now?") -> None:
    """The lead takes it and writes."""
    with world.app.app_context():
        (case,) = cases.list_by()
        if case.owner_id is None:
            transitions.acknowledge(officer(tier), case.id, case.version)
        talking.write_as_owner(officer(tier), case.id, words, words)


def home_of(person: Person, group: GroupHere) -> tuple[bool, bool]:
    """Whether home, and the page of the group, say that something is new."""
    return NEW in text_of(person.get("/")), "Something is new" in text_of(person.get(f"/g/{group.address}"))


def test_an_answer_is_found_from_home_until_it_was_read(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    other = world.person(group)
    assert home_of(wren, group) == (False, False)
    answered(world, tier)
    assert home_of(wren, group) == (True, True)
    assert home_of(other, group) == (False, False)
    page = text_of(wren.get("/messages"))
    assert NEW in page
    with world.app.app_context():
        (found,) = talk.list_own([wren.actor.memberships[group.scope.group_id]])
        at = _address(found.id)
    assert "What would help you now?" in text_of(wren.get(at))
    assert home_of(wren, group) == (False, False)


def _address(talk_id: bytes) -> str:
    return f"/talk/{write_ident(talk_id)}"


def test_what_home_says_tells_nothing_over_the_shoulder(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    before = wren.get("/").get_data(as_text=True)
    answered(world, tier)
    after = wren.get("/").get_data(as_text=True)
    added = set(after.split()) - set(before.split())
    assert added
    for word in ("safe", "concern", "worr", "help", "lead", "Lee", "looks after", "talk"):
        assert not any(word in one for one in added), (word, added)


def test_an_answer_that_was_not_read_is_found_after_the_end(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    answered(world, tier)
    with world.app.app_context():
        (case,) = cases.list_by()
        said = Assessment(Level.LOW, WHY, wants="To sleep.", raiser_danger="no")
        transitions.triage(officer(tier), case.id, case.version, said)
        (case,) = cases.list_by()
        closing.propose_close(officer(tier), case.id, case.version, Outcome.SUPPORT_GIVEN, WHY, help_offered=True)
        (case,) = cases.list_by()
        closing.confirm_close(officer(tier), case.id, case.version)
    assert home_of(wren, group)[0]
    assert NEW in text_of(wren.get("/messages"))
    with world.app.app_context(), transaction():
        (case,) = cases.list_by()
        deletion._bury(case, "")  # the record goes, and its talk with it
    assert NEW not in text_of(wren.get("/messages"))
    assert not home_of(wren, group)[0]


def test_the_row_that_home_reads_looks_like_any_of_vouching(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    answered(world, tier)
    with world.app.app_context():
        (kept,) = rows(select(Vouch.tag, Vouch.sealed))
        assert wren.persona_id not in kept.sealed + kept.tag
    day = datetime(2026, 11, 23, tzinfo=UTC)
    assert len(Vouched(Deed.COPY, Stage.DONE, day, bytes(16), bytes(16), bytes(16)).packed()) == waiting_word.SIZE


def test_where_to_say_how_one_can_be_reached_stands_where_people_look(
    world: World, tier: Tier, wren: Person, group: GroupHere
) -> None:
    with world.app.app_context():
        (found,) = talk.list_own([wren.actor.memberships[group.scope.group_id]])
        lead = responders.of_organisation(group.scope.organisation_id)[0]
        keys.try_key(lead, keys.make_own(lead))
        keys.found_key(lead)
    base = f"/g/{group.address}"
    for page in (f"{base}/mine", f"{base}/about-me", f"{base}/going", _address(found.id)):
        shown = wren.get(page)
        assert REACH in text_of(shown), page
        assert f'href="{base}/contact"' in shown.get_data(as_text=True)
    assert wren.get(f"{base}/contact").status_code == 200
