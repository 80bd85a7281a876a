"""Calling people about a concern: who at this step, written down once as an intent, and what ends it.

A step runs inside the ticker's transaction; the calls themselves leave the machine later (`sending`). Who must not know of
a concern is left out here, at the moment of the step, and so is never called, not even over a channel that others share.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.idents import new_ident
from forum.base.parts import in_parts
from forum.base.transaction import here
from forum.groups.queries import list_turns
from forum.models import Group
from moderation.safeguarding import channels, exclusions, ladder, responders, timers
from moderation.safeguarding.cases import Case
from moderation.safeguarding.ladder import BESIDE, Ladder, Whom
from moderation.safeguarding.models import Level
from moderation.safeguarding.people_models import Call, CallState, ChannelKind, ConcernPage, PageState
from moderation.safeguarding.responders import Responder, ResponderRole

#: Whoever has this long until the next step looks at the list in time: only then does a line on the page count as a call.
PAGE_COUNTS_FROM_MINUTES = 240
#: Longer than the longest time between two calls that anybody could still be told of.
KEPT = timedelta(days=1)
#: In one question of the database.
AT_ONCE = 400


@dataclass(frozen=True)
class Paged:
    """What a step did. :param step: the last one that ran. :param events: for the chronology: a kind with its codes."""

    step: int
    due_at: datetime
    events: tuple[tuple[str, dict[str, Any]], ...]


def run_step(concern: Case, now: datetime) -> Paged:
    """Step: call whoever is next, and say when the step after it is due. Empty steps are passed at once.

    :param concern: locked by the caller, in a state in which people are called.
    """
    stairs = ladder.of_policy(concern.numbers, concern.level.value)
    people = _People(concern, now)
    events: list[tuple[str, dict[str, Any]]] = []
    step, group_is_empty = concern.step, False
    while True:
        step += 1
        whom = stairs.whom(step)
        if whom == (Whom.LIST,):
            break
        found = people.of(whom)
        events.append(_intend(concern, step, found, stairs, now))
        group_is_empty |= Whom.ON_CALL in whom and not people.of((Whom.ON_CALL,))
        if step >= len(stairs.steps) or _is_enough(found, stairs, group_is_empty, people.barred):
            break
    return Paged(step, stairs.next_at(step, now, people.turns), tuple(events))


def _is_enough(found: Iterable[Responder], stairs: Ladder, group_is_empty: bool, kept_out: frozenset[bytes]) -> bool:
    """Whether the next step may wait: somebody was called whom a call can reach, of the tier if the group has nobody on."""
    page_counts = stairs.repeat_minutes >= PAGE_COUNTS_FROM_MINUTES
    reached = [one for one in found if page_counts or channels.kinds_apart(one.id, kept_out)]
    return any(one.is_tier or not group_is_empty for one in reached)


class _People:
    """Who can be called about one concern at one moment."""

    def __init__(self, concern: Case, now: datetime) -> None:
        excluded = exclusions.excluded_ids(concern)
        self._concern, self._now, self._excluded = concern, now, excluded
        self.barred = exclusions.barred_ids(concern)
        self._scope = concern.scope if concern.group_id else None
        officers = [one for one in responders.of_organisation(concern.organisation_id) if one.may_own]
        self._officers = [one for one in officers if one.id not in excluded]

    @property
    def turns(self) -> list[Any]:
        """When somebody looks after the group."""
        if self._scope is None:
            return []
        found = row(select(Group.zone).where(Group.id == self._scope.group_id))
        return list_turns(self._scope.group_id, str(found.zone), self._now) if found else []

    def of(self, whom: Iterable[Whom]) -> list[Responder]:
        """Those whom a step means, without those it must not reach."""
        ways: dict[Whom, Callable[[], list[Responder]]] = {
            Whom.LIST: list,
            Whom.ON_CALL: self._on_call,
            Whom.CO: self._others_of_group,
            Whom.TIER_FIRST: self._tier_first,
            Whom.TIER_SECOND: self._tier_second,
            Whom.EVERYONE: lambda: [*self._group(), *self._officers],
        }
        found = [one for each in whom for one in ways[each]()]
        return list({one.id: one for one in found}.values())

    def _group(self) -> list[Responder]:
        found = responders.of_group(self._scope) if self._scope else []
        return [one for one in found if one.id not in self._excluded]

    def _on_call(self) -> list[Responder]:
        found = responders.on_duty(self._scope, self._now) if self._scope else []
        return [one for one in found if one.id not in self._excluded]

    def _others_of_group(self) -> list[Responder]:
        on_call = {one.id for one in self._on_call()}
        return [one for one in self._group() if one.id not in on_call]

    def _tier_first(self) -> list[Responder]:
        """The officer on duty; if none of them may know, the lead, a deputy, and last the independent contact."""
        on_duty = responders.on_duty_tier(self._concern.organisation_id, self._now)
        free = [one for one in on_duty if one.id not in self._excluded]
        return free or self._officers[:1]

    def _tier_second(self) -> list[Responder]:
        first = {one.id for one in self._tier_first()}
        return [one for one in self._officers if one.id not in first and one.role is not ResponderRole.INDEPENDENT]


def call_now(
    concern: Case, found: Iterable[Responder], now: datetime, *, urgent: bool = True, level: Level | None = None
) -> tuple[str, dict[str, Any]]:
    """Step: call these people beside the ladder; gives the event. Urgently in an emergency, or when nobody is left.

    :param urgent: False: as its level says, so that a night of many overdue concerns does not become a night of calls. :param level: as this level says, whatever the concern's own is.
    """
    if level is not None:
        stairs = ladder.of_level(level.value)
    else:
        stairs = ladder.of_level("immediate") if urgent else ladder.of_policy(concern.numbers, concern.level.value)
    last = row(
        select(ConcernPage.step)
        .where(ConcernPage.concern_id == concern.id, ConcernPage.gen == concern.gen, ConcernPage.step >= BESIDE)
        .order_by(ConcernPage.step.desc())
        .limit(1)
    )
    return _intend(concern, last.step + 1 if last else BESIDE, list(found), stairs, now)


def was_called(concern: Case, found: Iterable[Responder], now: datetime) -> bool:
    """Whether one of these people was called about it so lately that another call would say nothing new."""
    lately = now - timedelta(minutes=ladder.of_level(Level.HIGH.value).repeat_minutes)
    ours = (ConcernPage.concern_id == concern.id, ConcernPage.responder_id.in_([one.id for one in found]))
    return row(select(ConcernPage.id).where(*ours, ConcernPage.at > lately).limit(1)) is not None


def _intend(
    concern: Case, step: int, found: list[Responder], stairs: Ladder, now: datetime
) -> tuple[str, dict[str, Any]]:
    """Write down each intent once, whatever ran before a crash; gives what the chronology says of it."""
    if not found:
        return "no_one_on_call", {"step": step}
    kept_out = exclusions.barred_ids(concern)
    ways = {one.id: (ChannelKind.PAGE, *channels.kinds_apart(one.id, kept_out)) for one in found}
    same = (ConcernPage.concern_id == concern.id, ConcernPage.gen == concern.gen, ConcernPage.step == step)
    known = {
        (r.responder_id, r.channel) for r in rows(select(ConcernPage.responder_id, ConcernPage.channel).where(*same))
    }
    for one in found:
        for channel in ways[one.id]:
            if (one.id, channel) not in known:
                here().execute(insert(ConcernPage).values(_page(concern, step, one, channel, stairs, now)))
    said = {one.id.hex(): [channel.value for channel in ways[one.id]] for one in found}
    return "paged", {"step": step, "responders": said}


def _page(
    concern: Case, step: int, one: Responder, channel: ChannelKind, stairs: Ladder, now: datetime
) -> dict[str, Any]:
    return {
        "id": new_ident(),
        "concern_id": concern.id,
        "gen": concern.gen,
        "step": step,
        "responder_id": one.id,
        "channel": channel,
        "state": PageState.CALLED if channel is ChannelKind.PAGE else PageState.WAITING,
        "code": concern.code,
        "at": now,
        "repeat_minutes": stairs.repeat_minutes,
        "urgent": stairs.urgent,
        "drill": False,
        "organisation_id": concern.organisation_id,
    }


# --- What ends a call ---


def answer(responder_id: bytes, concern_id: bytes) -> None:
    """Step: somebody took it on. Its calls stop, and theirs about everything: they have the list before them now.

    The other concerns keep their own clocks, so that each calls again if nobody takes it.
    """
    stop(concern_id)
    theirs = (Call.responder_id == responder_id, Call.state != CallState.OVER, Call.drill.is_(False))
    _change(update(Call).where(*theirs).values(state=CallState.OVER, retry_at=None))


def stop(concern_id: bytes) -> None:
    """Step: nobody is called about it any more, until a later step calls anew."""
    _end_pages(ConcernPage.concern_id == concern_id)


def drop_for(concern_id: bytes, responder_ids: Collection[bytes]) -> None:
    """Step: these people must not know of it from now on: no call, and no line on their pages."""
    _end_pages(ConcernPage.concern_id == concern_id, ConcernPage.responder_id.in_(list(responder_ids)))


def drop_pages(page_ids: Collection[bytes]) -> None:
    """Step: these intents are over; a call in which nothing is left is over with them."""
    for part in in_parts(sorted(page_ids), AT_ONCE):
        _end_pages(ConcernPage.id.in_(part))


def end_call(call_id: bytes) -> None:
    """Step: a call and all that is in it are over."""
    _end_pages(ConcernPage.call_id == call_id)
    _change(update(Call).where(Call.id == call_id).values(state=CallState.OVER, lease_until=None, retry_at=None))


def leave(responder_id: bytes) -> None:
    """Step: somebody answers for nobody any more. No call goes to them; whoever comes next is called at once."""
    theirs = (ConcernPage.responder_id == responder_id, ConcernPage.state != PageState.OVER)
    waiting = rows(select(ConcernPage.concern_id, ConcernPage.gen, ConcernPage.step).where(*theirs).distinct())
    _end_pages(*theirs)
    unmade = (Call.responder_id == responder_id, Call.state.in_((CallState.SENDING, CallState.FAILED)))
    _change(update(Call).where(*unmade).values(state=CallState.OVER, lease_until=None, retry_at=None))
    for one in waiting:
        timers.hasten(one.concern_id, one.gen, one.step)


def _end_pages(*which: Any) -> None:
    there = select(ConcernPage.call_id).where(*which, ConcernPage.call_id.is_not(None)).distinct()
    calls = [r.call_id for r in rows(there)]
    _change(update(ConcernPage).where(*which, ConcernPage.state != PageState.OVER).values(state=PageState.OVER))
    if calls:
        still = select(ConcernPage.call_id).where(ConcernPage.call_id.in_(calls), ConcernPage.state != PageState.OVER)
        kept = {r.call_id for r in rows(still)}
        ended = [call for call in calls if call not in kept]
        _change(update(Call).where(Call.id.in_(ended)).values(state=CallState.OVER, retry_at=None))


def purge() -> None:
    """Step: forget what was over a day ago. Who was called is in the chronology, sealed; rows in clear would let whoever has
    the tables see who was never called, and so whom a concern is kept from.
    """
    old = clock.now() - KEPT
    _change(delete(ConcernPage).where(ConcernPage.state == PageState.OVER, ConcernPage.at < old))
    left = select(ConcernPage.call_id).where(ConcernPage.call_id.is_not(None))
    ended = (Call.state.in_((CallState.OVER, CallState.SENT)), Call.at < old, Call.id.not_in(left))
    _change(delete(Call).where(*ended))


def _change(statement: Any) -> None:
    here().execute(statement.execution_options(synchronize_session=False))


# --- What a responder sees ---


def count_open(responder_ids: Collection[bytes]) -> int:
    """How many concerns call these ids now, for the red line on their pages."""
    if not responder_ids:
        return 0
    mine = (ConcernPage.responder_id.in_(list(responder_ids)), ConcernPage.state != PageState.OVER)
    found = rows(select(ConcernPage.concern_id).where(*mine, ConcernPage.channel == ChannelKind.PAGE).distinct())
    return len(found)
