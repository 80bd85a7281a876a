"""Somebody with news of every kind, things put aside, and quiet hours."""

from weakref import WeakKeyDictionary

from forum.conversations import drafts, shelves, team, usecases
from forum.conversations.drafts import Kept
from forum.conversations.prepare import Words
from tests.world import GroupHere, Person, World

_made: "WeakKeyDictionary[World, tuple[Person, Person]]" = WeakKeyDictionary()


def notices_stage(world: World, group: GroupHere, member: Person, moderator: Person) -> tuple[Person, Person]:
    """Two readers, made when a screen first wants them; the second has quiet time now."""
    if world not in _made:
        _made[world] = (_make(world, group, member, moderator), _make(world, group, member, moderator))
        _made[world][1].send(f"/g/{group.address}/news-times", {"quiet_from": "0", "quiet_until": "23"})
    return _made[world]


def _make(world: World, group: GroupHere, member: Person, moderator: Person) -> Person:
    reader = world.person(group)
    long = world.topic(member, "Longword" + "s" * 40, "A hard week.")
    noted = world.topic(member, "Winter", "She died in spring.", notes=1 << 5)
    post = world.reply(member, long, f"@{reader.name} thank you " + "w" * 60)
    world.reply(reader, long, "Under an alias.", masked=True)
    with world.app.app_context():
        for topic in (long, noted):
            shelves.follow(reader.actor, topic)
        shelves.bookmark(reader.actor, post)
        gone = usecases.submit_post(member.actor, long, Words("Soon gone."), f"gone {reader.name}").id
    world.settle()
    with world.app.app_context():
        shelves.bookmark(reader.actor, gone)
        usecases.withdraw_post(member.actor, gone)
        drafts.keep_draft(reader.actor, group.scope.group_id, long, Kept("Half a thought.", lang="en"))
        line = team.write_to_team(
            reader.actor, group.scope, Words("Can you help?"), f"ask {reader.name}"
        ).conversation_id
    world.settle()
    with world.app.app_context():
        usecases.submit_post(moderator.actor, line, Words("Yes.", seen=1), f"answer {reader.name}")
    world.settle()
    return reader
