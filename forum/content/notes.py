"""Content notes: what a post is about, so that its readers choose before they read. An organisation may word them anew.

Each class has a bit that never changes: posts keep it, and readers' choices do.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from forum.base.words import _, lazy

#: A group's own classes have fixed places after ours. More than these eight nobody reads through while they write.
OWN_FROM, MOST_OWN = 16, 8
#: Bits after all classes fold words for the team: no form offers them, and no reader opens them for good.
FOLD_FROM = 24
#: A class is a few words: it stands in front of each post that has it.
MOST_LETTERS = 40


@dataclass(frozen=True)
class NoteClass:
    """One class. `name` is shown in front of the words; an own one is the group's text, and no translation is there."""

    bit: int
    name: Any
    own: bool = False

    @property
    def mask(self) -> int:
        """The class as a mask of one."""
        return 1 << self.bit

    def stands_in(self, notes: int) -> bool:
        """Whether these notes have it."""
        return bool(notes & self.mask)


class Fold(enum.IntFlag):
    """Why the words of a post are one tap away for everybody. Each reason is lifted on its own."""

    PRIVACY = 1 << FOLD_FROM  #: they may tell who somebody else is, or where to reach them
    REPORTED = 1 << FOLD_FROM + 1  #: several people reported them while nobody of the team was here
    ILLEGAL = 1 << FOLD_FROM + 2  #: somebody reported that the law forbids them
    TEAM = 1 << FOLD_FROM + 3  #: the team decided it


#: Reasons that hold until somebody of the team has looked.
MEANWHILE = Fold.PRIVACY | Fold.REPORTED | Fold.ILLEGAL
ANY_FOLD = MEANWHILE | Fold.TEAM
NO_FOLD = Fold(0)


class FoldName(str):
    """A reason of ours why words are folded: it is no content note, and stands as a sentence of its own."""

    __slots__ = ()
    folded = True


class OwnName(str):
    """A name that a group wrote, so that a page in another language can say so."""

    __slots__ = ()
    own = True


#: What the group's rules put before words about wanting to die, where the group does not talk about it.
DANGER = 1
#: Plain words that people use themselves. A new one takes a new bit, below OWN_FROM; a bit is never used again.
STARTERS = (
    NoteClass(0, lazy("Suicide or self-harm")),
    NoteClass(1, lazy("Eating, food or weight")),
    NoteClass(2, lazy("Abuse or neglect")),
    NoteClass(3, lazy("Sexual violence")),
    NoteClass(4, lazy("Violence or threats")),
    NoteClass(5, lazy("Death or loss")),
    NoteClass(6, lazy("Drugs or alcohol")),
    NoteClass(7, lazy("Medical details")),
    NoteClass(8, lazy("Pregnancy, birth or losing a baby")),
    NoteClass(9, lazy("Hate against a group of people")),
)


def own_classes(own: str) -> list[NoteClass]:
    """A group's own classes, each in the place where its line stands; an empty line is a free place.

    :param own: `Group.own_notes`.
    """
    lines = [line.strip() for line in own.split("\n")[:MOST_OWN]]
    return [NoteClass(OWN_FROM + place, name, own=True) for place, name in enumerate(lines) if name]


def classes_of(own: str) -> list[NoteClass]:
    """All classes that can be chosen in a group."""
    return [*STARTERS, *own_classes(own)]


def names_of(notes: int, own: str) -> list[str]:
    """What stands in front of a post with these notes, in order. A class that the group took away still warns.

    :param notes: a mask of classes.
    """
    known = [one for one in classes_of(own) if one.stands_in(notes)]
    lost = notes & ~ANY_FOLD & ~sum(one.mask for one in known)
    named = [OwnName(one.name) if one.own else str(one.name) for one in known]
    return _folded(notes) + named + ([_("Something this group had a note for")] if lost else [])


def _folded(notes: int) -> list[str]:
    """Nothing in it says who asked for it, or how many."""
    if notes & Fold.TEAM:
        return [FoldName(_("The team folded these words."))]
    return [FoldName(_("These words are folded until the team has looked."))] if notes & MEANWHILE else []


def offered(notes: int, own: str) -> int:
    """These notes without what no class of the group stands for."""
    return notes & sum(one.mask for one in classes_of(own))


def mask_of(bits: Iterable[str]) -> int:
    """The classes that a form chose. `offered` leaves out those that the group has not.

    :param bits: numbers of classes; anything else is left out.
    """
    return sum({1 << int(bit) for bit in bits if bit in _BITS})


_BITS = frozenset(str(bit) for bit in range(OWN_FROM + MOST_OWN))
