"""Lines that show nobody's sign-in: few at once, not for long, and never in the way of a page of ours."""

import socket
from collections.abc import Iterator

import pytest

from forum.live import newcomers
from forum.live.line import Line


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A stopwatch that a test moves, and nobody waiting."""
    at = [1000.0]
    monkeypatch.setattr(newcomers, "seconds", lambda: at[0])
    monkeypatch.setattr(newcomers, "_waiting", newcomers.deque())
    return at


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    """More of them than may wait."""
    pairs = [socket.socketpair() for _n in range(12)]
    yield [Line(ours) for ours, _theirs in pairs]
    for pair in pairs:
        for one in pair:
            one.close()


def test_sec_s12_a_line_that_shows_nobodys_sign_in_has_ten_seconds(now: list[float], lines: list[Line]) -> None:
    silent, page = lines[:2]
    newcomers.add(silent), newcomers.add(page)
    page.named = True
    now[0] += 9.9
    assert newcomers.cut_late() == 0
    now[0] += 0.2
    assert newcomers.cut_late() == 1
    assert (silent.ended, page.ended) == (True, False)
    assert newcomers.cut_late() == 0


def test_sec_s12_of_too_many_the_oldest_goes_and_whoever_signed_in_stays(
    now: list[float], lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newcomers, "MOST", 5)
    page, *silent = lines
    newcomers.add(page)
    page.named = True
    for line in silent:
        newcomers.add(line)
    assert not page.ended
    assert [line.ended for line in silent] == [True] * 6 + [False] * 5


def test_a_line_that_said_goodbye_belongs_to_nobody(now: list[float], lines: list[Line]) -> None:
    lines[0].named = True
    newcomers.add(lines[0])
    now[0] += newcomers.WITHIN_S
    assert newcomers.cut_late() == 1
