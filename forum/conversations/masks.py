"""Aliases: who wears which mask where. The only module that reads or writes `mask_owner`.

A mask is found by tag from its persona, and its persona by unsealing; both need the keyring. In the transaction of a
masked post nothing names the persona or the account (decisions.md §2).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, insert, select, update

from forum.accounts.names import offer_alias
from forum.base.db import row, rows
from forum.base.hot import Hot
from forum.base.idents import new_ident
from forum.base.keyring import Scope, the_keyring
from forum.base.parts import in_parts
from forum.base.rotation import Pass
from forum.base.transaction import here
from forum.models import Conversation, ConversationOrigin, Group, Mask, MaskOwner

PLACE = "mask_owner"
#: No persona has this id.
NOBODY = bytes(16)
#: Bound values in one statement.
TAGS_AT_ONCE = 500


@dataclass(frozen=True)
class WornMask:
    """An alias as its wearer's posts show it."""

    id: bytes
    alias: str


def owner_tags(scope: Scope, persona_id: bytes, conversation_id: bytes) -> list[bytes]:
    """What leads from a persona to its mask in one conversation."""
    return the_keyring().tags(scope, "mask", persona_id, conversation_id)


def find_mask(scope: Scope, persona_id: bytes, conversation_id: bytes) -> WornMask | None:
    """The mask this persona wears here, if any."""
    found = row(
        select(Mask.id, Mask.alias)
        .join(MaskOwner, MaskOwner.mask_id == Mask.id)
        .where(MaskOwner.owner_tag.in_(owner_tags(scope, persona_id, conversation_id)))
    )
    return WornMask(found.id, found.alias) if found else None


def wear(scope: Scope, persona_id: bytes, conversation_id: bytes) -> WornMask:
    """The persona's mask here, made on the first use. The same in this conversation, unrelated in any other."""
    if worn := find_mask(scope, persona_id, conversation_id):
        return worn
    stands = [conversation_id, *list_origins(conversation_id)]  # aliases of posts that came from elsewhere, too
    taken = rows(select(Mask.alias).where(Mask.conversation_id.in_(stands)))
    mask = WornMask(new_ident(), offer_alias({r.alias for r in taken}))
    ring, tag = the_keyring(), owner_tags(scope, persona_id, conversation_id)[0]
    here().execute(insert(Mask).values(id=mask.id, conversation_id=conversation_id, alias=mask.alias))
    here().execute(
        insert(MaskOwner).values(
            owner_tag=tag,
            mask_id=mask.id,
            sealed=ring.seal(scope, PLACE, mask.id, persona_id),
            key_id=ring.writing_id,
        )
    )
    return mask


def list_origins(conversation_id: bytes) -> list[bytes]:
    """Other conversations whose masks may stand in this one, since posts came from there."""
    return [r.origin_id for r in _ORIGINS.rows({"conversation": conversation_id})]


_ORIGINS = Hot(
    select(ConversationOrigin.origin_id).where(ConversationOrigin.conversation_id == bindparam("conversation"))
)


def all_tags(scope: Scope, persona_id: bytes, conversation_id: bytes) -> list[bytes]:
    """What leads from a persona to every mask of theirs that may stand in one conversation, wherever it was born."""
    places = [conversation_id, *list_origins(conversation_id)]
    return [tag for place in places for tag in owner_tags(scope, persona_id, place)]


def own_faces(scope: Scope, persona_id: bytes, conversation_ids: Collection[bytes]) -> frozenset[bytes]:
    """Somebody's name, and their aliases that may stand in these conversations, found by tag in at most two queries."""
    if not conversation_ids:
        return frozenset({persona_id})
    if len(conversation_ids) == 1:
        born = set(conversation_ids) | set(list_origins(*conversation_ids))
    else:
        wanted = select(ConversationOrigin.origin_id)
        came = rows(wanted.where(ConversationOrigin.conversation_id.in_(list(conversation_ids))))
        born = {*conversation_ids, *(r.origin_id for r in came)}
    if len(born) == 1:
        at = owner_tags(scope, persona_id, *born)
        return frozenset({persona_id, *(r.mask_id for r in _OWN_MASK.rows({"tag": at[0], "tag_before": at[-1]}))})
    tags = [tag for one in born for tag in owner_tags(scope, persona_id, one)]
    return frozenset({persona_id, *(r.mask_id for r in rows(own_mask_id(tags)))})


