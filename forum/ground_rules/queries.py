"""Reading a group's ground rules."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select

from forum.base.db import row, rows
from forum.models import Charter, CharterVersion, Clause, ClauseKind


@dataclass(frozen=True)
class Answer:
    """One answer on offer to a clause's question; `opens` lets a newcomer in."""

    uid: str
    text: str
    opens: bool
    reply: str


@dataclass(frozen=True)
class Rules:
    """The version in force, with its clauses in order."""

    version_id: bytes
    n: int
    text_sha256: str
    effective_at: datetime
    clauses: Sequence[Row]

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


def find_rules(group_id: bytes) -> Rules | None:
    """The ground rules in force: anyone may read them before joining."""
    version = row(
        select(CharterVersion.id, CharterVersion.n, CharterVersion.text_sha256, CharterVersion.effective_at)
        .join(Charter, Charter.version_id == CharterVersion.id)
        .where(Charter.group_id == group_id)
    )
    if version is None:
        return None
    clauses = rows(
        select(Clause.uid, Clause.heading, Clause.body, Clause.why, Clause.kind, Clause.question, Clause.answers)
        .where(Clause.version_id == version.id)
        .order_by(Clause.ord)
    )
    return Rules(version.id, version.n, version.text_sha256, version.effective_at, clauses)
