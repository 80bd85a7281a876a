"""What must be true of the rows after any crash: each post whole or not there at all, and nothing promised that is missing.

It reads only rows, knows nothing of how the program writes them, and returns every problem in words.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import write_post_id
from forum.base.jobs import Job
from forum.models import Conversation, Mask, MaskOwner, Post, PostEvent, PostSearch, PostState, Resend
from moderation.models import CaseItem, CaseKind, Evidence


@dataclass
class Sent:
    """One form that somebody sent, once or several times.

    :param body: words that no other form has. :param answered: the posts its answers named, "" for none named.
    """

    token: str
    body: str
    answered: list[str]

    @property
    def acknowledged(self) -> bool:
        """Whether any answer said that it is kept."""
        return bool(self.answered)


def problems(sent: Iterable[Sent]) -> list[str]:
    """Everything that is not as promised. Needs an application context; no writer may be at work."""
    return [*broken_promises(sent), *half_posts(), *wrong_counters(), *wrong_search()]


def broken_promises(sent: Iterable[Sent]) -> list[str]:
    """Forms that were acknowledged and lost, became two posts, or were answered with somebody else's."""
    bodies: dict[str, list[str]] = defaultdict(list)
    for post in rows(select(Post.id, Post.body)):
        bodies[post.body].append(write_post_id(post.id))
    found = []
    for form in sent:
        kept = bodies[form.body]
        if form.acknowledged and not kept:
            found.append(f"acknowledged and lost: {form.body}")
        if len(kept) > 1:
            found.append(f"posted {len(kept)} times: {form.body}")
        found += [f"answered with another post: {form.body}" for named in form.answered if named and named not in kept]
    return found


def half_posts() -> list[str]:
    """Posts without a row that belongs to them, and such rows without their post."""
    jobs = Counter(j.payload for j in rows(select(Job.payload).where(Job.kind == "publish_post")))
    added = Counter(e.post_id for e in rows(select(PostEvent.post_id).where(PostEvent.kind.in_(["add", "release"]))))
    holds = {c.post_id for c in rows(select(CaseItem.post_id).where(CaseItem.kind == CaseKind.HOLD))}
    copies = {e.post_id for e in rows(select(Evidence.post_id))}
    owned = {o.mask_id for o in rows(select(MaskOwner.mask_id))}
    forms = Counter(r.post_id for r in rows(select(Resend.post_id)))
    found = [f"a mask without an owner: {m.alias}" for m in rows(select(Mask.id, Mask.alias)) if m.id not in owned]
    for post in rows(select(Post.id, Post.state, Post.body)):
        pending = jobs[f'{{"post": "{write_post_id(post.id)}"}}']
        wanted = _wanted(post.state)
        having = (pending, added[post.id], post.id in holds, post.id in copies)
        if having != wanted:
            found.append(f"half a {post.state} post: (job, event, case, copy) is {having}, not {wanted}: {post.body}")
        if forms[post.id] != 1:
            found.append(f"{forms[post.id]} forms are remembered for one post: {post.body}")
    return found


def _wanted(state: PostState) -> tuple[int, int, bool, bool]:
    """How many publishing jobs and events a post of the writers has, and whether somebody has to look at it."""
    return {
        PostState.SENDING: (1, 0, False, False),
        PostState.VISIBLE: (0, 1, False, False),
        PostState.HELD: (0, 0, True, True),
    }[state]


def wrong_counters() -> list[str]:
    """Conversations whose numbers are not what their rows say."""
    posts: dict[bytes, list[Any]] = defaultdict(list)
    feeds: dict[bytes, list[int]] = defaultdict(list)
    columns = (Post.conversation_id, Post.seq, Post.state, Post.changed_in, Post.body)
    for post in rows(select(*columns)):
        posts[post.conversation_id].append(post)
    for event in rows(select(PostEvent.conversation_id, PostEvent.feed_no).order_by(PostEvent.feed_no)):
        feeds[event.conversation_id].append(event.feed_no)
    table = Conversation.__table__.c
    found = []
    for c in rows(select(table.id, table.next_seq, table.shown_posts, table.last_shown_seq, table.feed_no)):
        mine = posts[c.id]
        shown = [p.seq for p in mine if p.state is PostState.VISIBLE]
        expected = {
            "next_seq": max((p.seq for p in mine), default=0) + 1,
            "shown_posts": len(shown),
            "last_shown_seq": max(shown, default=0),
            "feed_no": len(feeds[c.id]),
        }
        found += [f"{k} is {getattr(c, k)}, its rows say {v}" for k, v in expected.items() if getattr(c, k) != v]
        if feeds[c.id] != list(range(1, len(feeds[c.id]) + 1)):
            found.append(f"the feed has a gap: {feeds[c.id]}")
        if sorted(p.seq for p in mine) != list(range(1, len(mine) + 1)):
            found.append("a place was used twice, or none of them")
        if sorted(p.changed_in for p in mine if p.state is PostState.VISIBLE) != feeds[c.id]:
            found.append("a shown post has a feed number of no event")
    return found


def wrong_search() -> list[str]:
    """Posts that everyone sees and nobody finds, and words that can be found and not be seen."""
    found = {r.post_id for r in rows(select(PostSearch.post_id))}
    seen = {r.id for r in rows(select(Post.id).where(Post.state == PostState.VISIBLE))}
    missing = [f"seen and not found: {write_post_id(post_id)}" for post_id in seen - found]
    return missing + [f"found and not seen: {write_post_id(post_id)}" for post_id in found - seen]
