"""What the people of world W do about their rules: they propose, talk, decide, answer new rules before they write, or later."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from forum.base import clock, jobs
from forum.base.errors import ForumError
from forum.base.idents import new_ident, write_ident
from forum.conversations import contracting
from forum.conversations.contracting import Saying
from forum.conversations.prepare import Words
from forum.ground_rules import agreeing, proposals, votes
from forum.ground_rules.ballots import ABSTAIN, AGREE, OBJECT
from forum.ground_rules.patches import EDIT, Change
from forum.ground_rules.proposals import Wish
from forum.ground_rules.usecases import Answers
from forum.models import ProposalState
from forum.policy.members import actor_in
from tests.world import answers_for

#: Of those who see that rules are new and may still write, so many answer in that visit. The others wait until they must.
ANSWERS_EARLY = 0.1
#: Of those who come while people decide.
TAKES_PART = 0.4
#: Whoever objects says why, mostly under an alias.
HIDES_A_REASON = 0.7


class Council:
    """One group and its rules over the weeks.

    :param later: has something happen at its time. :param lead: a facilitator; `members`: the others.
    """

    def __init__(self, chance: random.Random, lead: Any, members: list[Any], later: Callable[..., None]) -> None:
        self._chance, self._lead, self._members, self._later = chance, lead, members, later
        self._open: bytes | None = None
        self._chose: set[bytes] = set()

    def plan(self, start: datetime) -> None:
        """A rule for safety on the third day, for which nobody has agreed yet after ten; then a change by all."""
        self._later(start + timedelta(days=2, hours=self._chance.randrange(12)), self._for_safety)
        self._later(start + timedelta(days=4, hours=self._chance.randrange(12)), partial(self._propose, 0))

    def _for_safety(self) -> None:
        why = Words("Somebody asked for names.")
        contracting.add_for_safety(_now(self._lead), self._lead.scope, "For now", "Share no new names.", why, _form())

    def _propose(self, n: int) -> None:
        """Somebody wishes for something, a second one wants it, and after three days all decide; then again."""
        author, second = self._chance.sample(self._members, 2)
        for one in (author, second, self._lead):
            self.answer(one)
        wish = Wish((Change("be-kind", EDIT, {"body": f"Write gently, time {n}."}),), "We write gently.", "It helps.")
        made = proposals.begin(_now(author), author.scope, wish)
        contracting.second(_now(second), made, Words("Let us talk about it."), _form())
        self._open, self._chose = made, set()
        self._later(self._in(73), partial(self._call, made))
        self._later(self._in(73 + 7 * 24 + 1), jobs.run_due)
        self._later(self._in(73 + 9 * 24 + 2), jobs.run_due)
        self._later(self._in(73 + 9 * 24 + 60), partial(self._propose, n + 1))

    def _call(self, proposal: bytes) -> None:
        self.answer(self._lead)
        votes.call(_now(self._lead), proposal)

    def _in(self, hours: int) -> datetime:
        return clock.now() + timedelta(hours=hours, minutes=self._chance.randrange(60))

    def visit(self, one: Any) -> None:
        """Somebody comes by: they may answer new rules, and take part in the deciding that goes on."""
        me = _now(one).memberships[one.scope.group_id]
        if me.asked and me.agreed and self._chance.random() < ANSWERS_EARLY:
            self.answer(one)
        found = proposals.find(self._open) if self._open else None
        if found is None or found.state is not ProposalState.DECIDING or self._chance.random() > TAKES_PART:
            return
        if one.persona_id not in self._chose:
            self._chose.add(one.persona_id)
            self._choose(one, found.id)

    def _choose(self, one: Any, proposal: bytes) -> None:
        choice = self._chance.choices((AGREE, ABSTAIN, OBJECT), (6, 3, 1))[0]
        try:
            votes.choose(_now(one), proposal, choice)
            if choice == OBJECT and _now(one).memberships[one.scope.group_id].agreed:
                words = Words("It is too long.\n\nKeep it short.", masked=self._chance.random() < HIDES_A_REASON)
                contracting.say(_now(one), proposal, Saying("be-kind", words, objects=True), _form())
        except ForumError:
            return  # they came after the deciding began, or it is over

    def answer(self, one: Any) -> bool:
        """Agree to what is new; whether there was anything."""
        found = agreeing.find_again(_now(one), one.scope)
        if found is None:
            return False
        given = Answers(answers_for(found.rules))
        agreeing.agree_again(_now(one), one.scope, found.rules.version_id, given)
        vars(one).pop("actor", None)  # what was remembered of them may be from before
        return True


def _now(one: Any) -> Any:
    return actor_in(one.actor, one.scope)


def _form() -> str:
    return write_ident(new_ident())
