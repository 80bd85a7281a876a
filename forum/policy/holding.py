"""What waits for a person where somebody writes, and which brake is on there now: of the group and of the board together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forum.base import clock
from forum.models import Board, Brake, Group, Hold

#: What holds posts whatever their words are, so that it can be said before somebody writes.
BEFORE_WRITING = Hold.EVERYTHING | Hold.UNSTAFFED | Hold.NEWCOMERS


@dataclass(frozen=True)
class BrakeOn:
    """A brake that is on now.

    :param words: of the team, to members; may be empty.
    """

    kind: Brake
    until: datetime
    words: str

    @property
    def stops(self) -> bool:
        """Whether nobody writes new posts meanwhile."""
        return self.kind is Brake.STOP


def holding_columns() -> tuple[Any, ...]:
    """The columns that `holds_of` and `brake_of` read, where Group is joined and Board may be."""
    of_both = [(model, column) for model in (Group, Board) for column in (model.holds, *brake_columns(model))]
    return (Group.hold_newcomers, *(column.label(f"{model.__tablename__}_{column.key}") for model, column in of_both))


def brake_columns(model: type[Group | Board]) -> tuple[Any, ...]:
    """What `brake_on` takes, of the group or of a board itself."""
    return (model.brake, model.brake_until, model.brake_words)


def holds_of(found: Any) -> Hold:
    """What waits there: what the group chose, and what was chosen for the board besides."""
    newcomers = Hold.NEWCOMERS if found.hold_newcomers else Hold(0)
    return Hold(found.group_holds) | Hold(found.board_holds or 0) | newcomers


def brake_of(found: Any) -> BrakeOn | None:
    """The brake that is on there now. Of two the one that stops more counts, then the one that lasts longer."""
    pulled = (
        brake_on(found.group_brake, found.group_brake_until, found.group_brake_words),
        brake_on(found.board_brake, found.board_brake_until, found.board_brake_words),
    )
    return max(filter(None, pulled), key=lambda one: (one.stops, one.until), default=None)


def brake_on(kind: Brake | None, until: datetime | None, words: str | None) -> BrakeOn | None:
    """A brake, if it was pulled and has not ended by itself."""
    return BrakeOn(kind, until, words or "") if kind and until and clock.now() < until else None
