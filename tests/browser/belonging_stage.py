"""People who say something of themselves."""

from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import insert, update

from forum.base import clock
from forum.base.transaction import here, transaction
from forum.conversations import persona_page, polls
from forum.conversations.persona_page import About
from forum.models import PersonaPage, Poll, Post
from tests.world import GroupHere, Person, World

LONG = "Averylongwordwithoutanyspace" * 2


@dataclass(frozen=True)
class BelongingStage:
    """What the pages of belonging are about.

    :param asked: a topic with an open question; `closed`: with one that shows what came of it.
    :param too_open: somebody whose page has a telephone number, from before such words were refused.
    """

    introduced: int
    asked: bytes
    closed: bytes
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
    return BelongingStage(introduced, *_ask(world, group, newcomer, too_open), too_open)


def _ask(world: World, group: GroupHere, *people: Person) -> tuple[bytes, bytes]:
    asked, closed = world.topic(people[0]), world.topic(people[0])
    with world.app.app_context():
        for topic in (asked, closed):
            polls.start_poll(people[0].actor, topic, f"Tea, or {LONG}?", ["Tea", LONG, "Nothing"], 7)
    for n, person in enumerate((*people, world.person(group))):
        with world.app.app_context():
            polls.answer(person.actor, closed, n % 2)
    with world.app.app_context(), transaction():
        yesterday = clock.today() - timedelta(days=1)
        here().execute(update(Poll).where(Poll.conversation_id == closed).values(closes_on=yesterday))
    return asked, closed
