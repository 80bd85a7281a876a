"""People who say something of themselves."""

from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import insert, update

from forum.base import clock
from forum.base.transaction import here, transaction
from forum.conversations import persona_page
from forum.conversations.persona_page import About
from forum.models import PersonaPage, Post
from tests.world import GroupHere, Person, World


@dataclass(frozen=True)
class BelongingStage:
    """What the pages of belonging are about.

    :param too_open: somebody whose page has a telephone number, from before such words were refused.
    """

    introduced: int
    too_open: Person


_made: "WeakKeyDictionary[World, BelongingStage]" = WeakKeyDictionary()


def belonging_stage(world: World, group: GroupHere) -> BelongingStage:
    """Made when a screen first wants it."""
    if world not in _made:
        _made[world] = _make(world, group)
    return _made[world]


def _make(world: World, group: GroupHere) -> BelongingStage:
    newcomer, too_open = world.person(group), world.person(group)
    topic = world.topic(newcomer, "Hello", "I am new here.")
    introduced = world.reply(newcomer, topic, "And I hope for the best.")
    said = About(
        "I listen.\n\nI know forms. " + "Averylongwordwithoutanyspace" * 6, "To sleep.", "English, اردو", "", 20
    )
    with world.app.app_context():
        persona_page.save(newcomer.actor, group.scope, said)
        with transaction():
            earlier = clock.now() - timedelta(minutes=30)  # nobody has answered since
            here().execute(update(Post).where(Post.conversation_id == topic).values(written_at=earlier))
            words = {"offers": "Ring me: 07700 900123", "would_like": "", "languages": "", "lived": "", "awake": 0}
            here().execute(insert(PersonaPage).values(persona_id=too_open.persona_id, **words))
    return BelongingStage(introduced, too_open)
