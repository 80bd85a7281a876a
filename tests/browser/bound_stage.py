"""A group whose rules bind what they can, so that pages say whose rule it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from forum.base.idents import write_ident
from forum.models import Role
from tests.binding import bind
from tests.world import GroupHere, Person, World, post_url

if TYPE_CHECKING:
    from tests.browser.screens import Stage

RULES = {
    "identity.anon_post": "off",
    "links": "none",
    "premod": "all",
    "mod.premod_hours": "always",
    "mod.transparency": "monthly counts",
    "board.retention": "90 days",
}


@dataclass(frozen=True)
class Bound:
    """The group, somebody whose words wait, and who looks after it."""

    group: GroupHere
    member: Person
    facilitator: Person
    waits: int


_there: "WeakKeyDictionary[World, Bound]" = WeakKeyDictionary()


def bound(stage: "Stage") -> Bound:
    """Made once for each world."""
    if stage.world not in _there:
        _there[stage.world] = _bind(stage.world)
    return _there[stage.world]


def _bind(world: World) -> Bound:
    group = world.group()
    member, facilitator = world.person(group), world.person(group, Role.FACILITATOR)
    topic = world.topic(facilitator, "An evening")
    with world.app.app_context():
        bind(group.scope, RULES)
    return Bound(group, member, facilitator, world.reply(member, topic, "Words that wait."))


def member(stage: "Stage") -> Person:
    """Whose words wait."""
    return bound(stage).member


def facilitator(stage: "Stage") -> Person:
    """Who looks after the group."""
    return bound(stage).facilitator


def page(path: str) -> Callable[["Stage"], str]:
    """A page of the group."""
    return lambda stage: f"/g/{bound(stage).group.address}{path}"


def waiting(stage: "Stage") -> str:
    """Why these words wait."""
    return post_url(bound(stage).waits, "waiting")


def write(stage: "Stage") -> str:
    """The form for a new topic."""
    return f"/b/{write_ident(bound(stage).group.board)}/write"
