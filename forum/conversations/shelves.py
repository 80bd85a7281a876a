"""What one member puts aside for themselves: conversations they follow, posts they want to find again.

One sealed row of one size for each persona and kind (docs/decisions/0045). Nobody learns who follows what, not even the
program: it does not look for followers to tell them that something is new. They ask.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from forum.base import tagged
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import places, queries
from forum.models import Bookmark, Follow
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import may_hold_choices, may_read, require

#: More than anybody keeps an eye on. The row has room for all of them from the first one on, so that it tells nothing.
MOST = 200


@dataclass(frozen=True)
class Shelf:
    """One kind of things put aside.

    :param width: bytes of one thing's id.
    """

    model: Any
    kind: str
    width: int


FOLLOWED = Shelf(Follow, "follow", 16)
BOOKMARKED = Shelf(Bookmark, "bookmark", 8)
#: In this order wherever a persona goes and takes what is theirs along.
SHELVES = (FOLLOWED, BOOKMARKED)


def list_on(shelf: Shelf, membership: Membership) -> list[bytes]:
    """The ids that this member put there, the latest first; at most MOST."""
    value = tagged.find(shelf.model, membership.scope, shelf.kind, (membership.persona_id,))
    return _unpack(shelf, value) if value is not None else []


def list_followed(membership: Membership) -> list[bytes]:
    """The conversations they follow."""
    return list_on(FOLLOWED, membership)


def list_bookmarks(membership: Membership) -> list[int]:
    """The posts they put aside. Some may be gone by now, or not for them any more: ask `visible_to`."""
    return [int.from_bytes(ident) for ident in list_on(BOOKMARKED, membership)]


def follow(actor: Actor, conversation_id: bytes) -> None:
    """See on one's own page of news when something is new here. Under an alias as under a name: nobody is told.

    :raises NotFound: none such for this actor. :raises Invalid: they follow MOST already.
    """
    place = places.get_place(actor, conversation_id)
    require(may_read, actor, places.facts_here(place))
    _put(FOLLOWED, _member(actor, place.group_id), conversation_id)


def unfollow(actor: Actor, group_id: bytes, conversation_id: bytes) -> None:
    """Hear no more of it. Also of a conversation that is not for them any more.

    :raises NotFound: not a member of the group.
    """
    _take(FOLLOWED, _member(actor, group_id), conversation_id)


def bookmark(actor: Actor, post_id: int) -> None:
    """Put a post aside to find it again.

    :raises NotFound: none such for this actor. :raises Invalid: they put MOST aside already.
    """
    _found, place, _own = queries.get_row(actor, post_id)
    _put(BOOKMARKED, _member(actor, place.group_id), _ident(post_id))


def drop_bookmark(actor: Actor, group_id: bytes, post_id: int) -> None:
    """Take it off again.

    :raises NotFound: not a member of the group.
    """
    _take(BOOKMARKED, _member(actor, group_id), _ident(post_id))


def follow_along(scope: Scope, people: Iterable[bytes], source_id: bytes, target_id: bytes) -> None:
    """Step: posts went from one conversation to another, so whoever follows the first follows the second, too."""
    ids = {one: (one,) for one in people}
    for persona_id, value in tagged.find_many(FOLLOWED.model, scope, FOLLOWED.kind, ids).items():
        there = _unpack(FOLLOWED, value)
        if source_id in there and target_id not in there and len(there) < MOST:
            packed = (len(there) + 1).to_bytes(2) + b"".join([target_id, *there])
            tagged.keep(
                FOLLOWED.model, scope, FOLLOWED.kind, (persona_id,), packed.ljust(2 + MOST * FOLLOWED.width, b"\0")
            )


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: nothing is put aside any more (a persona that goes)."""
    for shelf in SHELVES:
        tagged.drop(shelf.model, scope, shelf.kind, (persona_id,))


def _ident(post_id: int) -> bytes:
    return post_id.to_bytes(BOOKMARKED.width)


def _member(actor: Actor, group_id: bytes) -> Membership:
    require(may_hold_choices, actor, group_id)
    membership = actor.membership_in(group_id)
    assert membership is not None
    return membership


@retrying
def _put(shelf: Shelf, membership: Membership, ident: bytes) -> None:
    with transaction():
        there = _lock(shelf, membership)
        if ident in there:
            return
        if len(there) == MOST:
            raise Invalid(_("Your list is full. Take something off it first."))
        _keep(shelf, membership, [ident, *there])


@retrying
def _take(shelf: Shelf, membership: Membership, ident: bytes) -> None:
    with transaction():
        there = _lock(shelf, membership)
        if ident in there:
            _keep(shelf, membership, [one for one in there if one != ident])


def _lock(shelf: Shelf, membership: Membership) -> list[bytes]:
    value = tagged.find(shelf.model, membership.scope, shelf.kind, (membership.persona_id,), lock=True)
    return _unpack(shelf, value) if value is not None else []


def _keep(shelf: Shelf, membership: Membership, idents: list[bytes]) -> None:
    """An empty list keeps its row: that somebody took the last thing off is nobody's business."""
    packed = len(idents).to_bytes(2) + b"".join(idents)
    value = packed.ljust(2 + MOST * shelf.width, b"\0")
    tagged.keep(shelf.model, membership.scope, shelf.kind, (membership.persona_id,), value)


def _unpack(shelf: Shelf, value: bytes) -> list[bytes]:
    width, count = shelf.width, int.from_bytes(value[:2])
    return [value[2 + n * width : 2 + (n + 1) * width] for n in range(count)]
