"""The last way back: the team says who a lost name is, everyone who still holds it is told for a week, and any of them
stops it with one tap (docs/decisions/0034).

Here are the steps and what is told to whom; who may vouch is decided in moderation.vouching, which also records it. What
the asker reads does not change before the week is over, so that they never learn whether, or when, somebody objected.
"""

import enum
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from forum.base import clock, jobs, tagged
from forum.base.db import row
from forum.base.errors import Conflict
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Persona, Restriction, Role, Standing, Vouch
from forum.policy.actor import Actor, Membership
from forum.policy.members import NOT_IN, actor_in
from forum.policy.permissions import may_hold_name, require
from forum.web.sign_ins import announce_end

#: Long enough for somebody who looks in once a week; short enough to wait for one's name.
NOTICE = timedelta(days=7)
SETTLE = "settle_vouch"
#: The kind of row that says of a copy what is told on each device.
COPY = "copy"
_LOST, _ASKER, _BY = "vouch", "vouch_asker", "vouch_by"
_NOBODY = bytes(16)


class Deed(enum.IntEnum):
    """What happens after the week."""

    GIVE_BACK = 1  #: the name moves to the asker's sign-in
    TAKE_AWAY = 2  #: its named posts are withdrawn, for somebody who cannot come back
    COPY = 3  #: a copy of what is held about its holder is made, as somebody signed in as them asked


class Stage(enum.IntEnum):
    """How far it is."""

    WAITING = 0
    STOPPED = 1
    DONE = 2


@dataclass(frozen=True)
class Vouched:
    """One such row. All are of one size, so that none tells what it is.

    :param other: for the lost name's row who asks, for the asker's row which name they lost. :param fence: names this
        one try, so that a job of an earlier one does nothing.
    """

    deed: Deed
    stage: Stage
    due_at: datetime
    other: bytes
    by: bytes
    fence: bytes

    def packed(self) -> bytes:
        """As it is sealed."""
        due = int(self.due_at.timestamp()).to_bytes(8)
        return bytes([self.deed, self.stage]) + due + self.other + self.by + self.fence


def read(value: bytes) -> Vouched:
    """A row's value."""
    due_at = datetime.fromtimestamp(int.from_bytes(value[2:10]), UTC)
    return Vouched(Deed(value[0]), Stage(value[1]), due_at, value[10:26], value[26:42], value[42:])


def find(scope: Scope, persona_id: bytes, *, lock: bool = False) -> Vouched | None:
    """What is about to happen to a name. For who holds it, and the team.

    :param lock: inside a transaction: an objection and the week's end take turns, so that neither overlooks the other.
    """
    value = tagged.find(Vouch, scope, _LOST, (persona_id,), lock=lock)
    return read(value) if value else None


def find_copy(membership: Membership) -> Vouched | None:
    """Whether a copy of what is held about a member is being made or lies ready: told on each of their devices."""
    value = tagged.find(Vouch, membership.scope, COPY, (membership.persona_id,))
    return read(value) if value else None


def keep_copy(scope: Scope, persona_id: bytes, stage: Stage, due_at: datetime) -> None:
    """Step: say so from now on. The row looks like those of a name that is vouched for."""
    _keep(scope, COPY, (persona_id,), Vouched(Deed.COPY, stage, due_at, _NOBODY, _NOBODY, secrets.token_bytes(16)))


def drop_copy(scope: Scope, persona_id: bytes) -> None:
    """Step: there is no copy."""
    tagged.drop(Vouch, scope, COPY, (persona_id,))


def find_mine(membership: Membership) -> Vouched | None:
    """What is about to happen to a member's own name."""
    return find(membership.scope, membership.persona_id)


def did_before(scope: Scope, persona_id: bytes, by: bytes) -> bool:
    """Whether this facilitator vouched about this name before, whatever came of it."""
    return tagged.find(Vouch, scope, _BY, (persona_id, by)) is not None


def start(scope: Scope, persona_id: bytes, deed: Deed, by: bytes, asker: bytes = _NOBODY) -> Vouched:
    """Step: begin the week of notice.

    :raises Conflict: one is running for this name, or for this asker.
    """
    if find(scope, persona_id) or (asker != _NOBODY and _is_asking(scope, asker)):
        raise Conflict(_("This has been started already."))
    begun = Vouched(deed, Stage.WAITING, clock.now() + NOTICE, asker, by, secrets.token_bytes(16))
    _keep(scope, _LOST, (persona_id,), begun)
    _keep(scope, _BY, (persona_id, by), begun)
    if asker != _NOBODY:
        _keep(scope, _ASKER, (asker,), replace(begun, other=persona_id))
    jobs.enqueue(
        SETTLE, {"group": scope.group_id.hex(), "persona": persona_id.hex(), "fence": begun.fence.hex()}, begun.due_at
    )
    return begun


