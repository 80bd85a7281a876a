"""C8: words that wait for an answer about the rules lose no letter, and are posted as they were; danger reaches the team."""

import html
import re

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from forum.base.db import row, rows
from forum.conversations import drafts
from forum.conversations.drafts import place_of_post
from forum.models import Mask, Post, PostState, Role, TeamLine
from forum.policy.members import actor_in
from tests.forum.ground_rules.changing import AFTER_GRACE, MEANS, change_rules
from tests.world import GroupHere, Person, World, conversation_url, post_url, text_of

WORDS = "  First line, with “quotes” & <b>signs</b>.\r\n\r\nA second one: ünïcödé 🙂\tand a tab.  "
HARD = "I want to kill myself tonight."


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def new_rules(world: World, group: GroupHere, **said: str) -> None:
    with world.app.app_context():
        change_rules(group, **said)  # type: ignore[arg-type]
    world.moment.go(seconds=AFTER_GRACE.total_seconds())


def fields_of(answer: TestResponse) -> dict[str, str]:
    """The form on the page, as a browser without scripts sends it again."""
    form = next(part for part in answer.get_data(as_text=True).split("<form") if 'name="rules-version"' in part)
    said = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    body = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", form, re.S)
    assert body
    said["body"] = html.unescape(body[1])
    return {name: html.unescape(value) for name, value in said.items() if name != "csrf_token"} | {"method": "self"}


def bodies(world: World, state: PostState = PostState.SENDING) -> list[str]:
    with world.app.app_context():
        return [r.body for r in rows(select(Post.body).where(Post.state == state))]


def kept(person: Person, place: bytes) -> str:
    with person.world.app.app_context():
        found = drafts.find_draft(actor_in(person.actor, person.group.scope), person.group.scope.group_id, place)
        return found.body if found else ""


def reply(person: Person, topic: bytes, body: str, **more: str) -> TestResponse:
    return person.send(f"{conversation_url(topic)}/posts", {"body": body, "token": "t" * 26, "draft": "", **more})


