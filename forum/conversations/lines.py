"""Whose line to the team is which: the only module that reads or writes `team_line`.

Found by tag from its owner's persona, a name in the first place and aliases after it; back from the conversation only by
unsealing. Nobody on the team learns which persona wears an alias that writes here (decisions.md §5, security.md L15).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, select, update

from forum.base import clock, tagged
from forum.base.db import row, rows
from forum.base.errors import NotAllowed
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.base.words import _
from forum.conversations import voice
from forum.models import Conversation, Post, PostState, TeamLine
from forum.policy.actor import Membership
from forum.policy.lines import KIND, NAMED, PLACES, Face, line_tags, open_line, pack

#: On one page; the oldest stand first. Who waits beyond them stands on the next: a flood must hide nobody.
MOST_LISTED = 200


@dataclass(frozen=True)
class Line:
    """One conversation with the team.

    :param read_seq: how far its owner read. :param asked_seq: the place of the owner's last words.
    :param answered_seq: the team answered what stands up to here. :param answer_seq: the place of the team's last words.
    :param due_at: somebody looks by then, to the hour. :param marks: codes of what the gate found.
    """

    conversation_id: bytes
    group_id: bytes
    face: Face
    read_seq: int
    asked_seq: int
    answered_seq: int
    answer_seq: int
    due_at: datetime
    marks: tuple[str, ...]

    @property
    def waits(self) -> bool:
        """Words of its owner wait for an answer."""
        return self.asked_seq > self.answered_seq

    @property
    def has_news(self) -> bool:
        """The team wrote something that its owner has not read."""
        return self.answer_seq > self.read_seq


_WAITS = (TeamLine.asked_seq > TeamLine.answered_seq, Conversation.last_shown_seq > TeamLine.answered_seq)
_LINE = select(*TeamLine.__table__.columns)


def own_tags(membership: Membership) -> list[bytes]:
    """Where every line of a persona may be, taken or free."""
    return line_tags(membership.scope, membership.persona_id)


def list_own(memberships: Iterable[Membership]) -> list[Line]:
    """The lines of one person in some of their groups, in one query; under their names and their aliases."""
    whose = {tag: m for m in memberships for tag in own_tags(m)}
    if not whose:
        return []
    return [_read(found, whose[found.tag].scope) for found in rows(_LINE.where(TeamLine.tag.in_(list(whose))))]


def find_own(membership: Membership, conversation_id: bytes) -> Line | None:
    """This line, if it is the member's own."""
    found = row(_LINE.where(TeamLine.conversation_id == conversation_id, TeamLine.tag.in_(own_tags(membership))))
    return _read(found, membership.scope) if found else None


def find_face(membership: Membership, mask_id: bytes | None) -> Line | None:
    """The member's line under their name, or under one of their aliases."""
    wanted = mask_id or membership.persona_id
    return next((line for line in list_own([membership]) if line.face.id == wanted), None)


def get_line(scope: Scope, conversation_id: bytes) -> Line:
    """Any line, for somebody who was let in to its conversation.

    :raises LookupError: no such line: the conversation is another kind.
    """
    found = row(_LINE.where(TeamLine.conversation_id == conversation_id))
    if found is None:
        raise LookupError("A conversation with the team without its line: the database was changed by hand.")
    return _read(found, scope)


def find_persona(scope: Scope, conversation_id: bytes) -> bytes | None:
    """The persona that writes here under its name; None for an alias, which even the team must not see through."""
    found = row(_LINE.where(TeamLine.conversation_id == conversation_id))
    line = _read(found, scope) if found else None
    return line.face.id if line and not line.face.masked else None


def list_waiting(scope: Scope, page: int = 1) -> Sequence[Line]:
    """What waits for an answer, the oldest promise first. No line leaves this list by its age.

    :param page: from 1; MOST_LISTED stand on each.
    """
    return _listed(scope, TeamLine.due_at.asc(), *_WAITS, page=page)


def count_waiting(scope: Scope) -> int:
    """How many wait, without opening any."""
    joined = select(func.count()).select_from(TeamLine).join(Conversation, Conversation.id == TeamLine.conversation_id)
    found = row(joined.where(TeamLine.group_id == scope.group_id, *_WAITS))
    return int(found[0]) if found else 0


def list_answered(scope: Scope) -> Sequence[Line]:
    """The others, for the team to find again, the latest promise first."""
    answered = (TeamLine.asked_seq <= TeamLine.answered_seq, TeamLine.asked_seq > 0)
    return _listed(scope, TeamLine.due_at.desc(), *answered)


def _listed(scope: Scope, first: ColumnElement[datetime], *which: ColumnElement[bool], page: int = 1) -> list[Line]:
    found = rows(
        _LINE.join(Conversation, Conversation.id == TeamLine.conversation_id)
        .where(TeamLine.group_id == scope.group_id, Conversation.last_shown_seq > 0, *which)
        .order_by(first, TeamLine.conversation_id)
        .limit(MOST_LISTED)
        .offset((page - 1) * MOST_LISTED)
    )
    return [_read(r, scope) for r in found]


def add(membership: Membership, conversation_id: bytes, face: Face) -> None:
    """Step: keep whose line this conversation is. Its use case is `retrying`.

    :raises NotAllowed: every place is taken.
    """
    n = NAMED if not face.masked else _free_place(membership)
    values = tagged.sealed_row(TeamLine, membership.scope, KIND, (membership.persona_id, n), pack(face, 0))
    state = {"asked_seq": 0, "answered_seq": 0, "answer_seq": 0, "due_at": clock.this_hour(), "marks": ""}
    group_id = membership.scope.group_id
    here().execute(insert(TeamLine).values(conversation_id=conversation_id, group_id=group_id, **state, **values))


