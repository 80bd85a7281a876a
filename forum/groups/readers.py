"""Who can read what in a group, worked out by the rules that the program itself asks, so that the page cannot promise more."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from forum.base.keyring import Scope
from forum.models import ConversationKind, PostState, Role, Standing
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import PostFacts, may_see_versions
from forum.policy.visibility import can_see

#: A conversation with the team that is the first person's own.
_LINE = b"a line to the team"
#: The first number of each class of size. Said coarsely, so that nobody outside can watch somebody come or go.
SIZES = (1, 10, 30, 100)


class Reader(StrEnum):
    """Who might read."""

    YOU = "you"
    MEMBERS = "members"
    TEAM = "team"
    OUTSIDERS = "outsiders"


class Words(StrEnum):
    """What there is to read."""

    POSTED = "posted"
    WAITING = "waiting"
    EARLIER = "earlier"
    TO_TEAM = "to_team"


@dataclass(frozen=True)
class Line:
    """One kind of words, and who can read them."""

    words: Words
    can: tuple[Reader, ...]
    cannot: tuple[Reader, ...]


def list_lines(scope: Scope) -> list[Line]:
    """Each kind of words with who can read it and who cannot."""
    people = _people(scope)
    lines = []
    for words, asked in _QUESTIONS.items():
        can = tuple(who for who, actor in people.items() if asked(actor, scope.group_id, who is Reader.YOU))
        lines.append(Line(words, can, tuple(who for who in people if who not in can)))
    return lines


def size_class(members: int) -> int:
    """The least number of people of a group's class of size; 0 for an empty one."""
    return max((least for least in SIZES if least <= members), default=0)


def _people(scope: Scope) -> dict[Reader, Actor]:
    """One of each kind. Staff of an organisation are outsiders here: they are members of no group by their office."""
    return {
        Reader.YOU: replace(_somebody(scope, Role.MEMBER), lines=frozenset({_LINE})),
        Reader.MEMBERS: _somebody(scope, Role.MEMBER),
        Reader.TEAM: _somebody(scope, Role.FACILITATOR),
        Reader.OUTSIDERS: Actor(b"somebody"),
    }


def _somebody(scope: Scope, role: Role) -> Actor:
    membership = Membership(scope, b"somebody", "", role=role, standing=Standing.SETTLED, agreed=True, joined_on=None)
    return Actor(b"somebody", memberships={scope.group_id: membership})


_QUESTIONS: dict[Words, Callable[[Actor, bytes, bool], bool]] = {
    Words.POSTED: lambda actor, group, mine: can_see(actor, group, PostState.VISIBLE, True, mine),
    Words.WAITING: lambda actor, group, mine: can_see(actor, group, PostState.HELD, False, mine),
    Words.TO_TEAM: lambda actor, group, mine: can_see(
        actor, group, PostState.VISIBLE, True, mine, ConversationKind.TEAM, _LINE
    ),
    Words.EARLIER: lambda actor, group, mine: (
        may_see_versions(actor, PostFacts(group, PostState.VISIBLE, mine)) is None
    ),
}
