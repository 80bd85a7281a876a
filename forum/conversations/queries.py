"""Reading posts. Every query that permits takes the actor first and is bounded."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import aliased

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.hot import Hot
from forum.base.keyring import the_keyring
from forum.conversations import lines, masks, voice
from forum.conversations.places import PAGE, Place, get_known
from forum.models import (
    Conversation,
    ConversationKind,
    Group,
    Mask,
    Persona,
    PersonaPage,
    Post,
    PostState,
    PostVersion,
    Resend,
)
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import Denial, PostFacts
from forum.policy.visibility import SHOWN, visible_to

#: A browser that missed more than this reloads the page instead. A minute away from a busy room is a hundred messages
#: (security.md R8), and one's own come on top of it.
MOST_CHANGES = 200

Answered, AnsweredPersona, AnsweredMask = aliased(Post), aliased(Persona), aliased(Mask)
AnsweredPlace = aliased(Conversation)


_POSTS = (
    select(
        Post.id,
        Post.seq,
        Post.changed_in,
        Post.state,
        Post.html,
        Post.lang,
        Post.edited,
        Post.faded,
        Post.written_at,
        Post.mask_id,
        Post.persona_id,
        Post.notes,
        Post.mark,
        Post.reacted,
        Group.own_notes,
        func.coalesce(Persona.name, Mask.alias).label("author"),
        Persona.role,
        Persona.joined_on,
        PersonaPage.shows_new,
        Answered.id.label("answered_id"),
        Answered.seq.label("answered_seq"),
        Answered.state.label("answered_state"),
        Answered.changed_in.label("answered_changed_in"),
        Answered.body.label("answered_body"),
        Answered.lang.label("answered_lang"),
        Answered.notes.label("answered_notes"),
        func.coalesce(Answered.persona_id, Answered.mask_id).label("answered_by"),
        func.coalesce(AnsweredPersona.name, AnsweredMask.alias).label("answered_author"),
        # After a topic was parted: its words may not be for all readers of another board.
        or_(Answered.conversation_id == Post.conversation_id, AnsweredPlace.board_id == Conversation.board_id).label(
            "answered_near"
        ),
    )
    .join(Conversation, Conversation.id == Post.conversation_id)
    .join(Group, Group.id == Conversation.group_id)
    .outerjoin(Persona, Persona.id == Post.persona_id)
    .outerjoin(PersonaPage, PersonaPage.persona_id == Post.persona_id)
    .outerjoin(Mask, Mask.id == Post.mask_id)
    .outerjoin(Answered, Answered.id == Post.answers_id)
    .outerjoin(AnsweredPersona, AnsweredPersona.id == Answered.persona_id)
    .outerjoin(AnsweredMask, AnsweredMask.id == Answered.mask_id)
    .outerjoin(AnsweredPlace, AnsweredPlace.id == Answered.conversation_id)
    .order_by(Post.seq)
)
#: In their places, sorted afterwards: SQLite would take the index of places for it and read the whole conversation to find
#: the one post that changed, each time anybody says anything.
_CHANGED = _POSTS.order_by(None).order_by(Post.seq + 0)


def list_posts(actor: Actor, conversation_id: bytes, page: int) -> Sequence[Row]:
    """The posts of one page that the group may see, in their places.

    :param page: from 1; page n holds the places from (n-1)*PAGE + 1 to n*PAGE.
    """
    first = (page - 1) * PAGE + 1
    window = and_(Post.conversation_id == conversation_id, Post.seq >= first, Post.seq < first + PAGE)
    return rows(_POSTS.where(window, visible_to(actor), Post.state != PostState.HELD))


def find_opener(conversation_id: bytes) -> Row | None:
    """Who opened a topic and what it says of itself; for one whose posts the actor may read."""
    by = func.coalesce(Post.persona_id, Post.mask_id).label("by")
    return row(select(by, Post.notes, Post.mark).where(Post.conversation_id == conversation_id, Post.seq == 1))


def list_openers(conversation_ids: Sequence[bytes]) -> Sequence[Row]:
    """`find_opener` for a board's page of topics."""
    by = func.coalesce(Post.persona_id, Post.mask_id).label("by")
    of_these = and_(Post.conversation_id.in_(conversation_ids), Post.seq == 1)
    return rows(select(Post.conversation_id, by, Post.notes).where(of_these)) if conversation_ids else []


def list_waiting(actor: Actor, membership: Membership, place: Place) -> Sequence[Row]:
    """The member's own posts that others do not see: yet, or at all when the team kept them back."""
    unseen = or_(
        Post.state.in_((PostState.SENDING, PostState.HELD)),
        and_(Post.state == PostState.HIDDEN, Post.changed_in == 0),
    )
    own = and_(Post.conversation_id == place.id, unseen, mine(membership, place.id, tended=place.tended))
    return rows(_POSTS.where(own).limit(PAGE))


