"""Items in the moment in which somebody decides about them: each page gets an item of its own, since deciding changes it."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import select

from forum.base.db import row
from forum.base.idents import write_ident
from forum.models import Role
from moderation import appeals, bulk, decisions, leases, proposals, report_targets, reports
from moderation import usecases as deciding
from moderation.decisions import Verdict
from moderation.models import CaseKind, Choice, Decision
from moderation.reports import Saying
from tests.world import Person, World, post_url

if TYPE_CHECKING:
    from tests.browser.screens import Stage

WHY = "Please leave out what shows who somebody is.\n\n" + "Averylongwordwithoutanyspace" * 6
LINK = "Read https://example.org/{n} first."


class Desk:
    """A group with somebody who judges, a colleague of theirs, and people who write there."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.author, self.teller = world.person(self.group), world.person(self.group)
        self.judge, self.colleague = (world.person(self.group, Role.MODERATOR) for _n in range(2))
        self.facilitator = world.person(self.group, Role.FACILITATOR)
        self.topic = world.topic(self.teller, "An evening")
        self.item = b""  #: what the page that is open is about

    def reported(self) -> bytes:
        """Words that somebody told the team about."""
        post = self.world.reply(self.author, self.topic, "Words that somebody told the team about.")
        with self.world.app.app_context():
            actor = self.teller.actor
            return reports.tell(actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())

    def taken(self, item: bytes, by: Person) -> str:
        """Where that person finds it, once they look at it."""
        with self.world.app.app_context():
            leases.claim(by.actor, item)
        self.item = item
        return f"/cases/{write_ident(item)}"

    def proposed(self) -> bytes:
        """Somebody is asked to agree that a person pauses. Nobody is asked twice about one person."""
        author = self.world.person(self.group)
        post = self.world.reply(author, self.topic, "Unkind words.")
        with self.world.app.app_context():
            return proposals.propose(self.judge.actor, post, Choice.PAUSE_POSTING, 2, WHY, "be-kind")

    def hidden(self) -> int:
        """Words that the judge put away."""
        post = self.world.reply(self.author, self.topic, "Words that were put away.")
        with self.world.app.app_context():
            deciding.hide_post(self.judge.actor, post, WHY, "be-kind")
        self.world.settle()
        return post

    def appealed(self) -> bytes:
        """Its author disagrees."""
        with self.world.app.app_context():
            return appeals.appeal(self.author.actor, self.hidden(), "That was my cat.")


_made: "WeakKeyDictionary[World, Desk]" = WeakKeyDictionary()


def desk(stage: "Stage") -> Desk:
    """Made when a screen first wants it."""
    if stage.world not in _made:
        _made[stage.world] = Desk(stage.world)
    return _made[stage.world]


def who(name: str) -> Callable[["Stage"], Person]:
    """One of the people of the desk."""
    return lambda stage: getattr(desk(stage), name)


def taken(what: str, by: str) -> Callable[["Stage"], str]:
    """A new item of the desk, which that person has taken to look at."""

    def path(stage: "Stage") -> str:
        here = desk(stage)
        return here.taken(getattr(here, what)(), getattr(here, by))

    return path


def to_look_after(stage: "Stage") -> str:
    """Words that somebody of the team can put away although nothing waits."""
    here = desk(stage)
    return post_url(here.world.reply(here.author, here.topic, "Words as any."), "look-after")


def overtake(stage: "Stage") -> None:
    """A colleague takes over what the judge has open, and decides."""
    here = desk(stage)
    with stage.world.app.app_context():
        gen = leases.take_over(here.colleague.actor, here.item, "It should not wait.")
        decisions.decide(here.colleague.actor, here.item, Verdict(Choice.ASK_AUTHOR, 0, gen, WHY, "be-kind"))


def decided(stage: "Stage") -> str:
    """A decision of the judge that holds."""
    post = desk(stage).hidden()
    with stage.world.app.app_context():
        found = row(select(Decision.id).where(Decision.post_id == post))
    assert found
    return f"/decisions/{write_ident(found.id)}"


def two_links(stage: "Stage") -> str:
    """Posts with links of a group of its own, to be let through together."""
    here = desk(stage)
    for n in range(2):
        here.world.reply(here.author, here.topic, LINK.format(n=n))
    return f"/g/{here.group.address}/team/together?kind=hold"


def decide_one_of_them(stage: "Stage") -> None:
    """A colleague was quicker with the first of those that wait."""
    here = desk(stage)
    with stage.world.app.app_context():
        first = bulk.list_kind(here.colleague.actor, here.group.scope, CaseKind.HOLD)[0]
        verdict = Verdict(Choice.RELEASE, first.version, first.claim_gen)
        decisions.decide(here.colleague.actor, first.id, verdict)
