"""Reading far more of a group within an hour than people do: it gets slower, and the group is told that it happened.

Which sign-in read what is known in memory only, and for an hour. What is kept says how much and on which day.
"""

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, insert, select, update

from forum.base import clock
from forum.base.db import rows
from forum.base.errors import TooMany
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import ngettext
from forum.models import UnusualReading
from forum.policy.actor import Actor
from forum.policy.permissions import may_look_after, require

HOUR = timedelta(hours=1)
#: Another conversation every minute for an hour. Somebody who cannot sleep may do that; copying a group is faster.
FREE = 60
#: After that each new conversation may come this much later than the last, doubled with every ten more: 5 s is not felt
#: by somebody who reads. Within one hour nobody gets past 125.
FIRST_PAUSE_S, DOUBLED_EVERY, LONGEST_PAUSE_S = 5, 10, 300
#: Who reads where, kept in memory: some 20 MB when everyone reads a lot. Past it who read longest ago is forgotten.
MOST_READERS = 5_000
#: Long enough to see that it happened again, no longer.
FACTS_KEPT = timedelta(days=90)


@dataclass(slots=True)
class _Reader:
    """One sign-in in one group, for an hour."""

    ends: datetime
    seen: set[bytes] = field(default_factory=set)
    free_at: datetime | None = None
    fact: bytes = b""


_readers: OrderedDict[tuple[bytes, bytes], _Reader] = OrderedDict()
_facts: dict[bytes, dict[str, object]] = {}


def note(sign_in_hash: bytes, group_id: bytes, conversation_id: bytes) -> int:
    """Somebody opens a conversation; gives the seconds they have to wait first, 0 as a rule.

    Touches nothing but memory. What was opened within the hour may be opened again at once.
    """
    key = (sign_in_hash, group_id)
    reader = _readers.get(key)
    if reader is not None and conversation_id in reader.seen:
        return 0
    now = clock.now()
    if reader is None or now >= reader.ends:
        reader = _begin(key, now)
    if len(reader.seen) < FREE:
        reader.seen.add(conversation_id)
        return 0
    return _slowly(reader, group_id, conversation_id, now)


def check(sign_in_hash: bytes, group_id: bytes, conversation_id: bytes) -> None:
    """`note`, for a page.

    :raises TooMany: with the seconds to wait.
    """
    if wait := note(sign_in_hash, group_id, conversation_id):
        minutes = -(-wait // 60)
        raise TooMany(
            ngettext(
                "You have opened many conversations within an hour. Please come back in %(num)s minute.",
                "You have opened many conversations within an hour. Please come back in %(num)s minutes.",
                minutes,
            ),
            wait,
        )


def _begin(key: tuple[bytes, bytes], now: datetime) -> _Reader:
    _readers.pop(key, None)
    reader = _readers[key] = _Reader(now + HOUR)
    if len(_readers) > MOST_READERS:
        _readers.popitem(last=False)
    return reader


def _slowly(reader: _Reader, group_id: bytes, conversation_id: bytes, now: datetime) -> int:
    if reader.free_at is not None and now < reader.free_at:
        return math.ceil((reader.free_at - now).total_seconds())
    reader.seen.add(conversation_id)
    doubled = (len(reader.seen) - FREE) // DOUBLED_EVERY
    reader.free_at = now + timedelta(seconds=min(FIRST_PAUSE_S << doubled, LONGEST_PAUSE_S))
    reader.fact = reader.fact or new_ident()
    _facts[reader.fact] = {"group_id": group_id, "day": now.date(), "conversations": len(reader.seen)}
    return 0


def forget() -> None:
    """Begin anew (another database)."""
    _readers.clear()
    _facts.clear()


def keep_facts() -> None:
    """Write down what was unusual since the last time, and forget what is old. Called every minute."""
    before = clock.today() - FACTS_KEPT
    if not _facts and not rows(select(UnusualReading.id).where(UnusualReading.day < before).limit(1)):
        return
    batch = dict(_facts)
    with transaction():
        for ident, values in batch.items():
            _keep(ident, values)
        here().execute(delete(UnusualReading).where(UnusualReading.day < before))
    for ident, values in batch.items():
        if _facts.get(ident) is values:
            del _facts[ident]


def _keep(ident: bytes, values: dict[str, object]) -> None:
    known = update(UnusualReading).where(UnusualReading.id == ident).values(conversations=values["conversations"])
    if here().execute(known.returning(UnusualReading.id).execution_options(synchronize_session=False)).first() is None:
        here().execute(insert(UnusualReading).values(id=ident, **values))


def list_facts(actor: Actor, scope: Scope) -> Sequence[Row]:
    """What was unusual in the last 90 days, newest first: the day and how many conversations.

    :raises NotFound: not on the team of this group.
    """
    require(may_look_after, actor, scope.group_id)
    return rows(
        select(UnusualReading.day, UnusualReading.conversations)
        .where(UnusualReading.group_id == scope.group_id)
        .order_by(UnusualReading.day.desc(), UnusualReading.conversations.desc())
    )