def list_sending(place: Place, membership: Membership) -> Sequence[Row]:
    """The member's own words in a line to the team that are on their way, for ten seconds."""
    own = and_(Post.conversation_id == place.id, Post.state == PostState.SENDING, mine_in(place, membership))
    return rows(_POSTS.where(own).limit(PAGE))


def list_chosen(actor: Actor, post_ids: Sequence[int]) -> Sequence[Row]:
    """These posts as far as the actor may see them, with the conversation in which each stands now."""
    place = (Post.conversation_id, Conversation.title, Conversation.lang.label("title_lang"))
    return rows(_POSTS.add_columns(*place).where(Post.id.in_(post_ids), visible_to(actor))) if post_ids else []


def list_changes(actor: Actor, conversation_id: bytes, after: int) -> Sequence[Row]:
    """Posts that changed since feed number `after`, as this actor may see them now."""
    changed = and_(Post.conversation_id == conversation_id, Post.changed_in > after)
    seen = or_(visible_to(actor), and_(Post.state == PostState.HELD, Post.changed_in > 0))
    return rows(_CHANGED.where(changed, seen).limit(MOST_CHANGES + 1))


def list_told(conversation_id: bytes, after: int) -> Sequence[Row]:
    """The same for all together who were let in to a room: whatever the group may see there, or saw before it was held."""
    return _TOLD.rows({"conversation": conversation_id, "after": after})


_TOLD = Hot(
    _CHANGED.where(
        Post.conversation_id == bindparam("conversation"),
        Post.changed_in > bindparam("after"),
        or_(*(Post.state == state for state in (*SHOWN, PostState.HELD))),
    ).limit(MOST_CHANGES + 1)
)


def get_row(actor: Actor, post_id: int) -> tuple[Row, Place, bool]:
    """One post with its place, and whether it is the actor's own: theirs also on a board that is not for them any more.

    :raises NotFound: none such, or not for this actor.
    """
    found = row(select(Post.conversation_id).where(Post.id == post_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    place, inside = get_known(actor, found.conversation_id)
    membership = inside.writer_in(place.group_id)
    own = mine_in(place, membership) if membership else false()
    seen = row(_POSTS.add_columns(own.label("mine"), Post.body).where(Post.id == post_id, visible_to(inside, own)))
    if seen is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return seen, place, bool(seen.mine)


def facts_of(found: Row, place: Place, own: bool) -> PostFacts:
    """What the rules need to know of a post from `get_row`."""
    return PostFacts(place.group_id, found.state, own, found.changed_in > 0, place.kind is ConversationKind.TEAM)


def list_versions(actor: Actor, post_id: int, before: int = 0) -> Sequence[Row]:
    """Twenty earlier versions, newest first. Call only after `may_see_versions`.

    :param before: only those with a smaller number; 0 for the newest.
    """
    older = [PostVersion.n < before] if before else []
    return rows(
        select(PostVersion.id, PostVersion.n, PostVersion.html, PostVersion.replaced_hour)
        .where(PostVersion.post_id == post_id, *older)
        .order_by(PostVersion.n.desc())
        .limit(PAGE)
    )


def resend_tags(membership: Membership, form: bytes) -> list[bytes]:
    """What a form was kept under once it was sent."""
    return the_keyring().tags(membership.scope, "send", membership.persona_id, form)


def find_resend(membership: Membership, form: bytes) -> Row | None:
    """The post this form became already, if it was sent before."""
    tags = resend_tags(membership, form)
    return _RESEND.row({"tag": tags[0], "tag_before": tags[-1]})


_RESEND = Hot(
    select(Post.id, Post.conversation_id, Post.seq, Post.state)
    .join(Resend, Resend.post_id == Post.id)
    .where(Resend.tag.in_([bindparam("tag"), bindparam("tag_before")]))
)


def mine_in(place: Place, membership: Membership) -> ColumnElement[bool]:
    """`mine`, also in a line to the team, where the alias of a topic writes."""
    if place.kind is ConversationKind.TEAM:
        return lines.own_posts(lines.find_own(membership, place.id), membership)
    return mine(membership, place.id, tended=place.tended)


def mine(membership: Membership, conversation_id: bytes, *, tended: bool = True) -> ColumnElement[bool]:
    """Posts that this member wrote in one conversation, under their name or an alias; of the team, also in its voice.

    :param tended: the team changed something here, so it may have posts under aliases that were born elsewhere.
    """
    tags_of = masks.all_tags if tended else masks.owner_tags
    tags = tags_of(membership.scope, membership.persona_id, conversation_id)
    of_team = [Post.persona_id.in_(voice.persona_of(membership.scope))] if membership.on_team else []
    return or_(
        Post.persona_id == membership.persona_id,
        Post.mask_id.in_(masks.own_mask_id(tags)),
        *of_team,
    )