_OWN_MASK = Hot(select(MaskOwner.mask_id).where(MaskOwner.owner_tag.in_([bindparam("tag"), bindparam("tag_before")])))


def wearer_of(scope: Scope, mask_id: bytes) -> bytes:
    """The persona behind a mask, for a step that must bind the person without showing who it is (decisions.md §5).

    NOBODY once its wearer has left for good: then nobody can know.
    """
    found = row(select(MaskOwner.sealed).where(MaskOwner.mask_id == mask_id))
    return the_keyring().unseal(scope, PLACE, mask_id, found.sealed) if found else NOBODY


def list_worn(scope: Scope, persona_id: bytes) -> list[WornMask]:
    """Every mask of a persona in its group: tags are computed over all conversations that have any.

    For the persona's own errands alone, and never in a transaction of a masked post.
    """
    return [WornMask(r.id, r.alias) for at in _all_tags(scope, persona_id) for r in rows(_WORN.where(_by(at)))]


_WORN = select(Mask.id, Mask.alias).join(MaskOwner, MaskOwner.mask_id == Mask.id)


def _by(tags: list[bytes]) -> ColumnElement[bool]:
    return MaskOwner.owner_tag.in_(tags)


def _all_tags(scope: Scope, persona_id: bytes) -> list[list[bytes]]:
    """Where this persona's masks may be, some hundred in a list."""
    born = select(Mask.conversation_id).join(Conversation, Conversation.id == Mask.conversation_id)
    found = rows(born.where(Conversation.group_id == scope.group_id).distinct())
    tags = [tag for r in found for tag in owner_tags(scope, persona_id, r.conversation_id)]
    return [list(some) for some in in_parts(tags, TAGS_AT_ONCE)]


def forget_wearer(scope: Scope, persona_id: bytes) -> None:
    """Step: from now on nothing leads from these masks to anybody. What stands under them stays, and they stay apart."""
    for at in _all_tags(scope, persona_id):
        here().execute(delete(MaskOwner).where(_by(at)).execution_options(synchronize_session=False))


def own_mask_id(tags: list[bytes]) -> Select[bytes]:
    """The mask behind these tags, as a part of a larger query."""
    return select(MaskOwner.mask_id).where(MaskOwner.owner_tag.in_(tags))


def own_mask_of(tag_is: Callable[[Any, str], ColumnElement[bool]]) -> Select[bytes]:
    """The same with the tags given when the query runs.

    :param tag_is: makes the condition from the tag's column and the parameter's name.
    """
    return select(MaskOwner.mask_id).where(tag_is(MaskOwner.owner_tag, "mask"))


def renewal() -> Pass:
    """How a rotation renews masks: the row leads to conversation and group, the seal to the persona."""
    return Pass(MaskOwner, MaskOwner.mask_id, _renew)


def _renew(owner: Any) -> None:
    place = row(
        select(Mask.conversation_id, Conversation.group_id, Group.organisation_id)
        .join(Conversation, Conversation.id == Mask.conversation_id)
        .join(Group, Group.id == Conversation.group_id)
        .where(Mask.id == owner.mask_id)
    )
    if place is None:
        raise LookupError("A mask without a conversation: the database was changed by hand.")
    scope, ring = Scope(place.organisation_id, place.group_id), the_keyring()
    persona_id = ring.unseal(scope, PLACE, owner.mask_id, owner.sealed)
    here().execute(
        update(MaskOwner)
        .where(MaskOwner.mask_id == owner.mask_id)
        .values(
            owner_tag=owner_tags(scope, persona_id, place.conversation_id)[0],
            sealed=ring.seal(scope, PLACE, owner.mask_id, persona_id),
            key_id=ring.writing_id,
        )
        .execution_options(synchronize_session=False)
    )
