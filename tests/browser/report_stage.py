"""What somebody told the team: a report and a worry about the same post."""

from dataclasses import dataclass

from moderation import report_targets, reports
from moderation.models import CaseKind
from moderation.reports import Saying
from tests.world import Person


@dataclass(frozen=True)
class ReportStage:
    """What the pages of reports are about."""

    report: bytes
    worry: bytes


def set_report_stage(teller: Person, post: int) -> ReportStage:
    """One of each, with words and without."""
    words = "It is about my sister.\n\n" + "Averylongwordwithoutanyspace" * 6
    with teller.world.app.app_context():
        report = reports.tell(
            teller.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying(words=words)
        )
        worry = reports.tell(teller.actor, CaseKind.WELFARE, lambda now: report_targets.of_author(now, post), Saying())
    return ReportStage(report, worry)
