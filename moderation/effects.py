"""What decisions do: each effect is a row that the inverse of its own decision takes away again, and of no other.

The state of a post is what all of its effects make of it that were not lifted, so undoing one leaves the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, insert, select, update

from forum.base import clock, jobs
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid
from forum.base.idents import new_ident
from forum.base.transaction import here, write
from forum.base.words import _
from forum.content.notes import Fold
from forum.conversations import lifecycle, places, tending
from forum.conversations.places import Place
from forum.conversations.prepare import Prepared
from forum.models import ConversationEvent, ConversationKind, Post, PostState
from forum.policy.actor import Membership
from moderation import meanwhile, proposals
from moderation.models import CaseItem, CaseKind, Choice, Decision, Effect, EffectKind

#: A quarrel sleeps a night over it; after a day the topic is open again by itself.
LOCKED_FOR = timedelta(hours=24)
#: What each choice leaves behind that somebody can take away again.
KINDS = {
    Choice.KEEP_BACK: EffectKind.HIDE,
    Choice.HIDE: EffectKind.HIDE,
    Choice.TAKE_DOWN: EffectKind.HIDE,
    Choice.FOLD: EffectKind.FOLD,
    Choice.LIMIT: EffectKind.LIMIT,
    Choice.MOVE: EffectKind.MOVE,
    Choice.LOCK: EffectKind.LOCK,
}
#: The words go, into a sealed copy, and come back from it.
PUTS_AWAY = (Choice.KEEP_BACK, Choice.HIDE, Choice.TAKE_DOWN)
#: What the gate holds already is not also to be folded, kept to some or put away by another name.
OF_SHOWN = (Choice.HIDE, Choice.TAKE_DOWN, Choice.FOLD, Choice.LIMIT, Choice.MOVE, Choice.LOCK)


@dataclass(frozen=True)
class Deed:
    """One decision that is carried out.

    :param ended: nothing waits for this item any more. :param board_id: where a topic moves.
    """

    decision_id: bytes
    by: Membership
    choice: Choice
    item: CaseItem | Row | None
    words: str = ""
    ended: bool = True
    board_id: bytes | None = None


def check(post: Post | None, choice: Choice, seen: int | None) -> None:
    """Whether the choice can be carried out. :raises Conflict: the words changed, or it does not fit."""
    if choice not in OF_SHOWN:
        return
    place = places.find_place_of_post(post.id) if post is not None else None
    if post is None or place is None or place.kind is ConversationKind.TEAM or post.state not in _shown(choice):
        raise Conflict(_("That does not fit what waits here."))
    if seen is not None and post.changed_in != seen:
        raise Conflict(_("The author changed these words while you were reading. Please read them again."))


def _shown(choice: Choice) -> tuple[PostState, ...]:
    """A second reason to put words away is kept as well: then undoing the first does not bring them back."""
    return (PostState.VISIBLE, PostState.HIDDEN) if choice in PUTS_AWAY else (PostState.VISIBLE,)


def apply(deed: Deed, post: Post) -> datetime | None:
    """Step: carry a decision about a post out, with a row for each effect; gives until when it holds, if it ends by itself."""
    if deed.ended and deed.item is not None:
        _look_done(deed, post)
    if deed.choice is Choice.RELEASE and post.state is PostState.HELD:
        lifecycle.let_through(post, "release")
        lifecycle.settle_author(post.id)
    kind = KINDS.get(deed.choice)
    if kind is None or (deed.choice is Choice.KEEP_BACK and post.state is not PostState.HELD):
        return None
    effect_id = new_ident()
    until = _LIKE[kind](deed, post, effect_id)
    _note(deed, kind, post, effect_id, until)
    return until


def _look_done(deed: Deed, post: Post) -> None:
    """Somebody looked, so what was folded until then is not any more."""
    why = meanwhile.FOLDS.get(deed.item.kind) if deed.item is not None else None
    if why is not None and post.notes & why:
        lifecycle.unfold(post, why)
        _note(deed, EffectKind.UNFOLD, post, new_ident(), None)


def _hide(_deed: Deed, post: Post, _effect_id: bytes) -> None:
    if post.state is not PostState.HIDDEN:
        lifecycle.hide(post)


def _fold(_deed: Deed, post: Post, _effect_id: bytes) -> None:
    lifecycle.fold(post, Fold.TEAM)


def _limit(_deed: Deed, post: Post, _effect_id: bytes) -> None:
    lifecycle.hold(post)


def _move(deed: Deed, post: Post, effect_id: bytes) -> None:
    tending.move(_topic_of(post), deed.by, deed.board_id, deed.words[: tending.MOST_REASON], effect_id)


def _lock(deed: Deed, post: Post, effect_id: bytes) -> datetime:
    place = _topic_of(post)
    if place.closed_at is not None:
        raise Conflict(_("This topic is closed already, so nothing was changed."))
    tending.lock(place, deed.by, True, _("The team closed this topic for a day."), effect_id)
    until = clock.now() + LOCKED_FOR
    jobs.enqueue("open_topic", {"effect": effect_id.hex()}, until)
    return until


_LIKE = {
    EffectKind.HIDE: _hide,
    EffectKind.FOLD: _fold,
    EffectKind.LIMIT: _limit,
    EffectKind.MOVE: _move,
    EffectKind.LOCK: _lock,
}


def _topic_of(post: Post) -> Place:
    place = places.find_place_of_post(post.id)
    if place is None or place.kind is not ConversationKind.TOPIC:
        raise Invalid(_("Only a topic of a board can be moved or closed."), "choice")
    return place


def _note(deed: Deed, kind: EffectKind, post: Post, effect_id: bytes, until: datetime | None) -> None:
    of_topic = kind in (EffectKind.MOVE, EffectKind.LOCK)
    write(
        _ADD,
        id=effect_id,
        decision_id=deed.decision_id,
        group_id=deed.by.scope.group_id,
        kind=kind,
        post_id=post.id,
        conversation_id=post.conversation_id if of_topic else None,
        until_at=until,
    )


_ADD = insert(Effect)


@jobs.step("open_topic")
def _open_topic(payload: jobs.Payload) -> None:
    """The day is over. If the team opened or closed the topic again meanwhile, that holds."""
    effect_id = bytes.fromhex(payload["effect"])
    effect = row(select(*_EFFECT).where(Effect.id == effect_id, Effect.lifted_by.is_(None)))
    post = here().get(Post, effect.post_id) if effect is not None else None
    event = row(select(ConversationEvent.by).where(ConversationEvent.id == effect_id))
    if effect is None or post is None or event is None:
        return
    lifecycle.lock_conversation(effect.conversation_id)
    tending.end_lock(effect.conversation_id, effect_id, event.by, _("The day is over."))


# --- Taking away ----------------------------------------------------------------------------------------------------

_EFFECT = (Effect.id, Effect.decision_id, Effect.kind, Effect.post_id, Effect.conversation_id)


def of_post(post_id: int) -> Sequence[Row]:
    """The effects on a post that nobody lifted."""
    return rows(select(*_EFFECT).where(Effect.post_id == post_id, Effect.lifted_by.is_(None)))


def of_decision(decision_id: bytes) -> Sequence[Row]:
    """What a decision still does."""
    return rows(select(*_EFFECT).where(Effect.decision_id == decision_id, Effect.lifted_by.is_(None)))


def lift(by: Membership, effects: Sequence[Row], inverse_id: bytes, reason: str) -> None:
    """Step: these exact effects are over; `settle` then makes the post what the others leave of it."""
    ids = [effect.id for effect in effects]
    over = update(Effect).where(Effect.id.in_(ids)).values(lifted_by=inverse_id)
    here().execute(over.execution_options(synchronize_session=False))
    for effect in effects:
        if effect.kind is EffectKind.RESTRICT:
            proposals.end(effect.decision_id, by)
        place = places.find_place(effect.conversation_id) if effect.conversation_id else None
        if place is not None:
            tending.undo_by_decision(place, by, effect.id, reason)


def lift_hidden(by: Membership, post_id: int, inverse_id: bytes) -> None:
    """Step: all that puts a post out of sight is over, for somebody who brings it back whatever the reasons were."""
    away = (EffectKind.HIDE, EffectKind.LIMIT)
    lift(by, [effect for effect in of_post(post_id) if effect.kind in away], inverse_id, "")


def settle(post: Post, words: Prepared | None, title: str, refold: Fold | None = None) -> None:
    """Step: give a post the state that its effects leave it with. What its author took back stays taken back.

    :param words: as they were, for a post whose words come back. :param refold: it is folded again until somebody looks.
    """
    left = {effect.kind for effect in of_post(post.id)}
    if post.state in (PostState.WITHDRAWN, PostState.SENDING):
        return
    state = PostState.HELD if _is_held(post.id) or EffectKind.LIMIT in left else PostState.VISIBLE
    _give(post, PostState.HIDDEN if EffectKind.HIDE in left else state, words, title)
    if EffectKind.FOLD not in left:
        lifecycle.unfold(post, Fold.TEAM)
    if refold is not None:
        lifecycle.fold(post, refold)


def _is_held(post_id: int) -> bool:
    """Whether an open item keeps a post back until somebody has read it."""
    holds = (CaseItem.kind.in_((CaseKind.HOLD, CaseKind.SPAM)), CaseItem.decided.is_(False))
    return row(select(CaseItem.id).where(CaseItem.post_id == post_id, *holds)) is not None


def _give(post: Post, state: PostState, words: Prepared | None, title: str) -> None:
    if post.state is state or state is PostState.HIDDEN:
        return
    if post.state is PostState.HIDDEN:
        if words is None:
            raise Conflict(_("A copy of these words is no longer kept, so they cannot come back."))
        if state is PostState.HELD:
            lifecycle.put_back(post, words, title, PostState.HELD)
        else:
            lifecycle.restore(post, words, title, active=False)
    elif state is PostState.HELD:
        lifecycle.hold(post)
    else:
        lifecycle.let_through(post, "restore", active=False)


def folded_until_looked(decision_id: bytes) -> Fold | None:
    """What the decision unfolded, to fold it again."""
    undone = (
        select(CaseItem.kind)
        .join(Decision, Decision.item_id == CaseItem.id)
        .join(Effect, Effect.decision_id == Decision.id)
    )
    found = row(undone.where(Decision.id == decision_id, Effect.kind == EffectKind.UNFOLD))
    return meanwhile.FOLDS.get(found.kind) if found else None
