"""Which items one person may see. To whomever an item names, and to the author of its words, it does not exist."""

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import Row, bindparam, select

from forum.base.db import rows
from forum.base.errors import NotFound
from forum.base.hot import Hot
from forum.base.keyring import Scope
from forum.conversations import masks
from forum.leaving.usecases import who_before
from forum.models import Group, Post
from forum.policy.actor import Actor
from forum.policy.members import writer_in
from forum.policy.permissions import Denial, may_look_after, require
from moderation import not_for
from moderation.models import CaseItem, Target


def me(actor: Actor, scope: Scope) -> list[bytes]:
    """Who the actor is in a group, and who they were there lately under another name.

    :param actor: what is known of their membership there is taken as it is, else it is asked for.
    """
    membership = actor.writer_in(scope.group_id) or writer_in(actor, scope).writer_in(scope.group_id)
    if membership is None or actor.account_id is None:
        return []
    return [*{membership.persona_id, *who_before(actor.account_id, scope)}]


def hidden(actor: Actor, scope: Scope, items: Sequence[Row]) -> set[bytes]:
    """Those of the items that do not exist for this person.

    :param items: rows with id, post_id, target and about. A stranger sees none of them.
    """
    personas = me(actor, scope)
    return hidden_from(scope, personas, items) if personas else {item.id for item in items}


def hidden_from(scope: Scope, personas: Sequence[bytes], items: Sequence[Row]) -> set[bytes]:
    """The same for one person by all of their personas."""
    return not_for.list_hidden(scope, personas, [item.id for item in items]) | _written_by(scope, personas, items)


def _written_by(scope: Scope, personas: Iterable[bytes], items: Sequence[Row]) -> set[bytes]:
    """The items about these personas' own words, under a name or an alias: known by tag to their writer alone."""
    of_post = {item.id: post_id for item in items if (post_id := post_of(item)) is not None}
    if not of_post:
        return set()
    posts = _list_posts(set(of_post.values()))
    masked = {post.conversation_id for post in posts if post.mask_id is not None}
    faces = {face for one in personas for face in masks.own_faces(scope, one, masked)}
    own = {post.id for post in posts if (post.persona_id or post.mask_id) in faces}
    return {item_id for item_id, post_id in of_post.items() if post_id in own}


def _list_posts(post_ids: set[int]) -> Sequence[Row]:
    if len(post_ids) == 1:
        alone = find_face(*post_ids)
        return [alone] if alone else []
    return rows(_FACES.where(Post.id.in_(post_ids)))


def find_face(post_id: int) -> Row | None:
    """Under which name or alias a post was written, and where; not a permission."""
    return cast("Row | None", _FACE.row({"post": post_id}))


_FACES = select(Post.id, Post.persona_id, Post.mask_id, Post.conversation_id)
_FACE = Hot(_FACES.where(Post.id == bindparam("post")))


def post_of(item: Row | CaseItem) -> int | None:
    """The post that an item is about, if it is about one."""
    if item.post_id is not None:
        return int(item.post_id)
    return int.from_bytes(item.about) if item.target in OF_A_POST and item.about else None


#: Where `about` is a post.
OF_A_POST = (Target.POST, Target.TOPIC)


#: Enough to ask whether somebody may see an item.
COLUMNS = (
    CaseItem.id,
    CaseItem.group_id,
    CaseItem.kind,
    CaseItem.post_id,
    CaseItem.target,
    CaseItem.about,
    CaseItem.outside_id,
    CaseItem.decided,
    CaseItem.version,
    CaseItem.claimed_by,
    CaseItem.claim_gen,
    CaseItem.claimed_at,
    CaseItem.lease_until,
)


_DECIDING = (CaseItem.source, CaseItem.decision_id, Group.organisation_id)
_ITEM = select(*COLUMNS, *_DECIDING).join(Group).where(CaseItem.id == bindparam("item"))
_READ, _LOCKED = Hot(_ITEM), Hot(_ITEM.with_for_update(of=CaseItem))


def require_item(actor: Actor, item_id: bytes, *, lock: bool = False) -> tuple[Row, Scope]:
    """An item that this person may see, decided or not, and where it is.

    :param actor: with their membership of the item's group. :param lock: in a transaction: nobody else changes it
    until the end. :raises NotFound: none such for them.
    """
    item = (_LOCKED if lock else _READ).row({"item": item_id})
    if item is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_look_after, actor, item.group_id)
    scope = Scope(item.organisation_id, item.group_id)
    if item.outside_id is not None or hidden(actor, scope, [item]):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return item, scope


def find_scope(item_id: bytes) -> Scope | None:
    """Where an item belongs, to load the actor's membership; not a permission."""
    found = find_where(item_id)
    return found[0] if found else None


def find_where(item_id: bytes) -> tuple[Scope, int | None] | None:
    """Where an item belongs and the post that it is about: what of it never changes. Not a permission."""
    found = _WHERE.row({"item": item_id})
    return (Scope(found.organisation_id, found.group_id), post_of(found)) if found else None


_FIXED = (CaseItem.group_id, CaseItem.post_id, CaseItem.target, CaseItem.about, Group.organisation_id)
_WHERE = Hot(select(*_FIXED).join(Group).where(CaseItem.id == bindparam("item")))
