"""How much heavy reading one moderator takes on, and when to pause. Pure: what is their own in, what now holds out.

Folding words away gives control and protects nobody (Lewitzka et al. 2026: blurred or grey pictures hurt as much), so
what counts is how many heavy ones somebody takes, in a row and on a day (moderation.md §1.9).
"""

import enum
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from moderation.models import CaseKind
from moderation.own import MOST_KEPT, Own, beginning

#: 1 light, 2 middling, 3 heavy; 0: nobody has said.
LIGHT, MIDDLING, HEAVY = 1, 2, 3
#: A lighter one or a pause is offered first after so many; after MOST_A_DAY nobody is asked to go on.
IN_A_ROW, A_DAY, MOST_A_DAY = 3, 6, 10
#: A pause this long ends a row.
PAUSE_MINUTES = 30
#: How heavy a kind is until a reader says otherwise.
BY_KIND = {
    CaseKind.WELFARE: HEAVY,
    CaseKind.ILLEGAL: HEAVY,
    CaseKind.LIVE: MIDDLING,
    CaseKind.REPORT: MIDDLING,
    CaseKind.APPEAL: MIDDLING,
    CaseKind.COMPLAINT: MIDDLING,
}
#: Note classes whose words are heavy whoever reads them: self-harm, abuse, sexual violence, violence.
HEAVY_TOPICS = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4


class Room(enum.StrEnum):
    """Whether somebody has room for another heavy one."""

    ENOUGH = "enough"  #: they have room enough
    ROW = "row"  #: several in a row: something lighter or a pause comes first
    DAY = "day"  #: many today: the same
    OVER = "over"  #: too many today for anybody


@dataclass(frozen=True)
class At:
    """A moment as this module counts it. :param day: by the group's clock. :param minute: since 1970."""

    day: int
    minute: int


def at(now: datetime, zone: str) -> At:
    """This moment in a group."""
    return At(now.astimezone(ZoneInfo(zone)).date().toordinal(), int(now.timestamp()) // 60)


def weight(kind: CaseKind, said: int, topics: int) -> int:
    """How heavy an item is. What its source or a reader said counts before what its kind and topics suggest.

    :param said: `case_item.intensity`. :param topics: mask of note classes.
    """
    return said or max(BY_KIND.get(kind, LIGHT), HEAVY if topics & HEAVY_TOPICS else LIGHT)


def heavy_today(own: Own, now: At) -> int:
    """How many heavy ones they took today."""
    return own.heavy if own.day == now.day else 0


def in_row(own: Own, now: At) -> int:
    """How many heavy ones they took without a pause."""
    return own.in_row if now.minute - own.last_minute < PAUSE_MINUTES else 0


def room(own: Own, now: At) -> Room:
    """Whether they have room for another heavy one."""
    today = heavy_today(own, now)
    if today >= MOST_A_DAY:
        return Room.OVER
    if today >= A_DAY:
        return Room.DAY
    return Room.ROW if in_row(own, now) >= IN_A_ROW else Room.ENOUGH


def after_taking(own: Own, item_id: bytes, heaviness: int, now: At) -> Own:
    """What holds after they took an item. One they took before counts once: they look again at what they know."""
    if beginning(item_id) in own.taken:
        return own
    taken = (*own.taken, beginning(item_id))[-MOST_KEPT:]
    if heaviness < HEAVY:
        return replace(own, taken=taken, in_row=0)
    row, today = in_row(own, now) + 1, heavy_today(own, now) + 1
    return replace(own, taken=taken, day=now.day, heavy=today, in_row=row, last_minute=now.minute)
