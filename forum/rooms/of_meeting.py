"""Rows found by a tag of persona and meeting that also say which meeting they belong to, and so go with it."""

from typing import Any

from sqlalchemy import delete, insert, update

from forum.base import tagged
from forum.base.keyring import Scope
from forum.base.transaction import here


def keep(model: Any, scope: Scope, kind: str, persona_id: bytes, meeting_id: bytes, value: bytes) -> None:
    """Step: keep `value` for a persona in a meeting, instead of what was there. Its use case is `retrying`.

    :param value: of one size for each kind, so that the size tells nothing.
    """
    columns = tagged.sealed_row(model, scope, kind, (persona_id, meeting_id), value)
    there = model.tag.in_(tagged.tags(scope, kind, persona_id, meeting_id))
    changed = update(model).where(there).values(**columns).returning(model.key_id)
    if here().execute(changed.execution_options(synchronize_session=False)).first() is None:
        here().execute(insert(model).values(meeting_id=meeting_id, **columns))


def forget(model: Any, meeting_id: bytes) -> None:
    """Step: nothing of a meeting is kept there any more."""
    here().execute(delete(model).where(model.meeting_id == meeting_id).execution_options(synchronize_session=False))
