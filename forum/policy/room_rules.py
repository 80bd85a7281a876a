"""The port through which a live room says who is in it, and who may speak there now: asked in the transaction of each message.

Conversations stand below rooms, and one write path serves both (forum/README.md). Without rooms a conversation of that
kind takes no message: it fails closed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from forum.base.errors import NotAllowed
from forum.base.words import _
from forum.policy.actor import Membership


@dataclass(frozen=True)
class Speaking:
    """A message is about to be written in a room.

    :param mask_id: the alias it is written under; None for a name. :param masked: it is to be under an alias, new or old.
    """

    conversation_id: bytes
    membership: Membership
    masked: bool
    mask_id: bytes | None = None


@dataclass(frozen=True)
class Heard:
    """What becomes of a message that may be written.

    :param waits: for a person. :param until: only its author sees it till then: everybody writes for themselves just now.
    :param slow: people wait between two messages here, so it is to be noted when this one came.
    :param braked: a brake of the room or its group is on, so that what members say is read first.
    """

    waits: bool = False
    until: datetime | None = None
    slow: bool = False
    braked: bool = False


#: Nothing stands in the way.
OPEN = Heard()


class Rules(Protocol):
    """What rooms offer."""

    def may_enter(self, membership: Membership, conversation_id: bytes) -> bool:
        """Whether this member was let in to the room, and not sent out since."""

    def is_masked(self, membership: Membership, conversation_id: bytes) -> bool:
        """Whether this member writes under an alias there."""

    def note_spoken(self, conversation_id: bytes, membership: Membership) -> None:
        """Their message was written; called after its transaction. A use case."""

    def check(self, speaking: Speaking) -> Heard:
        """What becomes of the message. :raises NotAllowed: they may not speak now; words say why and what to do."""

    def quiet_until(self, conversation_id: bytes) -> datetime | None:
        """Until when words stay with their author, also such as come back; None: others read them at once."""

    def note_brake(self, group_id: bytes, room_id: bytes | None) -> None:
        """Step: a brake was pulled or let go on a room, or on its whole group; who is in is told."""


class _Shut:
    """No rooms here."""

    def may_enter(self, membership: Membership, conversation_id: bytes) -> bool:
        """Nobody is in."""
        return False

    def is_masked(self, membership: Membership, conversation_id: bytes) -> bool:
        """Nobody writes."""
        return False

    def note_spoken(self, conversation_id: bytes, membership: Membership) -> None:
        """Nobody spoke."""

    def check(self, speaking: Speaking) -> Heard:
        """Refuses."""
        raise NotAllowed(_("This room is not open."))

    def quiet_until(self, conversation_id: bytes) -> datetime | None:
        """Nobody writes for themselves."""

    def note_brake(self, group_id: bytes, room_id: bytes | None) -> None:
        """Nobody is in."""


_rules: Rules = _Shut()


def plug(rules: Rules | None) -> None:
    """Ask `rules` from now on; None: no room takes a message."""
    global _rules
    _rules = rules or _Shut()


def may_enter(membership: Membership, conversation_id: bytes) -> bool:
    """As `Rules.may_enter`."""
    return _rules.may_enter(membership, conversation_id)


def is_masked(membership: Membership, conversation_id: bytes) -> bool:
    """As `Rules.is_masked`."""
    return _rules.is_masked(membership, conversation_id)


def note_spoken(conversation_id: bytes, membership: Membership) -> None:
    """As `Rules.note_spoken`."""
    _rules.note_spoken(conversation_id, membership)


def check(speaking: Speaking) -> Heard:
    """As `Rules.check`."""
    return _rules.check(speaking)


def quiet_until(conversation_id: bytes) -> datetime | None:
    """As `Rules.quiet_until`."""
    return _rules.quiet_until(conversation_id)


def note_brake(group_id: bytes, room_id: bytes | None) -> None:
    """As `Rules.note_brake`."""
    _rules.note_brake(group_id, room_id)
