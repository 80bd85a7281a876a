"""What can be decided on an item's page, and what was decided: values for `item_decide.html` and `item_history.html`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.idents import write_ident
from forum.base.keyring import Scope
from forum.conversations import board_queries
from forum.models import Conversation, Persona
from forum.policy.actor import Actor
from moderation import decisions, evidence, impartial, merging, sight, statements
from moderation.models import CaseKind, Choice, Decision


class Here(Protocol):
    """An item's page: who reads it and what it is about (moderation.item_page)."""

    @property
    def item(self) -> Row[Any]:
        """Its columns."""

    @property
    def scope(self) -> Scope:
        """Where it is."""

    @property
    def actor(self) -> Actor:
        """Who reads, with their membership of its group."""


def facts(here: Here) -> Mapping[str, Any]:
    """What the two templates want."""
    post = statements.find_post(sight.post_of(here.item))
    others = [] if here.item.decided else merging.list_others(here.actor, here.scope, here.item)
    choices = [one for one in decisions.choices_for(here.item) if others or one is not Choice.MERGE]
    return {
        "choices": choices,
        "needs_words": [choice for choice in choices if choice in statements.NEEDED_FOR],
        "others": [choice for choice in choices if choice not in statements.NEEDED_FOR],
        "clauses": statements.list_clauses(statements.rules_of(post)) if post is not None else [],
        "phrases": statements.PHRASES,
        "most_letters": statements.MOST_WORDS,
        "seen": post.changed_in if post is not None else "",
        "boards": _other_boards(here, post) if Choice.MOVE in choices else [],
        "others_alike": [{"value": write_ident(one.id), "other": one} for one in others],
        "into": merging.find_into(here.actor, here.scope, here.item.id),
        "joined": merging.list_joined(here.actor, here.scope, here.item.id),
        "refusal": impartial.may_judge(here.actor, here.item),
        "proposal": _proposal(here),
        "history": list_history(here.actor, here.scope, here.item.id),
    }


def _proposal(here: Here) -> statements.Statement | None:
    """What a colleague asks this reader to agree to."""
    if here.item.kind is not CaseKind.PROPOSED:
        return None
    asked = row(select(Decision.statement).where(Decision.id == here.item.decision_id))
    return statements.find(here.scope, asked.statement) if asked and asked.statement else None


def _other_boards(here: Here, post: Row | None) -> list[dict[str, str]]:
    if post is None:
        return []
    stands = row(select(Conversation.board_id).where(Conversation.id == post.conversation_id))
    found = board_queries.list_boards(here.actor, here.scope.group_id)
    return [
        {"value": write_ident(board.id), "label": board.name}
        for board in found
        if stands and board.id != stands.board_id
    ]


def list_history(actor: Actor, scope: Scope, item_id: bytes) -> Sequence[Mapping[str, Any]]:
    """What was decided about an item, the latest first. The caller asks who may know.

    A decision that its author cannot read yet is shown to whoever made it alone (moderation.md §1.8).
    """
    me, now = actor.memberships[scope.group_id].persona_id, clock.now()
    columns = (*COLUMNS, Persona.name.label("by"))
    found = rows(
        select(*columns)
        .join(Persona, Persona.id == Decision.decided_by)
        .where(Decision.item_id == item_id)
        .order_by(Decision.decided_at.desc(), Decision.id)
        .limit(20)
    )
    return [shown(scope, one, me, now) for one in found]


COLUMNS = (
    Decision.id,
    Decision.choice,
    Decision.decided_by,
    Decision.decided_at,
    Decision.shown_from,
    Decision.evidence_id,
    Decision.statement,
    Decision.reverts_id,
)


def shown(scope: Scope, one: Row, me: bytes, now: datetime) -> Mapping[str, Any]:
    """One decision for the team: what, by whom, when, in which words."""
    copy = evidence.open_copy(scope, one.evidence_id) if one.evidence_id else None
    statement = statements.find(scope, one.statement) if one.statement else None
    words = statement.words if statement else copy.reason if copy else ""
    mine = one.decided_by == me
    return {"id": one.id, "choice": one.choice, "by": one.by, "at": one.decided_at, "words": words, "mine": mine}
