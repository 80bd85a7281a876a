"""Nobody of the team judges where they took part themselves, under a name or an alias, nor whom they blocked.

The refusal is theirs alone: no list, count or page of anybody else changes, for it would say whose an alias is.
"""

from collections.abc import Collection

from sqlalchemy import Row, bindparam, or_, select

from forum.base.db import row, rows
from forum.base.hot import Hot
from forum.base.keyring import Scope
from forum.conversations import choices, masks
from forum.models import Post
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_look_after, require
from moderation import not_for, sight
from moderation.models import CaseKind, Decision, Target

#: Saying hello and answering a question judges nobody: whoever knows the person does it best.
NO_JUDGEMENT = (CaseKind.WELCOME, CaseKind.ASK)


def may_judge(actor: Actor, item: Row) -> Denial | None:
    """Whether this person may decide about an item that they may see.

    :param actor: with their membership of the item's group. :param item: kind, group_id, post_id, target, about and decision_id.
    """
    if denial := may_look_after(actor, item.group_id):
        return denial
    if item.kind in NO_JUDGEMENT:
        return None
    scope = actor.memberships[item.group_id].scope
    if item.target is Target.PERSON:
        return Denial.BLOCKED_THEM if item.about in _blocked(actor, scope) else None
    post_id = _post_of(item)
    return _about_post(actor, scope, post_id) if post_id is not None else None


def may_judge_post(actor: Actor, scope: Scope, post_id: int) -> Denial | None:
    """The same about one post, whether or not anything waits."""
    return may_look_after(actor, scope.group_id) or _about_post(actor, scope, post_id)


def require_impartial(actor: Actor, item: Row) -> None:
    """Step: go on only if this person may judge it. :raises NotAllowed: they took part, or blocked who wrote it."""
    require(may_judge, actor, item)


def require_impartial_about(actor: Actor, scope: Scope, post_id: int) -> None:
    """Step: the same about one post. :raises NotAllowed: they took part, or blocked who wrote it."""
    require(_may_judge_this, actor, (scope, post_id))


def _may_judge_this(actor: Actor, subject: tuple[Scope, int]) -> Denial | None:
    return may_judge_post(actor, *subject)


def _post_of(item: Row) -> int | None:
    """The post that is judged: of an appeal or a complaint the one that was decided about."""
    if getattr(item, "decision_id", None) is not None:
        decided = row(select(Decision.post_id).where(Decision.id == item.decision_id))
        return decided.post_id if decided else None
    return sight.post_of(item)


def _about_post(actor: Actor, scope: Scope, post_id: int) -> Denial | None:
    post = sight.find_face(post_id)
    if post is None:
        return None
    if (post.persona_id or post.mask_id) in _blocked(actor, scope):
        return Denial.BLOCKED_THEM
    me = sight.me(actor, scope) or [actor.memberships[scope.group_id].persona_id]
    took_part = _took_part(scope, me, post.conversation_id)
    return Denial.TOOK_PART if took_part and _has_free_colleague(scope, me, post.conversation_id) else None


def _blocked(actor: Actor, scope: Scope) -> frozenset[bytes]:
    return choices.find(actor.memberships[scope.group_id]).blocked


def _took_part(scope: Scope, me: Collection[bytes], conversation_id: bytes) -> bool:
    """Whether words of this person ever stood there, under any name or alias of theirs."""
    faces = {face for one in me for face in masks.own_faces(scope, one, {conversation_id})}
    return any(_SPOKE.rows({"conversation": conversation_id, "face": face}) for face in faces)


_OF_FACE = or_(Post.persona_id == bindparam("face"), Post.mask_id == bindparam("face"))
_SPOKE = Hot(select(Post.id).where(Post.conversation_id == bindparam("conversation"), _OF_FACE).limit(1))


def _has_free_colleague(scope: Scope, me: Collection[bytes], conversation_id: bytes) -> bool:
    """Whether, by what everybody can see, somebody else of the team took no part: else words would wait for nobody.

    Aliases are not asked about: that somebody may decide after all would tell whose an alias is.
    """
    others = not_for.team_of(scope) - set(me)
    named = select(Post.persona_id).where(Post.conversation_id == conversation_id, Post.persona_id.in_(others))
    return bool(others - {r.persona_id for r in rows(named)})
