"""My things in one group: what one member wrote, began, follows and put aside. For them alone; nobody else's page asks it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select

from forum.base import text
from forum.base.db import rows
from forum.base.idents import write_ident, write_post_id
from forum.base.keyring import Scope
from forum.conversations import choices, drafts, mail_addresses, masks, notices, shelves, titles
from forum.conversations.drafts import Kept
from forum.conversations.notices import Notice
from forum.models import Board, Conversation, ConversationKind, Mask, Post, PostState
from forum.policy.actor import Actor, Membership
from forum.policy.members import get_membership_of
from forum.policy.permissions import may_hold_choices, require
from forum.policy.visibility import enterable_by

#: Own words on one page.
WORDS = 20
#: The newest topics in which words may be kept for later: more than anybody leaves open.
MOST_PLACES = 1_000
#: Letters shown of each.
EXCERPT = 160


@dataclass(frozen=True)
class OwnWords:
    """A post of one's own. :param alias: the hidden name it stands under; empty under their own."""

    id: int
    state: PostState
    title: str
    title_lang: str
    excerpt: str
    lang: str
    alias: str


@dataclass(frozen=True)
class Begun:
    """Words kept for later, to the team if neither is given. :param board_id: of a new topic. :param conversation_id: of
    an answer."""

    title: str
    excerpt: str
    lang: str
    board_id: bytes | None
    conversation_id: bytes | None


@dataclass(frozen=True)
class Aside:
    """What one member follows and put aside. A post or a topic that is not for them any more has only its id.

    :param followed: each with whether they put its title away.
    """

    followed: Sequence[tuple[bytes, Row | None, bool]]
    bookmarks: Sequence[tuple[int, Notice | None]]


def list_words(actor: Actor, membership: Membership, before: int | None) -> tuple[list[OwnWords], int | None]:
    """Own words, the newest first, under one's name and one's hidden names; and where the next page begins.

    :param before: only those with a smaller id. :raises NotFound: not a member.
    """
    require(may_hold_choices, actor, membership.scope.group_id)
    worn = [mask.id for mask in masks.list_worn(membership.scope, membership.persona_id)]
    older = [Post.id < before] if before is not None else []
    found = rows(
        select(
            Post.id,
            Post.state,
            Post.body,
            Post.lang,
            Mask.alias,
            Conversation.title,
            Conversation.lang.label("title_lang"),
        )
        .join(Conversation, Conversation.id == Post.conversation_id)
        .outerjoin(Mask, Mask.id == Post.mask_id)
        .where(
            or_(Post.persona_id == membership.persona_id, Post.mask_id.in_(worn)),
            Post.state != PostState.WITHDRAWN,
            Conversation.kind != ConversationKind.TEAM,
            *older,
        )
        .order_by(Post.id.desc())
        .limit(WORDS + 1)
    )
    shown = [
        OwnWords(r.id, r.state, r.title, r.title_lang, text.excerpt(r.body, EXCERPT), r.lang, r.alias or "")
        for r in found[:WORDS]
    ]
    return shown, shown[-1].id if len(found) > WORDS else None


def list_begun(actor: Actor, membership: Membership) -> list[Begun]:
    """Words kept for later: new topics, then answers, then words to the team."""
    group_id = membership.scope.group_id
    boards = {r.id: r for r in rows(select(Board.id).where(Board.group_id == group_id))}
    topics = rows(
        select(Conversation.id)
        .where(Conversation.group_id == group_id, Conversation.kind == ConversationKind.TOPIC)
        .order_by(Conversation.last_activity_hour.desc(), Conversation.id.desc())
        .limit(MOST_PLACES)
    )
    answers = {r.id: r for r in topics}
    found = drafts.find_drafts(actor, group_id, [*boards, *answers, membership.persona_id])
    return [
        _begun(one, place_id if place_id in boards else None, place_id if place_id in answers else None)
        for place_id, kept in found.items()
        for one in (kept, *kept.others)
    ]


def _begun(kept: Kept, board_id: bytes | None, conversation_id: bytes | None) -> Begun:
    return Begun(kept.title, text.excerpt(kept.body, EXCERPT), kept.lang, board_id, conversation_id)


def list_aside(actor: Actor, membership: Membership) -> Aside:
    """What they follow and what they put aside, the latest first.

    :raises NotFound: not a member.
    """
    require(may_hold_choices, actor, membership.scope.group_id)
    followed, kept = shelves.list_followed(membership), shelves.list_bookmarks(membership)
    chosen = choices.find(membership)
    topics = {
        r.id: r
        for r in rows(
            select(Conversation.id, Conversation.title, Conversation.lang).where(
                Conversation.id.in_(followed), enterable_by(actor)
            )
        )
    }
    posts = notices.list_posts(membership, chosen, kept)
    away = titles.put_away(membership, chosen, {one: topic.title for one, topic in topics.items()})
    return Aside([(one, topics.get(one), one in away) for one in followed], [(one, posts.get(one)) for one in kept])


def held(scope: Scope, persona_id: bytes) -> dict[str, Any]:
    """What of it is held about one persona, for the copy that its owner takes along; topics and posts by their ids."""
    membership = get_membership_of(scope, persona_id)
    if membership is None:
        return {}
    chosen, mailed = choices.find(membership), mail_addresses.find(scope, persona_id)
    return {
        "conversations_followed": [write_ident(one) for one in shelves.list_followed(membership)],
        "posts_put_aside": [write_post_id(one) for one in shelves.list_bookmarks(membership)],
        "quiet_from": chosen.quiet_from,
        "quiet_until": chosen.quiet_until,
        "news_once_a_day_at": chosen.daily_hour,
        "mail_address": mailed.address if mailed else "",
    }
