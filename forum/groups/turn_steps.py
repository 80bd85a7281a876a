"""What every table of turns has in common: a group's duty times, and who of an organisation's officers is called first.

Steps inside the caller's transaction. Who may change a table, and who may stand in it, each table says for itself.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here
from forum.base.words import _
from forum.policy.permissions import Denial

#: Dates that differ, still to come.
MOST_DATES = 200
#: Nobody plans further, and a slip of the year is noticed.
FURTHEST = timedelta(days=366)
#: What is past is kept for a week, so that the page can still say who was here.
PAST_KEPT = timedelta(days=7)


def read_time(typed: str, field: str) -> str:
    """A time of a form as HH:MM. :raises Invalid: none."""
    try:
        return f"{time.fromisoformat(typed.strip()):%H:%M}"
    except ValueError as error:
        raise Invalid(_("Write the time as 19:00."), field) from error


def check_day(day: date) -> None:
    """:raises Invalid: past, or too far off."""
    today = clock.today()
    if not today - timedelta(days=1) <= day <= today + FURTHEST:
        raise Invalid(_("Choose a date in the next twelve months."), "day")


@dataclass(frozen=True)
class Table:
    """One kind of turns. :param owner: the column that says whose week and dates they are. :param most: times of a week."""

    slot: Any
    other: Any
    swap: Any
    owner: str
    most: int

    def add_slot(self, owner: bytes, **values: Any) -> None:
        """A time of every week. :raises Invalid: the table is full."""
        if self._count(self.slot, owner) >= self.most:
            raise Invalid(_("The table is full. Please remove a time first."), "weekday")
        here().execute(insert(self.slot).values(id=new_ident(), **{self.owner: owner}, **values))

    def forget_swaps(self, owner: bytes, slot_id: bytes) -> None:
        """Swaps of a time were about that time, so they go with it. :raises NotFound: no such time here."""
        if row(select(self.slot.id).where(self.slot.id == slot_id, self._of(self.slot, owner))) is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        here().execute(delete(self.swap).where(self.swap.slot_id == slot_id))

    def remove_slot(self, owner: bytes, slot_id: bytes) -> None:
        """Nobody comes at these hours any more. :raises NotFound: no such time here."""
        self.forget_swaps(owner, slot_id)
        here().execute(delete(self.slot).where(self.slot.id == slot_id, self._of(self.slot, owner)))

    def set_day(self, owner: bytes, day: date, starts: str, **values: Any) -> None:
        """One date that differs; hours are added to those that it has already.

        :param starts: empty: nobody comes. :raises Invalid: past, too far off, or too many dates.
        """
        check_day(day)
        self.drop_past(owner)
        old = delete(self.other).where(self._of(self.other, owner), self.other.day == day)
        if starts:
            old = old.where(self.other.starts.in_(["", starts]))
        here().execute(old.execution_options(synchronize_session=False))
        here().execute(
            insert(self.other).values(id=new_ident(), day=day, starts=starts, **{self.owner: owner}, **values)
        )

    def remove_day(self, owner: bytes, other_id: bytes) -> None:
        """The date is as every week again, or has these hours no more."""
        here().execute(delete(self.other).where(self.other.id == other_id, self._of(self.other, owner)))

    def drop_past(self, owner: bytes) -> None:
        """Forget what is over. :raises Invalid: there are too many dates still to come."""
        old = clock.today() - PAST_KEPT
        here().execute(delete(self.other).where(self._of(self.other, owner), self.other.day < old))
        slots = select(self.slot.id).where(self._of(self.slot, owner))
        past = delete(self.swap).where(self.swap.slot_id.in_(slots), self.swap.day < old)
        here().execute(past.execution_options(synchronize_session=False))
        if self._count(self.other, owner) >= MOST_DATES:
            raise Invalid(_("There are many dates here already. Please remove one first."), "day")

    def list_swaps(self, owner: bytes, since: date) -> dict[tuple[bytes, date], Row[Any]]:
        """Swaps asked for or taken, by the time and the date."""
        found = rows(
            select(self.swap.id, self.swap.slot_id, self.swap.day, self.swap.asked_by, self.swap.taken_by)
            .join(self.slot, self.slot.id == self.swap.slot_id)
            .where(self._of(self.slot, owner), self.swap.day >= since)
        )
        return {(r.slot_id, r.day): r for r in found}

    def ask_swap(self, slot_id: bytes, day: date, me: bytes) -> None:
        """Ask another to take a turn; until somebody does, whoever asks keeps it."""
        values = {"slot_id": slot_id, "day": day, "asked_by": me, "taken_by": None}
        here().execute(insert(self.swap).values(id=new_ident(), **values))

    def find_swap(self, owner: bytes, swap_id: bytes) -> Row[Any]:
        """Who asked, and who took it. :raises NotFound: no such swap here."""
        found = row(
            select(self.swap.asked_by, self.swap.taken_by)
            .join(self.slot, self.slot.id == self.swap.slot_id)
            .where(self.swap.id == swap_id, self._of(self.slot, owner))
        )
        if found is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        return found

    def take_swap(self, owner: bytes, swap_id: bytes, me: bytes) -> None:
        """From now on the turn is mine.

        :raises NotFound: it was called off. :raises NotAllowed: one's own. :raises Conflict: somebody else took it first.
        """
        if self.find_swap(owner, swap_id).asked_by == me:
            raise NotAllowed(_("You asked for this swap yourself. Somebody else has to take it."))
        free = (self.swap.id == swap_id, self.swap.taken_by.is_(None))
        taken = update(self.swap).where(*free).values(taken_by=me).returning(self.swap.id)
        if here().execute(taken.execution_options(synchronize_session=False)).first() is None:
            raise Conflict(_("Somebody else took this turn already. Thank you all the same."))

    def drop_swap(self, swap_id: bytes) -> None:
        """The turn is again whose it was."""
        here().execute(delete(self.swap).where(self.swap.id == swap_id))

    def _of(self, model: Any, owner: bytes) -> ColumnElement[bool]:
        return getattr(model, self.owner) == owner

    def _count(self, model: Any, owner: bytes) -> int:
        counted = row(select(func.count()).where(self._of(model, owner)))
        return counted[0] if counted else 0
