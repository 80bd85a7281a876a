"""One moderator's shift: what waits, which of it is theirs to take next, and who else is here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import rows
from forum.base.keyring import Scope
from forum.groups import rota
from forum.groups.rota import Stretch
from forum.models import Persona, Post
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import may_look_after, require
from moderation import care, exposure, leases, own, sight, tongues
from moderation.exposure import At, Room
from moderation.impartial import may_judge
from moderation.models import CaseItem, CaseKind
from moderation.own import Own

#: What is looked through for the page; a group with more has another worry than the order of the last ones.
MOST_LOOKED = 500
_OPEN = select(
    *sight.COLUMNS,
    CaseItem.due_at,
    CaseItem.opened_hour,
    CaseItem.intensity,
    CaseItem.topics,
    CaseItem.decision_id,
    CaseItem.lang,
)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits, as it stands for one moderator.

    :param heaviness: 1 to 3. :param by: who looks at it now; empty: nobody. :param mine: the reader does.
    :param left: they said "not me"; `away`: it is about what they do not take today.
    :param reads: it is in another language, and they read that; `for_others`: a colleague does, and they do not.
    """

    id: bytes
    kind: CaseKind
    due_at: datetime
    heaviness: int
    by: str
    mine: bool
    left: bool
    away: bool
    item: Row
    reads: bool = False
    for_others: bool = False

    @property
    def for_me(self) -> bool:
        """Whether it may be offered to them next."""
        return not (self.by or self.left or self.away)


@dataclass(frozen=True)
class Shift:
    """What the page of one's own shift shows.

    :param now: at the group's clock. :param on: who looks after the group now. :param busy: who looks at how many things.
    :param next: what is theirs to take next.
    """

    now: At
    own: Own
    waiting: Sequence[Waiting]
    on: Sequence[Stretch]
    busy: Sequence[tuple[str, int]]
    next: Waiting | None

    @property
    def room(self) -> Room:
        """Whether they have room for another heavy one."""
        return exposure.room(self.own, self.now)

    @property
    def heavy(self) -> int:
        """Heavy ones they took today."""
        return exposure.heavy_today(self.own, self.now)

    @property
    def on_duty(self) -> bool:
        """Whether they have a turn now."""
        return any(turn.mine for turn in self.on)

    @property
    def late(self) -> int:
        """How much is late."""
        return sum(one.due_at.timestamp() < self.now.minute * 60 for one in self.waiting)

    @property
    def kinds(self) -> list[tuple[CaseKind, int]]:
        """How many of each kind wait, the most first."""
        return Counter(one.kind for one in self.waiting).most_common()


def pick(actor: Actor, waiting: Sequence[Waiting], room: Room) -> Waiting | None:
    """What is the actor's to take next: the oldest promise, or the oldest lighter one if it is time for that.

    One that they look at already comes before all others. What they could not decide about is not offered, and what is
    in a language that a colleague reads and they do not only after the rest.
    """
    mine = next((one for one in waiting if one.mine), None)
    fit = (one for one in waiting if one.for_me and (room is Room.ENOUGH or one.heaviness < exposure.HEAVY))
    ordered = sorted(fit, key=lambda one: one.for_others)
    return mine or next((one for one in ordered if may_judge(actor, one.item) is None), None)


def list_not_theirs(actor: Actor, waiting: Sequence[Waiting]) -> set[bytes]:
    """What of it the actor could decide nothing about, for their own page alone."""
    return {one.id for one in waiting if may_judge(actor, one.item) is not None}


def get_shift(actor: Actor, scope: Scope, zone: str) -> Shift:
    """One's own shift. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    membership = actor.memberships[scope.group_id]
    mine, now = own.find(membership), exposure.at(clock.now(), zone)
    waiting = list_waiting(actor, scope, mine, now)
    busy = Counter(one.by for one in waiting if one.by)
    following = pick(actor, waiting, exposure.room(mine, now))
    return Shift(now, mine, waiting, rota.list_on(actor, scope, zone), sorted(busy.items()), following)


def find_next(actor: Actor, scope: Scope, kind: CaseKind | None = None) -> Waiting | None:
    """What is the actor's to take next, if anything. :param kind: only this one. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    mine, now = own.find(actor.memberships[scope.group_id]), care.now_in(scope)
    waiting = [one for one in list_waiting(actor, scope, mine, now) if kind in (None, one.kind)]
    return pick(actor, waiting, exposure.room(mine, now))


def find_lighter(actor: Actor, scope: Scope) -> Waiting | None:
    """The oldest promise of those that are not heavy. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    mine, now = own.find(actor.memberships[scope.group_id]), care.now_in(scope)
    waiting = [one for one in list_waiting(actor, scope, mine, now) if not one.mine]
    return pick(actor, waiting, Room.ROW)


def list_waiting(actor: Actor, scope: Scope, mine: Own, now: At) -> list[Waiting]:
    """What waits that the actor may see, the oldest promise first, taken by others or not."""
    here = (CaseItem.group_id == scope.group_id, CaseItem.decided.is_(False), CaseItem.outside_id.is_(None))
    found = rows(_OPEN.where(*here).order_by(CaseItem.due_at, CaseItem.opened_hour, CaseItem.id).limit(MOST_LOOKED))
    hidden = sight.hidden(actor, scope, found)
    seen = [item for item in found if item.id not in hidden]
    notes, names, me = _notes(seen), _names(seen), actor.memberships[scope.group_id]
    waiting = [_waiting(item, notes, names, me, mine, now) for item in seen]
    return _by_language(scope, waiting, mine, me)


def _by_language(scope: Scope, waiting: list[Waiting], mine: Own, me: Membership) -> list[Waiting]:
    """Whose language each is in. Where all is in one that the program knows nobody is asked."""
    if not any(tongues.is_marked(one.item.lang) for one in waiting):
        return waiting
    others = tongues.list_of_others(scope, me.persona_id)
    return [
        replace(
            one,
            reads=tongues.is_marked(one.item.lang) and tongues.reads(mine, one.item.lang),
            for_others=tongues.is_for_others(mine, one.item.lang, others),
        )
        for one in waiting
    ]


def _waiting(item: Row, notes: dict[int, int], names: dict[bytes, str], me: Membership, mine: Own, now: At) -> Waiting:
    topics = item.topics | notes.get(sight.post_of(item) or 0, 0)
    live = leases.is_live(item.claimed_by, item.lease_until)
    return Waiting(
        id=item.id,
        kind=item.kind,
        due_at=item.due_at,
        heaviness=exposure.weight(item.kind, item.intensity, topics),
        by=names.get(item.claimed_by, "") if live and item.claimed_by != me.persona_id else "",
        mine=live and item.claimed_by == me.persona_id,
        left=mine.has_passed(item.id),
        away=bool(topics & mine.avoids(now.day)),
        item=item,
    )


def _notes(items: Sequence[Row]) -> dict[int, int]:
    wanted = {post_id for item in items if (post_id := sight.post_of(item)) is not None}
    return {r.id: r.notes for r in rows(select(Post.id, Post.notes).where(Post.id.in_(wanted)))} if wanted else {}


def _names(items: Sequence[Row]) -> dict[bytes, str]:
    wanted = {item.claimed_by for item in items if item.claimed_by is not None}
    found = rows(select(Persona.id, Persona.name).where(Persona.id.in_(wanted))) if wanted else []
    return {r.id: r.name for r in found}
