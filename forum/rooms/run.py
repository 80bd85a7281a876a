"""How a meeting runs: its steps, one after the other, as values. Nothing here reads a clock or a table.

A meeting needs no plan. With one, each step can be skipped, made longer or shorter, and a break put in between; no step
ends by itself, since people in pain are not on time.
"""

import enum
import json
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: Time to say what is still to be said: the length that groups that meet on the telephone use.
NOTICE = timedelta(minutes=10)
#: Nobody plans a step for longer than a meeting lasts; more parts than these nobody follows.
MOST_MINUTES, MOST_PARTS = 120, 12


class Step(enum.StrEnum):
    """What people do now."""

    SETTLING_IN = "settling_in"
    OPENING_ROUND = "opening_round"
    DISCUSSION = "discussion"
    TURNS = "turns"  #: the floor goes round, each for the same time
    BREAK = "break"
    CLOSING_ROUND = "closing_round"
    WIND_DOWN = "wind_down"  #: no plan has it: it is what comes after the last of them


@dataclass(frozen=True)
class Part:
    """One step of a plan. :param minutes: how long it is meant to be, from 1 to MOST_MINUTES."""

    step: Step
    minutes: int


Agenda = tuple[Part, ...]

#: What a group can begin with; it changes it, or plans nothing.
USUAL: Agenda = (
    Part(Step.SETTLING_IN, 10),
    Part(Step.OPENING_ROUND, 15),
    Part(Step.DISCUSSION, 45),
    Part(Step.CLOSING_ROUND, 10),
)


@dataclass(frozen=True)
class Now:
    """Where a meeting is.

    :param place: in the plan, from 0; as many as it has parts once all are over. :param step: None: nothing is going on
        but talk. :param until: how long the step is meant to be; None: as long as people like.
    :param between: the step was put in, and the plan's own at `place` goes on after it.
    """

    place: int = 0
    step: Step | None = None
    until: datetime | None = None
    between: bool = False


def begin(agenda: Agenda, at: datetime) -> Now:
    """The first step of a plan; without one people simply talk."""
    return _enter(agenda, 0, at) if agenda else Now()


def go_on(agenda: Agenda, now: Now, at: datetime) -> Now:
    """What comes next: back to what a break was put into, the next step, and winding down after the last.

    Where nothing is planned, people talk on after a break until somebody says that the meeting winds down.
    """
    if now.step is Step.WIND_DOWN:
        return now
    if now.between:
        return Now(now.place, agenda[now.place].step) if now.place < len(agenda) else Now(now.place)
    return _enter(agenda, now.place + 1, at) if agenda else wind_down(agenda, at)


def put_in(now: Now, step: Step, minutes: int, at: datetime) -> Now:
    """Do something else for a while: a break, turns, a round. What the plan says goes on afterwards."""
    if now.step is Step.WIND_DOWN:
        return now
    return Now(now.place, step, at + _some(minutes), between=True)


def wind_down(agenda: Agenda, at: datetime, minutes: int = 10) -> Now:
    """The last step, whatever was planned before it."""
    return Now(len(agenda), Step.WIND_DOWN, at + _some(minutes))


def lengthen(now: Now, minutes: int, at: datetime) -> Now:
    """Give a step more time, counted from now if its time is over."""
    return replace(now, until=max(now.until or at, at) + _some(minutes)) if now.step else now


def shorten(now: Now, minutes: int, at: datetime) -> Now:
    """Take time from a step. It never ends in the past: what is over is over now."""
    return replace(now, until=max(now.until - _some(minutes), at)) if now.step and now.until else now


def is_over(now: Now, at: datetime) -> bool:
    """Whether a step's time has gone by. It goes on all the same until a facilitator says what comes next."""
    return now.until is not None and now.until <= at


def is_near_end(ends_at: datetime | None, at: datetime) -> bool:
    """Whether to tell people that the meeting ends soon."""
    return ends_at is not None and ends_at - NOTICE <= at


def minutes_left(until: datetime | None, at: datetime) -> int | None:
    """Whole minutes until then, rounded up and never below 0; None: nobody set an end."""
    return None if until is None else max(0, math.ceil((until - at).total_seconds() / 60))


def _enter(agenda: Agenda, place: int, at: datetime) -> Now:
    if place >= len(agenda):
        return wind_down(agenda, at)
    return Now(place, agenda[place].step, at + _some(agenda[place].minutes))


def _some(minutes: int) -> timedelta:
    return timedelta(minutes=min(max(minutes, 1), MOST_MINUTES))


def write_now(now: Now) -> str:
    """A place in a run as a column keeps it; its time stands beside it."""
    return f"{now.place}{'+' if now.between else '.'}{now.step or ''}"


def read_now(text: str, until: datetime | None) -> Now:
    """The inverse of `write_now`. What this program does not know is simply talk."""
    between = "+" in text
    place, _sign, step = text.partition("+" if between else ".")
    known = Step(step) if step in set(Step) else None
    return Now(int(place) if place.isdigit() else 0, known, until if known else None, between and known is not None)


def write_agenda(agenda: Agenda) -> str:
    """A plan as a column keeps it; an empty text if nothing is planned."""
    return json.dumps([[part.step, part.minutes] for part in agenda]) if agenda else ""


def read_agenda(text: str) -> Agenda:
    """The inverse. Parts that this program does not know are left out."""
    found = json.loads(text) if text else []
    parts = [Part(Step(step), int(minutes)) for step, minutes in found if step in set(Step) - {Step.WIND_DOWN}]
    return tuple(part for part in parts[:MOST_PARTS] if 1 <= part.minutes <= MOST_MINUTES)