def test_c8_a_reply_is_kept_shows_what_changed_and_is_posted_as_it_was(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(world.person(group))
    new_rules(world, group)
    asked = reply(wren, topic, WORDS)
    assert asked.status_code == 200
    assert "Nothing is posted yet" in text_of(asked)
    assert MEANS in text_of(asked)
    assert kept(wren, topic) == WORDS
    assert bodies(world) == []
    again = fields_of(asked)
    assert again["body"].splitlines() == WORDS.splitlines()
    assert wren.send(f"{conversation_url(topic)}/posts", again).status_code == 303
    assert [body.strip() for body in bodies(world)] == [WORDS.replace("\r\n", "\n").strip()]
    assert kept(wren, topic) == ""


def test_c8_a_new_topic_keeps_its_title_and_how_it_was_meant(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    new_rules(world, group)
    board = f"/b/{wren.get(f'/g/{group.address}').get_data(as_text=True).split('/b/')[1].split(chr(34))[0]}/write"
    form = {"title": "A long night", "body": "I cannot sleep.", "masked": "yes", "token": "n" * 26, "draft": ""}
    again = fields_of(wren.send(board, form))
    assert (again["title"], again["masked"], again["token"]) == ("A long night", "yes", "n" * 26)
    assert wren.send(board, again).status_code == 303
    with world.app.app_context():
        found = row(select(Post.mask_id, Post.body))
        assert found
        assert found.mask_id
        assert found.body == "I cannot sleep."


def test_c8_an_edit_waits_with_the_old_words_standing(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    mine = world.reply(wren, world.topic(world.person(group)), "As it was.")
    new_rules(world, group)
    asked = wren.send(post_url(mine, "edit"), {"body": "As it is meant.", "token": "e" * 26})
    assert asked.status_code == 200
    assert kept(wren, place_of_post(mine)) == "As it is meant."
    with world.app.app_context():
        found = row(select(Post.body).where(Post.id == mine))
        assert found
        assert found.body == "As it was."
    assert wren.send(post_url(mine, "edit"), fields_of(asked)).status_code == 303
    with world.app.app_context():
        found = row(select(Post.body).where(Post.id == mine))
        assert found
        assert found.body == "As it is meant."


def test_who_agreed_is_not_asked(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(world.person(group))
    assert reply(wren, topic, "As ever.").status_code == 303


def test_a_question_that_is_not_answered_posts_nothing_and_keeps_the_words(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(world.person(group))
    new_rules(world, group, uid="what-we-must-tell", body="We tell our lead.")
    again = fields_of(reply(wren, topic, "My words."))
    address = f"{conversation_url(topic)}/posts"
    assert "Please answer the question" in text_of(wren.send(address, again))
    refused = wren.send(address, {**again, "answer-what-we-must-tell": "not-now"})
    assert "That is all right." in text_of(refused)
    assert bodies(world) == []
    assert kept(wren, topic) == "My words."
    assert wren.send(address, {**again, "answer-what-we-must-tell": "yes"}).status_code == 303
    assert bodies(world) == ["My words."]


def test_rules_that_change_once_more_ask_once_more(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(world.person(group))
    new_rules(world, group)
    again = fields_of(reply(wren, topic, "My words."))
    new_rules(world, group, body="Write ever so gently.")
    asked = wren.send(f"{conversation_url(topic)}/posts", again)
    assert "changed once more" in text_of(asked)
    assert bodies(world) == []
    assert wren.send(f"{conversation_url(topic)}/posts", fields_of(asked)).status_code == 303


def test_words_that_sound_like_danger_reach_the_team_once_and_the_page_says_so(world: World, group: GroupHere) -> None:
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(world.person(group))
    new_rules(world, group)
    for _twice in range(2):
        asked = reply(wren, topic, HARD)
        assert "We showed your words to the team" in text_of(asked)
    with world.app.app_context():
        lines = rows(select(TeamLine.conversation_id))
        said = rows(select(Post.body, Post.persona_id).where(Post.conversation_id == lines[0].conversation_id))
    assert len(lines) == len(said) == 1
    assert HARD in said[0].body
    assert said[0].persona_id == wren.persona_id
    assert owl.get(conversation_url(topic)).get_data(as_text=True).count(HARD) == 0


def test_other_words_reach_nobody(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(world.person(group))
    new_rules(world, group)
    assert "We showed your words" not in text_of(reply(wren, topic, "It was a good day."))
    with world.app.app_context():
        assert rows(select(TeamLine.conversation_id)) == []


def test_a_hidden_name_stays_hidden_from_the_team_in_a_reply_and_in_a_new_topic(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(world.person(group))
    new_rules(world, group)
    reply(wren, topic, HARD, masked="yes")
    board = f"/b/{wren.get(f'/g/{group.address}').get_data(as_text=True).split('/b/')[1].split(chr(34))[0]}/write"
    for token in ("a", "b"):
        wren.send(board, {"title": "Now", "body": HARD, "masked": "yes", "token": token * 26})
    with world.app.app_context():
        lines = [r.conversation_id for r in rows(select(TeamLine.conversation_id))]
        said = rows(select(Post.persona_id, Post.mask_id).where(Post.conversation_id.in_(lines)))
        born = row(select(func.count()).select_from(Mask).where(Mask.conversation_id.in_(lines)))
    assert len(lines) == 2  # one for the topic's alias, and one for topics that are not begun yet
    assert [one.persona_id for one in said] == [None, None, None]
    assert born
    assert born[0] == 1


def test_what_never_came_in_is_as_before(world: World, group: GroupHere) -> None:
    topic = world.topic(world.person(group))
    new_rules(world, group)
    stranger = world.person(world.group())
    assert reply(stranger, topic, "Hello.").status_code == 404
