"""Named places where a test may kill the process for real (decisions.md §8). Without the variable they cost one look-up.

FORUM_FAILPOINT="after commit:3" kills at the third time "after commit" is reached.
"""

import os
import signal

_armed, _, _count = os.environ.get("FORUM_FAILPOINT", "").partition(":")
_left = int(_count or 1)


def reach(name: str) -> None:
    """Die here, as if the power went, when a test armed this place."""
    global _left
    if name != _armed:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
