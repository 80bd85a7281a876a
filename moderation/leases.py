"""Who of the team looks at an item now. A lease ends by comparing clocks when somebody asks: nothing has to sweep.

`claim_gen` counts the leases of an item. A decision names the one it was made under, so that whoever was overtaken
cannot decide what somebody else looks at now.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, select, update

from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid
from forum.base.keyring import Scope
from forum.base.offset import for_leases
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from moderation import audit, care, evidence, hints, impartial, sight
from moderation.evidence import Copy
from moderation.models import CaseItem, CaseKind, Evidence

LEASE = timedelta(minutes=10)
#: Somebody may be at risk, or sits in an open room: nobody waits ten minutes for a moderator whose phone died.
SHORT = timedelta(minutes=3)
SHORT_KINDS = (CaseKind.WELFARE, CaseKind.LIVE)
#: However long somebody types: after an hour another may have it.
MOST = timedelta(minutes=60)
#: What the clocks of two machines may differ.
SLACK = timedelta(minutes=1)
MOST_REASON = 500
#: Marks the sealed reason of a take-over among the copies of an item.
TAKEN = "lease.taken"


def claim(actor: Actor, item_id: bytes, *, anyway: bool = False) -> int:
    """Look at an item; gives the number of the lease. Whoever has it already keeps number and gets more time.

    :param anyway: they read that it is time for a pause. :raises Enough: it is.
    :raises NotFound: none such for this person. :raises Conflict: somebody else looks at it, or it is decided.
    :raises NotAllowed: they could decide nothing.
    """
    with transaction():
        item, membership = _lock_to_take(actor, item_id)
        if _is_live(item) and item.claimed_by != membership.persona_id:
            raise Conflict(_("Somebody else of the team looks at this now. You can take it over with a reason."))
        care.note_taken(membership, item_id, item.kind, anyway=anyway)
        return _give(item, membership)


def take_over(actor: Actor, item_id: bytes, reason: str, *, anyway: bool = False) -> int:
    """Take an item over from somebody who looks at it, with a reason that the team can read; gives the new lease.

    :param reason: 1 to 500 characters. :raises Invalid: none, or too long. :raises NotFound, NotAllowed, Conflict, Enough:
    as for `claim`.
    """
    clean = _reason(reason)
    with transaction():
        item, membership = _lock_to_take(actor, item_id)
        other = item.claimed_by if _is_live(item) and item.claimed_by != membership.persona_id else None
        if other is not None:
            evidence.keep_for_item(membership.scope, item_id, Copy("", "", clean, TAKEN, author=membership.name))
            audit.note("lease.take_over", membership.persona_id, item_id, f"lease:{item.claim_gen}")
        care.note_taken(membership, item_id, item.kind, anyway=anyway)
        return _give(item, membership)


def _reason(typed: str) -> str:
    clean = typed.strip()
    if not clean:
        raise Invalid(_("Say in one sentence why you take it over. The other person reads it."), "reason")
    if len(clean) > MOST_REASON:
        raise Invalid(_("Make the reason shorter: at most %(n)s characters.", n=MOST_REASON), "reason")
    return clean


def renew(actor: Actor, item_id: bytes, gen: int) -> datetime:
    """Somebody is still at it: more time, up to an hour in all; gives until when.

    :raises Conflict: somebody took it over, it is decided, or the hour is over. :raises NotFound: as for `claim`.
    """
    with transaction():
        item, _now, membership = _lock(actor, item_id)
        _require(item, membership, gen)
        until = _until(item.kind, item.claimed_at)
        if until <= for_leases():
            raise Conflict(_("You have looked at this for an hour, so it is free for others. You can take it again."))
        _write(item_id, lease_until=until)
        return until


def release(actor: Actor, item_id: bytes, gen: int) -> None:
    """Leave an item to whoever comes next. Of a lease that is over nothing is changed. :raises NotFound: as for `claim`."""
    with transaction():
        now = _here(actor, item_id)
        item, scope = sight.require_item(now, item_id)
        held = (CaseItem.claimed_by == now.memberships[scope.group_id].persona_id, CaseItem.claim_gen == gen)
        free = update(CaseItem).where(CaseItem.id == item.id, *held)
        here().execute(free.values(**_FREE).execution_options(synchronize_session=False))
        hints.note_changed(item_id)


def free_all(scope: Scope, persona_id: bytes) -> None:
    """Step: whoever goes away leaves all they look at to others: a sign-out, a role that ends."""
    for item in _list_of(scope, persona_id):
        _write(item.id, **_FREE)
        hints.note_changed(item.id)


class Hands:
    """What whoever signs out or leaves a group has in theirs, for the forum (forum.policy.stepping_away)."""

    def are_full(self, scope: Scope, persona_id: bytes) -> bool:
        """Whether they look at something."""
        return bool(_list_of(scope, persona_id))

    def empty(self, scope: Scope, persona_id: bytes) -> None:
        """Step: all they look at is anybody's again."""
        free_all(scope, persona_id)


