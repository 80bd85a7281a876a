"""A copy of what is held about somebody in one group, for them to take along: asked for, waited for, stopped.

It is made after a day in which each of their devices says so, for a partner with the phone would like it as well. It holds
no word and no name of anybody else.
"""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from forum.base import blocks, clock, jobs, tagged
from forum.base.db import row
from forum.base.errors import Conflict, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import put_away
from forum.conversations.put_away import Deed, Task
from forum.groups import vouching
from forum.groups.vouching import Stage, Vouched
from forum.leaving.held import gather
from forum.models import Copy, Errand
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in, get_scope
from forum.policy.permissions import Denial, may_take_leave, require

#: Long enough that somebody who looks in once a day is told before it can be read; an abuser's wait, too.
READY_AFTER = timedelta(hours=24)
#: Long enough to come back for it, short enough that it does not lie about.
KEPT = timedelta(days=7)
#: A file's sealed size is a multiple of this, so that it hardly tells how much somebody wrote.
BLOCK = 16_384
JOB, KIND = "make_copy", "copy_file"


def find(actor: Actor, scope: Scope) -> Vouched | None:
    """Whether a copy is being made or lies ready.

    :raises NotFound: not a member.
    """
    return vouching.find_copy(_member(actor, scope))


@retrying
def ask(actor: Actor, scope: Scope) -> None:
    """Have a copy made; it is ready after READY_AFTER.

    :raises NotFound: not a member. :raises Conflict: one was asked for already.
    """
    with transaction():
        membership = _member(actor_in(actor, scope), scope)
        if vouching.find_copy(membership):
            raise Conflict(_("A copy was asked for already."))
        due_at = clock.now() + READY_AFTER
        vouching.keep_copy(scope, membership.persona_id, Stage.WAITING, due_at)
        put_away.send_errand(scope, Task(Deed.COPY, membership.persona_id), due_at, JOB)


def stop(actor: Actor, scope: Scope) -> None:
    """No copy is made, and one that is ready is thrown away. Any device of theirs may; harmless if there is none.

    :raises NotFound: not a member.
    """
    with transaction():
        membership = _member(actor_in(actor, scope), scope)
        forget(scope, membership.persona_id)


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: there is no copy of what is held about this persona, and none is on its way."""
    put_away.call_off(scope, persona_id, (Deed.COPY,))
    vouching.drop_copy(scope, persona_id)
    tagged.drop(Copy, scope, KIND, (persona_id,))


def read(actor: Actor, scope: Scope) -> dict[str, Any]:
    """The copy, once it is ready.

    :raises NotFound: not a member, or there is none.
    """
    membership = _member(actor, scope)
    value = tagged.find(Copy, scope, KIND, (membership.persona_id,))
    if value is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return dict(json.loads(value))


@jobs.step(JOB)
def make(payload: jobs.Payload) -> None:
    """The day is over: put the copy together, unless somebody stopped it."""
    taken = _take(payload)
    if taken is None:
        return
    scope, task = taken
    kept = tagged.sealed_row(Copy, scope, KIND, (task.face,), blocks.pack(gather(scope, task.face), BLOCK))
    tagged.drop(Copy, scope, KIND, (task.face,))
    here().execute(insert(Copy).values(**kept, until_on=(clock.now() + KEPT).date()))
    vouching.keep_copy(scope, task.face, Stage.DONE, clock.now() + KEPT)
    put_away.send_errand(scope, Task(Deed.COPY, task.face), clock.now() + KEPT, THROW_AWAY)


THROW_AWAY = "throw_copy_away"


@jobs.step(THROW_AWAY)
def _throw_away(payload: jobs.Payload) -> None:
    """A week has gone by."""
    taken = _take(payload)
    if taken is not None:
        scope, task = taken
        forget(scope, task.face)


def _take(payload: jobs.Payload) -> tuple[Scope, Task] | None:
    """Step: the errand of a job; None if it was called off."""
    errand_id = bytes.fromhex(payload["errand"])
    errand = row(select(Errand.group_id).where(Errand.id == errand_id))
    scope = get_scope(errand.group_id) if errand else None
    task = put_away.take_errand(scope, errand_id) if scope else None
    return (scope, task) if scope and task else None


def _member(actor: Actor, scope: Scope) -> Membership:
    require(may_take_leave, actor, scope.group_id)
    return actor.memberships[scope.group_id]
