"""Bringing in conversations from elsewhere, through the same rendering and sanitising as the form.

Each line becomes one topic in one transaction. Its id is made from its text, so a second run finds what the first wrote.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select

from forum.accounts import names
from forum.base import text
from forum.base.db import row, rows
from forum.base.errors import ForumError
from forum.base.idents import new_ident
from forum.base.keyring import Scope, the_keyring
from forum.base.transaction import here, transaction
from forum.conversations import kept_rules, lifecycle
from forum.conversations.lifecycle import Author
from forum.conversations.prepare import MOST_TITLE, Prepared, prepare, prepare_title
from forum.conversations.steps import open_conversation
from forum.models import Board, Charter, Conversation, ConversationKind, Group, Persona, Role, Standing
from forum.models.holding import USUAL
from forum.policy import gate, terms
from forum.policy.gate import Situation, Waiting
from forum.policy.holding import held_under

#: Enough voices that a thread reads as a conversation; the names belong to nobody.
VOICES = 40


class BadLine(Exception):
    """A line that cannot be imported, with the reason in words."""


@dataclass(frozen=True)
class Problem:
    """A line that was left out."""

    line: int
    reason: str


@dataclass
class Report:
    """What an import did."""

    line: int = 0
    topics: int = 0
    posts: int = 0
    known: int = 0
    held: int = 0
    problems: list[Problem] = field(default_factory=list)
    voices: list[bytes] = field(default_factory=list)

    def summary(self) -> str:
        """One line for the operator."""
        return (
            f"{self.topics} topics with {self.posts} posts imported, {self.known} were here already, "
            f"{self.held} posts wait for the team, {len(self.problems)} lines left out."
        )


@dataclass(frozen=True)
class Thread:
    """One line of the file."""

    board: str
    title: str
    bodies: tuple[str, ...]


def import_line(scope: Scope, line: bytes, report: Report, *, hold: bool) -> None:
    """Import one line, or note why not and go on.

    What the group's rules refuse a member is refused here too.

    :param hold: have the gate decide as for a member; else nothing waits, for whoever imports it has read it.
    """
    report.line += 1
    if not line.strip():
        return
    try:
        thread = read_thread(line)
        _import_thread(scope, thread, _ident_of(scope, line), report, hold=hold)
    except (BadLine, ForumError) as error:
        report.problems.append(Problem(report.line, str(error)))


def read_thread(line: bytes) -> Thread:
    """What a line says.

    :raises BadLine: with the reason.
    """
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not JSON: {error}") from error
    if not isinstance(entry, dict):
        raise BadLine("not a JSON object")
    replies = entry.get("replies", [])
    if not isinstance(replies, list):
        raise BadLine('"replies" is not a list')
    texts = [_text(entry, "board"), _text(entry, "title"), _text(entry, "body"), *replies]
    if not all(isinstance(t, str) for t in texts):
        raise BadLine('"replies" holds something that is not text')
    return Thread(texts[0], texts[1], tuple(texts[2:]))


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadLine(f'"{key}" is missing or is not text')
    return value


def _ident_of(scope: Scope, line: bytes) -> bytes:
    """Made without a key, so that a second run finds it also after a rotation; the words are no secret."""
    return hashlib.sha256(scope.group_id + line.strip()).digest()[:16]


def _import_thread(scope: Scope, thread: Thread, conversation_id: bytes, report: Report, *, hold: bool) -> None:
    if row(select(Conversation.id).where(Conversation.id == conversation_id)):
        report.known += 1
        return
    group = row(select(Group.words, Charter.version_id).outerjoin(Charter).where(Group.id == scope.group_id))
    words = gate.group_words(group.words) if group else frozenset()
    title = prepare_title(_short(thread.title))
    titles = (title, *[""] * (len(thread.bodies) - 1))
    ready = [prepare(b, "en", ConversationKind.TOPIC, words, t) for b, t in zip(thread.bodies, titles, strict=True)]
    report.voices = report.voices or _voices(scope)
    with transaction():
        _open(scope, thread.board, title, conversation_id)
        for n, one in enumerate(ready):
            author = report.voices[(conversation_id[0] + 7 * n) % VOICES]
            report.held += _write(scope, conversation_id, author, one, group.version_id if group else None, hold)
    report.topics += 1
    report.posts += len(ready)


def _short(title: str) -> str:
    """A title that is too long is cut between words; imports have nobody to ask."""
    return title if len(title) <= MOST_TITLE else text.excerpt(title, MOST_TITLE)


def _open(scope: Scope, board_name: str, title: str, conversation_id: bytes) -> None:
    board_id = _board(scope, board_name)
    open_conversation(scope.group_id, board_id, ConversationKind.TOPIC, title, "en", conversation_id)


def _board(scope: Scope, name: str) -> bytes:
    """The board of that name, made when it is not there yet."""
    shown = name.replace("-", " ").strip()[:60].capitalize()
    found = row(select(Board.id).where(Board.group_id == scope.group_id, Board.name == shown))
    if found:
        return bytes(found.id)
    board_id = new_ident()
    here().execute(insert(Board).values(id=board_id, group_id=scope.group_id, ord=100, name=shown, purpose=""))
    return board_id


def _write(
    scope: Scope, conversation_id: bytes, persona_id: bytes, words: Prepared, rules: bytes | None, hold: bool
) -> int:
    agreed = terms.of_group(scope.group_id)
    verdict = gate.decide(words.findings, Situation(scope.group_id, holds=held_under(agreed, USUAL), terms=agreed))
    kept_rules.require_words(verdict, agreed)
    verdict = verdict if hold else gate.Verdict(hold=False)
    conversation = lifecycle.lock_conversation(conversation_id)
    assert conversation is not None
    author = Author(persona_id=persona_id)
    written = lifecycle.add_post(
        conversation, author, words, held=verdict.hold, answers_id=None, rules=rules, waits=False
    )
    gate.record(Waiting(written.id, scope.group_id, words.body), verdict)
    return int(verdict.hold)


def _voices(scope: Scope) -> list[bytes]:
    """Personas that nobody holds, for imported words; made once for a group."""
    tags = [hashlib.sha256(scope.group_id + b"voice %d" % n).digest()[:16] for n in range(VOICES)]
    found = {
        r.holder_tag: r.id for r in rows(select(Persona.id, Persona.holder_tag).where(Persona.holder_tag.in_(tags)))
    }
    if len(found) < VOICES:
        with transaction():
            for tag in tags:
                if tag not in found:
                    found[tag] = _add_voice(scope, tag)
    return [found[tag] for tag in tags]


def _add_voice(scope: Scope, tag: bytes) -> bytes:
    taken = {r.skeleton for r in rows(select(Persona.skeleton).where(Persona.group_id == scope.group_id))}
    name = names.offer(1, lambda wanted: wanted & taken)[0]
    persona_id = new_ident()
    here().execute(
        insert(Persona).values(
            id=persona_id,
            group_id=scope.group_id,
            holder_tag=tag,
            name=name,
            skeleton=names.skeleton(name),
            role=Role.MEMBER,
            standing=Standing.SETTLED,
            key_id=the_keyring().writing_id,
        )
    )
    return persona_id
