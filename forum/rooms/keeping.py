"""How long the words of a meeting are kept: what its group's rules say, and never longer than they said before."""

from collections.abc import Mapping

from forum.models import RoomKind
from forum.policy.bindings import REGISTRY
from forum.policy.bindings import strictest as strictest_of
from forum.policy.terms import Terms

RETENTION = "chat.retention"
AT_END = "end of session"
#: Its values in days; what goes at the end goes when the meeting is closed.
DAYS: Mapping[str, int] = {"90 days": 90, "30 days": 30, "24 hours": 1, AT_END: 0}


def wanted(kind: RoomKind, terms: Terms) -> str:
    """What holds now. What was tried out in a practice room is for nobody to keep."""
    return AT_END if kind is RoomKind.PRACTICE else terms.values[RETENTION]


def strictest(promised: str, now: str) -> str:
    """The shorter time of the two. :param promised: what held before; "" for nothing yet."""
    return strictest_of(RETENTION, promised, now) if promised else now


def sentence(value: str) -> str:
    """What that means for whoever writes."""
    return str(REGISTRY[RETENTION].words[value])
