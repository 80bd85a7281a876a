"""Bringing every tag and seal to the active keys, in batches, while people read and write (look-ups try both meanwhile).

The same pass runs before each backup with the keys unchanged: then every sealed value differs from the night before,
and comparing two nights does not show whose row was touched (decisions.md, "What the attack showed").
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from forum.base import tagged
from forum.base.db import rows
from forum.base.keyring import KeyringError, Scope, the_keyring
from forum.base.parts import in_parts
from forum.base.transaction import here, transaction

#: Short enough that a person who posts meanwhile waits for no more than a few milliseconds.
BATCH = 100


@dataclass(frozen=True)
class Pass:
    """One table with tags or seals.

    :param key: its primary key. :param renew: a step that gives one row its new tag and seal.
    """

    model: Any
    key: Any
    renew: Callable[[Any], None]


_passes: dict[str, Pass] = {}


def register(one: Pass) -> None:
    """Have a table renewed by every rotation."""
    _passes[one.model.__tablename__] = one


def tables() -> frozenset[str]:
    """The tables that rotations renew; a test compares them with the tables that have a `key_id`."""
    return frozenset(_passes)


def count_old() -> int:
    """How many rows are under another key than the active ones."""
    return sum(len(_keys_of(one, only_old=True)) for one in _passes.values())


def renew_old() -> Iterator[int]:
    """Bring rows under older keys to the active ones; gives the size of each batch. Safe to stop and start again."""
    yield from _renew(only_old=True)


def renew_all() -> Iterator[int]:
    """Seal every row afresh under the keys it has, before a backup."""
    yield from _renew(only_old=False)


def _renew(*, only_old: bool) -> Iterator[int]:
    for one in _passes.values():
        keys = _keys_of(one, only_old=only_old)
        for batch in in_parts(keys, BATCH):
            with transaction():
                found = here().execute(select(*one.model.__table__.columns).where(one.key.in_(batch)).with_for_update())
                for row in found.all():
                    one.renew(row)
            yield len(batch)


def _keys_of(one: Pass, *, only_old: bool) -> list[Any]:
    statement = select(one.key)
    if only_old:
        statement = statement.where(one.model.key_id != the_keyring().writing_id)
    return [r[0] for r in rows(statement)]


def renew_tagged(model: Any, scopes: Callable[[], list[Scope]]) -> Callable[[Any], None]:
    """The step for a table of forum.base.tagged.

    :param scopes: everywhere a row may belong; its own row does not say.
    """

    def renew(row: Any) -> None:
        scope, (kind, value, ids) = _open_anywhere(model, scopes(), row)
        values = tagged.sealed_row(model, scope, kind, ids, value)
        here().execute(
            update(model).where(model.tag == row.tag).values(values).execution_options(synchronize_session=False)
        )

    return renew


def renew_sealed(model: Any, scope_of: Callable[[bytes], Scope | None]) -> Callable[[Any], None]:
    """The step for a table whose rows say their group and are sealed under their own id in the table's name.

    :param scope_of: finds where a group's seals belong.
    """

    def renew(row: Any) -> None:
        scope, ring, place = scope_of(row.group_id), the_keyring(), model.__tablename__
        if scope is None:
            raise LookupError(f"A row of {place} without a group: the database was changed by hand.")
        value = ring.unseal(scope, place, row.id, row.sealed)
        anew = {"sealed": ring.seal(scope, place, row.id, value), "key_id": ring.writing_id}
        change = update(model).where(model.id == row.id).values(anew)
        here().execute(change.execution_options(synchronize_session=False))

    return renew


def _open_anywhere(model: Any, scopes: list[Scope], row: Any) -> tuple[Scope, tuple[str, bytes, tuple[bytes, ...]]]:
    for scope in scopes:
        try:
            return scope, tagged.open_whole(model, scope, row.tag, row.sealed)
        except KeyringError:
            continue
    raise KeyringError(f"A row of {model.__tablename__} opens in no group. Was the right keyring restored?")
