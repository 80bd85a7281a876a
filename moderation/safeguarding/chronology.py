"""What happened in which order: notes by people and what the program saw, sealed under the concern's own key.

Nothing is ever changed here. A correction is a new line that names the old one. Everything may one day be shown to the
person it is about, and the pages say so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from forum.base import blocks, clock
from forum.base.db import row, rows
from forum.base.idents import new_ident
from forum.base.transaction import here
from moderation.evidence import Copy
from moderation.safeguarding import responders, words
from moderation.safeguarding.cases import Case
from moderation.safeguarding.models import ConcernCopy, ConcernEvent, EventKind
from moderation.safeguarding.responders import Responder

EVENTS, COPIES = "concern_event", "concern_copy"


@dataclass(frozen=True)
class Line:
    """One line.

    :param at: when it was written; `happened_at`: when it was, if that is another time. :param by_id: a responder, or None
        for the program. :param codes: ids and choices. :param corrects: the number of the line that this one corrects.
    """

    n: int
    kind: EventKind
    at: datetime
    happened_at: datetime | None = None
    by_id: bytes | None = None
    by_name: str = ""
    role: str = ""
    words: str = ""
    codes: Mapping[str, Any] = field(default_factory=dict)
    corrects: int | None = None


def note(
    case: Case,
    kind: EventKind,
    by: Responder | None,
    said: str = "",
    *,
    codes: Mapping[str, Any] | None = None,
    happened_at: datetime | None = None,
    corrects: int | None = None,
) -> int:
    """Step: one more line; gives its number. The caller holds the concern locked, or has just made it.

    :param by: None: the program. :param codes: ids and choices, never words.
    """
    now = clock.now()
    last = row(select(func.max(ConcernEvent.n).label("n")).where(ConcernEvent.concern_id == case.id))
    n = (last.n or 0) + 1 if last else 1
    hidden = {
        "at": now.isoformat(),
        "happened_at": happened_at.isoformat() if happened_at else None,
        "by": by.id.hex() if by else None,
        "name": by.name if by else "",
        "role": by.role.value if by else "",
        "words": said,
        "codes": dict(codes or {}),
        "corrects": corrects,
    }
    sealed = words.seal_with(_key(case), EVENTS, _place(case, n), blocks.pack(hidden, words.BLOCK))
    values = {"concern_id": case.id, "n": n, "kind": kind, "hour": clock.floor_hour(now), "sealed": sealed}
    here().execute(insert(ConcernEvent).values(values))
    return n


def lines(case: Case, up_to: int | None = None) -> list[Line]:
    """The whole chronology, the first line first. The caller asks who may read it.

    :param up_to: the number of the last line wanted.
    """
    wanted = select(ConcernEvent.n, ConcernEvent.kind, ConcernEvent.sealed).where(ConcernEvent.concern_id == case.id)
    if up_to is not None:
        wanted = wanted.where(ConcernEvent.n <= up_to)
    key = _key(case)
    return [_open(case, key, found) for found in rows(wanted.order_by(ConcernEvent.n))]


def _open(case: Case, key: bytes, found: Any) -> Line:
    hidden = json.loads(words.open_with(key, EVENTS, _place(case, found.n), found.sealed))
    return Line(
        n=found.n,
        kind=found.kind,
        at=datetime.fromisoformat(hidden["at"]),
        happened_at=datetime.fromisoformat(hidden["happened_at"]) if hidden["happened_at"] else None,
        by_id=bytes.fromhex(hidden["by"]) if hidden["by"] else None,
        by_name=hidden["name"],
        role=hidden["role"],
        words=hidden["words"],
        codes=hidden["codes"],
        corrects=hidden["corrects"],
    )


def keep_copy(case: Case, copy: Copy) -> None:
    """Step: seal what it is about, as it is now."""
    ident = new_ident()
    value = blocks.pack([getattr(copy, name) for name in Copy.__dataclass_fields__], words.BLOCK)
    sealed = words.seal_with(_key(case), COPIES, ident, value)
    here().execute(insert(ConcernCopy).values(id=ident, concern_id=case.id, sealed=sealed))


def copies(case: Case) -> list[Copy]:
    """What it was about, as it was then, in their order. The caller asks who may read it."""
    found = rows(select(ConcernCopy.id, ConcernCopy.sealed).where(ConcernCopy.concern_id == case.id))
    key = _key(case)
    opened = [Copy(*json.loads(words.open_with(key, COPIES, r.id, r.sealed))) for r in found]
    return sorted(opened, key=lambda copy: copy.n)


def name_of(case: Case, responder_id: bytes) -> str:
    """The name that a responder goes by now, for a line that names them."""
    found = responders.get(case.scope, responder_id)
    return found.name if found else ""


def _key(case: Case) -> bytes:
    return words.open_inside(case).key


def _place(case: Case, n: int) -> bytes:
    return case.id + n.to_bytes(4)
