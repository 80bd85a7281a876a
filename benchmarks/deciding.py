"""What a decision costs in the database, beside the fewest statements that could write the same rows.

Four moderators decide in turn about posts that people reported: `decisions.decide` reads who decides and whom the item
names, takes the post's lock and the item's, compares version and lease, seals the reasons and the words, hides the post
and writes its link of the chain. The other is one SQLAlchemy Core transaction, written as one writes Core, that knows all
of it and only writes the same rows with values of the same sizes. Both commit with synchronous=FULL, in turn, on the same
database; ours then also looks for whom of the team to tell.

Where a decision's time went before and goes now stands in docs/decisions/0070.
"""

import statistics
import time
from typing import Any

from sqlalchemy import insert, select, update

from benchmarks.dataset import Forum
from benchmarks.places import Place
from forum.base import clock, jobs
from forum.base.db import db
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.conversations import usecases
from forum.conversations.prepare import Words
from forum.models import Conversation, Post, PostEvent, PostState, Role
from moderation import decisions, items
from moderation.decisions import Verdict
from moderation.models import (
    AuditEntry,
    AuditHead,
    CaseItem,
    CaseKind,
    Choice,
    Decision,
    Effect,
    EffectKind,
    Evidence,
    Source,
    Target,
)
from moderation.shift_models import ModeratorOwn
from tests.world import Person, World

ROUNDS, EACH, MODERATORS = 5, 24, 4
#: Of what ours seals: the words, the reasons, a moderator's own.
WORDS_BYTES, REASONS_BYTES, OWN_BYTES = 720, 520, 4_176
WHY = "Please leave out what shows who somebody is, and write it again in other words."


def measure(place: Place, forum: Forum) -> dict[str, float]:
    """decision_vs_core: decisions a second, ours divided by Core's; the median of the rounds."""
    world = World(place.app, None)  # type: ignore[arg-type]
    team = [world.person(forum.group, Role.MODERATOR) for _n in range(MODERATORS)]
    author = world.person(forum.group)
    with place.app.app_context():
        _ours(forum, author, team)  # compiles its statements, and each of the team has a row of their own from here on
        ratios = [_core(forum, author) / _ours(forum, author, team) for _round in range(ROUNDS)]
    return {"decision_vs_core": statistics.median(ratios)}


def _reported(forum: Forum, author: Person) -> list[tuple[bytes, int]]:
    """Items about posts that everybody sees."""
    found = []
    for n in range(EACH):
        words = Words(f"{'Words that somebody reports. ' * 20}{n}")
        post = usecases.submit_post(author.actor, forum.topic_id, words, new_ident().hex()).id
        with transaction():
            here().execute(
                update(Post).where(Post.id == post).values(state=PostState.VISIBLE, changed_in=1, due_at=None)
            )
            about: dict[str, Any] = {"about": post, "target": Target.POST, "source": Source.MEMBER}
            found.append((items.open_item(forum.group.scope, CaseKind.REPORT, **about), post))
    return found


def _ours(forum: Forum, author: Person, team: list[Person]) -> float:
    waiting = _reported(forum, author)
    start = time.perf_counter()
    for n, (item, _post) in enumerate(waiting):
        decisions.decide(team[n % MODERATORS].actor, item, Verdict(Choice.HIDE, 0, words=WHY, clause_uid="be-kind"))
    return time.perf_counter() - start


def _core(forum: Forum, author: Person) -> float:
    waiting, own = _reported(forum, author), [new_ident() for _n in range(MODERATORS)]
    with transaction():
        rows_of_own = [{"tag": tag, "sealed": bytes(OWN_BYTES), "key_id": "bench"} for tag in own]
        here().execute(insert(ModeratorOwn), rows_of_own)
    start = time.perf_counter()
    for n, (item, post) in enumerate(waiting):
        with db.engine.begin() as connection:
            _write(connection, forum, author, item, post)
            # What the moderator has read today: one row of each, always of one size.
            read = update(ModeratorOwn).where(ModeratorOwn.tag == own[n % MODERATORS])
            connection.execute(read.values(sealed=new_ident() * (OWN_BYTES // 16)))
    return time.perf_counter() - start


def _write(connection: Any, forum: Forum, author: Person, item: bytes, post: int) -> None:
    now, group_id = clock.now(), forum.group.scope.group_id
    connection.execute(update(CaseItem).where(CaseItem.id == item).values(decided=True, version=1))
    statement, copy, decision = new_ident(), new_ident(), new_ident()
    kept = {"group_id": group_id, "keep_until": now.date(), "key_id": "bench"}
    sealed = (copy, post, b"x" * WORDS_BYTES), (statement, None, b"x" * REASONS_BYTES)
    connection.execute(
        insert(Evidence), [{"id": one, "post_id": about, "sealed": seal, **kept} for one, about, seal in sealed]
    )
    told = {"item_id": item, "post_id": post, "choice": Choice.HIDE, "decided_by": author.persona_id}
    reasons = {"evidence_id": copy, "statement": statement, "clause_uid": "be-kind", "shown_from": now}
    connection.execute(insert(Decision).values(id=decision, group_id=group_id, decided_at=now, **told, **reasons))
    effect = {"decision_id": decision, "group_id": group_id, "kind": EffectKind.HIDE, "post_id": post}
    connection.execute(insert(Effect).values(id=new_ident(), **effect))
    _hide(connection, forum, post)
    last = connection.execute(select(AuditEntry.n).order_by(AuditEntry.n.desc()).limit(1)).first()
    link = {"action": "decide.hide", "actor": "0" * 32, "subject": "0" * 32, "codes": "", "link": "0" * 64}
    connection.execute(insert(AuditEntry).values(n=last.n + 1 if last else 1, at=now.replace(microsecond=0), **link))
    connection.execute(update(AuditHead).values(n=AuditHead.n + 1, link="0" * 64, proof="0" * 64))
    job = {"kind": "forget_report", "payload": f'{{"item": "{item.hex()}"}}', "due_at": now}
    connection.execute(insert(jobs.Job).values(**job))


def _hide(connection: Any, forum: Forum, post: int) -> None:
    place = update(Conversation).where(Conversation.id == forum.topic_id)
    counted = {"feed_no": Conversation.feed_no + 1, "shown_posts": Conversation.shown_posts - 1}
    feed = connection.execute(place.values(counted).returning(Conversation.feed_no)).scalar_one()
    hidden = {"state": PostState.HIDDEN, "body": "", "html": "", "changed_in": feed}
    connection.execute(update(Post).where(Post.id == post).values(hidden))
    event = {"conversation_id": forum.topic_id, "feed_no": feed, "post_id": post, "kind": "hide"}
    connection.execute(insert(PostEvent).values(**event, hour=clock.this_hour()))
