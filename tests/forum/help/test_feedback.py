"""What somebody says of a page: of anybody, about a kind of page, leading to nobody."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base import keyring, rotation
from forum.base.db import row, rows
from forum.help import queries, usecases
from forum.models import Feedback, Rating, Role
from tests.security.dump import dump_of
from tests.world import World, conversation_url, text_of

SAID = "canary: the green button does nothing"
FORM = {"page": "conversations.show_group", "rating": "wrong", "body": SAID}


def test_need_103_anybody_can_say_that_a_page_is_wrong(world: World) -> None:
    group = world.group()
    behind = world.person(group)
    for person in (world.visitor(), behind):
        world.moment.go(minutes=20)
        assert person.send("/feedback", FORM).headers["Location"] == "/feedback/thanks"
    with world.app.app_context():
        found = queries.list_feedback()
    assert [(said.route, said.rating, said.words) for said in found] == [(FORM["page"], Rating.WRONG, SAID)] * 2


def test_what_is_kept_names_nobody_and_cannot_be_read(world: World) -> None:
    wren = world.person(world.group())
    wren.send("/feedback", FORM)
    dump = dump_of(world.app)
    assert SAID.encode() not in dump
    with world.app.app_context():
        found = row(select(*Feedback.__table__.columns))
    assert found
    values = b"|".join(str(value).encode() if not isinstance(value, bytes) else value for value in found)
    assert wren.account_id not in values
    assert wren.persona_id not in values
    assert set(found._fields) == {"id", "route", "rating", "sealed", "day", "key_id"}


def test_every_page_says_its_kind_and_never_its_address(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    paths = {
        f"/g/{group.address}": "conversations.show_group",
        conversation_url(topic): "conversations.show_conversation",
        "/help": "accounts.show_help",
    }
    for path, route in paths.items():
        assert f'href="/feedback?page={route}"' in wren.get(path).get_data(as_text=True), path
    assert 'href="/feedback"' in wren.get("/g/never-existed").get_data(as_text=True)


@pytest.mark.parametrize("page", ["/c/abcdefghijklmnopqrstuvwxyz", "conversations.nothing", "<b>", "x" * 500])
def test_only_kinds_of_pages_are_kept(world: World, page: str) -> None:
    assert world.visitor().send("/feedback", FORM | {"page": page}).status_code == 303
    with world.app.app_context():
        assert [r.route for r in rows(select(Feedback.route))] == [""]


@pytest.mark.parametrize("wrong", [{"rating": ""}, {"rating": "five"}, {"body": "x" * 1_001}])
def test_refused_words_come_back(world: World, wrong: dict[str, str]) -> None:
    answer = world.visitor().send("/feedback", FORM | wrong)
    assert answer.status_code == 422
    assert (FORM | wrong)["body"] in answer.get_data(as_text=True)
    with world.app.app_context():
        assert rows(select(Feedback.id)) == []


def test_a_flood_from_one_place_slows_down_and_keeps_nobody_from_signing_in(world: World) -> None:
    flood = [world.visitor().send("/feedback", FORM).status_code for _n in range(12)]
    assert flood[:3] == [303, 303, 303]
    assert flood[-1] == 429
    assert world.visitor().send("/sign-in", {"phrase": "no such words are known here"}).status_code == 403
    world.moment.go(minutes=1)
    assert world.visitor().send("/feedback", FORM).status_code == 303


def test_it_is_gone_after_ninety_days(inside: Flask, moment) -> None:
    usecases.give_feedback("accounts.show_help", "good", SAID)
    moment.go(days=usecases.KEPT.days)
    usecases.purge()
    assert len(queries.list_feedback()) == 1
    moment.go(days=1)
    usecases.purge()
    assert queries.list_feedback() == []
    assert timedelta(days=90) == usecases.KEPT


def test_need_89_who_needs_a_hand_finds_a_person(world: World) -> None:
    group = world.group()
    assert group.name in text_of(world.person(group).get("/using"))
    assert group.name not in text_of(world.visitor().get("/using"))


def test_only_admins_of_the_whole_site_read_it(world: World) -> None:
    group = world.group()
    world.visitor().send("/feedback", FORM)
    admin, of_one = world.admin(), world.admin(group.scope.organisation_id)
    assert SAID in text_of(admin.get("/admin/feedback"))
    for other in (of_one, world.person(group, Role.FACILITATOR)):
        answer = other.get("/admin/feedback")
        assert answer.status_code == 404
        assert SAID not in text_of(answer)


def test_a_rotation_of_keys_seals_it_anew(inside: Flask, ring: keyring.Keyring) -> None:
    usecases.give_feedback("accounts.show_help", "good", SAID)
    before = row(select(Feedback.sealed, Feedback.key_id))
    assert before
    keyring.use(ring.rotated(keyring.Purpose.TAG).rotated(keyring.Purpose.SEAL))
    list(rotation.renew_old())
    after = row(select(Feedback.sealed, Feedback.key_id))
    assert after
    assert after.sealed != before.sealed
    assert after.key_id != before.key_id
    keyring.use(keyring.the_keyring().finished())
    assert [said.words for said in queries.list_feedback()] == [SAID]
