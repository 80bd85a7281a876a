"""The reading round: everything new on a group's boards since somebody of its team last looked, reported or not.

One mark for the whole team in each conversation, so that two volunteers with two evenings each read nothing twice.
Whoever reads takes some posts for half an hour; if they do not come back the posts are anybody's again. Members never
see any of it: no page of theirs asks these tables.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, func, insert, or_, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.base.offset import for_leases
from forum.base.transaction import here, retrying, transaction
from forum.models import Conversation, Persona, Post, PostEvent, PostState
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import may_look_after, require
from forum.policy.visibility import FOR_MEMBERS
from moderation.round_models import LeftUnread, TeamRead

#: Posts at once: what a tired person reads in a quarter of an hour, and a page that a phone can load.
STRETCH = 20
#: Long enough to read a stretch twice; after it a colleague may have the rest.
TAKEN_FOR = timedelta(minutes=30)
#: Nothing should wait longer for the eyes of the team.
LONG = timedelta(days=7)
#: What the group did not see before. A reaction or a note on a post brings no new words.
NEWS = ("add", "release", "edit", "restore")


@dataclass(frozen=True)
class New:
    """A post that nobody of the team read since it was written or changed.

    :param source: the conversation whose mark counts for it, also if the post was moved since. :param feed_no: its last
    change there. :param since: to the hour.
    """

    post_id: int
    source: bytes
    feed_no: int
    since: datetime

    @property
    def late(self) -> bool:
        """It waits for longer than it should."""
        return self.since < clock.now() - LONG


@dataclass(frozen=True)
class Waiting:
    """How much there is to read.

    :param posts: not read by anybody of the team, those left for a colleague included. :param late: for more than a week.
    :param oldest: since when, or None. :param taken: names of colleagues who read some of it now.
    """

    posts: int
    late: int
    left: int
    oldest: datetime | None
    taken: Sequence[str]


# --- What is new ----------------------------------------------------------------------------------------------------


def _news(scope: Scope) -> Subquery:
    """Every post with unread changes in a group, once, with whoever reads on in its conversation."""
    upto = func.coalesce(TeamRead.feed_no, 0)
    return (
        select(
            PostEvent.conversation_id.label("source"),
            PostEvent.post_id,
            func.max(PostEvent.feed_no).label("feed_no"),
            func.min(PostEvent.hour).label("since"),
            TeamRead.taken_by,
            TeamRead.taken_until,
        )
        .join(Conversation, Conversation.id == PostEvent.conversation_id)
        .join(Post, Post.id == PostEvent.post_id)
        .outerjoin(TeamRead, TeamRead.conversation_id == PostEvent.conversation_id)
        .where(
            Conversation.group_id == scope.group_id,
            Conversation.kind.in_(FOR_MEMBERS),
            Conversation.feed_no > upto,
            PostEvent.feed_no > upto,
            PostEvent.kind.in_(NEWS),
            Post.state == PostState.VISIBLE,
        )
        .group_by(PostEvent.conversation_id, PostEvent.post_id, TeamRead.taken_by, TeamRead.taken_until)
        .subquery()
    )


def _in_order(news: Subquery, *which: ColumnElement[bool]) -> Select[Any]:
    """The conversation with the oldest unread words first, and within it as they were written."""
    oldest = func.min(news.c.since).over(partition_by=news.c.source).label("oldest")
    found = select(news, oldest).where(*which).subquery()
    return select(found).order_by(found.c.oldest, found.c.source, found.c.feed_no, found.c.post_id)


def count_waiting(actor: Actor, scope: Scope) -> Waiting:
    """What the team has not read, for the team alone. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    news, before = _news(scope), clock.now() - LONG
    late = func.count().filter(news.c.since < before).label("late")
    oldest_of = func.min(news.c.since).label("oldest")
    found = rows(select(func.count().label("posts"), late, oldest_of).select_from(news))[0]
    left = list_left(actor, scope)
    oldest = [one for one in (found.oldest, *(post.since for post in left)) if one is not None]
    return Waiting(
        posts=found.posts + len(left),
        late=found.late + sum(post.late for post in left),
        left=len(left),
        oldest=min(oldest, default=None),
        taken=_list_readers(scope, actor.memberships[scope.group_id]),
    )


def _list_readers(scope: Scope, me: Membership) -> list[str]:
    taken = (
        TeamRead.group_id == scope.group_id,
        TeamRead.taken_until > for_leases(),
        TeamRead.taken_by != me.persona_id,
    )
    by = select(TeamRead.taken_by).where(*taken)
    return [r.name for r in rows(select(Persona.name).where(Persona.id.in_(by)).order_by(Persona.name))]


