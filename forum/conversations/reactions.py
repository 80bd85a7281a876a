"""Quiet answers to a post: one of four kind words, without a name and without a number (docs/decisions/0053).

The group sees which kinds a post has. Who chose them stands under a tag of persona and post, sealed in one size; what
a post shows changes only with the set of kinds, so the second "thank you" moves nothing that anybody could watch.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, insert, select, update

from forum.base import tagged
from forum.base.db import rows
from forum.base.errors import NotFound
from forum.base.idents import new_ident, write_post_id
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.base.transaction import here, retrying, transaction
from forum.content.reactions import EVERY_KIND, kinds_of
from forum.conversations import choices, lifecycle, queries
from forum.conversations.choices import Treatment
from forum.conversations.places import Place
from forum.models import Conversation, Post, Reaction
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, ReactionFacts, may_react, require

KIND = "reaction"
#: Bytes of a sealed choice, whatever was chosen.
SIZE = 4
#: Bound values in one statement.
AT_ONCE = 400


def find_mine(membership: Membership, post_id: int) -> int:
    """What this member chose for a post."""
    value = tagged.find(Reaction, membership.scope, KIND, _ids(membership.persona_id, post_id))
    return _unpack(value) if value is not None else 0


@retrying
def react(actor: Actor, post_id: int, mask: int) -> None:
    """Choose these kinds for a post and no others; 0 takes all back. Nobody is told.

    :raises NotFound: no such post for this actor. :raises NotAllowed: their own, words that are gone, somebody they blocked.
    """
    found, place, own = queries.get_row(actor, post_id)
    require(may_react, actor, ReactionFacts(queries.facts_of(found, place, own), _is_blocked(actor, place, found)))
    with transaction():
        now = actor_in(actor, place.scope)
        post = lifecycle.lock_post(post_id)
        if post is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        require(may_react, now, ReactionFacts(queries.facts_of(post, place, own), blocked=False))
        _keep(place.scope, now.memberships[place.group_id].persona_id, post_id, mask & EVERY_KIND)
        lifecycle.set_reacted(post, _kinds_chosen(place.scope, post_id))


def _is_blocked(actor: Actor, place: Place, found: Any) -> bool:
    chosen = choices.find(actor.membership_in(place.group_id))
    return chosen.treat(found.persona_id or found.mask_id, 0) is Treatment.BLOCKED


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: nothing of what a persona chose leads to them any more (a persona that goes).

    What they chose stands on as nobody's: kind words that went on the day on which somebody's three weeks are over would
    tell whose they were.
    """
    for post_id, mask in _list_mine(scope, persona_id).items():
        _keep(scope, persona_id, post_id, 0)
        _keep(scope, new_ident(), post_id, mask)


def held(scope: Scope, persona_id: bytes) -> list[dict[str, Any]]:
    """What a persona chose, for its owner's copy of what is held about them."""
    return [
        {"post": write_post_id(post_id), "reactions": list(kinds_of(mask))}
        for post_id, mask in _list_mine(scope, persona_id).items()
    ]


def _list_mine(scope: Scope, persona_id: bytes) -> Mapping[int, int]:
    """Found by computing the tag of every post of the group that anybody reacted to: no row says whose it is."""
    found = rows(
        select(Reaction.post_id)
        .join(Post, Post.id == Reaction.post_id)
        .join(Conversation, and_(Conversation.id == Post.conversation_id, Conversation.group_id == scope.group_id))
        .distinct()
        .order_by(Reaction.post_id)
    )
    posts, mine = [r.post_id for r in found], {}
    for part in in_parts(posts, AT_ONCE):
        some = {p.to_bytes(8): _ids(persona_id, p) for p in part}
        for ident, value in tagged.find_many(Reaction, scope, KIND, some).items():
            mine[int.from_bytes(ident)] = _unpack(value)
    return mine


def _keep(scope: Scope, persona_id: bytes, post_id: int, mask: int) -> None:
    ids = _ids(persona_id, post_id)
    if not mask:
        tagged.drop(Reaction, scope, KIND, ids)
        return
    values = tagged.sealed_row(Reaction, scope, KIND, ids, mask.to_bytes(SIZE))
    there = update(Reaction).where(Reaction.tag.in_(tagged.tags(scope, KIND, *ids))).values(**values)
    if here().execute(there.returning(Reaction.post_id).execution_options(synchronize_session=False)).first() is None:
        here().execute(insert(Reaction).values(post_id=post_id, **values))


def _kinds_chosen(scope: Scope, post_id: int) -> int:
    """All that anybody chose for a post."""
    mask = 0
    for r in here().execute(select(Reaction.tag, Reaction.sealed).where(Reaction.post_id == post_id)):
        mask |= _unpack(tagged.open_value(Reaction, scope, r.tag, r.sealed))
    return mask


def _ids(persona_id: bytes, post_id: int) -> tuple[bytes, bytes]:
    return persona_id, post_id.to_bytes(8)


def _unpack(value: bytes) -> int:
    return int.from_bytes(value) & EVERY_KIND
