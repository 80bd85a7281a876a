"""A topic with content notes and marks, and somebody who chose how to read it."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from forum.conversations import choosing
from forum.models import PostMark
from tests.world import GroupHere, Person, World


@dataclass(frozen=True)
class ReadingStage:
    """What the pages about content notes, marks, blocking and muting are about."""

    topic: bytes
    noted: int
    blocked: int
    reader: Person


_made: "WeakKeyDictionary[World, ReadingStage]" = WeakKeyDictionary()


def reading_stage(world: World, group: GroupHere, member: Person, other: Person) -> ReadingStage:
    """The topic, made when a screen first wants it."""
    if world not in _made:
        _made[world] = _make(world, group, member, other)
    return _made[world]


def _make(world: World, group: GroupHere, member: Person, other: Person) -> ReadingStage:
    world.configure(group, own_notes="Hospital food\n\nVerylongword" + "s" * 24)
    topic = world.topic(member, "Winter", "A hard week.", mark=PostMark.LISTENING)
    noted = world.reply(member, topic, "She died in spring.", notes=1 << 5 | 1 << 16 | 1 << 18)
    world.reply(member, topic, "It helped me to walk.", answers_id=noted, mark=PostMark.EXPERIENCE)
    blocked = world.reply(other, topic, "I hear you.")
    hidden = world.reply(other, topic, "Under an alias.", masked=True)
    world.reply(member, topic, "The needle hurt.")
    reader = world.person(group)
    with world.app.app_context():
        choosing.block_author(reader.actor, blocked)
        choosing.block_author(reader.actor, hidden)
        choosing.mute_word(reader.actor, group.scope.group_id, "needle")
        choosing.prefer(reader.actor, group.scope.group_id, "", {5: choosing.HIDE, 1: choosing.EXPAND})
    return ReadingStage(topic, noted, blocked, reader)
