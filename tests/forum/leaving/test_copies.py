"""A copy of what is held about somebody: theirs alone, announced, slow on purpose, and without anybody else's words."""

import json

import pytest
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import rows
from forum.base.idents import write_ident
from forum.ground_rules import own_part, votes
from forum.models import Post, Role
from tests.forum.ground_rules import at_hand
from tests.world import GroupHere, Person, World, post_url, text_of


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def run_jobs(world: World) -> None:
    with world.app.app_context():
        while jobs.run_due():
            pass


def wait(world: World, **delta: float) -> None:
    world.moment.go(**delta)
    run_jobs(world)


def test_a_copy_is_ready_after_a_day_and_gone_after_a_week(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group, name="Mossy Heron")
    topic = world.topic(heron, "A plum title", "Words of the heron.")
    world.reply(wren, topic, "My named words.")
    world.reply(wren, topic, "My hidden words.", masked=True)
    assert wren.send(f"/g/{group.address}/copy").status_code == 303
    wait(world, hours=23)
    assert wren.get(f"/g/{group.address}/copy/data").status_code == 404
    wait(world, hours=1, minutes=1)
    held = json.loads(wren.get(f"/g/{group.address}/copy/data").data)
    assert {(post["words"], post["name_hidden"]) for post in held["posts"]} == {
        ("My named words.", False),
        ("My hidden words.", True),
    }
    page = wren.get(f"/g/{group.address}/copy/page")
    assert "My hidden words." in page.text
    for foreign in ("heron", "Heron", "plum"):
        assert foreign not in page.text
        assert foreign not in json.dumps(held)
    wait(world, days=7, minutes=1)
    assert wren.get(f"/g/{group.address}/copy/data").status_code == 404


def test_ones_part_in_changing_the_rules_stands_in_it_until_it_cannot_be_counted(
    world: World, group: GroupHere
) -> None:
    wren, heron, lead = world.person(group), world.person(group), world.person(group, Role.FACILITATOR)
    with world.app.app_context():
        made = at_hand.decided_about(wren, heron, lead)
        votes.choose(heron.actor, made, "object")
        votes.choose(wren.actor, made, "agree")
        copy = own_part.held(group.scope, heron.persona_id)
        assert copy["chosen"] == [{"proposal": write_ident(made), "choice": "object"}]
        assert copy["seconded"] == [write_ident(made)]
        assert "gently" not in json.dumps(copy), "the words of the proposal are somebody else's"
        assert own_part.held(group.scope, wren.persona_id)["proposed"][0]["means"] == "We write more gently."
    wren.send(f"/g/{group.address}/copy")
    wait(world, hours=25)
    held = json.loads(wren.get(f"/g/{group.address}/copy/data").data)
    assert held["changing_the_rules"]["chosen"] == [{"proposal": write_ident(made), "choice": "agree"}]
    for _week in range(4):
        wait(world, days=7, minutes=1)
    with world.app.app_context():
        assert own_part.held(group.scope, heron.persona_id)["chosen"] == [], "nobody knows it any more"


def test_every_device_says_so_and_any_of_them_stops_it(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    phone = world.signed_in_again(wren)
    assert "A copy of your words" not in text_of(phone.get("/"))
    wren.send(f"/g/{group.address}/copy")
    for page in ("/", f"/g/{group.address}", "/devices"):
        assert "A copy of your words" in text_of(phone.get(page)), page
    assert phone.send(f"/g/{group.address}/copy/stop").status_code == 303
    wait(world, hours=25)
    assert wren.get(f"/g/{group.address}/copy/data").status_code == 404
    assert "A copy of your words" not in text_of(phone.get("/"))


def test_a_copy_is_nobody_elses(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    wren.send(f"/g/{group.address}/copy")
    wait(world, hours=25)
    assert wren.get(f"/g/{group.address}/copy/page").status_code == 200
    assert heron.get(f"/g/{group.address}/copy/page").status_code == 404
    assert "A copy of your words" not in text_of(heron.get("/"))


def test_words_taken_back_stand_in_it_while_they_can_come_back(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    world.topic(wren, body="My named words.")
    wren.send(f"/g/{group.address}/going/words", {"hidden": "stay"})
    wren.send(f"/g/{group.address}/copy")
    wait(world, hours=25)
    held = json.loads(wren.get(f"/g/{group.address}/copy/data").data)
    assert [one["words"] for one in held["taken_back"]] == ["My named words."]


def test_what_they_told_the_team_stands_in_it_and_not_about_whom(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group, name="Mossy Heron")
    topic = world.topic(heron, "A plum title", "Words of the heron.")
    with world.app.app_context():
        post = rows(select(Post.id).where(Post.conversation_id == topic))[0].id
    assert wren.send(post_url(post, "report"), {"rule": "other", "body": "It frightens me."}).status_code == 303
    wren.send(f"/g/{group.address}/copy")
    wait(world, hours=25)
    held = json.loads(wren.get(f"/g/{group.address}/copy/data").data)
    assert [one["words"] for one in held["told_the_team"]] == ["It frightens me."]
    assert "heron" not in json.dumps(held).lower()


def test_somebody_who_is_taken_for_another_gets_no_copy(world: World, group: GroupHere) -> None:
    """Whoever leaves while it is made gets none: there is nobody left to give it to."""
    wren: Person = world.person(group)
    wren.send(f"/g/{group.address}/copy")
    wren.send(f"/g/{group.address}/going/leave", {"words": "stay"})
    wait(world, hours=25)
    assert wren.get(f"/g/{group.address}/copy/data").status_code == 404
