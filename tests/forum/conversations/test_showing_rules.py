"""A rule shown in a topic with one tap; and pages that need an answer to the rules lead to it."""

import re

import pytest

from tests.forum.ground_rules.changing import AFTER_GRACE, change_rules
from tests.world import GroupHere, Person, World, conversation_url, post_url, text_of


@pytest.fixture
def topic(world: World) -> tuple[GroupHere, Person, bytes]:
    group = world.group()
    wren = world.person(group)
    return group, wren, world.topic(wren)


def test_a_member_shows_a_rule_with_one_tap(world: World, topic: tuple[GroupHere, Person, bytes]) -> None:
    group, _wren, ident = topic
    heron = world.person(group)
    assert "Show one of our rules here" in text_of(heron.get(conversation_url(ident)))
    page = heron.get(f"{conversation_url(ident)}/rule")
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token
    form = {"rule": "be-kind", "token": token[1]}
    assert heron.send(f"{conversation_url(ident)}/rule", form).status_code == 303
    assert heron.send(f"{conversation_url(ident)}/rule", form).status_code == 303, "two taps are one post"
    world.settle()
    shown = heron.get(conversation_url(ident))
    found = re.findall(r"<strong>Our rule (\d+): ([^<]+)</strong>", shown.text)
    assert len(found) == 1
    assert found[0][1] in text_of(heron.get(f"/g/{group.address}/rules"))
    assert "<blockquote>" in shown.text
    assert heron.name in text_of(shown)


def test_a_rule_that_is_not_there_cannot_be_shown(topic: tuple[GroupHere, Person, bytes]) -> None:
    _group, wren, ident = topic
    assert wren.send(f"{conversation_url(ident)}/rule", {"rule": "no-such"}).status_code == 404


def test_c7_every_refusal_for_want_of_an_answer_leads_to_the_rules(
    world: World, topic: tuple[GroupHere, Person, bytes]
) -> None:
    group, wren, ident = topic
    heron = world.person(group)
    post = world.reply(wren, ident, "My words.")
    pages = [
        lambda one: one.get(post_url(post, "edit")),
        lambda one: one.get(f"{conversation_url(ident)}/rule"),
        lambda one: one.get(f"/g/{group.address}/rules/propose"),
        lambda one: one.send(
            f"{conversation_url(ident)}/poll", {"question": "When?", "option-0": "a", "option-1": "b", "days": "7"}
        ),
    ]
    for ask in pages:
        assert ask(wren).status_code in (200, 303)
    with world.app.app_context():
        change_rules(group)
    world.moment.go(seconds=AFTER_GRACE.total_seconds())
    for ask in pages:
        answer = ask(wren)
        assert answer.status_code == 403
        assert f'href="/g/{group.address}/rules/agree"' in answer.text
        assert "First the rules" in text_of(answer)
    reacted = heron.send(post_url(post, "react"), {"kind": "1"})
    assert reacted.status_code == 403
    assert f'href="/g/{group.address}/rules/agree"' in reacted.text
    assert "See what changed" in text_of(wren.get(f"/g/{group.address}/rules")), "and there the answer waits"


def test_other_refusals_lead_nowhere(world: World, topic: tuple[GroupHere, Person, bytes]) -> None:
    group, wren, ident = topic
    post = world.reply(wren, ident, "My words.")
    answer = world.person(group).get(post_url(post, "edit"))
    assert answer.status_code in (403, 404)
    assert "/rules/agree" not in answer.text
