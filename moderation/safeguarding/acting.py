"""What every way of a concern begins and ends with: locked, visible, not changed meanwhile, allowed; then gone and noted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forum.base import clock
from forum.base.errors import Conflict, Invalid, NotAllowed
from forum.base.transaction import transaction
from forum.base.words import _
from forum.policy.actor import Actor
from moderation.safeguarding import cases, chronology, machine, queries, ticking, timers
from moderation.safeguarding.cases import Case
from moderation.safeguarding.machine import Transition
from moderation.safeguarding.models import EventKind, State
from moderation.safeguarding.responders import Responder

#: A reason in fewer letters than this tells whoever reads it next nothing.
LEAST_WORDS = 30
MOST_WORDS = 10_000


@dataclass
class Act:
    """One person on one way of one concern, in an open transaction that has it locked."""

    case: Case
    me: Responder
    way: Transition
    now: datetime

    def note(self, kind: EventKind, said: str = "", **more: Any) -> int:
        """Step: a line by this person."""
        return chronology.note(self.case, kind, self.me, said, **more)

    def go(self, given: timers.Clocks | None = None, **columns: Any) -> Case:
        """Step: go the way."""
        self.case = ticking.go(self.case, self.way, self.me, self.now, given, **columns)
        return self.case

    def change(self, **columns: Any) -> Case:
        """Step: change the row without going anywhere."""
        self.case = cases.change(self.case, **columns)
        return self.case

    def renew(self) -> Case:
        """Step: whoever has it did something that is written down, so their time begins anew."""
        if self.case.owner_id not in queries.person_of(self.me, self.case.scope).ids:
            return self.case
        return self.change(**timers.columns(timers.renewed(self.case, self.now), self.now))


@contextmanager
def acting(actor: Actor, concern_id: bytes, version: int | None, name: str) -> Iterator[Act]:
    """Open the transaction of one act.

    :param version: what the person saw; None: whatever it is now. :param name: a way of the table.
    :raises NotFound: no such concern for this person. :raises Conflict: it changed since. :raises NotAllowed: not theirs
        to do now, with words.
    """
    with transaction():
        case = cases.lock(concern_id)
        me = queries.require(actor, case)
        if version is not None and case.version != version:
            raise stale()
        way = machine.BY_NAME[name]
        if not machine.may(way, queries.facts_of(case), queries.person_of(me, case.scope)):
            raise NotAllowed(why_not(case, way))
        yield Act(case, me, way, clock.now())


@contextmanager
def adding(actor: Actor, concern_id: bytes) -> Iterator[Act]:
    """The same for what only adds, such as a note: it never clashes. :raises NotFound: no such concern for this person."""
    with transaction():
        case = cases.lock(concern_id)
        yield Act(case, queries.require(actor, case), machine.BY_NAME["page"], clock.now())


def stale() -> Conflict:
    """Somebody was quicker; nothing of theirs is overwritten."""
    return Conflict(_("Somebody changed this a moment ago. Look at it again, then decide."))


def why_not(case: Case, way: Transition) -> str:
    """Why somebody who may see it cannot do this now, and what to do next."""
    if case.state is not State.CLOSED and case.state not in way.sources:
        return _("This step is not possible now. Open the concern again and look where it stands.")
    return {
        machine.Who.OWNER: _("Somebody else has this concern, or nobody has. Take it first, or ask for it."),
        machine.Who.OFFERED: _("It was not offered to you. Ask the person who has it."),
        machine.Who.OFFICER: _("The lead, a deputy or the independent contact has to do this. Ask one of them."),
        machine.Who.CLOSER: _("A second person has to say yes. That is the lead, a deputy or the independent contact."),
    }.get(way.who, _("You cannot do this now. Open the concern again and look where it stands."))


def require_words(said: str, field: str, least: int = 1) -> str:
    """What somebody wrote, without space around it. :raises Invalid: too little, or too much."""
    clean = said.strip()
    if not clean:
        raise Invalid(_("Please write a few words here."), field)
    if len(clean) < least:
        raise Invalid(_("Please write a little more, so that the next person understands."), field)
    if len(clean) > MOST_WORDS:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_WORDS), field)
    return clean
