"""How far somebody read is asked of the database each time, however often they come back to a page of topics."""

import pytest
from flask import Flask

from forum.base import keyring, rotation
from forum.base.keyring import Purpose, the_keyring
from forum.base.transaction import transaction
from forum.conversations import board_queries, markers
from forum.policy.actor import Membership
from tests.world import Person, World


@pytest.fixture
def reader(world: World, inside: Flask) -> Person:
    return world.person(world.group())


@pytest.fixture
def page(world: World, reader: Person) -> list[bytes]:
    """Three topics; the reader opened none yet."""
    writer = world.person(reader.group)
    return [world.topic(writer) for _ in range(3)]


def of(reader: Person) -> Membership:
    return reader.actor.memberships[reader.group.scope.group_id]


def read(reader: Person, page: list[bytes]) -> list[int]:
    found = markers.list_markers(of(reader), page)
    return [found.get(one, 0) for one in page]


def keep(reader: Person, topic: bytes, seq: int) -> None:
    with transaction():
        markers.keep_marker(of(reader), topic, seq)


def test_what_was_read_since_shows_on_the_same_page(reader: Person, page: list[bytes]) -> None:
    assert read(reader, page) == [0, 0, 0]
    keep(reader, page[1], 4)
    assert read(reader, page) == [0, 4, 0]
    keep(reader, page[1], 5)
    assert read(reader, page) == [0, 5, 0]
    with transaction():
        markers.put_markers(of(reader), {page[0]: 2, page[1]: 0})
    assert read(reader, page) == [2, 0, 0]


def test_within_a_transaction_its_own_changes_show(reader: Person, page: list[bytes]) -> None:
    assert read(reader, page) == [0, 0, 0]
    with transaction():
        markers.keep_marker(of(reader), page[2], 3)
        assert read(reader, page) == [0, 0, 3]
    assert read(reader, page) == [0, 0, 3]


def test_each_reader_finds_their_own(world: World, reader: Person, page: list[bytes]) -> None:
    other = world.person(reader.group)
    keep(reader, page[0], 1)
    keep(other, page[0], 2)
    assert (read(reader, page), read(other, page)) == ([1, 0, 0], [2, 0, 0])


def test_a_page_in_memory_goes_along_with_a_rotation(reader: Person, page: list[bytes]) -> None:
    """Its rows stand under the old key, then under either, then under the new one alone."""
    keep(reader, page[0], 7)
    assert read(reader, page) == [7, 0, 0]
    keyring.use(the_keyring().rotated(Purpose.TAG))
    assert read(reader, page) == [7, 0, 0]
    keep(reader, page[1], 2)
    assert read(reader, page) == [7, 2, 0]
    for _n in rotation.renew_all():
        pass
    assert read(reader, page) == [7, 2, 0]
    keyring.use(the_keyring().finished())
    assert read(reader, page) == [7, 2, 0]


def test_a_page_of_as_many_topics_as_fit(world: World, reader: Person) -> None:
    writer = world.person(reader.group)
    page = [world.topic(writer) for _ in range(board_queries.TOPICS)]
    keep(reader, page[-1], 9)
    assert read(reader, page) == [0] * (board_queries.TOPICS - 1) + [9]
    keyring.use(the_keyring().rotated(Purpose.TAG))
    assert read(reader, page)[-1] == 9
    assert read(reader, []) == []
