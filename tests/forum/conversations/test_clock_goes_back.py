"""R10: a clock that is set back or jumps ahead mixes no conversation up and signs nobody out."""

import pytest

from tests.conftest import Clock
from tests.world import World, conversation_url, text_of


@pytest.mark.parametrize("hours", [-1, 1])
def test_r10_a_clock_an_hour_off_keeps_the_order_and_everybody_signed_in(
    world: World, moment: Clock, hours: int
) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren, body="First of all.")
    world.reply(heron, topic, "Then the second.")
    moment.go(hours=hours)
    world.reply(wren, topic, "And the third.")
    moment.go(hours=-hours)
    world.reply(heron, topic, "Last comes the fourth.")
    for reader in (wren, heron):
        page = text_of(reader.get(conversation_url(topic)))
        places = [page.index(words) for words in ("First of all.", "the second.", "the third.", "the fourth.")]
        assert places == sorted(places)
