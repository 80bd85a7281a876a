"""Rows found by tag and read by unsealing: one way for markers, drafts, seats, restrictions.

The sealed value carries what its tag was made of, so that a rotation can make both anew without knowing whose row it is.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Insert, Update, bindparam, delete, func, insert, select, update

from forum.base.db import rows
from forum.base.hot import Hot
from forum.base.keyring import Scope, the_keyring
from forum.base.transaction import here, write

Model = Any


def tags(scope: Scope, kind: str, *ids: bytes | int) -> list[bytes]:
    """Where a row may be, under every key that is still read; the active one first."""
    return the_keyring().tags(scope, kind, *(_bytes(i) for i in ids))


def sealed_row(model: Model, scope: Scope, kind: str, ids: tuple[bytes | int, ...], value: bytes) -> dict[str, Any]:
    """The columns of a new row."""
    ring, parts = the_keyring(), tuple(_bytes(i) for i in ids)
    tag = ring.tag(scope, kind, *parts)
    sealed = ring.seal(scope, model.__tablename__, tag, _pack(kind.encode(), value, *parts))
    return {"tag": tag, "sealed": sealed, "key_id": ring.writing_id}


def keep(model: Model, scope: Scope, kind: str, ids: tuple[bytes | int, ...], value: bytes) -> None:
    """Step: keep `value` where these ids lead, instead of what was there. Its use case is `retrying`.

    A row that is there is changed in its place, so that two tabs take turns at it. Two first ones at once clash, and the
    second runs again.

    :param value: of one size for each kind, so that the size tells nothing.
    """
    values = sealed_row(model, scope, kind, ids, value)
    at = tags(scope, kind, *ids)
    if write(_change(model), at=at[0], at_before=at[-1], **values).first() is None:
        write(_add(model), **values)


@cache
def _change(model: Model) -> Update:
    there = update(model).where(model.tag.in_([bindparam("at"), bindparam("at_before")]))
    return there.values({name: bindparam(name) for name in ("tag", "sealed", "key_id")}).returning(model.key_id)


@cache
def _add(model: Model) -> Insert:
    return insert(model)


def drop(model: Model, scope: Scope, kind: str, ids: tuple[bytes | int, ...]) -> None:
    """Step: forget it."""
    here().execute(delete(model).where(model.tag.in_(tags(scope, kind, *ids))))


def find(model: Model, scope: Scope, kind: str, ids: tuple[bytes | int, ...], *, lock: bool = False) -> bytes | None:
    """What is kept where these ids lead.

    :param lock: keep others from changing it until the transaction ends, and from being the first to write it.
    """
    at = tags(scope, kind, *ids)
    asked = {"tag": at[0], "tag_before": at[-1]}
    found = _find(model, lock).row(asked)
    if found is None and lock and _wait_for_the_first(at[0]):
        found = _find(model, lock).row(asked)
    return open_value(model, scope, found.tag, found.sealed) if found else None


def _wait_for_the_first(tag: bytes) -> bool:
    """Take the place of a row that is not there yet, and say whether somebody may have written it meanwhile.

    A lock on no row holds nobody: of two first pages of the same person the later would write over the words of the
    other. SQLite has one writer at a time, and nothing to wait for.
    """
    session = here()
    if session.get_bind().dialect.name == "sqlite":
        return False
    session.execute(_PLACE, {"place": int.from_bytes(tag[:8], signed=True)})
    return True


#: Until the transaction ends (PostgreSQL's manual, "Advisory Locks"). Two tags that begin alike only wait for each other.
_PLACE = select(func.pg_advisory_xact_lock(bindparam("place", type_=BigInteger)))


@cache
def _find(model: Model, lock: bool) -> Hot:
    """The question asked most of all, once for each table; the tag of the key before only counts during a rotation."""
    wanted = select(model.tag, model.sealed).where(model.tag.in_([bindparam("tag"), bindparam("tag_before")]))
    return Hot(wanted.with_for_update() if lock else wanted)


def find_many(
    model: Model, scope: Scope, kind: str, ids: Mapping[bytes, tuple[bytes | int, ...]]
) -> dict[bytes, bytes]:
    """`find` for several at once, in one query; keyed as `ids` is."""
    if len(ids) == 1:
        ((name, parts),) = ids.items()
        alone = find(model, scope, kind, parts)
        return {} if alone is None else {name: alone}
    wanted = {tag: name for name, parts in ids.items() for tag in tags(scope, kind, *parts)}
    found = rows(select(model.tag, model.sealed).where(model.tag.in_(list(wanted))))
    return {wanted[r.tag]: open_value(model, scope, r.tag, r.sealed) for r in found}


def open_value(model: Model, scope: Scope, tag: bytes, sealed: bytes) -> bytes:
    """The value of one row."""
    return open_whole(model, scope, tag, sealed)[1]


def open_whole(model: Model, scope: Scope, tag: bytes, sealed: bytes) -> tuple[str, bytes, tuple[bytes, ...]]:
    """Kind, value and the ids that the tag was made of."""
    kind, value, *ids = _unpack(the_keyring().unseal(scope, model.__tablename__, tag, sealed))
    return kind.decode(), value, tuple(ids)


def _bytes(part: bytes | int) -> bytes:
    return part if isinstance(part, bytes) else part.to_bytes(4)


def _pack(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4) + part for part in parts)


def _unpack(packed: bytes) -> Iterator[bytes]:
    while packed:
        size = int.from_bytes(packed[:4])
        yield packed[4 : 4 + size]
        packed = packed[4 + size :]
