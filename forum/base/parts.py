"""Long lists in parts: a statement takes only so many bound values, and a transaction should only take so long."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_parts(values: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """The values in their order, at most so many at a time; nothing of an empty list."""
    for start in range(0, len(values), most):
        yield values[start : start + most]
