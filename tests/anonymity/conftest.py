"""A story that most tests of anonymity begin with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from forum.conversations import masks
from forum.models import Role
from tests.anonymity.reading import Got, read_all
from tests.world import GroupHere, Person, World


@dataclass
class Story:
    """Wren wrote under her name and, in two topics, without it. Heron wrote only under his.

    :param open_topic: where Wren stands under her name alone.
    :param masked: Wren's shown posts without her name, one in each of `topics`.
    """

    world: World
    group: GroupHere
    wren: Person
    heron: Person
    robin: Person
    finch: Person
    owl: Person
    stranger: Person
    open_topic: bytes
    topics: tuple[bytes, bytes]
    named: int
    masked: tuple[int, int]
    held: int

    @property
    def readers(self) -> dict[str, Person]:
        """One of each kind who did not write it."""
        visitor = self.world.visitor()
        visitor.group = self.group
        visitor.get("/sign-in")  # a form: from now on they have a session, and every page its token
        return {"member": self.robin, "facilitator": self.finch, "moderator": self.owl, "visitor": visitor}

    @property
    def posts(self) -> list[int]:
        """Wren's."""
        return [self.named, *self.masked, self.held]

    def aliases(self) -> list[str]:
        """Wren's, in the order of the topics."""
        worn = [masks.find_mask(self.group.scope, self.wren.persona_id, topic) for topic in self.topics]
        return [mask.alias for mask in worn if mask]

    @staticmethod
    def named_in(page: bytes, names: Iterable[str]) -> list[str]:
        """Those of `names` that stand in a page, as words: there is a Fir in no First."""
        return [name for name in names if re.search(rb"\b" + re.escape(name.encode()) + rb"\b", page)]

    def read(self, who: Person) -> Got:
        """All that somebody can get."""
        return read_all(who, [self.open_topic, *self.topics], self.posts)


@pytest.fixture
def story(world: World, inside: object) -> Story:
    group = world.group()
    wren, heron, robin = world.person(group), world.person(group), world.person(group)
    finch, owl = world.person(group, Role.FACILITATOR), world.person(group, Role.MODERATOR)
    stranger = world.person(world.group("Another Trust"))
    open_topic = world.topic(heron, "An open topic", "I am new here.")
    named = world.reply(wren, open_topic, "Hello, I am glad that you wrote.")
    world.moment.go(minutes=61)
    one, other = world.topic(heron, "A topic about nights"), world.topic(heron, "A topic about work")
    first = world.reply(wren, one, "I could not say this under my name.", masked=True)
    world.moment.go(minutes=61)
    second = world.reply(wren, other, "Nor could I say this.", masked=True)
    held = world.reply(wren, other, "Look at https://example.org then.", masked=True)
    world.moment.go(minutes=61)
    topics, masked = (one, other), (first, second)
    return Story(world, group, wren, heron, robin, finch, owl, stranger, open_topic, topics, named, masked, held)