def _free_place(membership: Membership) -> int:
    taken = {r.tag for r in rows(select(TeamLine.tag).where(TeamLine.tag.in_(own_tags(membership))))}
    for n in range(NAMED + 1, PLACES):
        if not taken & set(tagged.tags(membership.scope, KIND, membership.persona_id, n)):
            return n
    raise NotAllowed(
        _("You wrote to the team under many hidden names already. Please go on in one of those, or under your name.")
    )


def own_posts(line: Line | None, membership: Membership) -> ColumnElement[bool]:
    """What this person wrote in a conversation with the team: as its owner under its face, else under their name.

    What one of the team said in its voice is all of theirs.
    """
    if line is not None and line.face.masked:
        return Post.mask_id == line.face.id
    if line is None and membership.on_team:
        return (Post.persona_id == membership.persona_id) | Post.persona_id.in_(voice.persona_of(membership.scope))
    return Post.persona_id == membership.persona_id


def note_asked(conversation_id: bytes, seq: int, due_at: datetime, marks: tuple[str, ...]) -> None:
    """Step: its owner wrote. The promise of words that wait already stands.

    :param due_at: when somebody looks; written to the hour.
    """
    _ask(_lock(conversation_id), {"asked_seq": seq}, due_at, marks)


def note_edited(conversation_id: bytes, seq: int, due_at: datetime, marks: tuple[str, ...]) -> None:
    """Step: its owner changed what they had written, so what the team answered is not what stands there now."""
    found = _lock(conversation_id)
    _ask(found, {"answered_seq": min(found.answered_seq, seq - 1)}, due_at, marks)


def _ask(found: Row[Any], values: dict[str, Any], due_at: datetime, marks: tuple[str, ...]) -> None:
    waits = found.asked_seq > found.answered_seq
    kept = {*marks, *_codes(found.marks)} if waits else set(marks)
    values = {**values, "marks": ",".join(sorted(kept))}
    _change(found.conversation_id, values if waits else {**values, "due_at": clock.floor_hour(due_at)})


def note_answered(conversation_id: bytes, upto: int, seq: int | None) -> None:
    """Step: the team answered what it had seen. Words that came in meanwhile wait on.

    :param upto: the last place that stood on the answerer's page. :param seq: of the answer, if words were written.
    """
    found = _lock(conversation_id)
    answered = max(found.answered_seq, upto)
    marks = found.marks if found.asked_seq > answered else ""
    values = {"answered_seq": answered, "answer_seq": max(found.answer_seq, seq or 0), "marks": marks}
    _change(conversation_id, values)


def note_withdrawn(scope: Scope, post: Any) -> None:
    """Step: words were taken back. An answer taken back is no answer; a question that nobody saw is no question.

    A question that the team could read keeps waiting: a cry for help that somebody takes back is one all the more.
    """
    line = get_line(scope, post.conversation_id)
    if line.face.id not in (post.persona_id, post.mask_id):
        _change(post.conversation_id, {"answered_seq": 0})
    elif not post.changed_in:
        _change(post.conversation_id, {"asked_seq": _last_asked(line)})


def _last_asked(line: Line) -> int:
    """The last place of its owner's words that the team sees, saw, or will see."""
    theirs = Post.mask_id == line.face.id if line.face.masked else Post.persona_id == line.face.id
    stands = (Post.state == PostState.SENDING) | (Post.changed_in > 0)
    found = row(
        select(Post.seq)
        .where(Post.conversation_id == line.conversation_id, theirs, stands)
        .order_by(Post.seq.desc())
        .limit(1)
    )
    return found.seq if found else 0


def keep_read(membership: Membership, line: Line, seq: int) -> None:
    """Step: seal how far its owner read."""
    found = _lock(line.conversation_id)
    _kind, _value, ids = tagged.open_whole(TeamLine, membership.scope, found.tag, found.sealed)
    values = tagged.sealed_row(TeamLine, membership.scope, KIND, ids, pack(line.face, seq))
    _change(line.conversation_id, values)


def let_go(scope: Scope, persona_id: bytes) -> None:
    """Step: for good: nothing leads from this persona to its lines. What the team read and answered stays with the team."""
    for n in range(PLACES):
        at = tagged.tags(scope, KIND, persona_id, n)
        for found in rows(_LINE.where(TeamLine.tag.in_(at))):
            values = tagged.sealed_row(
                TeamLine, scope, KIND, (new_ident(), n), pack(*open_line(scope, found.tag, found.sealed))
            )
            _change(found.conversation_id, values)


def _lock(conversation_id: bytes) -> Row[Any]:
    return here().execute(_LINE.where(TeamLine.conversation_id == conversation_id).with_for_update()).one()


def _change(conversation_id: bytes, values: dict[str, Any]) -> None:
    where = update(TeamLine).where(TeamLine.conversation_id == conversation_id).values(**values)
    here().execute(where.execution_options(synchronize_session=False))


def _read(found: Row[Any], scope: Scope) -> Line:
    face, read_seq = open_line(scope, found.tag, found.sealed)
    return Line(
        conversation_id=found.conversation_id,
        group_id=found.group_id,
        face=face,
        read_seq=read_seq,
        asked_seq=found.asked_seq,
        answered_seq=found.answered_seq,
        answer_seq=found.answer_seq,
        due_at=found.due_at,
        marks=_codes(found.marks),
    )


def _codes(kept: str) -> tuple[str, ...]:
    return tuple(code for code in kept.split(",") if code)
