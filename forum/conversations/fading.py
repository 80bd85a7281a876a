"""Words go when the time is over for which they were to be kept (C9).

A group's rules may say how long a topic stays after its last answer, its organisation may ask for less, and members may
have their own words go after a time. Whoever wrote relied on what held then, so the shortest time counts of all that held
when the words were written or since: a longer one chosen later keeps nothing that was to go.

Words under a hidden name follow the group's time alone. Went they by their author's own, the two would go by one clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import lifecycle, put_away
from forum.models import (
    CharterVersion,
    Clause,
    Conversation,
    ConversationKind,
    Floor,
    Group,
    Persona,
    Post,
    PostState,
    Promise,
    VersionStatus,
)
from forum.policy import bindings, gate, promises
from forum.policy.actor import Actor
from forum.policy.bindings import RETENTION
from forum.policy.members import actor_in
from forum.policy.permissions import may_let_words_fade, require

#: What members can choose for their own words.
OFFERED = (30, 90, 365)
#: In one transaction: whoever writes meanwhile waits for some milliseconds.
BATCH = 20
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """Words written before `until` (None: all) are kept so many days."""

    days: int
    until: datetime | None


# --- Of one's own words ---


def find_own(actor: Actor, group_id: bytes) -> int | None:
    """After how many days the actor's own words go; None: they stay.

    :raises NotFound: not a member.
    """
    require(may_let_words_fade, actor, group_id)
    return promises.find(actor.memberships[group_id].persona_id)


def count_older(actor: Actor, scope: Scope, days: int) -> int:
    """How many of the actor's posts under their name would go at once. :raises NotFound: not a member."""
    require(may_let_words_fade, actor, scope.group_id)
    return len(_own_posts(actor.memberships[scope.group_id].persona_id, Kept(days, None)))


@retrying
def choose(actor: Actor, scope: Scope, days: int | None) -> None:
    """Have one's own words go after a time, or stay from now on.

    :param days: one of OFFERED; None: words written from now on stay. :raises NotFound: not a member. :raises Invalid: no
        such time.
    """
    if days is not None and days not in OFFERED:
        raise Invalid(_("Choose one of the answers."), "days")
    with transaction():
        now = actor_in(actor, scope)
        require(may_let_words_fade, now, scope.group_id)
        promises.keep(now.memberships[scope.group_id].persona_id, days)


def held(_scope: Scope, persona_id: bytes) -> list[dict[str, Any]]:
    """The same for its owner's copy of what is held about them."""
    found = promises.list_all(persona_id)
    return [{"days": r.days, "written_up_to": r.until_on.isoformat() if r.until_on else None} for r in found]


# --- Letting words go ---


def let_go_of_due(most: int | None = None) -> int:
    """Let words go whose time is over; gives how many posts. Safe to do again at any moment.

    :param most: stop after about so many posts and leave the rest to the next time; None: all of them.
    """
    done = 0
    for found in _list_due():
        done += let_go(found if most is None else found[: most - done])
        if most is not None and done >= most:
            break
    return done


def _list_due() -> Iterator[Sequence[Row]]:
    for persona in rows(_PERSONAS):
        yield from (_own_posts(persona.subject_id, kept) for kept in _promises(persona.subject_id))
    for group in rows(select(Group.id, Group.organisation_id)):
        scope = Scope(group.organisation_id, group.id)
        yield from (_topic_posts(scope, kept) for kept in kept_in(scope))


_PERSONAS = select(Promise.subject_id).join(Persona, Persona.id == Promise.subject_id).distinct()


def _promises(subject_id: bytes) -> list[Kept]:
    return [Kept(r.days, _end_of(r.until_on) if r.until_on else None) for r in promises.list_all(subject_id)]


def _end_of(day: Any) -> datetime:
    """The promise of the day on which it changed counts for all words of that day: nobody knows the minute."""
    return datetime.combine(day + DAY, time(), UTC)


#: Words that may still be read. What waits for a person stays till somebody read it.
POSTS = (
    select(Post.id, Post.state, Post.conversation_id, Conversation.group_id, Group.organisation_id)
    .join(Conversation, Conversation.id == Post.conversation_id)
    .join(Group, Group.id == Conversation.group_id)
    .order_by(Post.id)
)


def _own_posts(persona_id: bytes, kept: Kept) -> Sequence[Row]:
    until = [Post.written_at < kept.until] if kept.until else []
    mine = (Post.persona_id == persona_id, Conversation.kind != ConversationKind.TEAM)
    return rows(POSTS.where(*mine, *until, is_over(Post.written_at, kept)))


def is_over(since: Any, kept: Kept) -> ColumnElement[bool]:
    """Words whose time is over, and those taken back that could still be brought back after it."""
    over = clock.now() - timedelta(days=kept.days)
    lately = and_(Post.state == PostState.WITHDRAWN, Post.faded.is_(False), since > over - put_away.UNDO - DAY)
    return and_(since <= over, or_(Post.state == PostState.VISIBLE, lately))


def kept_in(scope: Scope) -> list[Kept]:
    """Every time for which words in a group were or are to be kept, by its rules and by its organisation."""
    return [*_by_rules(scope.group_id), *_by_floor(scope.organisation_id)]


def _by_rules(group_id: bytes) -> list[Kept]:
    """Each version from when it held until the next one did."""
    found = rows(
        select(CharterVersion.effective_at, Clause.binding_value)
        .outerjoin(Clause, (Clause.version_id == CharterVersion.id) & (Clause.binding_key == RETENTION))
        .where(CharterVersion.group_id == group_id, CharterVersion.status != VersionStatus.ADOPTED)
        .order_by(CharterVersion.effective_at, CharterVersion.n)
    )
    ends = [r.effective_at for r in found[1:]] + [None]
    return [
        Kept(days, until) for r, until in zip(found, ends, strict=True) if (days := bindings.days_of(r.binding_value))
    ]


def _by_floor(organisation_id: bytes) -> list[Kept]:
    floor = row(select(Floor.value).where(Floor.organisation_id == organisation_id, Floor.key == RETENTION))
    now = [Kept(days, None)] if floor and (days := bindings.days_of(floor.value)) else []
    return [*now, *_promises(organisation_id)]


def _topic_posts(scope: Scope, kept: Kept) -> Sequence[Row]:
    """By the hour of the last answer, which is all that is known of it: rounded so that nothing stays too long."""
    until = [Post.written_at < kept.until] if kept.until else []
    topics = (Conversation.group_id == scope.group_id, Conversation.kind == ConversationKind.TOPIC)
    return rows(POSTS.where(*topics, *until, is_over(Conversation.last_activity_hour, kept)))


def let_go(found: Sequence[Row]) -> int:
    """Let these posts go; gives how many went. :param found: of POSTS."""
    done = 0
    for some in in_parts(found, BATCH):
        with transaction():
            done += sum(_let_one_go(r) for r in some)
            for conversation_id in {r.conversation_id for r in some}:
                lifecycle.leave_board_if_empty(conversation_id)
    return done


def _let_one_go(found: Row) -> bool:
    """Step: unless somebody of the team still has to look at it: its words wait for that, as the given rules say."""
    post = lifecycle.lock_post(found.id)
    if post is None or post.faded or gate.needs_versions(post.id):
        return False
    if post.state is PostState.WITHDRAWN:
        put_away.drop_copy(Scope(found.organisation_id, found.group_id), post.id)
        return False
    if post.state is PostState.VISIBLE:
        lifecycle.fade(post)
    return post.faded
