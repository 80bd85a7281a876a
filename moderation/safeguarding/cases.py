"""One concern as the rest of this package reads it, and the only way its row is changed."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select, update

from forum.base.db import row, rows
from forum.base.errors import Conflict, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.base.words import _
from forum.policy.permissions import Denial
from moderation.safeguarding.models import Concern, Kind, Level, Origin, State, Timer

#: Stands in the place of a group for what was raised in none.
NO_GROUP = b""
#: States in which nothing waits any more.
ENDED = frozenset({State.CLOSED, State.MERGED})


@dataclass(frozen=True)
class Case:
    """A concern as it is now.

    :param clocks: what runs, and when it falls due. :param policy: minutes by level, as they were when it was raised.
    """

    id: bytes
    organisation_id: bytes
    group_id: bytes | None
    code: str
    kind: Kind
    origin: Origin
    level: Level
    state: State
    gen: int
    version: int
    step: int
    owner_id: bytes | None
    offered_to: bytes | None
    proposed_by: bytes | None
    timer: Timer | None
    due_at: datetime | None
    clocks: dict[Timer, datetime]
    armed_at: datetime | None
    policy: dict[str, Any]
    raised_hour: datetime
    subject_tag: bytes | None
    sealed: bytes
    do_not_write: bool
    spoken: bool
    wants_no_action: bool
    ever_high: bool
    identity_opened: bool
    looked_at: bool
    promise_unmet: bool
    outcome: str | None
    merged_into: bytes | None
    closed_on: date | None
    keep_until: date | None
    legal_hold: bool
    gone_on: date | None

    @property
    def scope(self) -> Scope:
        """Where its tags and seals belong."""
        return Scope(self.organisation_id, self.group_id or NO_GROUP)

    @property
    def is_open(self) -> bool:
        """Whether somebody still answers for it, or is being called."""
        return self.state not in ENDED

    @property
    def numbers(self) -> dict[str, Any]:
        """The times of its level."""
        return dict(self.policy[self.level.value])


_FIELDS = tuple(Case.__dataclass_fields__)
COLUMNS = tuple(getattr(Concern, name) for name in _FIELDS)


def read(found: Row[Any]) -> Case:
    """A row with COLUMNS."""
    values = {name: getattr(found, name) for name in _FIELDS}
    clocks = {Timer(name): datetime.fromisoformat(at) for name, at in json.loads(found.clocks).items()}
    return Case(**values | {"clocks": clocks, "policy": json.loads(found.policy)})


def list_by(*conditions: Any) -> list[Case]:
    """All that meet the conditions. It asks no permission: pages go through `queries`."""
    return [read(found) for found in rows(_wanted().where(*conditions))]


def find(concern_id: bytes) -> Case | None:
    """One by id. It asks no permission."""
    found = row(_wanted().where(Concern.id == concern_id))
    return read(found) if found else None


def lock(concern_id: bytes, *, skip_locked: bool = False) -> Case:
    """Step: the same, and nobody else changes it until the transaction ends.

    :param skip_locked: do not wait for somebody who has it now. :raises NotFound: there is none, or it was skipped.
    """
    wanted = _wanted().where(Concern.id == concern_id).with_for_update(skip_locked=skip_locked)
    found = here().execute(wanted).first()
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return read(found)


def change(case: Case, **columns: Any) -> Case:
    """Step: write these columns, if nobody changed the concern since `case` was read; gives what it is now.

    :raises Conflict: somebody was quicker.
    """
    values = columns | {"version": case.version + 1}
    guarded = update(Concern).where(Concern.id == case.id, Concern.version == case.version).values(values)
    done = here().execute(guarded.returning(*COLUMNS).execution_options(synchronize_session=False)).first()
    if done is None:
        raise Conflict(_("Somebody changed this a moment ago. Look at it again, then decide."))
    return read(done)


def _wanted() -> Select[Any]:
    return select(*COLUMNS)


def put_off(concern_id: bytes, until: datetime) -> None:
    """Step: look at a row again later that could not be read. Its clocks stay, so that the watchdog sees how late it is."""
    later = update(Concern).where(Concern.id == concern_id, Concern.due_at.is_not(None), Concern.due_at < until)
    here().execute(later.values(due_at=until, armed_at=None).execution_options(synchronize_session=False))