def _list_of(scope: Scope, persona_id: bytes) -> Sequence[Row]:
    theirs = (CaseItem.group_id == scope.group_id, CaseItem.claimed_by == persona_id, CaseItem.decided.is_(False))
    return rows(select(CaseItem.id).where(*theirs))


def require_lease(actor: Actor, item_id: bytes, gen: int) -> None:
    """Step: whoever decides looks at it, and nobody else has looked since.

    A lease that ran out while they typed still counts as long as nobody took the item: then nobody is overtaken.

    :raises Conflict: somebody else looks at it, or nobody does. :raises NotFound: none such for this person.
    """
    item, _now, membership = _lock(actor, item_id)
    _require(item, membership, gen)


def _require(item: Row, membership: Membership, gen: int) -> None:
    if item.claimed_by == membership.persona_id and item.claim_gen == gen:
        return
    if _is_live(item):
        raise Conflict(_("Somebody else of the team looks at this now. You can take it over with a reason."))
    raise Conflict(_("You no longer look at this. Press “I'll look at this” first, then decide."))


def _lock(actor: Actor, item_id: bytes) -> tuple[Row, Actor, Membership]:
    """The open item, ours to look at, and who we are now; whoever comes second waits here."""
    now = _here(actor, item_id)
    row(select(CaseItem.id).where(CaseItem.id == item_id).with_for_update())
    item, scope = sight.require_item(now, item_id)
    if item.decided:
        raise Conflict(_("Somebody of the team decided this already."))
    return item, now, now.memberships[scope.group_id]


def _lock_to_take(actor: Actor, item_id: bytes) -> tuple[Row, Membership]:
    """The same for somebody who may decide about it: else it would count as looked at, and a worry would call nobody."""
    item, now, membership = _lock(actor, item_id)
    impartial.require_impartial(now, item)
    return item, membership


def _here(actor: Actor, item_id: bytes) -> Actor:
    """The actor as they are in the item's group now."""
    scope = sight.find_scope(item_id)
    return actor_in(actor, scope) if scope else actor


def is_live(claimed_by: bytes | None, lease_until: datetime | None) -> bool:
    """Whether somebody looks at it now. An end further off than any lease comes from a clock that was wrong."""
    if claimed_by is None or lease_until is None:
        return False
    now = for_leases()
    return now < lease_until <= now + LEASE + SLACK


def _is_live(item: Row) -> bool:
    return is_live(item.claimed_by, item.lease_until)


def _give(item: Row, membership: Membership) -> int:
    """The lease to this person, in one statement that finds it free, theirs or taken from whom we saw."""
    me, now = membership.persona_id, for_leases()
    goes_on = _is_live(item) and item.claimed_by == me and _until(item.kind, item.claimed_at) > now
    gen, since = (item.claim_gen, item.claimed_at) if goes_on else (item.claim_gen + 1, now)
    as_seen = (CaseItem.id == item.id, CaseItem.claim_gen == item.claim_gen, CaseItem.decided.is_(False))
    values = {"claimed_by": me, "claim_gen": gen, "claimed_at": since, "lease_until": _until(item.kind, since)}
    given = update(CaseItem).where(*as_seen).values(**values).returning(CaseItem.claim_gen)
    if here().execute(given.execution_options(synchronize_session=False)).first() is None:
        raise Conflict(_("Somebody else of the team looks at this now. You can take it over with a reason."))
    hints.note_changed(item.id)
    return int(gen)


def _until(kind: CaseKind, since: datetime | None) -> datetime:
    now = for_leases()
    return min(now + (SHORT if kind in SHORT_KINDS else LEASE), (since or now) + MOST)


_FREE = {"claimed_by": None, "claimed_at": None, "lease_until": None}


def _write(item_id: bytes, **values: object) -> None:
    change = update(CaseItem).where(CaseItem.id == item_id).values(**values)
    here().execute(change.execution_options(synchronize_session=False))


def list_taken(scope: Scope, item_id: bytes) -> list[tuple[str, str]]:
    """Who took an item over and why; the caller asks who may know."""
    found = rows(select(Evidence.id).where(Evidence.item_id == item_id))
    copies = [evidence.open_copy(scope, one.id) for one in found]
    return [(copy.author, copy.reason) for copy in copies if copy and copy.title == TAKEN]
