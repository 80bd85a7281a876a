"""Nobody's first words stay without an answer: what waits for the team and its welcomers, and at night for whoever is here.

Only words under a name are looked at. An alias never says that its wearer is new (docs/decisions/0022, 0052).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, delete, exists, insert, or_, select
from sqlalchemy.orm import aliased

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.conversations import choices
from forum.conversations.choices import Choices, Treatment
from forum.groups import duty
from forum.groups.newcomers import new_since
from forum.groups.queries import list_turns
from forum.models import Board, Conversation, ConversationKind, Persona, Post, PostState, Role, Welcomer
from forum.policy.actor import Actor, Membership
from forum.policy.audience import includes, readable_by
from forum.policy.members import NOT_IN
from forum.policy.permissions import Denial, WelcomeFacts, may_facilitate, may_welcome, require

#: On one page of the list.
SHOWN = 20
#: After the next person of the team is due: as long as for a post that waits to be read (moderation.md §1.2).
AFTER_LOOK = timedelta(hours=2)
#: Nobody should look at their own first words alone for longer than a day, whoever is due when.
AT_MOST = timedelta(hours=24)
#: Long enough to feel alone at night; shorter, and everybody would be called for what is answered anyway.
ALONE_FOR = timedelta(minutes=20)
#: How long a process remembers that nobody waits in a group; a minute later than it could be is soon enough.
QUIET_FOR = timedelta(minutes=1)

_quiet_until: dict[bytes, datetime] = {}


@dataclass(frozen=True)
class Unanswered:
    """First words of somebody that nobody has answered.

    :param title: empty for a reader who put such words away. :param due_at: when they should have an answer.
    """

    id: int
    conversation_id: bytes
    title: str
    lang: str
    name: str
    board: str
    written_at: datetime
    due_at: datetime


def list_unanswered(actor: Actor, scope: Scope, zone: str, after: int = 0) -> list[Unanswered]:
    """First posts without an answer, oldest first; one more than a page, to know if there is a next one.

    :param after: the post that ended the page before.
    :raises NotFound: neither of the team nor a welcomer.
    """
    membership = actor.membership_in(scope.group_id)
    welcomes = membership is not None and is_welcomer(membership.persona_id)
    require(may_welcome, actor, WelcomeFacts(scope.group_id, welcomes))
    assert membership is not None
    found = _find(scope.group_id, readable_by(membership), Post.id > after)
    chosen, now = choices.find(membership), clock.now()
    turns = list_turns(scope.group_id, zone, now) if found else []
    kept = [one for one in found if chosen.treat(one.persona_id, one.notes) is not Treatment.BLOCKED]
    return [_unanswered(one, chosen, turns) for one in kept]


def _unanswered(found: Row, chosen: Choices, turns: list[duty.Turn]) -> Unanswered:
    look, latest = duty.next_look(turns, found.written_at), found.written_at + AT_MOST
    away = chosen.treat(found.persona_id, found.notes, found.title) not in (None, Treatment.NOTE)
    return Unanswered(
        id=found.id,
        conversation_id=found.conversation_id,
        title="" if away else found.title,
        lang=found.lang,
        name=found.name,
        board=found.board,
        written_at=found.written_at,
        due_at=min(look + AFTER_LOOK, latest) if look else latest,
    )


# --- At night ---


def is_quiet(group_id: bytes) -> bool:
    """Whether it is remembered that nobody waits there just now. Asks no database."""
    until = _quiet_until.get(group_id)
    return until is not None and clock.now() < until


def find_alone(membership: Membership, zone: str, chosen: Choices | None = None) -> bytes | None:
    """The topic of somebody new who has waited since the night, if this reader can answer it.

    :param chosen: the reader's choices, if they are known already.
    """
    group_id = membership.scope.group_id
    if is_quiet(group_id):
        return None
    alone = _list_alone(group_id, zone)
    if not alone:
        _quiet_until[group_id] = clock.now() + QUIET_FOR
        return None
    chosen = choices.find(membership) if chosen is None else chosen
    for one in alone:
        mine = one.persona_id == membership.persona_id
        away = chosen.treat(one.persona_id, one.notes, one.title) not in (None, Treatment.NOTE)
        if not (mine or away) and includes(one.readers, membership):
            return bytes(one.conversation_id)
    return None


def _list_alone(group_id: bytes, zone: str) -> list[Row]:
    now = clock.now()
    found = _find(group_id, Conversation.group_id == group_id, Post.written_at <= now - ALONE_FOR)
    turns = list_turns(group_id, zone, now) if found else []
    return [one for one in found if _was_night(turns, one.written_at, now)]


def _was_night(turns: list[duty.Turn], written_at: datetime, now: datetime) -> bool:
    """Nobody of the team was there when it was written, or they have not come to it for a day."""
    return written_at <= now - AT_MOST or duty.current_turn(turns, written_at) is None


def forget() -> None:
    """Begin anew (another database)."""
    _quiet_until.clear()


def _find(group_id: bytes, *which: ColumnElement[bool]) -> Sequence[Row]:
    """Topics that newcomers opened with their first words under their name, and that nobody else has written in."""
    other, before = aliased(Post), aliased(Post)
    answered = exists(select(other.id)).where(
        other.conversation_id == Post.conversation_id,
        other.state == PostState.VISIBLE,
        or_(other.persona_id.is_(None), other.persona_id != Post.persona_id),
    )
    not_the_first = exists(select(before.id)).where(
        before.persona_id == Post.persona_id, before.changed_in > 0, before.written_at < Post.written_at
    )
    return rows(
        select(
            Post.id,
            Post.conversation_id,
            Post.persona_id,
            Post.notes,
            Post.written_at,
            Conversation.title,
            Conversation.lang,
            Persona.name,
            Board.name.label("board"),
            Board.readers,
        )
        .join(Persona, Persona.id == Post.persona_id)
        .join(Conversation, Conversation.id == Post.conversation_id)
        .join(Board, Board.id == Conversation.board_id)
        .where(_new_in(group_id), Post.seq == 1, Post.state == PostState.VISIBLE)
        .where(Conversation.kind == ConversationKind.TOPIC, Conversation.closed_at.is_(None))
        .where(~answered, ~not_the_first, *which)
        .order_by(Post.id)
        .limit(SHOWN + 1)
    )


def _new_in(group_id: bytes) -> ColumnElement[bool]:
    return and_(
        Persona.group_id == group_id,
        Persona.role == Role.MEMBER,
        Persona.standing.not_in(NOT_IN),
        Persona.joined_on > new_since(),
    )


# --- Welcomers ---


def is_welcomer(persona_id: bytes) -> bool:
    """Whether a facilitator asked this member to look out for newcomers."""
    return row(select(Welcomer.persona_id).where(Welcomer.persona_id == persona_id)) is not None


@retrying
def set_welcomer(actor: Actor, scope: Scope, persona_id: bytes, *, welcomes: bool) -> None:
    """Ask a member to look out for newcomers, or end that.

    :raises NotFound, NotAllowed: no facilitator of this group, or no such member in it.
    """
    require(may_facilitate, actor, scope.group_id)
    with transaction():
        require(may_facilitate, actor, scope.group_id)
        in_group = (Persona.id == persona_id, Persona.group_id == scope.group_id, Persona.standing.not_in(NOT_IN))
        if row(select(Persona.id).where(*in_group)) is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        gone = delete(Welcomer).where(Welcomer.persona_id == persona_id)
        here().execute(gone.execution_options(synchronize_session=False))
        if welcomes:
            here().execute(insert(Welcomer).values(persona_id=persona_id))
