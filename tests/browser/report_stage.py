"""What somebody told the team, a report and a worry about the same post; and a topic that the team looked after."""

from dataclasses import dataclass

from forum.conversations import looking_after
from moderation import report_targets, reports
from moderation.models import CaseKind
from moderation.reports import Saying
from tests.world import Person


@dataclass(frozen=True)
class ReportStage:
    """What the pages of reports are about."""

    report: bytes
    worry: bytes
    parted: bytes


def set_report_stage(teller: Person, post: int, moderator: Person) -> ReportStage:
    """One of each, with words and without; and a topic that the team slowed and parted."""
    words = "It is about my sister.\n\n" + "Averylongwordwithoutanyspace" * 6
    with teller.world.app.app_context():
        report = reports.tell(
            teller.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying(words=words)
        )
        worry = reports.tell(teller.actor, CaseKind.WELFARE, lambda now: report_targets.of_author(now, post), Saying())
    return ReportStage(report, worry, _parted(teller, moderator))


def _parted(author: Person, moderator: Person) -> bytes:
    world = author.world
    topic = world.topic(author, "Two things at once", "The first thing.")
    other = world.reply(author, topic, "The other thing.")
    with world.app.app_context():
        looking_after.slow_down(moderator.actor, topic, 30, "So that everyone can follow.")
        looking_after.split(moderator.actor, other, "The other thing", "These are two things.")
    return topic
