"""The port for "I need help": what the page of help may truly say and offer. Filled by whoever calls people.

The page itself is the forum's, so that the numbers stand there whatever this says or fails to say.
"""

from dataclasses import dataclass
from typing import Protocol

from forum.policy.actor import Actor, Membership


@dataclass(frozen=True)
class Way:
    """One group whose people can be told.

    :param address: of the group. :param sentence: who is here now, as it is. :param calls: telling them calls somebody.
    """

    address: str
    name: str
    sentence: str
    calls: bool


@dataclass(frozen=True)
class Talk:
    """A talk with whoever looks after this person. :param news: something was written that they have not had on a page."""

    id: bytes
    news: bool


class Door(Protocol):
    """What the part that calls people offers."""

    def list_talks(self, membership: Membership) -> tuple[Talk, ...]:
        """This person's talks in a group that are not over."""

    def list_ways(self, actor: Actor, address: str) -> tuple[Way, ...]:
        """Where this person can be told of. :param address: of the group whose page they came from; "": all of theirs."""


class _Nobody:
    """Nobody can be told by a button; the numbers stand there all the same."""

    def list_talks(self, membership: Membership) -> tuple[Talk, ...]:
        """None."""
        return ()

    def list_ways(self, actor: Actor, address: str) -> tuple[Way, ...]:
        """Nowhere."""
        return ()


_door: Door = _Nobody()


def plug(door: Door | None) -> None:
    """Use `door` from now on; None: none."""
    global _door
    _door = door or _Nobody()


def list_ways(actor: Actor, address: str = "") -> tuple[Way, ...]:
    """As `Door.list_ways`; for somebody who is not signed in without asking the database."""
    return _door.list_ways(actor, address) if actor.account_id else ()


def list_talks(membership: Membership | None) -> tuple[Talk, ...]:
    """As `Door.list_talks`; for nobody there are none."""
    return _door.list_talks(membership) if membership else ()
