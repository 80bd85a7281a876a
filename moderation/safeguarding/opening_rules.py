"""When sealed contact details may be opened, as rules that ask no database. Refused unless one of them says yes.

Two people, of whom the second is an officer; or one alone, in an emergency, and then somebody else looks at it the next day.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from forum.base.errors import Invalid, NotAllowed
from forum.base.words import _, lazy
from moderation.safeguarding.cases import Case
from moderation.safeguarding.chronology import Line
from moderation.safeguarding.details import FIELDS
from moderation.safeguarding.key_models import Way
from moderation.safeguarding.ladder import BESIDE
from moderation.safeguarding.models import EventKind, Origin, State
from moderation.safeguarding.responders import TIER, Responder, ResponderRole

#: How long what was opened can be looked at again.
LOOKED_AT_FOR = timedelta(minutes=60)
#: A yes that is older was for another night.
AGREED_FOR = timedelta(hours=24)
#: Somebody else looks at what one person opened alone.
REVIEWED_WITHIN = timedelta(hours=24)
#: Notice to the member can be put off by so much at a time, and each time by a person with a reason.
MOST_HOURS_OFF = 72
LEAST_LETTERS, MOST_LETTERS = 15, 1_000
#: Nobody else answered: so many steps of calling ran, and so long ago as lies between two steps of an emergency; or it is
#: an emergency for as long as its first three steps take.
STEPS_UNANSWERED = 3
STEP_UNANSWERED = timedelta(minutes=3)
EMERGENCY_UNANSWERED = timedelta(minutes=9)


class Basis(enum.StrEnum):
    """The lawful basis. An organisation's own adviser checks the wording."""

    VITAL = "vital"
    SAFEGUARDING = "safeguarding"
    CONSENT = "consent"


BASES = {
    Basis.VITAL: lazy("To save a life or to stop harm now (vital interests)"),
    Basis.SAFEGUARDING: lazy("To keep a child or an adult safe (safeguarding)"),
    Basis.CONSENT: lazy("The person said yes to it"),
}


class Grounds(enum.StrEnum):
    """Whose word it rests on. A worry can be somebody's way of searching for a person."""

    OWN_WORDS = "own_words"
    SECOND_SOURCE = "second_source"
    THIRD_PARTY = "third_party"


GROUNDS = {
    Grounds.OWN_WORDS: lazy("The person’s own words, which stand in the record"),
    Grounds.SECOND_SOURCE: lazy("A second source, which stands in the record"),
    Grounds.THIRD_PARTY: lazy("Only what somebody else said. For danger to life only. Someone checks it."),
}
#: Lines of a record that can be the person's own words, or what a second source said.
_OWN_WORDS = frozenset({EventKind.SAID, EventKind.TOLD_MORE, EventKind.SPOKEN})
_SOURCES = _OWN_WORDS | {EventKind.FACT, EventKind.OBSERVATION}
#: Where the person's own words raised it.
_BY_THEMSELVES = frozenset({Origin.SELF, Origin.ROOM})
_ALONE = (ResponderRole.LEAD, ResponderRole.DEPUTY)
_OFFICERS = frozenset(role.value for role in TIER)


@dataclass(frozen=True)
class Asked:
    """What somebody asked to open, and what was said about it; sealed under the key of the concern.

    :param fields: of details.FIELDS. :param line: of the chronology, that the grounds stand in; 0: in how it was raised.
    :param off_hours: for how long the member is not told yet; 0: told at once. :param again: each time that was put off.
    """

    fields: tuple[str, ...]
    purpose: str
    basis: str
    grounds: str
    line: int = 0
    off_hours: int = 0
    off_why: str = ""
    asked_at: str = ""
    agreed_at: str = ""
    refused_why: str = ""
    review: str = ""
    again: tuple[Mapping[str, str], ...] = ()

    def packed(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def unpacked(found: Mapping[str, Any]) -> Asked:
    """What `packed` gave, after JSON."""
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}
    return Asked(**values)


def check_words(words: str, field: str) -> str:
    """Some words of reason, without space around them. :raises Invalid: too few or too many."""
    clean = words.strip()
    if len(clean) < LEAST_LETTERS:
        raise Invalid(_("Say in a few words why."), field)
    if len(clean) > MOST_LETTERS:
        raise Invalid(_("Make this shorter: at most %(n)s letters.", n=MOST_LETTERS), field)
    return clean


