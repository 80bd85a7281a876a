"""Lines that have not shown yet whose they are: few at once and not for long, so that they take no member's place.

Whoever opens thousands of lines and says nothing pushes out their own: it is always the oldest that goes, and a page of ours
signs in with the first thing it says.
"""

import threading
from collections import deque

from forum.base.pace import seconds
from forum.live.line import Line

#: A seventh of all places (`handshake.MOST_LINES`): after a restart hundreds of pages come back in the same second.
MOST = 500
#: A page needs two round trips; on a bad line in a tunnel those take some seconds.
WITHIN_S = 10.0

_waiting: deque[tuple[float, Line]] = deque()
_turn = threading.Lock()


def add(line: Line) -> None:
    """A line is open, and nobody knows whose it is. Never waits."""
    line.named = False
    with _turn:
        _waiting.append((seconds(), line))
        late = _take_oldest() if len(_waiting) > MOST else []
    _cut(late)


def cut_late() -> int:
    """Cut lines that had their time. Gives how many."""
    with _turn:
        since = seconds() - WITHIN_S
        late = []
        while _waiting and _waiting[0][0] <= since:
            late.append(_waiting.popleft()[1])
    return _cut(late)


def _take_oldest() -> list[Line]:
    """Those for whom there is no room, now that those who signed in or are gone are not counted."""
    still = [one for one in _waiting if _is_nameless(one[1])]
    over = max(0, len(still) - MOST)
    _waiting.clear()
    _waiting.extend(still[over:])
    return [line for _at, line in still[:over]]


def _cut(lines: list[Line]) -> int:
    nameless = [line for line in lines if _is_nameless(line)]
    for line in nameless:
        line.cut()
    return len(nameless)


def _is_nameless(line: Line) -> bool:
    return not (line.named or line.ended)
