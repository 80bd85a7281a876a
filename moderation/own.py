"""What is one moderator's own: what they do not take on, how much they took on, their buddy. Sealed under their tag.

Nobody else of the team reads it, leaders neither. One row of one size for each, so that its size tells nothing.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from forum.base import rotation, tagged
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.rotation import Pass
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations.renewal import all_scopes
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import may_look_after, require
from moderation.shift_models import ModeratorOwn

KIND = "moderator_own"
#: The sealed size of everybody's row.
SIZE = 4_096
#: Ids are kept by their beginning: enough to know them again among what waits in one group.
BEGINNING = 12
#: Items that somebody left to others, or took: the newest. More are decided long before.
MOST_KEPT = 100


@dataclass(frozen=True)
class Own:
    """What one moderator chose and took on, in JSON's own types. Days are numbers of days by the group's clock.

    :param away: mask of note classes they never take; `away_today`: of those they do not take on the day `away_on`.
    :param day: the day that `heavy` counts; `in_row`: heavy ones without a pause or a lighter one between.
    :param last_minute: since 1970, when they last took a heavy one; `taken`, `passed`: beginnings of items' ids.
    :param buddy: the persona they asked to be there for them; `buddy_of`: those who asked them and got a yes.
    :param talks: days of heavy items that they ended and have not talked about.
    :param langs: languages that they read. :param supervision_on: the next day for it, 0 for none; `supervision_weeks`: how often.
    """

    away: int = 0
    away_today: int = 0
    away_on: int = 0
    day: int = 0
    heavy: int = 0
    in_row: int = 0
    last_minute: int = 0
    taken: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    buddy: str = ""
    buddy_of: tuple[str, ...] = ()
    talks: tuple[int, ...] = ()
    supervision_on: int = 0
    supervision_weeks: int = 0
    langs: tuple[str, ...] = ()

    def avoids(self, today: int) -> int:
        """The mask of what they do not take today."""
        return self.away | (self.away_today if self.away_on == today else 0)

    def has_passed(self, item_id: bytes) -> bool:
        """Whether they left this item to others."""
        return beginning(item_id) in self.passed

    def with_passed(self, item_id: bytes) -> tuple[str, ...]:
        """What they left to others, and this."""
        return tuple(dict.fromkeys((*self.passed, beginning(item_id))))[-MOST_KEPT:]


NOTHING = Own()


def beginning(item_id: bytes) -> str:
    """The part of an item's id that is kept."""
    return item_id.hex()[:BEGINNING]


def find(membership: Membership) -> Own:
    """What is theirs: only ever asked for a person's own page, or by them."""
    value = tagged.find(ModeratorOwn, membership.scope, KIND, (membership.persona_id,))
    return NOTHING if value is None else _unpack(value)


def find_of(scope: Scope, personas: list[bytes]) -> dict[bytes, Own]:
    """What several have, for sums of many people and for who asked whom to be their buddy; never shown as it is."""
    found = tagged.find_many(ModeratorOwn, scope, KIND, {one: (one,) for one in personas})
    return {one: _unpack(value) for one, value in found.items()}


@retrying
def keep(actor: Actor, scope: Scope, change: Callable[[Own], Own]) -> Own:
    """Change what is the actor's own; gives what now holds.

    :raises NotFound: not of the team. :raises Invalid: more than can be kept.
    """
    with transaction():
        now = actor_in(actor, scope)
        require(may_look_after, now, scope.group_id)
        return keep_here(now.memberships[scope.group_id], change)


def keep_here(membership: Membership, change: Callable[[Own], Own]) -> Own:
    """Step: the same within a transaction."""
    ids = (membership.persona_id,)
    value = tagged.find(ModeratorOwn, membership.scope, KIND, ids, lock=True)
    before = NOTHING if value is None else _unpack(value)
    after = change(before)
    if after != before:
        tagged.keep(ModeratorOwn, membership.scope, KIND, ids, _pack(after))
    return after


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: nothing of it is kept any more (a role that ends)."""
    tagged.drop(ModeratorOwn, scope, KIND, (persona_id,))


def held(scope: Scope, persona_id: bytes) -> dict[str, object]:
    """What is kept about a persona as a moderator, for the copy that they take along. Whom it names it does not name."""
    said = asdict(find_of(scope, [persona_id]).get(persona_id, NOTHING))
    lists = {name: len(said[name]) for name in ("taken", "passed", "buddy_of")}
    return said | lists | {"buddy": bool(said["buddy"])}


def _pack(own: Own) -> bytes:
    said = json.dumps(asdict(own), separators=(",", ":")).encode()
    if len(said) > SIZE:
        raise Invalid(_("Your list is full. Take something off it first."))
    return said.ljust(SIZE)


def _unpack(value: bytes) -> Own:
    """The inverse; what a newer or an older program kept besides is left out."""
    found = json.loads(value)
    known: dict[str, Any] = {one.name: found[one.name] for one in fields(Own) if one.name in found}
    lists = {name: tuple(said) for name, said in known.items() if isinstance(said, list)}
    return Own(**(known | lists))


def renewal() -> Pass:
    """How a rotation renews these rows."""
    return Pass(ModeratorOwn, ModeratorOwn.tag, rotation.renew_tagged(ModeratorOwn, all_scopes))
