"""What decisions do: each effect is a row that its own decision's inverse takes away again, and no other."""

from sqlalchemy import insert

from forum.base.errors import Conflict
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.base.words import _
from forum.conversations import lifecycle, places
from forum.models import ConversationKind, Post, PostState
from moderation.models import TOLD, CaseItem, Choice, Effect, EffectKind

#: Choices that leave the post as it is, also where an item is about one.
_KINDS = {Choice.HIDE: EffectKind.HIDE, Choice.KEEP_BACK: EffectKind.HIDE}


def touches(item: CaseItem | None, choice: Choice) -> bool:
    """Whether the post's own pages tell of the decision. One about a report alone names no post."""
    return item is None or item.kind not in TOLD or choice in _KINDS


def check(item: CaseItem | None, post: Post | None, choice: Choice, seen: int | None) -> None:
    """Whether the choice can be carried out. :raises Conflict: the words changed, or it does not fit."""
    if item is None or item.kind not in TOLD or choice is not Choice.HIDE:
        return
    place = places.find_place_of_post(post.id) if post is not None else None
    if post is None or post.state is not PostState.VISIBLE or place is None or place.kind is ConversationKind.TEAM:
        raise Conflict(_("That does not fit what waits here."))
    if post.changed_in != seen:
        raise Conflict(_("The author changed these words while you were reading. Please read them again."))


def apply(scope: Scope, decision_id: bytes, post: Post, choice: Choice) -> None:
    """Step: carry a decision about a post out, with a row for each effect."""
    if choice is Choice.RELEASE and post.state is PostState.HELD:
        lifecycle.publish(post.id, post.conversation_id, "release")
        lifecycle.settle_author(post.id)
    elif choice is Choice.HIDE or (choice is Choice.KEEP_BACK and post.state is PostState.HELD):
        lifecycle.hide(post)
        _note(scope, decision_id, EffectKind.HIDE, post.id)


def _note(scope: Scope, decision_id: bytes, kind: EffectKind, post_id: int) -> None:
    values = {"id": new_ident(), "decision_id": decision_id, "group_id": scope.group_id, "kind": kind}
    here().execute(insert(Effect).values(**values, post_id=post_id))
