"""The copy that somebody takes along has what the team told them, and what they asked; and nobody else's words or names."""

import json

from sqlalchemy import select

from forum.base.db import row
from forum.models import Role
from moderation import appeal_ends, appeals, decisions, kept, own_copy, own_place, proposals, report_targets, reports
from moderation import usecases as deciding
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice
from moderation.reports import LAW, Saying
from tests.world import World, text_of

WHY = "It named somebody. Please write it anew."
MINE = "That was my cat. canary-3188"


def test_reasons_appeals_and_answers_stand_in_ones_own_copy(world: World, inside: object) -> None:
    group = world.group()
    wren, heron = world.person(group, name="Wren"), world.person(group, name="Heron")
    team = [world.person(group, Role.MODERATOR, name=name) for name in ("Owlet", "Jackdaw")]
    robin = world.person(group, Role.FACILITATOR, name="Robin")
    topic = world.topic(heron)
    posts = [world.reply(wren, topic, f"Words of mine {masked}.", masked=masked) for masked in (False, True)]
    for post in posts:
        deciding.hide_post(team[0].actor, post, WHY, "be-kind")
    item = proposals.propose(
        team[0].actor, posts[0], Choice.SLOW_MEMBER, 2, "You wrote forty posts in one night.", "be-kind"
    )
    slowed = decisions.decide(robin.actor, item, Verdict(Choice.CONFIRM, 0, looked=True))
    world.moment.go(seconds=11)
    appeal = appeals.appeal(wren.actor, posts[1], MINE)
    own_place.disagree(wren.actor, slowed, "I could not sleep.")
    appeals.ask_about_own(wren.actor, posts[0], "Please take my street out of the title.")
    seen = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == appeal))
    assert seen
    verdict = Verdict(Choice.UPHOLD, seen.version, seen.claim_gen, "I read it, and it stands.")
    appeal_ends.conclude(team[1].actor, appeal, verdict)
    told = own_copy.decided(group.scope, wren.persona_id)
    assert sorted(one["decided"] for one in told) == ["hide", "hide", "slow_member"]
    assert {one["why"] for one in told} == {WHY, "You wrote forty posts in one night."}
    asked = own_copy.asked(group.scope, wren.persona_id)
    assert {one["what"] for one in asked} == {"appeal", "self"}
    words = {(said["by"], said["words"]) for one in asked for said in one["said"]}
    assert words == {
        ("you", MINE),
        ("you", "I could not sleep."),
        ("you", "Please take my street out of the title."),
        ("the team", "I read it, and it stands."),
    }
    held = json.dumps([told, asked])
    assert not [name for name in ("Owlet", "Jackdaw", "Robin", "Heron") if name in held]
    for other in (heron, team[0], robin):
        assert own_copy.decided(group.scope, other.persona_id) == []
        assert own_copy.asked(group.scope, other.persona_id) == []
    page = text_of(wren.get(f"/g/{group.address}/mine"))
    assert "What I asked the team about my words" in page
    assert "What I asked the team about my words" not in text_of(heron.get(f"/g/{group.address}/mine"))


def test_a_complaint_stands_in_the_copy_of_whoever_made_it(world: World, inside: object) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    owl = world.person(group, Role.MODERATOR)
    world.person(group, Role.MODERATOR)
    post = world.reply(wren, world.topic(wren), "Words that frighten.")
    told = reports.tell(heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
    decisions.decide(owl.actor, told, Verdict(Choice.LOOKED, 0))
    appeals.complain(heron.actor, told, "It still frightens me.")
    (mine,) = own_copy.asked(group.scope, heron.persona_id)
    assert [said["words"] for said in mine["said"]] == ["It still frightens me."]
    assert own_copy.asked(group.scope, wren.persona_id) == []


def test_what_the_law_forbids_is_in_nobodys_copy_while_that_decision_holds(world: World, inside: object) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    owl = world.person(group, Role.MODERATOR)
    posts = [world.reply(wren, world.topic(wren), f"Words {n}.") for n in range(2)]
    told = reports.tell(heron.actor, CaseKind.ILLEGAL, lambda now: report_targets.of_post(now, posts[0]), Saying(LAW))
    verdict = Verdict(Choice.TAKE_DOWN, 0, words="The law forbids words like these.", clause_uid="be-kind")
    decisions.decide(owl.actor, told, verdict)
    deciding.hide_post(owl.actor, posts[1], WHY, "be-kind")
    found = {one.post_id: one.body for one in kept.list_kept(group.scope, posts)}
    assert found == {posts[0]: "", posts[1]: "Words 1."}