def check(asked: Asked, case: Case, lines: Sequence[Line]) -> Asked:
    """What was filled in, made clean. :raises Invalid: with the field."""
    fields = tuple(name for name in FIELDS if name in asked.fields)
    if not fields:
        raise Invalid(_("Choose what you need, and no more."), "fields")
    if asked.basis not in set(Basis):
        raise Invalid(_("Choose a lawful basis."), "basis")
    if asked.grounds not in set(Grounds):
        raise Invalid(_("Choose whose word this rests on."), "grounds")
    purpose = check_words(asked.purpose, "purpose")
    _check_line(asked, case, lines)
    if not 0 <= asked.off_hours <= MOST_HOURS_OFF:
        raise Invalid(_("At most %(n)s hours.", n=MOST_HOURS_OFF), "off_hours")
    off_why = check_words(asked.off_why, "off_why") if asked.off_hours else ""
    return Asked(fields, purpose, asked.basis, asked.grounds, asked.line, asked.off_hours, off_why)


def _check_line(asked: Asked, case: Case, lines: Sequence[Line]) -> None:
    if asked.grounds == Grounds.THIRD_PARTY:
        return
    kinds = _OWN_WORDS if asked.grounds == Grounds.OWN_WORDS else _SOURCES
    if asked.grounds == Grounds.OWN_WORDS and asked.line == 0 and case.origin in _BY_THEMSELVES:
        return
    if not any(one.n == asked.line and one.kind in kinds and not one.codes.get("again") for one in lines):
        raise Invalid(_("Write it into the record first, then give the number of that line."), "line")


def require_way(way: Way, asked: Asked, case: Case, me: Responder, others: int, unanswered: bool) -> None:
    """Go on only if these details may be asked for in this way.

    :param others: officers who could agree: in office, not the asker, not kept from this concern.
    :param unanswered: `went_unanswered`. :raises NotAllowed: with what to do instead.
    """
    if not case.is_open:
        raise NotAllowed(_("This concern is closed. Reopen it if there is something new."))
    if not me.may_own:
        raise NotAllowed(_("Only those who may look after a concern can ask for contact details."))
    emergency = case.state is State.EMERGENCY
    if asked.grounds == Grounds.THIRD_PARTY and not emergency:
        raise NotAllowed(
            _("What somebody else said does not open them. Write down what the person said, or a second source.")
        )
    if way is Way.TWO_PEOPLE:
        if others == 0:
            raise NotAllowed(
                _("Nobody else is there who may agree, so this cannot be opened. In danger to life, call 999.")
            )
        return
    if not emergency:
        raise NotAllowed(
            _("Alone you can do this only if it is an emergency. Press that first, or ask a second person.")
        )
    if way is Way.EMERGENCY and me.role not in _ALONE:
        raise NotAllowed(_("Alone, only the lead or a deputy can do this. Ask for a second person."))
    if way is Way.TWO_HALVES and not (me.role is ResponderRole.FACILITATOR and case.owner_id == me.id and unanswered):
        raise NotAllowed(_("You can do this alone once all the others were called and no one came."))


def went_unanswered(lines: Sequence[Line], now: datetime) -> bool:
    """Whether everybody was called, and no officer did anything since: what releases the other half of a facilitator's key.

    Three steps of calling ran, and the third had its time to be answered; or in an emergency, in which lead and deputy are
    called at once, as much time went by as its first three steps take. What calls beside the ladder, such as offering it to
    somebody again and again, is no step of it.
    """
    last = max((one.n for one in lines if one.role in _OFFICERS), default=0)
    called: dict[Any, datetime] = {}
    urgent = None
    for one in lines:
        if one.n > last and one.kind in (EventKind.PAGED, EventKind.NO_ONE_ON_CALL):
            called.setdefault(one.codes.get("step"), one.at)
        if one.n > last and one.kind is EventKind.EMERGENCY:
            urgent = urgent or one.at
    steps = sorted(at for step, at in called.items() if isinstance(step, int) and step < BESIDE)
    all_ran = len(steps) >= STEPS_UNANSWERED and now - steps[STEPS_UNANSWERED - 1] >= STEP_UNANSWERED
    return all_ran or bool(called and urgent and now - urgent >= EMERGENCY_UNANSWERED)


def needs_review(way: Way, asked: Asked) -> bool:
    """Whether another officer must look at it within a day."""
    return way is not Way.TWO_PEOPLE or asked.grounds == Grounds.THIRD_PARTY
