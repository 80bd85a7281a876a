"""An appeal, a complaint, what a reviewer reads, and what somebody outside told: something on each of their pages."""

from dataclasses import dataclass

from forum.base import jobs
from forum.models import Role
from moderation import appeal_ends, appeals, decisions, outsiders, report_targets, reports, reviewers
from moderation import usecases as deciding
from moderation.decisions import Verdict
from moderation.models import CaseKind, Choice
from moderation.reports import Saying
from tests.world import GroupHere, Person, World

WHY = "It named somebody. Please write it anew."
LONG = "Averylongwordwithoutanyspace" * 6


@dataclass(frozen=True)
class AppealStage:
    """What the pages of second looks are about. `reviewer` has a link and the browser that opened another."""

    appealed: int
    stands: int
    appeal: bytes
    told: bytes
    reviewer: Person
    review: bytes
    secret: str
    outside: str


def set_appeal_stage(world: World, group: GroupHere, author: Person, teller: Person, moderator: Person) -> AppealStage:
    """Two appeals of one author: one waits, one was looked at; a complaint; and a group whose only moderator decided."""
    topic = world.topic(teller, "A second look")
    colleague = world.person(group, Role.MODERATOR)
    waits, stands = (world.reply(author, topic, f"Words that were put away. {LONG}") for _n in range(2))
    with world.app.app_context():
        for post in (waits, stands):
            deciding.hide_post(moderator.actor, post, WHY, "be-kind")
    world.settle()
    with world.app.app_context():
        done = appeals.appeal(author.actor, stands, "That was my cat.")
        appeal_ends.conclude(colleague.actor, done, Verdict(Choice.UPHOLD, 1, 0, "It reads like a person to us."))
        item = appeals.appeal(author.actor, waits, f"That was my cat. {LONG}")
        appeal_ends.answer(colleague.actor, item, "What was it called?")
    told = _told(world, group, teller, moderator)
    reviewer, review, secret = _set_review(world)
    with world.app.app_context():
        outside = outsiders.tell("", f"It is about me. {LONG}")
        jobs.run_due()
    return AppealStage(waits, stands, item, told, reviewer, review, secret, outside)


def _told(world: World, group: GroupHere, teller: Person, moderator: Person) -> bytes:
    other = world.person(group)
    post = world.reply(other, world.topic(other), "Words of somebody.")
    with world.app.app_context():
        item = reports.tell(teller.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
        decisions.decide(moderator.actor, item, Verdict(Choice.LOOKED, 0))
        appeals.complain(teller.actor, item, f"It still stands there. {LONG}")
    return item


def _set_review(world: World) -> tuple[Person, bytes, str]:
    group = world.group("Lantern Trust")
    owl, wren = world.person(group, Role.MODERATOR), world.person(group)
    topic = world.topic(wren, "An evening")
    posts = [world.reply(wren, topic, "Words that were put away.") for _n in range(2)]
    with world.app.app_context():
        for post in posts:
            deciding.hide_post(owl.actor, post, WHY, "be-kind")
    world.settle()
    admin, browser = world.admin(), world.visitor()
    world.step_up(admin)
    with world.app.app_context():
        one, two = (appeals.appeal(wren.actor, post, f"That was my cat. {LONG}") for post in posts)
        actor = admin.device
        priya = reviewers.add(actor, group.scope.organisation_id, f"Priya, {LONG}"[:60])
        first, second = (reviewers.make_link(actor, item, priya) for item in (one, two))
    browser.get(f"/review/{first}")
    browser.send(f"/review/{first}")
    return browser, one, second
