"""Long lists in parts."""

import pytest

from forum.base.parts import in_parts


@pytest.mark.parametrize(
    ("length", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])], ids=lambda value: str(value)
)
def test_every_value_comes_once_and_in_its_order(length: int, sizes: list[int]) -> None:
    values = list(range(length))
    parts = [list(part) for part in in_parts(values, 3)]
    assert [len(part) for part in parts] == sizes
    assert [one for part in parts for one in part] == values
