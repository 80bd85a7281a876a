"""C9: words are gone by the shortest promise made when they were written or since, and not before."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import write_ident
from forum.conversations import fading
from forum.conversations import usecases as posting
from forum.leaving import usecases as leaving
from forum.models import Conversation, Post, PostSearch, PostState, PostVersion, PutAway, Role
from forum.policy.bindings import DAYS
from moderation import report_targets, reports
from moderation.models import CaseKind, Evidence
from moderation.reports import Saying
from tests.binding import bind, set_floor
from tests.world import World, conversation_url, text_of


class Scene:
    """A group with two members and somebody of its team."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")

    def keep(self, value: str) -> None:
        """What the rules say of keeping words, from now on."""
        bind(self.group.scope, {"board.retention": value})

    def go(self, days: float) -> None:
        """Days go by, and what is due is let go."""
        self.world.moment.go(days=days)
        fading.let_go_of_due()


@pytest.fixture
def scene(world: World, inside: object) -> Scene:
    return Scene(world)


def body_of(post_id: int) -> str:
    found = row(select(Post.body).where(Post.id == post_id))
    assert found
    return str(found.body)


def copies_of(item: bytes) -> list[bytes]:
    return [bytes(r.sealed) for r in rows(select(Evidence.sealed).where(Evidence.item_id == item))]


def first_of(conversation: bytes) -> int:
    found = row(select(Post.id).where(Post.conversation_id == conversation, Post.seq == 1))
    assert found
    return int(found.id)


# --- Of a group ---


def test_c9_a_topic_goes_so_many_days_after_its_last_answer(scene: Scene) -> None:
    scene.keep("90 days")
    topic = scene.world.topic(scene.wren, "A plum evening", "Plum words of mine.")
    opener = first_of(topic)
    scene.go(60)
    answer = scene.world.reply(scene.heron, topic, "Under an alias.", masked=True)
    scene.go(89)
    assert body_of(opener)
    scene.go(1.1)
    assert not body_of(opener)
    assert not body_of(answer)
    wren = scene.world.signed_in_again(scene.wren)
    page = text_of(wren.get(conversation_url(topic)))
    assert "The time is over for which these words were kept." in page
    assert "Plum" not in page
    assert write_ident(topic) not in wren.get(f"/b/{write_ident(scene.group.board)}").text
    assert not rows(select(PostSearch.post_id).where(PostSearch.post_id == opener))
    found = row(select(Conversation.title).where(Conversation.id == topic))
    assert found is not None
    assert found.title == ""


def test_c9_a_longer_time_chosen_later_keeps_nothing_that_was_to_go(scene: Scene) -> None:
    scene.keep("90 days")
    topic = scene.world.topic(scene.wren)
    scene.keep("keep")
    after = scene.world.reply(scene.heron, topic)
    scene.go(91)
    assert not body_of(first_of(topic))
    assert body_of(after)


def test_c9_a_shorter_time_chosen_later_counts_for_words_of_before(scene: Scene) -> None:
    topic = scene.world.topic(scene.wren)
    scene.go(100)
    assert body_of(first_of(topic))
    scene.keep("1 year")
    scene.go(200)
    assert body_of(first_of(topic))
    scene.keep("90 days")
    fading.let_go_of_due()
    assert not body_of(first_of(topic))


def test_c9_the_organisation_can_ask_for_less(scene: Scene) -> None:
    topic = scene.world.topic(scene.wren)
    set_floor(scene.group.scope, {"board.retention": "1 year"})
    scene.go(360)
    assert body_of(first_of(topic))
    scene.go(6)
    assert not body_of(first_of(topic))


#: What a group may do: keep words for so long from now on, write, or let time pass.
_STEP = st.one_of(
    st.sampled_from(["keep", "2 years", "1 year", "90 days"]), st.just("write"), st.integers(min_value=1, max_value=400)
)


@given(st.lists(_STEP, min_size=1, max_size=6))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_c9_words_are_there_exactly_as_long_as_the_shortest_promise(world: World, inside: object, steps: list) -> None:
    """Each post stands in a topic of its own; the model keeps the shortest time that held since it was written."""
    scene, promise = Scene(world), None
    written: dict[int, tuple[datetime, int | None]] = {}
    for step in steps:
        if step == "write":
            written[first_of(world.topic(scene.wren))] = (world.moment.at, promise)
        elif isinstance(step, int):
            scene.go(step)
        else:
            scene.keep(step)
            promise = DAYS.get(step)
            written = {p: (at, _shorter(kept, promise)) for p, (at, kept) in written.items()}
        fading.let_go_of_due()
        for post_id, (at, kept) in written.items():
            age, hour = world.moment.at - at, timedelta(hours=1)
            if kept is not None and age >= timedelta(days=kept) + hour:
                assert not body_of(post_id)
            elif kept is None or age < timedelta(days=kept) - hour:
                assert body_of(post_id)


