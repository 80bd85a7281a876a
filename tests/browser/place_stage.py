"""Somebody whom two people put out of a group, and what was decided about one of their posts before."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from forum.base.idents import write_ident
from forum.models import Role
from moderation import decisions, own_place, proposals
from moderation import usecases as deciding
from moderation.decisions import Verdict
from moderation.models import Choice
from tests.world import Person, World, post_url

if TYPE_CHECKING:
    from tests.browser.screens import Stage

WHY = "You wrote to people at night, and went on when we asked you to stop. " + "Averylongwordwithoutanyspace" * 6
_there: "WeakKeyDictionary[World, tuple[Person, bytes, int]]" = WeakKeyDictionary()


def _set(stage: "Stage") -> tuple[Person, bytes, int]:
    """Made once for each world."""
    if stage.world not in _there:
        _there[stage.world] = _suspended(stage.world)
    return _there[stage.world]


def _suspended(world: World) -> tuple[Person, bytes, int]:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    robin = world.person(group, Role.FACILITATOR)
    topic = world.topic(world.person(group), "An evening")
    away, post = (world.reply(wren, topic, "Unkind words.") for _n in range(2))
    with world.app.app_context():
        deciding.hide_post(owl.actor, away, WHY, "be-kind")
        item = proposals.propose(owl.actor, post, Choice.SUSPEND, 14, WHY, "be-kind")
        decision = decisions.decide(robin.actor, item, Verdict(Choice.CONFIRM, 0, looked=True))
    world.settle()
    with world.app.app_context():
        own_place.disagree(wren.actor, decision, "I could not sleep.")
    return wren, decision, away


def somebody_out(stage: "Stage") -> Person:
    """Whom two people put out."""
    return _set(stage)[0]


def decision_page(stage: "Stage") -> str:
    """Why."""
    return f"/about-my-place/{write_ident(_set(stage)[1])}"


def words_page(stage: "Stage") -> str:
    """What was decided about words of theirs before."""
    return post_url(_set(stage)[2], "decision")