def list_mine(actor: Actor, scope: Scope) -> list[New]:
    """What the actor took to read and has not read yet: STRETCH at most. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    news, me = _news(scope), actor.memberships[scope.group_id]
    mine = and_(news.c.taken_by == me.persona_id, news.c.taken_until > for_leases())
    return [_new(r) for r in rows(_in_order(news, mine).limit(STRETCH))]


def list_left(actor: Actor, scope: Scope) -> list[New]:
    """What somebody left for a colleague, the oldest first; it stays here until it is read. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    found = rows(
        select(LeftUnread.post_id, LeftUnread.since_hour, Post.conversation_id)
        .join(Post, Post.id == LeftUnread.post_id)
        .where(LeftUnread.group_id == scope.group_id, Post.state == PostState.VISIBLE)
        .order_by(LeftUnread.since_hour, LeftUnread.post_id)
        .limit(10 * STRETCH)
    )
    return [New(r.post_id, r.conversation_id, 0, r.since_hour) for r in found]


def _new(found: Row) -> New:
    return New(found.post_id, found.source, found.feed_no, found.since)


# --- Reading on -----------------------------------------------------------------------------------------------------


@retrying
def take(actor: Actor, scope: Scope) -> int:
    """Take the next stretch to read; gives how many posts it has. Nobody else gets those for half an hour.

    :raises NotFound: not of the team.
    """
    with transaction():
        me = _team_now(actor, scope)
        for source in _next_sources(scope, me):
            _keep(scope, source, taken_by=me.persona_id, taken_until=for_leases() + TAKEN_FOR)
        return len(list_mine(Actor(memberships={scope.group_id: me}), scope))


def _next_sources(scope: Scope, me: Membership) -> list[bytes]:
    """Conversations with the next STRETCH of posts that no colleague reads now, in the order in which they are locked."""
    news = _news(scope)
    free = or_(news.c.taken_by.is_(None), news.c.taken_by == me.persona_id, news.c.taken_until <= for_leases())
    return sorted({r.source for r in rows(_in_order(news, free).limit(STRETCH))})


@retrying
def mark_read(actor: Actor, scope: Scope, upto: Mapping[bytes, int], left: Collection[int] = ()) -> None:
    """Somebody of the team read so far; whoever comes next reads on from there.

    :param upto: by conversation, the feed number that stood on the page; only forwards, never past what is there.
    :param left: posts of it that they leave for a colleague. Of other groups nothing is taken.
    :raises NotFound: not of the team.
    """
    with transaction():
        me = _team_now(actor, scope)
        news = {r.post_id: _new(r) for r in rows(_in_order(_news(scope))) if r.source in upto} if left else {}
        for source in sorted(_known(scope, upto)):
            _read_on(scope, source, upto[source], me)
        for post_id in sorted(set(left) & set(news)):
            if news[post_id].feed_no <= upto[news[post_id].source]:
                _leave(scope, post_id, news[post_id].since)


def _known(scope: Scope, wanted: Collection[bytes]) -> list[bytes]:
    here_only = (Conversation.id.in_(list(wanted)), Conversation.group_id == scope.group_id)
    return [r.id for r in rows(select(Conversation.id).where(*here_only, Conversation.kind.in_(FOR_MEMBERS)))]


def _read_on(scope: Scope, source: bytes, upto: int, me: Membership) -> None:
    before = row(
        select(TeamRead.feed_no, TeamRead.taken_by).where(TeamRead.conversation_id == source).with_for_update()
    )
    there = row(select(Conversation.feed_no).where(Conversation.id == source))
    read = max(before.feed_no if before else 0, min(upto, there.feed_no if there else 0))
    free = {"taken_by": None, "taken_until": None} if before is None or before.taken_by == me.persona_id else {}
    _keep(scope, source, feed_no=read, **free)


def _keep(scope: Scope, source: bytes, **values: object) -> None:
    """The row of one conversation, made on the first use; two at once clash, and the second runs again."""
    change = update(TeamRead).where(TeamRead.conversation_id == source).values(**values)
    there = (
        here().execute(change.returning(TeamRead.conversation_id).execution_options(synchronize_session=False)).first()
    )
    if there is None:
        values = {"feed_no": 0, **values}
        here().execute(insert(TeamRead).values(conversation_id=source, group_id=scope.group_id, **values))


def _leave(scope: Scope, post_id: int, since: datetime) -> None:
    if row(select(LeftUnread.post_id).where(LeftUnread.post_id == post_id)) is None:
        here().execute(insert(LeftUnread).values(post_id=post_id, group_id=scope.group_id, since_hour=since))


@retrying
def mark_left_read(actor: Actor, scope: Scope, post_ids: Collection[int]) -> None:
    """Somebody read what a colleague had left. :raises NotFound: not of the team."""
    with transaction():
        _team_now(actor, scope)
        gone = LeftUnread.__table__.delete().where(
            LeftUnread.group_id == scope.group_id, LeftUnread.post_id.in_(list(post_ids))
        )
        here().execute(gone)


def _team_now(actor: Actor, scope: Scope) -> Membership:
    """Step: who they are now; a role may have ended since the page was opened."""
    now = actor_in(actor, scope)
    require(may_look_after, now, scope.group_id)
    return now.memberships[scope.group_id]
