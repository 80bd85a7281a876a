"""Setting a group up (A1): a few things that make it safe, each with its reason, and then it opens.

Most are seen in the data. Two are a person's word: that they read the ground rules, and that the numbers for a crisis are
right. Until the group opens, outsiders get the answer of a group that does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, insert, select, update

from forum.accounts import second_factor
from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotAllowed
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.models import Board, DutySlot, Group, Persona, Role, SetupStep
from forum.policy.actor import Actor
from forum.policy.members import NOT_IN
from forum.policy.permissions import may_facilitate, may_look_after, require

#: A group that one person looks after has nobody when that person is ill.
LEAST_TEAM = 2
#: Said to be done by a person; everything else is looked up.
BY_WORD = ("rules", "crisis")


@dataclass(frozen=True)
class Task:
    """One thing to do before the group opens."""

    step: str
    done: bool


def list_tasks(actor: Actor, scope: Scope) -> list[Task]:
    """What is done and what is not, in the order that makes sense.

    :raises NotFound: not on the team of this group.
    """
    require(may_look_after, actor, scope.group_id)
    own = actor.account_id is not None and second_factor.has_factor(actor.account_id)
    return [*_tasks(scope.group_id), Task("code", own)]


def find_opened(group_id: bytes) -> bool:
    """Whether the group is open."""
    found = row(select(Group.opened_at).where(Group.id == group_id))
    return found is not None and found.opened_at is not None


@retrying
def confirm(actor: Actor, scope: Scope, step: str) -> None:
    """Say that one of the two things is done that only a person can say.

    :raises NotFound, NotAllowed: no facilitator of this group. :raises Invalid: no such step.
    """
    require(may_facilitate, actor, scope.group_id)
    if step not in BY_WORD:
        raise Invalid(_("Choose one of the steps on the page."))
    with transaction():
        known = select(SetupStep.step).where(SetupStep.group_id == scope.group_id, SetupStep.step == step)
        if row(known) is None:
            here().execute(insert(SetupStep).values(group_id=scope.group_id, step=step, done_on=clock.today()))


def open_group(actor: Actor, scope: Scope) -> None:
    """Open the group: from now on it is what its door and its listing say. Doing it twice changes nothing.

    :raises NotFound, NotAllowed: no facilitator, or something is still to do. :raises StepUpNeeded: no code lately.
    """
    require(may_facilitate, actor, scope.group_id)
    second_factor.require_step_up(actor)
    with transaction():
        if not all(task.done for task in _tasks(scope.group_id)):
            raise NotAllowed(_("Something on the list is still to do. The group opens after it."))
        here().execute(
            update(Group)
            .where(Group.id == scope.group_id, Group.opened_at.is_(None))
            .values(opened_at=clock.this_hour())
            .execution_options(synchronize_session=False)
        )


def _tasks(group_id: bytes) -> list[Task]:
    said = {r.step for r in rows(select(SetupStep.step).where(SetupStep.group_id == group_id))}
    found: list[tuple[str, Callable[[], bool]]] = [
        ("card", lambda: _has_card(group_id)),
        ("boards", lambda: _count(Board.group_id == group_id, Board.retired_at.is_(None)) > 0),
        ("rules", lambda: "rules" in said),
        ("duty", lambda: _count(DutySlot.group_id == group_id) > 0),
        ("crisis", lambda: "crisis" in said),
        ("second", lambda: _team(group_id) >= LEAST_TEAM),
    ]
    return [Task(step, is_done()) for step, is_done in found]


def _has_card(group_id: bytes) -> bool:
    found = row(select(Group.benefits, Group.who_for, Group.facilitators, Group.hours).where(Group.id == group_id))
    return found is not None and all(text.strip() for text in found)


def _team(group_id: bytes) -> int:
    return _count(Persona.group_id == group_id, Persona.role != Role.MEMBER, Persona.standing.not_in(NOT_IN))


def _count(*where: ColumnElement[bool]) -> int:
    found = row(select(func.count()).where(*where))
    return int(found[0]) if found else 0
