"""What a reader chooses about their own reading, and content notes that the team puts on a post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.keyring import the_keyring
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.content.notes import classes_of, offered
from forum.conversations import choices, lifecycle, queries
from forum.conversations.choices import Choices
from forum.models import ConversationKind, Mask, Persona, PostEvent
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, PostFacts, may_block, may_note, require

#: How somebody likes the words of a note class; the middle one is so for who chose nothing.
EXPAND, FOLD, HIDE = "expand", "fold", "hide"


def block_author(actor: Actor, post_id: int) -> None:
    """See no more words of whoever wrote this: under their name all of them here, under an alias those of the alias.

    :raises NotFound: no such post for this actor. :raises NotAllowed: their own. :raises Invalid: the list is full.
    """
    found, place, own = queries.get_row(actor, post_id)
    require(may_block, actor, queries.facts_of(found, place, own))
    author = found.persona_id or found.mask_id
    choices.keep(actor, place.group_id, lambda chosen: replace(chosen, blocked=chosen.blocked | {author}))


@dataclass(frozen=True)
class Blocked:
    """Somebody whom a reader blocked. :param handle: names them to this reader's forms alone. :param name: "" if gone."""

    handle: str
    name: str
    masked: bool


def list_blocked(membership: Membership, chosen: Choices) -> list[Blocked]:
    """Whom this member blocked, by name, those under an alias last."""
    authors = list(chosen.blocked)
    named = {r.id: r.name for r in rows(select(Persona.id, Persona.name).where(Persona.id.in_(authors)))}
    masked = {r.id: r.alias for r in rows(select(Mask.id, Mask.alias).where(Mask.id.in_(authors)))}
    names = {**named, **masked}
    found = [Blocked(_handle(membership, one), names.get(one, ""), one in masked) for one in authors]
    return sorted(found, key=lambda one: (one.masked, one.name))


def unblock(actor: Actor, group_id: bytes, handle: str) -> None:
    """See their words again. One that is not on the list changes nothing."""
    membership = actor.membership_in(group_id)

    def without(chosen: Choices) -> Choices:
        kept = {one for one in chosen.blocked if membership is None or _handle(membership, one) != handle}
        return replace(chosen, blocked=frozenset(kept))

    choices.keep(actor, group_id, without)


def _handle(membership: Membership, author: bytes) -> str:
    """Not the author's id: two readers who compare their pages must not find one thing in both."""
    return the_keyring().tag(membership.scope, "blocked", membership.persona_id, author).hex()


def mute_word(actor: Actor, group_id: bytes, typed: str) -> None:
    """See no more posts and titles with this word.

    :raises Invalid: no word, a long one, or the list is full.
    """
    word = choices.clean_word(typed)
    choices.keep(actor, group_id, lambda chosen: replace(chosen, words=(*_without(chosen.words, word), word)))


def unmute_word(actor: Actor, group_id: bytes, word: str) -> None:
    """See them again."""
    choices.keep(actor, group_id, lambda chosen: replace(chosen, words=_without(chosen.words, word)))


def _without(words: Sequence[str], word: str) -> tuple[str, ...]:
    return tuple(one for one in words if choices.plain(one) != choices.plain(word))


def prefer(actor: Actor, group_id: bytes, own: str, ways: Mapping[int, str]) -> None:
    """How to see words of each note class.

    :param own: the group's own classes. :param ways: EXPAND, FOLD or HIDE by the class's bit; what is not named is folded.
    """
    by_way = {way: sum(one.mask for one in classes_of(own) if ways.get(one.bit) == way) for way in (EXPAND, HIDE)}
    choices.keep(actor, group_id, lambda chosen: replace(chosen, expanded=by_way[EXPAND], hidden=by_way[HIDE]))


@retrying
def set_notes(actor: Actor, post_id: int, notes: int) -> None:
    """For the team: put content notes on somebody's post or take them off. Its words stay as they are.

    :param notes: a mask of classes; what the group has no class for is left out.
    :raises NotFound: not of this group's team, or no such post. :raises NotAllowed: its words are gone.
    """
    found, place, own = queries.get_row(actor, post_id)
    require(may_note, actor, queries.facts_of(found, place, own))
    with transaction():
        post = lifecycle.lock_post(post_id)
        if post is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        now = actor_in(actor, place.scope)
        to_team = place.kind is ConversationKind.TEAM
        require(may_note, now, PostFacts(place.group_id, post.state, own, post.changed_in > 0, to_team))
        lifecycle.set_notes(post, offered(notes, place.own_notes))


def was_noted(post_id: int) -> bool:
    """Whether the team changed a post's content notes: its author is told on the post's page."""
    return row(select(PostEvent.feed_no).where(PostEvent.post_id == post_id, PostEvent.kind == "note")) is not None


def way_words() -> list[tuple[str, str]]:
    """The ways to see a class, in words."""
    return [
        (EXPAND, _("Show the words at once")),
        (FOLD, _("Fold them: one tap shows them")),
        (HIDE, _("Put them away")),
    ]


def way_of(chosen: Choices, mask: int) -> str:
    """How a reader likes the class with this mask."""
    if chosen.hidden & mask:
        return HIDE
    return EXPAND if chosen.expanded & mask else FOLD
