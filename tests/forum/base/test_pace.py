"""An allowance that fills up by itself."""

import time

import pytest

from forum.base.pace import Pace


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The stopwatch's hand, for the test to move."""
    hand = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: hand[0])
    return hand


def test_a_burst_costs_nothing_and_what_is_over_is_waited_for(seconds: list[float]):
    pace = Pace(a_second=10, burst=50)
    assert pace.take(50) == 0
    assert pace.take(20) == 2.0


def test_it_fills_with_time_and_no_further_than_the_burst(seconds: list[float]):
    pace = Pace(a_second=10, burst=50)
    pace.take(50)
    seconds[0] += 3
    assert pace.take(30) == 0
    seconds[0] += 1000
    assert pace.take(50) == 0
    assert pace.take(1) == pytest.approx(0.1)