def _is_asking(scope: Scope, asker: bytes) -> bool:
    value = tagged.find(Vouch, scope, _ASKER, (asker,))
    return value is not None and read(value).stage is Stage.WAITING


def _keep(scope: Scope, kind: str, ids: tuple[bytes, ...], vouched: Vouched) -> None:
    tagged.keep(Vouch, scope, kind, ids, vouched.packed())


def object_to(actor: Actor, scope: Scope) -> None:
    """Stop what is about to happen to my own name; harmless if nothing is, or it was stopped already.

    :raises NotFound: not a member.
    """
    require(may_hold_name, actor, scope.group_id)
    with transaction():
        now = actor_in(actor, scope)
        require(may_hold_name, now, scope.group_id)
        stop(scope, now.memberships[scope.group_id].persona_id)


def stop(scope: Scope, persona_id: bytes) -> None:
    """Step: nothing will happen at the week's end. The row stays as it is otherwise, so that the asker sees no change."""
    vouched = find(scope, persona_id, lock=True)
    if vouched is not None and vouched.stage is Stage.WAITING:
        _keep(scope, _LOST, (persona_id,), replace(vouched, stage=Stage.STOPPED))


def put_away(actor: Actor, scope: Scope) -> None:
    """The asker has read how it ended. While it runs nothing is put away.

    :raises NotFound: not a member.
    """
    require(may_hold_name, actor, scope.group_id)
    persona_id = actor.memberships[scope.group_id].persona_id
    with transaction():
        value = tagged.find(Vouch, scope, _ASKER, (persona_id,))
        if value is not None and read(value).stage is not Stage.WAITING:
            tagged.drop(Vouch, scope, _ASKER, (persona_id,))


def settle(scope: Scope, persona_id: bytes, fence: bytes) -> Vouched | None:
    """Step: the week is over. Gives what came of it, or None if this try is not the one that runs.

    A name is given back by handing it the tag by which the asker is found; the tag names no account.
    """
    vouched = find(scope, persona_id, lock=True)
    if vouched is None or vouched.fence != fence:
        return None
    goes_on = vouched.stage is Stage.WAITING and _is_here(scope, persona_id)
    if vouched.deed is Deed.GIVE_BACK:
        goes_on = goes_on and _is_here(scope, vouched.other)
        if goes_on:
            _hand_over(scope, persona_id, vouched.other)
        _tell_asker(scope, persona_id, vouched, goes_on)
    tagged.drop(Vouch, scope, _LOST, (persona_id,))
    return replace(vouched, stage=Stage.DONE if goes_on else Stage.STOPPED)


def _is_here(scope: Scope, persona_id: bytes) -> bool:
    """Still a member, and of no team: a role is never given back by one person's word."""
    found = row(
        select(Persona.role, Persona.standing).where(Persona.id == persona_id, Persona.group_id == scope.group_id)
    )
    return found is not None and found.role is Role.MEMBER and found.standing not in NOT_IN


def _tell_asker(scope: Scope, persona_id: bytes, vouched: Vouched, done: bool) -> None:
    """Under the name they have from now on."""
    tagged.drop(Vouch, scope, _ASKER, (vouched.other,))
    told = replace(vouched, stage=Stage.DONE if done else Stage.STOPPED, other=persona_id)
    _keep(scope, _ASKER, (persona_id if done else vouched.other,), told)


def _hand_over(scope: Scope, lost: bytes, asker: bytes) -> None:
    """The asker's sign-in finds the lost name, and nobody finds the name they asked under: it has left."""
    found = row(select(Persona.holder_tag, Persona.key_id).where(Persona.id == asker))
    assert found is not None
    _set(asker, holder_tag=secrets.token_bytes(16), standing=Standing.LEFT)
    _set(lost, holder_tag=found.holder_tag, key_id=found.key_id)
    for kind in ("hold_posts", "bound"):  # nobody sheds a hold by getting a name back (decisions.md §5)
        held = tagged.find(Restriction, scope, kind, (asker,))
        if held is not None:
            tagged.keep(Restriction, scope, kind, (lost,), held)
    for persona_id in (lost, asker):
        announce_end(f"persona:{persona_id.hex()}")


def _set(persona_id: bytes, **columns: Any) -> None:
    here().execute(
        update(Persona).where(Persona.id == persona_id).values(**columns).execution_options(synchronize_session=False)
    )
