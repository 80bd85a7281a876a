"""How soon the first answer comes in a group, measured there: hours between a topic and the first words of somebody else.

From what every member can see, by the hour; an alias counts as the somebody it seems to be. A topic that nobody answered
counts as one that waits for ever, or the sentence would be kinder than the truth.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from forum.base import clock
from forum.base.db import rows
from forum.base.words import _, ngettext
from forum.models import Conversation, ConversationKind, Post, PostEvent

#: Long enough to have topics, short enough to be about those who answer now.
DAYS = timedelta(days=60)
#: Fewer tell nothing; the page then says when somebody looks after the group.
LEAST = 5
#: The newest topics that are looked at.
MOST = 500
#: A topic that is younger and has no answer tells nothing yet.
YOUNG = timedelta(days=2)
#: "At night": begun between these hours of the group's clock.
NIGHT = (22, 7)
#: Nobody is told to expect an answer later than this; then the duty times say more.
LATEST_H = 72
#: Groups remembered by one process, each for an hour.
GROUPS_KEPT = 500


@dataclass(frozen=True)
class Usual:
    """How soon answers come. :param half_h: within so many hours to half of the topics, `most_h`: to four in five; None: later
    than LATEST_H. :param slow_nights: it takes longer for those begun at night."""

    half_h: int
    most_h: int | None
    slow_nights: bool


_kept: OrderedDict[bytes, tuple[datetime, Usual | None]] = OrderedDict()


def forget() -> None:
    """Begin anew (another database)."""
    _kept.clear()


def sentence(group_id: bytes, zone: str) -> str:
    """When answers usually come here; empty where that cannot be said."""
    found = usual(group_id, zone)
    if found is None:
        return ""
    half = ngettext(
        "Half of all topics here get an answer within an hour.",
        "Half of all topics here get an answer within %(num)d hours.",
        found.half_h,
    )
    most = ""
    if found.most_h is not None:
        most = ngettext("Most get one within an hour.", "Most get one within %(num)d hours.", found.most_h)
    night = _("At night it takes longer.") if found.slow_nights else ""
    return " ".join(filter(None, (half, most, night)))


def usual(group_id: bytes, zone: str) -> Usual | None:
    """What was measured within this hour; None with fewer than LEAST topics, or if half of them wait longer than LATEST_H.

    :param zone: of the group, for what is night there.
    """
    hour = clock.this_hour()
    kept = _kept.get(group_id)
    if kept is None or kept[0] != hour:
        kept = _kept[group_id] = (hour, _measure(group_id, ZoneInfo(zone), hour))
        while len(_kept) > GROUPS_KEPT:
            _kept.popitem(last=False)
    return kept[1]


def _measure(group_id: bytes, zone: ZoneInfo, now: datetime) -> Usual | None:
    waits = [(begun, wait) for begun, wait in _list_waits(group_id, now - DAYS) if wait < inf or begun <= now - YOUNG]
    hours = sorted(wait for _begun, wait in waits)
    if len(hours) < LEAST:
        return None
    half, most = _within(hours, 0.5), _within(hours, 0.8)
    if half > LATEST_H:
        return None
    nights = sorted(wait for begun, wait in waits if _is_night(begun, zone))
    days = sorted(wait for begun, wait in waits if not _is_night(begun, zone))
    compared = len(nights) >= LEAST and len(days) >= LEAST
    slow = compared and _within(nights, 0.5) > _within(days, 0.5)
    return Usual(int(half), int(most) if most <= LATEST_H else None, slow)


def _within(hours: Sequence[float], part: float) -> float:
    """Hours within which this part of the topics had its answer; an answer in the same hour counts as one hour."""
    n = -(-len(hours) * int(part * 100) // 100)
    return max(1.0, hours[n - 1])


def _is_night(begun: datetime, zone: ZoneInfo) -> bool:
    hour = begun.astimezone(zone).hour
    return hour >= NIGHT[0] or hour < NIGHT[1]


#: What makes words seen for the first time.
_SHOWN = ("add", "release", "restore")


def _list_waits(group_id: bytes, since: datetime) -> list[tuple[datetime, float]]:
    """When each of the newest topics was first shown, and how many hours later somebody else was; in one query."""
    begun = (
        select(
            Post.conversation_id,
            func.coalesce(Post.persona_id, Post.mask_id).label("by"),
            func.min(PostEvent.hour).label("hour"),
        )
        .join(Conversation, Conversation.id == Post.conversation_id)
        .join(PostEvent, and_(PostEvent.conversation_id == Post.conversation_id, PostEvent.post_id == Post.id))
        .where(Conversation.group_id == group_id, Conversation.kind == ConversationKind.TOPIC, Post.seq == 1)
        .where(PostEvent.kind.in_(_SHOWN), PostEvent.hour >= since)
        .group_by(Post.conversation_id, Post.persona_id, Post.mask_id)
        .order_by(func.min(PostEvent.hour).desc())
        .limit(MOST)
        .subquery()
    )
    answer, shown = aliased(Post), aliased(PostEvent)
    found = rows(
        select(begun.c.hour, func.min(shown.hour).label("answered"))
        .outerjoin(
            answer,
            and_(
                answer.conversation_id == begun.c.conversation_id,
                answer.seq > 1,
                func.coalesce(answer.persona_id, answer.mask_id) != begun.c.by,
            ),
        )
        .outerjoin(
            shown,
            and_(
                shown.conversation_id == begun.c.conversation_id,
                shown.post_id == answer.id,
                shown.kind.in_(_SHOWN),
            ),
        )
        .group_by(begun.c.conversation_id, begun.c.hour)
    )
    return [(r.hour, (r.answered - r.hour).total_seconds() / 3600 if r.answered else inf) for r in found]
