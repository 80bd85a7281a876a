"""Which items one person may see. To whomever an item names, and to the author of its words, it does not exist."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, select

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.keyring import Scope
from forum.conversations import masks
from forum.leaving.usecases import whose
from forum.models import Group, Post
from forum.policy.actor import Actor
from forum.policy.members import get_scope, writer_in
from forum.policy.permissions import Denial, may_look_after, require
from moderation import not_for
from moderation.models import CaseItem, Target


def me(actor: Actor, scope: Scope) -> list[bytes]:
    """Who the actor is in a group, and who they were there lately under another name."""
    membership = writer_in(actor, scope).writer_in(scope.group_id)
    if membership is None or actor.account_id is None:
        return []
    return [*{membership.persona_id, *whose(actor.account_id, scope)}]


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
    columns = (Post.id, Post.persona_id, Post.mask_id, Post.conversation_id)
    posts = rows(select(*columns).where(Post.id.in_(set(of_post.values()))))
    masked = {post.conversation_id for post in posts if post.mask_id is not None}
    faces = {face for one in personas for face in masks.own_faces(scope, one, masked)}
    own = {post.id for post in posts if (post.persona_id or post.mask_id) in faces}
    return {item_id for item_id, post_id in of_post.items() if post_id in own}


def post_of(item: Row) -> int | None:
    """The post that an item is about, if it is about one."""
    if item.post_id is not None:
        return int(item.post_id)
    return int.from_bytes(item.about) if item.target is Target.POST and item.about else None


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


def require_item(actor: Actor, item_id: bytes) -> tuple[Row, Scope]:
    """An item that this person may see, decided or not, and where it is.

    :param actor: with their membership of the item's group. :raises NotFound: none such for them.
    """
    item = row(select(*COLUMNS, Group.organisation_id).join(Group).where(CaseItem.id == item_id))
    if item is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_look_after, actor, item.group_id)
    scope = Scope(item.organisation_id, item.group_id)
    if item.outside_id is not None or hidden(actor, scope, [item]):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return item, scope


def find_scope(item_id: bytes) -> Scope | None:
    """Where an item belongs, to load the actor's membership; not a permission."""
    found = row(select(CaseItem.group_id).where(CaseItem.id == item_id))
    return get_scope(found.group_id) if found else None
