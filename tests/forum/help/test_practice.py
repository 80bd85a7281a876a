"""The practice corner does with words what a group's page does, and keeps none of them."""

import pytest

from forum.base.text import MAX_ROOM_BODY
from tests.security.dump import dump_of
from tests.world import World, conversation_url, text_of

WORDS = "Canary words with *stress* <script>alert(1)</script>"


def test_what_is_tried_is_shown_by_the_rules_of_posts(world: World) -> None:
    page = world.visitor().send("/practice", {"step": "post", "body": WORDS}).get_data(as_text=True)
    assert "<em>stress</em>" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "Quiet Heron" in page

    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren, body=WORDS)
    assert "<em>stress</em> &lt;script&gt;alert(1)" in wren.get(conversation_url(topic)).get_data(as_text=True)


@pytest.mark.parametrize("step", ["post", "answer", "change", "take_back", "leave"])
def test_nothing_is_kept_of_what_is_tried(world: World, step: str) -> None:
    visitor = world.visitor()
    before = dump_of(world.app)
    answer = visitor.client.post("/practice", base_url="https://localhost", data={"step": step, "body": WORDS})
    assert answer.status_code == 200
    assert dump_of(world.app) == before
    assert "Set-Cookie" not in answer.headers


def test_a_hidden_name_a_quote_and_words_taken_back(world: World) -> None:
    visitor = world.visitor()
    hidden = text_of(visitor.send("/practice", {"step": "post", "body": "Said once.", "masked": "yes"}))
    assert "Others see Someone (Slate)" in hidden
    answered = visitor.send("/practice", {"step": "answer", "body": "Said once."}).get_data(as_text=True)
    assert "<blockquote" in answered
    assert "Kind Willow" in answered
    taken = visitor.send("/practice", {"step": "take_back", "body": "Said once."})
    assert "Said once." not in text_of(taken)
    assert "The author took this post back." in text_of(taken)
    assert "You would be gone now" in text_of(visitor.send("/practice", {"step": "leave"}))


@pytest.mark.parametrize("words", ["", "x" * (MAX_ROOM_BODY + 1)])
def test_refused_words_come_back_with_what_to_do(world: World, words: str) -> None:
    answer = world.visitor().send("/practice", {"step": "post", "body": words})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert "Something needs changing" in text_of(answer)
