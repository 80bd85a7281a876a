"""What a choice of a group costs in people and hours: said before it is saved, from what happened lately."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from forum.base import clock
from forum.base.db import row, rows
from forum.groups import duty
from forum.groups.queries import list_turns
from forum.models import Conversation, ConversationKind, Persona, Post, Role
from forum.policy import gate
from forum.policy.gate import Situation

#: A month shows quiet and busy weeks; what was longer ago says little about now.
LOOKED_BACK = timedelta(days=30)
#: Enough to see how often a word comes up, few enough to read through while somebody waits for the page.
MOST_READ = 300
#: What the gate calls a word of the group's own list.
WORD = "word"
#: Waiting is averaged over somebody's chance to write at any hour of a week.
WEEK_HOURS = 7 * 24


@dataclass(frozen=True)
class Found:
    """How many of the posts that were read through would wait."""

    waiting: int
    read: int


def count_first_posts(group_id: bytes) -> int:
    """First named posts of members in the last 30 days. Under an alias nobody knows whose first one it is."""
    first = (
        select(func.min(Post.written_at).label("at"))
        .join(Conversation, Conversation.id == Post.conversation_id)
        .join(Persona, Persona.id == Post.persona_id)
        .where(
            Conversation.group_id == group_id,
            Conversation.kind != ConversationKind.TEAM,
            Persona.role == Role.MEMBER,
        )
        .group_by(Post.persona_id)
        .subquery()
    )
    found = row(select(func.count()).where(first.c.at > clock.now() - LOOKED_BACK))
    return int(found[0]) if found else 0


def list_first_posts(group_id: bytes) -> set[int]:
    """The first post of each name in the group; of no alias, for nobody knows whose first one it is."""
    first = select(func.min(Post.id).label("id")).join(Conversation, Conversation.id == Post.conversation_id)
    here = (Conversation.group_id == group_id, Conversation.kind != ConversationKind.TEAM, Post.persona_id.is_not(None))
    return {r.id for r in rows(first.where(*here).group_by(Post.persona_id))}


def average_wait(group_id: bytes, zone: str) -> timedelta | None:
    """How long a post waits for somebody to look, on average over the hours of the coming week; None: nobody is due."""
    now = clock.now()
    found = list_turns(group_id, zone, now)
    waits = []
    for hour in range(WEEK_HOURS):
        moment = now + timedelta(hours=hour)
        looks = duty.next_look(found, moment)
        if looks is None:
            return None
        waits.append(looks - moment)
    return sum(waits, timedelta()) / WEEK_HOURS


def count_word_posts(group_id: bytes, words: frozenset[str]) -> Found:
    """How many of the latest posts of the last 30 days these words would have kept waiting, by the gate's own reading."""
    bodies = rows(
        select(Post.body)
        .join(Conversation, Conversation.id == Post.conversation_id)
        .where(
            Conversation.group_id == group_id,
            Conversation.kind != ConversationKind.TEAM,
            Post.written_at > clock.now() - LOOKED_BACK,
            Post.body != "",
        )
        .order_by(Post.id.desc())
        .limit(MOST_READ)
    )
    situation = Situation(group_id)
    verdicts = [gate.decide(gate.screen(r.body, words), situation) for r in bodies]
    return Found(sum(WORD in verdict.reasons for verdict in verdicts), len(bodies))
