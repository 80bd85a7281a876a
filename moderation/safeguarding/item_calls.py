"""Calling people about what somebody told and nobody looked at in time: a report, an open room, what the law may forbid.

A call says that something waits, and nothing else. Whoever must not know of an item, or could decide nothing about it, is
not called, and no row says who was.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, exists, func, insert, select
from sqlalchemy.sql import Select

from forum.base import clock, jobs, tagged
from forum.base.config import site_address
from forum.base.db import row, rows
from forum.base.errors import Busy, origin
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import lazy
from forum.models import Group
from moderation import sight
from moderation.models import CaseItem, CaseKind
from moderation.safeguarding import channels, lapsed, sending
from moderation.safeguarding.item_people import People
from moderation.safeguarding.people_models import CallSetting, ChannelKind, ItemCall
from moderation.safeguarding.responders import Responder

log = logging.getLogger(__name__)

JOB, REST = "item_call", "item_call_rest"
#: An open room is due in two minutes; to look costs one question.
EVERY_S = 15.0
#: The second step comes this long after the item was due. People sit in an open room now.
SECOND_AFTER = {
    CaseKind.LIVE: timedelta(minutes=5),
    CaseKind.REPORT: timedelta(hours=1),
    CaseKind.ILLEGAL: timedelta(hours=1),
}
LAST = 2
#: Nobody is called more often about one kind, however many items there are: a crowd cannot ring a volunteer's telephone.
#: Longer than the time to the second step, which so reaches those who were not called yet.
RESTS = {
    CaseKind.LIVE: timedelta(minutes=15),
    CaseKind.REPORT: timedelta(hours=2),
    CaseKind.ILLEGAL: timedelta(hours=2),
}
#: An officer is not woken for a report; hours by the group's clock.
DAYTIME = range(8, 20)
#: Of one group in one pass; the next follows within seconds. What nobody can be called about stands in nobody's way longer.
AT_ONCE = 50

#: No name, no group, no title: a telephone lies on a table.
TO_TEAM = lazy("Something waits in the queue. Please look when you can.")
#: Officers see no queue: they can ask those who do.
TO_OFFICER = lazy("Something waits too long for a team. Please ask your teams to look at their lists.")


def work(_n: int) -> None:
    """A turn of the thread beside the ticker."""
    call_late()


def call_late() -> int:
    """Call people about what nobody looked at in time; gives about how many items. Safe in many processes."""
    now = clock.now()
    places = rows(_late(now, Group.id, Group.organisation_id, Group.zone).distinct())
    return sum(_call_in(Scope(one.organisation_id, one.id), str(one.zone), now) for one in places)


def _late(now: datetime, *columns: Any) -> Select[Any]:
    """What is overdue and of a kind that calls people, where people are called, before its last step."""
    done = exists().where(ItemCall.item_id == CaseItem.id, ItemCall.step == LAST)
    return (
        select(*columns)
        .select_from(CaseItem)
        .join(Group, Group.id == CaseItem.group_id)
        .join(CallSetting, CallSetting.organisation_id == Group.organisation_id)
        .where(CaseItem.kind.in_(SECOND_AFTER), *lapsed.overlooked(now), CallSetting.armed_on.is_not(None), ~done)
    )


def _call_in(scope: Scope, zone: str, now: datetime) -> int:
    people = People(scope, zone, now)
    if not people.reachable:
        return 0
    waiting = _late(now, *sight.COLUMNS, CaseItem.due_at).where(CaseItem.group_id == scope.group_id)
    called = 0
    for item in rows(waiting.order_by(CaseItem.due_at).limit(AT_ONCE)):
        try:
            called += _call_about(people, item)
        except Busy:
            raise
        except Exception as error:  # noqa: BLE001 - one item that is damaged must not keep all others from being called about
            log.error("nobody could be called about an item %s", origin(error))
    return called


def _call_about(people: People, item: Row) -> bool:
    step = _step(people, item)
    whom = _whom(people, item, step) if step > _last_step(item.id) else []
    ways = [(one, kind) for one in whom for kind in people.ways(item, one)]
    return _write(people, item, step, ways) if ways else False


def _step(people: People, item: Row) -> int:
    """Which step is due. The second one of a report waits for the day."""
    early = people.now < item.due_at + SECOND_AFTER[item.kind]
    asleep = item.kind is CaseKind.REPORT and people.hour not in DAYTIME
    return 1 if early or asleep else LAST


def _whom(people: People, item: Row, step: int) -> list[Responder]:
    """Whoever has a turn now, else the rest of the team; then all of it, and an officer. For the law the officers alone."""
    officers = people.officers(item)
    if item.kind is CaseKind.ILLEGAL:
        return officers if step == LAST else officers[:1]
    on_duty, others = people.on_duty(item), people.others(item)
    return [*on_duty, *others, *officers[:1]] if step == LAST else on_duty or others


def _last_step(item_id: bytes) -> int:
    found = row(select(func.max(ItemCall.step).label("step")).where(ItemCall.item_id == item_id))
    return found.step or 0 if found else 0


@retrying
def _write(people: People, item: Row, step: int, ways: list[tuple[Responder, ChannelKind]]) -> bool:
    """Write down once that people are called at this step, with the calls; whether another process was quicker."""
    with transaction():
        still = select(CaseItem.id).where(CaseItem.id == item.id, *lapsed.overlooked(people.now)).with_for_update()
        if row(still) is None or _last_step(item.id) >= step:
            return False
        here().execute(insert(ItemCall).values(item_id=item.id, step=step))
        rested = {one.id for one, _kind in ways if not jobs.is_waiting(_rest_key(people.scope, one, item.kind))}
        for one, channel in ways:
            if one.id in rested:
                _enqueue(people, item, step, one, channel)
        return True


def _enqueue(people: People, item: Row, step: int, one: Responder, channel: ChannelKind) -> None:
    """The call, and the rest that whoever is called has after it. Neither row names them: they are found by tag."""
    payload = {
        "item": item.id.hex(),
        "step": step,
        "channel": channel.value,
        "to": _tags(people.scope, one, item.id, step)[0].hex(),
    }
    jobs.enqueue(JOB, payload)
    jobs.enqueue(REST, {}, people.now + RESTS[item.kind], _rest_key(people.scope, one, item.kind))


def _tags(scope: Scope, one: Responder, item_id: bytes, step: int) -> list[bytes]:
    return tagged.tags(scope, JOB, one.id, item_id, step)


def _rest_key(scope: Scope, one: Responder, kind: CaseKind) -> str:
    return f"{REST}:{tagged.tags(scope, REST, one.id, kind.value.encode())[0].hex()}"


@jobs.step(REST)
def _rest_is_over(_payload: jobs.Payload) -> None:
    """Nothing to do: while this job waits, they are called about no other item of the kind."""


# --- Sending ---------------------------------------------------------------------------------------------------------


@jobs.delivery(JOB)
def send(payload: jobs.Payload) -> None:
    """Make one call, if it is still theirs and not outside of their hours: a server may have been silent for long."""
    item_id, step, now = bytes.fromhex(payload["item"]), int(payload["step"]), clock.now()
    columns = (*sight.COLUMNS, CaseItem.due_at, Group.organisation_id, Group.zone)
    item = row(select(*columns).join(Group).where(CaseItem.id == item_id, *lapsed.overlooked(now)))
    if item is None:
        return
    people = People(Scope(item.organisation_id, item.group_id), str(item.zone), now)
    to, kind = bytes.fromhex(payload["to"]), ChannelKind(payload["channel"])
    for one in [*people.on_duty(item), *people.others(item), *people.officers(item)]:
        if to in _tags(people.scope, one, item_id, step) and kind in people.ways(item, one):
            _send(one, kind, payload["to"])


def _send(one: Responder, kind: ChannelKind, once: str) -> None:
    words = TO_OFFICER if one.is_tier else TO_TEAM
    if (way := channels.find(one.id, kind)) is not None:
        sending.send_text(kind, way, sending.Message(once, f"{words} {site_address()}/"))
