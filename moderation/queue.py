"""The one list of everything that waits for the team of a group, the earliest due time first.

Nothing is hidden because somebody else looks at it, and nothing overtakes what is due before it. What names the reader,
and their own words, is not there for them: not on a page, not in a count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Row, bindparam, func, select, tuple_
from sqlalchemy.orm import aliased

from forum.base.hot import Hot
from forum.base.keyring import Scope
from forum.models import Mask, Persona, Post
from forum.policy.actor import Actor
from forum.policy.permissions import may_look_after, require
from moderation import evidence, leases, notes, sight
from moderation.models import CaseItem, CaseKind, Report

PAGE = 20
#: A count goes no further; the page says "more than". Beyond it nobody plans their evening by the number.
MOST_COUNTED = 99

#: Nothing with a later due time comes first; of the same, the one that waits longer.
ORDER = (CaseItem.due_at, CaseItem.opened_hour, CaseItem.id)
_PLACE = ("after_due", "after_hour", "after_id")
_LOOKS = aliased(Persona)
_TELLERS = select(func.count()).select_from(Report).where(Report.item_id == CaseItem.id).scalar_subquery()
_OPEN = (
    select(
        CaseItem.id,
        CaseItem.kind,
        CaseItem.reasons,
        CaseItem.due_at,
        CaseItem.post_id,
        CaseItem.target,
        CaseItem.about,
        CaseItem.intensity,
        CaseItem.lang,
        CaseItem.screened,
        CaseItem.claimed_by,
        CaseItem.lease_until,
        _LOOKS.name.label("looks"),
        func.coalesce(Persona.name, Mask.alias).label("author"),
        _TELLERS.label("tellers"),
    )
    .outerjoin(_LOOKS, _LOOKS.id == CaseItem.claimed_by)
    .outerjoin(Post, Post.id == CaseItem.post_id)
    .outerjoin(Persona, Persona.id == Post.persona_id)
    .outerjoin(Mask, Mask.id == Post.mask_id)
    .where(CaseItem.decided.is_(False))
)


@dataclass(frozen=True)
class Line:
    """One item of the list.

    :param author: the name that stood on the words, or "". :param looks: who looks at it now, or "", until `until`.
    :param tellers: how many people told, of what people tell. :param mine: the reader looks at it.
    :param asks: a colleague who looks at it asks the others.
    """

    id: bytes
    kind: CaseKind
    target: str
    reasons: str
    due_at: datetime
    author: str
    tellers: int
    intensity: int
    lang: str
    screened: bool
    looks: str
    mine: bool
    until: datetime | None
    asks: bool


@dataclass(frozen=True)
class Stretch:
    """A page of the list.

    :param onward: the item after which the next page begins, or None. :param in_all: how many wait, this reader's alone,
    up to MOST_COUNTED; `more`: it is more than that.
    """

    lines: Sequence[Line]
    onward: bytes | None
    in_all: int
    more: bool


def list_open(actor: Actor, scope: Scope, kind: CaseKind | None = None, after: bytes | None = None) -> Stretch:
    """What waits. :param kind: only these. :param after: the item that the page before ended with, decided since or not.

    :raises NotFound: not of the team.
    """
    require(may_look_after, actor, scope.group_id)
    counted = _seen(actor, scope, kind, None, MOST_COUNTED + 1)
    found = _seen(actor, scope, kind, _place_of(scope, after), PAGE + 1) if after else counted
    shown = found[:PAGE]
    onward = shown[-1].id if len(found) > PAGE else None
    in_all = min(len(counted), MOST_COUNTED)
    return Stretch(_lines(actor, scope, shown), onward, in_all, len(counted) > MOST_COUNTED)


def find_next(actor: Actor, scope: Scope, kind: CaseKind | None = None) -> bytes | None:
    """The first item that nobody looks at, or that the reader looks at already. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    me, place = actor.memberships[scope.group_id].persona_id, None
    while part := _seen(actor, scope, kind, place, MOST_COUNTED):
        for item in part:
            if item.claimed_by == me or not leases.is_live(item.claimed_by, item.lease_until):
                return bytes(item.id)
        place = _place_of(scope, part[-1].id)
    return None


def _seen(actor: Actor, scope: Scope, kind: CaseKind | None, place: Sequence[Any] | None, most: int) -> list[Row[Any]]:
    """The next items that exist for this reader."""
    found: list[Row[Any]] = []
    while len(found) < most:
        part = _ask(scope, kind, place, most)
        hidden = sight.hidden(actor, scope, part)
        found += [item for item in part if item.id not in hidden]
        if len(part) < most:
            break
        place = _place_of(scope, part[-1].id)
    return found[:most]


def _ask(scope: Scope, kind: CaseKind | None, place: Sequence[Any] | None, most: int) -> Sequence[Row[Any]]:
    asked: dict[str, Any] = {"group": scope.group_id, "most": most}
    if kind is not None:
        asked["kind"] = kind
    if place is not None:
        asked |= zip(_PLACE, place, strict=True)
    return _open(kind is not None, place is not None).rows(asked)


@cache
def _open(of_kind: bool, onward: bool) -> Hot:
    wanted: list[ColumnElement[bool]] = [CaseItem.group_id == bindparam("group")]
    if of_kind:
        wanted.append(CaseItem.kind == bindparam("kind"))
    if onward:
        at = [bindparam(name, type_=column.type) for name, column in zip(_PLACE, ORDER, strict=True)]
        wanted.append(tuple_(*ORDER) > tuple_(*at))
    return Hot(_OPEN.where(*wanted).order_by(*ORDER).limit(bindparam("most", type_=Integer)))


def _place_of(scope: Scope, item_id: bytes) -> Sequence[Any] | None:
    """Where an item stands in the order. One that is decided meanwhile keeps its place."""
    return cast("Sequence[Any] | None", _STANDS.row({"item": item_id, "group": scope.group_id}))


_STANDS = Hot(select(*ORDER).where(CaseItem.id == bindparam("item"), CaseItem.group_id == bindparam("group")))


def _lines(actor: Actor, scope: Scope, found: Iterable[Row[Any]]) -> list[Line]:
    me = actor.memberships[scope.group_id].persona_id
    found = list(found)
    names = evidence.first_authors(scope, [item.id for item in found if item.post_id is None])
    asking = notes.list_asking([item.id for item in found])
    return [_line(item, me, names.get(item.id, ""), asks=item.id in asking) for item in found]


def _line(item: Row[Any], me: bytes, name: str, *, asks: bool) -> Line:
    live = leases.is_live(item.claimed_by, item.lease_until)
    return Line(
        id=item.id,
        kind=item.kind,
        target=item.target.value if item.target else "",
        reasons=item.reasons,
        due_at=item.due_at,
        author=item.author or name,
        tellers=item.tellers,
        intensity=item.intensity,
        lang=item.lang,
        screened=item.screened,
        looks=(item.looks or "") if live else "",
        mine=live and item.claimed_by == me,
        until=item.lease_until if live else None,
        asks=asks,
    )
