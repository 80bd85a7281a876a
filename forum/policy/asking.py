"""The port for lines to the team: moderation plugs in the queue, where they wait beside everything else.

Each step runs in the transaction of the words themselves: a question that is kept stands in the queue, or neither is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from forum.base.keyring import Scope
from forum.policy.actor import Actor, Membership


@dataclass(frozen=True)
class Waits:
    """How a line stands in the queue. :param looks: who of the team has taken it to answer, or ""; `mine`: the reader has."""

    item_id: bytes
    looks: str
    mine: bool


@dataclass(frozen=True)
class About:
    """What its author can read about one post. :param choice: what was decided last, a code, or "".

    :param undone: the team took that back. :param asked: "waits" or "answered", if the author asked about it; else "".
    """

    post_id: int
    choice: str
    undone: bool
    asked: str


class Desk(Protocol):
    """What moderation offers the forum."""

    def note_waiting(self, conversation_id: bytes) -> None:
        """Step: words of a line may wait for the team from now on. Of any other conversation there is nothing to note."""

    def require_free(self, member: Membership, conversation_id: bytes) -> None:
        """Step: nobody else of the team has taken it to answer. :raises Invalid: somebody has."""

    def note_answered(self, member: Membership, conversation_id: bytes) -> None:
        """Step: this member of the team answered, or says that no answer is needed. What still waits stays."""

    def find(self, member: Membership, conversation_id: bytes) -> Waits | None:
        """For the team alone: where it waits."""

    def list_about(self, actor: Actor, scope: Scope) -> Sequence[About]:
        """For its author alone: what was decided about their words, and what they asked."""


class _NoQueue:
    """Without a queue the team's list of lines is all there is."""

    def note_waiting(self, conversation_id: bytes) -> None:
        """Nothing to open."""

    def require_free(self, member: Membership, conversation_id: bytes) -> None:
        """Nobody takes anything."""

    def note_answered(self, member: Membership, conversation_id: bytes) -> None:
        """Nothing to close."""

    def find(self, member: Membership, conversation_id: bytes) -> Waits | None:
        """Nowhere."""

    def list_about(self, actor: Actor, scope: Scope) -> Sequence[About]:
        """Nobody decides anything."""
        return []


_desk: Desk = _NoQueue()


def plug(desk: Desk) -> None:
    """Use `desk` from now on."""
    global _desk
    _desk = desk


def note_waiting(conversation_id: bytes) -> None:
    """Step: as `Desk.note_waiting`."""
    _desk.note_waiting(conversation_id)


def require_free(member: Membership, conversation_id: bytes) -> None:
    """Step: as `Desk.require_free`."""
    _desk.require_free(member, conversation_id)


def note_answered(member: Membership, conversation_id: bytes) -> None:
    """Step: as `Desk.note_answered`."""
    _desk.note_answered(member, conversation_id)


def find(member: Membership, conversation_id: bytes) -> Waits | None:
    """As `Desk.find`."""
    return _desk.find(member, conversation_id)


def list_about(actor: Actor, scope: Scope) -> Sequence[About]:
    """As `Desk.list_about`."""
    return _desk.list_about(actor, scope)
