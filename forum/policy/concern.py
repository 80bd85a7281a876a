"""The port for whoever answers for people's safety: told in the same transaction of what the forum itself learns.

A room learns that somebody struggles, or that their line broke while they did. The forum keeps that with its own follow-ups;
whoever plugs in here makes a concern of it as well.
"""

from dataclasses import dataclass
from typing import Protocol

from forum.base.keyring import Scope


@dataclass(frozen=True)
class Signal:
    """Somebody may need a person now.

    :param kind: "struggling" or "lost_line". :param persona_id: who, or None under an alias. :param mask_id: the alias.
    :param conversation_id: where they were.
    """

    scope: Scope
    kind: str
    conversation_id: bytes
    persona_id: bytes | None = None
    mask_id: bytes | None = None


class Desk(Protocol):
    """What the part that looks after people at risk offers."""

    def note(self, signal: Signal) -> None:
        """Step: make it a concern. Raising here means that nothing of the transaction is kept."""


class _Nobody:
    """Nobody is named: the follow-up alone is kept, and pages say so."""

    def note(self, signal: Signal) -> None:
        """Nothing more to do."""


_desk: Desk = _Nobody()


def plug(desk: Desk | None) -> None:
    """Tell `desk` from now on; None: nobody."""
    global _desk
    _desk = desk or _Nobody()


def note(signal: Signal) -> None:
    """As `Desk.note`."""
    _desk.note(signal)