def _shorter(one: int | None, other: int | None) -> int | None:
    return min((days for days in (one, other) if days is not None), default=None)


# --- Of one's own words ---


def test_c9_my_words_go_after_the_time_i_chose_and_those_of_others_stay(scene: Scene) -> None:
    topic = scene.world.topic(scene.heron)
    mine = scene.world.reply(scene.wren, topic, "Mine.")
    hidden = scene.world.reply(scene.wren, topic, "Mine as well.", masked=True)
    fading.choose(scene.wren.actor, scene.group.scope, 30)
    scene.go(29)
    assert body_of(mine)
    scene.go(1.1)
    assert not body_of(mine)
    assert body_of(hidden), "words under a hidden name do not go by the clock of a name"
    assert body_of(first_of(topic))


def test_c9_what_i_chose_once_holds_for_what_i_wrote_then(scene: Scene) -> None:
    topic = scene.world.topic(scene.heron)
    fading.choose(scene.wren.actor, scene.group.scope, 30)
    mine = scene.world.reply(scene.wren, topic, "Mine.")
    fading.choose(scene.wren.actor, scene.group.scope, None)
    scene.world.moment.go(days=1)
    later = scene.world.reply(scene.wren, topic, "Mine, later.")
    scene.go(40)
    assert not body_of(mine)
    assert body_of(later)


def test_my_choice_is_mine_alone(scene: Scene) -> None:
    fading.choose(scene.wren.actor, scene.group.scope, 90)
    assert fading.find_own(scene.wren.actor, scene.group.scope.group_id) == 90
    assert fading.find_own(scene.heron.actor, scene.group.scope.group_id) is None
    with pytest.raises(Invalid):
        fading.choose(scene.wren.actor, scene.group.scope, 31)
    stranger = scene.world.person(scene.world.group())
    with pytest.raises(NotFound):
        fading.choose(stranger.actor, scene.group.scope, 90)


def test_c9_words_taken_back_cannot_come_back_after_their_time(scene: Scene) -> None:
    topic = scene.world.topic(scene.heron)
    scene.world.reply(scene.wren, topic, "Mine.")
    fading.choose(scene.wren.actor, scene.group.scope, 30)
    scene.go(25)
    leaving.take_words_back(scene.wren.actor, scene.group.scope, leaving.Hidden.STAY)
    assert row(select(PutAway.tag)) is not None
    scene.go(6)
    assert row(select(PutAway.tag)) is None


# --- What waits for a person, and evidence ---


def test_c9_what_waits_for_the_team_stays_until_somebody_read_it(scene: Scene) -> None:
    topic = scene.world.topic(scene.heron)
    fading.choose(scene.wren.actor, scene.group.scope, 30)
    waits = scene.world.reply(scene.wren, topic, "Read https://example.org first.")
    scene.go(40)
    found = row(select(Post.state, Post.body).where(Post.id == waits))
    assert found
    assert (found.state, bool(found.body)) == (PostState.HELD, True)


def test_c9_what_somebody_reported_goes_and_its_sealed_copy_stays(scene: Scene) -> None:
    topic = scene.world.topic(scene.heron)
    mine = scene.world.reply(scene.wren, topic, "Unkind words of mine.")
    told = lambda now: report_targets.of_post(now, mine)  # noqa: E731
    item = reports.tell(scene.heron.actor, CaseKind.REPORT, told, Saying())
    before = copies_of(item)
    assert before
    fading.choose(scene.wren.actor, scene.group.scope, 30)
    scene.go(40)
    assert not body_of(mine)
    assert copies_of(item) == before


def test_an_edit_and_its_earlier_versions_go_together(scene: Scene) -> None:
    topic = scene.world.topic(scene.heron)
    mine = scene.world.reply(scene.wren, topic, "First words.")
    posting.edit_post(scene.wren.actor, mine, "Second words.", "en")
    assert row(select(PostVersion.id).where(PostVersion.post_id == mine)) is not None
    fading.choose(scene.wren.actor, scene.group.scope, 30)
    scene.go(31)
    assert not body_of(mine)
    assert row(select(PostVersion.id).where(PostVersion.post_id == mine)) is None
