"""Words of somebody whom two people put out of the group: only their own, and only what was decided about them."""

from collections.abc import Sequence

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.conversations import masks, places
from forum.conversations.places import Place
from forum.groups import kept_out
from forum.leaving.usecases import whose
from forum.models import ConversationKind, Post
from forum.policy.actor import Actor
from forum.policy.members import find_membership
from moderation.models import Decision

#: Of one group, on a page of one's own.
MOST_SHOWN = 50


def faces(actor: Actor, scope: Scope) -> list[bytes]:
    """Who the actor is or was in a group, in it or out of it: only for what concerns themselves."""
    return [*dict.fromkeys(whose(actor.account_id, scope))] if actor.account_id else []


def is_kept_out(actor: Actor, scope: Scope) -> bool:
    """Whether a decision keeps the actor out of this group now."""
    if find_membership(actor.account_id, scope) is not None:
        return False
    return any(kept_out.list_for(scope, one) for one in faces(actor, scope))


def find_own_post(actor: Actor, post_id: int) -> tuple[Row, Place, list[bytes]] | None:
    """A post of somebody who is kept out: id and state, its place, and who they were there; None for everybody else."""
    place = places.find_place_of_post(post_id)
    if place is None or place.kind is ConversationKind.TEAM or not is_kept_out(actor, place.scope):
        return None
    me = faces(actor, place.scope)
    post = row(select(Post.id, Post.state, Post.persona_id, Post.mask_id).where(Post.id == post_id))
    worn = {face for one in me for face in masks.own_faces(place.scope, one, {place.id})}
    return (post, place, me) if post is not None and (post.persona_id or post.mask_id) in worn else None


def list_decided(actor: Actor, scope: Scope) -> Sequence[int]:
    """Posts of somebody who is kept out about which the team decided, the latest decision first."""
    if not is_kept_out(actor, scope):
        return []
    me = faces(actor, scope)
    worn = [mask.id for one in me for mask in masks.list_worn(scope, one)]
    told = (Decision.group_id == scope.group_id, Decision.statement.is_not(None), Decision.shown_from <= clock.now())
    mine = Post.persona_id.in_(me) | Post.mask_id.in_(worn)
    found = select(Decision.post_id).join(Post, Post.id == Decision.post_id).where(*told, mine)
    posts = rows(found.order_by(Decision.decided_at.desc(), Decision.id).limit(MOST_SHOWN))
    return [*dict.fromkeys(r.post_id for r in posts)]
