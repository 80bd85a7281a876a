"""What a member puts aside is theirs alone, in rows of one size that name nobody."""

from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from forum.base.db import rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import transaction
from forum.conversations import shelves
from forum.models import Bookmark, Follow
from tests.world import Person, World


def me(person: Person) -> Any:
    assert person.group
    return person.actor.membership_in(person.group.scope.group_id)


def test_followed_conversations_are_listed_latest_first_and_once(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    first, second = world.topic(wren), world.topic(wren)
    with world.app.app_context():
        for one in (first, second, first):
            shelves.follow(wren.actor, one)
        assert shelves.list_followed(me(wren)) == [second, first]
        shelves.unfollow(wren.actor, group.scope.group_id, second)
        shelves.unfollow(wren.actor, group.scope.group_id, second)
        assert shelves.list_followed(me(wren)) == [first]


def test_a_bookmark_leads_back_to_a_post(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    post = world.reply(heron, topic)
    with world.app.app_context():
        shelves.bookmark(wren.actor, post)
        assert shelves.list_bookmarks(me(wren)) == [post]
        assert shelves.list_bookmarks(me(heron)) == []
        shelves.drop_bookmark(wren.actor, group.scope.group_id, post)
        assert shelves.list_bookmarks(me(wren)) == []


def test_sec_s22_nobody_follows_or_keeps_what_is_not_theirs_to_read(world: World) -> None:
    here, far = world.group(), world.group()
    wren, stranger = world.person(here), world.person(far)
    topic = world.topic(wren)
    post = world.reply(wren, topic)
    with world.app.app_context():
        for attempt in (
            lambda: shelves.follow(stranger.actor, topic),
            lambda: shelves.bookmark(stranger.actor, post),
            lambda: shelves.unfollow(stranger.actor, here.scope.group_id, topic),
        ):
            with pytest.raises(NotFound):
                attempt()
        shelves.follow(wren.actor, topic)
        shelves.bookmark(wren.actor, post)


def test_l24_a_row_tells_neither_how_much_nor_of_what(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topics = [world.topic(wren) for _n in range(3)]
    with world.app.app_context():
        shelves.follow(heron.actor, topics[0])
        for topic in topics:
            shelves.follow(wren.actor, topic)
        shelves.bookmark(wren.actor, world.reply(wren, topics[0]))
        found = rows(select(Follow.tag, Follow.sealed))
        assert len(found) == 2
        assert len({len(r.sealed) for r in found}) == 1
        secrets = [*topics, wren.persona_id, heron.persona_id]
        assert not [s for s in secrets for r in (*found, *rows(select(Bookmark.sealed))) if s in r.sealed]


def test_a_full_shelf_says_so_and_loses_nothing(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    with world.app.app_context():
        for _n in count():
            if len(shelves.list_followed(me(wren))) == shelves.MOST:
                break
            shelves._put(shelves.FOLLOWED, me(wren), new_ident())
        with pytest.raises(Invalid):
            shelves.follow(wren.actor, topic)
        assert len(shelves.list_followed(me(wren))) == shelves.MOST


def test_who_goes_leaves_nothing_on_a_shelf(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    with world.app.app_context():
        shelves.follow(wren.actor, topic)
        with transaction():
            shelves.forget(group.scope, new_ident())
        assert shelves.list_followed(me(wren)) == [topic]
        with transaction():
            shelves.forget(group.scope, wren.persona_id or b"")
        assert shelves.list_followed(me(wren)) == []
