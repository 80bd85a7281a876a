"""A watch over somebody who was close to a member who died: a follow-up with one person who looks and a time until when.

It stands in the record under its key, as lines: one that begins it, one for each time that somebody looked. While one is open
its clock runs, whatever else the concern does, and the concern cannot be closed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.words import _
from forum.policy.actor import Actor
from moderation.safeguarding import acting, chronology, death, exclusions, timers
from moderation.safeguarding.acting import Act, require_words
from moderation.safeguarding.chronology import Line
from moderation.safeguarding.models import EventKind, Timer
from moderation.safeguarding.watches import list_open

#: Those who were close are at most risk in the first weeks: somebody asks again within this.
LONGEST = timedelta(days=14)


def begin(actor: Actor, concern_id: bytes, who: str, owner_id: bytes, due_at: datetime) -> int:
    """Say who looks after somebody who was close, and until when they look first; gives the number of the line.

    :param owner_id: a responder who may see the concern. :raises Invalid: no words, nobody like that, or a time that is
        past or more than 14 days away. :raises NotAllowed: it is not about a death, or nothing was checked yet.
    """
    said = require_words(who, "who")
    with acting.adding(actor, concern_id) as act:
        death.require_possible(act, death.Step.WATCH)
        if owner_id not in {one.id for one in exclusions.insiders(act.case) if one.may_own}:
            raise Invalid(_("Choose who looks after them."), "owner")
        _require_time(act, due_at)
        codes = {"owner": owner_id.hex(), "due": due_at.isoformat(), "death": death.Step.WATCH}
        n = act.note(EventKind.WATCH, said, codes=codes)
        _arm(act)
        act.renew()
        return n


def looked(actor: Actor, concern_id: bytes, n: int, said: str, again: datetime | None) -> None:
    """Somebody spoke with them, or tried. :param again: when somebody looks the next time; None: it ends.

    :raises NotFound: no such watch. :raises Invalid: no words, or a time that is past or too far away.
    """
    clean = require_words(said, "words")
    with acting.adding(actor, concern_id) as act:
        if n not in {one.n for one in list_open(chronology.lines(act.case))} or not act.case.is_open:
            raise NotFound(_("There is no such page here."))
        if again is not None:
            _require_time(act, again)
        due = again.isoformat() if again is not None else None
        act.note(EventKind.WATCHED, clean, codes={"watch": n, "due": due})
        _arm(act)
        act.renew()


def _require_time(act: Act, at: datetime) -> None:
    if not act.now < at <= act.now + LONGEST:
        raise Invalid(_("Choose a day within the next 14 days."), "due")


def _arm(act: Act) -> None:
    """Step: its clock falls due with the first of them; without any it stops."""
    found = list_open(chronology.lines(act.case))
    clocks = timers.without(act.case.clocks, Timer.WATCH)
    if found:
        clocks[Timer.WATCH] = found[0].due_at
    act.change(**timers.columns(clocks, act.now))


def require_none(lines: Sequence[Line]) -> None:
    """Go on only if nobody is looked after any more. :raises NotAllowed: somebody is."""
    if list_open(lines):
        raise NotAllowed(_("Somebody who was close is still looked after. Write down how each of them is first."))
