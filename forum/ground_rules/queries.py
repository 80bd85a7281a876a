"""Reading a group's ground rules."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import row, rows
from forum.models import Charter, CharterVersion, Clause, ClauseKind, VersionStatus

#: So long before the day of a review everybody is told, for a group may meet only every second week.
REVIEW_TOLD_DAYS = 14


@dataclass(frozen=True)
class Answer:
    """One answer on offer to a clause's question; `opens` lets a newcomer in."""

    uid: str
    text: str
    opens: bool
    reply: str


@dataclass(frozen=True)
class Rules:
    """One version, with its clauses in order.

    :param status: provisional while the group has not agreed its own. :param base_n: the version that it changed.
    :param summary: what it means for members, in a line. :param proposal_id: what it was decided by, if anybody decided.
    :param until_at: an emergency's end.
    """

    version_id: bytes
    n: int
    text_sha256: str
    effective_at: datetime
    status: VersionStatus
    review_on: date
    base_n: int | None
    summary: str
    proposal_id: bytes | None
    until_at: datetime | None
    clauses: Sequence[Row]

    @property
    def is_starter(self) -> bool:
        """Whether the group began with it, and nobody of it agreed it."""
        return self.status is VersionStatus.PROVISIONAL

    @property
    def review_is_due(self) -> bool:
        """Whether it is time to look at them again; they hold until the group decides."""
        return is_review_due(self.review_on)

    @property
    def given(self) -> list[Row]:
        """What no group can vote away: law and the organisation's floor."""
        return [c for c in self.clauses if c.kind is ClauseKind.GIVEN]

    @property
    def questions(self) -> list[Row]:
        """Clauses that everyone who joins has to answer."""
        return [c for c in self.clauses if c.question]

    def answers_to(self, uid: str) -> list[Answer]:
        """What can be answered to a clause's question."""
        return [Answer(**a) for c in self.clauses if c.uid == uid for a in json.loads(c.answers)]

    def refusal(self, given: Mapping[str, str]) -> str | None:
        """What to say to somebody whose answer does not open the group; None if every question is answered with one
        that does.

        :raises KeyError: with the uid of a question that was not answered.
        """
        for clause in self.questions:
            answer = next((a for a in self.answers_to(clause.uid) if a.uid == given.get(clause.uid)), None)
            if answer is None:
                raise KeyError(clause.uid)
            if not answer.opens:
                return answer.reply
        return None


def is_review_due(review_on: date) -> bool:
    """Whether a group should look at its rules again: a date, never a state."""
    return clock.today() >= review_on - timedelta(days=REVIEW_TOLD_DAYS)


def find_rules(group_id: bytes) -> Rules | None:
    """The ground rules in force: anyone may read them before joining."""
    version = row(
        select(*_VERSION).join(Charter, Charter.version_id == CharterVersion.id).where(Charter.group_id == group_id)
    )
    return _with_clauses(version) if version else None


def find_version(group_id: bytes, version_id: bytes) -> Rules | None:
    """One version of this group's rules, in force or not; None for another group's."""
    version = row(select(*_VERSION).where(CharterVersion.group_id == group_id, CharterVersion.id == version_id))
    return _with_clauses(version) if version else None


_VERSION = (
    CharterVersion.id.label("version_id"),
    CharterVersion.n,
    CharterVersion.text_sha256,
    CharterVersion.effective_at,
    CharterVersion.status,
    CharterVersion.review_on,
    CharterVersion.base_n,
    CharterVersion.summary,
    CharterVersion.proposal_id,
    CharterVersion.until_at,
)
_CLAUSE = (
    Clause.uid,
    Clause.heading,
    Clause.body,
    Clause.why,
    Clause.easy,
    Clause.kind,
    Clause.question,
    Clause.answers,
    Clause.binding_key,
    Clause.binding_value,
)


def _with_clauses(version: Row) -> Rules:
    clauses = rows(select(*_CLAUSE).where(Clause.version_id == version.version_id).order_by(Clause.ord))
    return Rules(clauses=clauses, **version._mapping)
