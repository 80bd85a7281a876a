"""Numbers that may be shown: none under five, and none that gives away one that is not shown. Pure."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

R = TypeVar("R", bound=Hashable)
C = TypeVar("C", bound=Hashable)

#: Under this a number is about people whom somebody could name.
LEAST = 5


def shown(table: Mapping[R, Mapping[C, int]]) -> dict[R, dict[C, int | None]]:
    """A table without numbers under LEAST; None stands for what is not said.

    Where one alone of a line or of a column is left out, whoever knows their sum has it at once: then the next smallest
    goes, too. None and nothing at all look alike: no number is always "under five".

    :param table: lines of columns; all lines have the same columns.
    """
    hidden = {(r, c) for r, line in table.items() for c, n in line.items() if n < LEAST}
    while more := _alone(table, hidden):
        hidden |= more
    return {r: {c: None if (r, c) in hidden else n for c, n in line.items()} for r, line in table.items()}


def _alone(table: Mapping[R, Mapping[C, int]], hidden: set[tuple[R, C]]) -> set[tuple[R, C]]:
    """The smallest neighbour of each number that is left out alone in its line or column."""
    lines = [[(r, c) for c in line] for r, line in table.items()]
    columns = [list(cells) for cells in zip(*lines, strict=True)]
    found = set()
    for cells in (*lines, *columns):
        left = [cell for cell in cells if cell not in hidden]
        if len(cells) - len(left) == 1 and left:
            found.add(min(left, key=lambda cell: table[cell[0]][cell[1]]))
    return found


def total(number: int, people: int) -> int | None:
    """A sum over people: said only if there are five of each, for with fewer one of them could be worked out."""
    return number if number >= LEAST and people >= LEAST else None
