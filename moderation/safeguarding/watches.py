"""Who is looked after since somebody died, read out of the lines of a record. What is done about it is in `watching`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from moderation.safeguarding.chronology import Line
from moderation.safeguarding.models import EventKind


@dataclass(frozen=True)
class Watch:
    """One that is open. :param n: the line that began it. :param who: in words. :param owner_id: a responder."""

    n: int
    who: str
    owner_id: bytes
    due_at: datetime


def list_open(lines: Sequence[Line]) -> list[Watch]:
    """Those that go on, what falls due first before the others."""
    found: dict[int, Watch] = {}
    for line in lines:
        if line.kind is EventKind.WATCH:
            found[line.n] = Watch(line.n, line.words, bytes.fromhex(line.codes["owner"]), _due(line))
        elif line.kind is EventKind.WATCHED and (before := found.pop(line.codes["watch"], None)) and line.codes["due"]:
            found[before.n] = Watch(before.n, before.who, before.owner_id, _due(line))
    return sorted(found.values(), key=lambda one: (one.due_at, one.n))


def _due(line: Line) -> datetime:
    return datetime.fromisoformat(line.codes["due"])
