"""How fast something may go on average, with a burst allowed."""

import time


class Pace:
    """An allowance that fills up by itself.

    :param a_second: how much it fills in a second. :param burst: the most it holds; it begins full.
    """

    def __init__(self, a_second: float, burst: float) -> None:
        self._a_second, self._burst = a_second, burst
        self._left = burst
        self._at = time.monotonic()

    def take(self, amount: float) -> float:
        """Take `amount` out and give the seconds to wait until it is paid for, 0 if it was there."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._a_second) - amount
        self._at = now
        return max(0.0, -self._left / self._a_second)

    def try_take(self, amount: float) -> float:
        """Take `amount` if it is there; else take nothing, and give the seconds until it will be."""
        wait = self.take(amount)
        if wait:
            self._left += amount
        return wait


def seconds() -> float:
    """A stopwatch: only differences mean anything."""
    return time.monotonic()


def let_others_go_on() -> float:
    """Give way to everything that can run; gives the seconds until it is our turn again."""
    left = time.monotonic()
    time.sleep(0)  # under gevent this is its own, and every greenlet that can run does
    return time.monotonic() - left


class Turn:
    """How long somebody may go on before others get theirs.

    :param seconds: how long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self._since = seconds, 0.0

    def is_over(self) -> bool:
        """Whether it is time to let the others go on; asking says that they did, and the next turn begins."""
        now = time.perf_counter()
        if now - self._since <= self._seconds:
            return False
        self._since = now
        return True


class TimeLeft:
    """How long a piece of work may still take.

    :param seconds: from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def is_over(self) -> bool:
        """Whether the rest has to wait for another time."""
        return time.monotonic() >= self._ends
