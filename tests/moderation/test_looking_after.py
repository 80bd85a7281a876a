"""Looking after a topic: each act says why, is undone as easily, and loses no post, no place read, no alias."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from forum.base import jobs
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import (
    board_queries,
    drafts,
    history,
    looking_after,
    markers,
    places,
    queries,
    shelves,
    tending,
    usecases,
)
from forum.conversations.drafts import Kept
from forum.conversations.prepare import Words
from forum.models import Conversation, Mask, MaskOwner, Post, PostState, Restriction, Role
from moderation import usecases as moderation
from moderation.models import Choice
from tests.anonymity.traces import leads_to, listening
from tests.statements import statements
from tests.team_work import end, waiting
from tests.world import Person, World, conversation_url, post_url, text_of

WHY = "So that it is found again."


class Story:
    """A group with two boards, two members, a moderator, and a topic of five posts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.group = world.group(boards=("Say hello", "Hard nights"))
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.topic = world.topic(self.wren, "First topic", "One.")
        self.posts = [world.reply(self.heron, self.topic, f"Number {n}.") for n in range(2, 6)]

    def other_now(self) -> bytes:
        """A topic that is opened without letting any time pass."""
        written = usecases.start_topic(self.heron.actor, self.group.board, "Second topic", Words("Other."), "other")
        return written.conversation_id

    def other(self, title: str = "Second topic") -> bytes:
        return self.world.topic(self.heron, title, "Other words.")


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


def events(conversation_id: bytes) -> list[str]:
    return [event.kind for event in history.list_events(conversation_id)]


def find(conversation_id: bytes, kind: str) -> bytes:
    found = [e.id for e in history.list_events(conversation_id) if e.kind == kind and not e.undone]
    return bytes(found[0])


def standing(conversation_id: bytes) -> list[tuple[int, int]]:
    """Every post of a conversation with its place."""
    found = rows(select(Post.id, Post.seq).where(Post.conversation_id == conversation_id).order_by(Post.seq))
    return [(r.id, r.seq) for r in found]


def counts(conversation_id: bytes) -> tuple[int, int]:
    found = row(select(Conversation.shown_posts, Conversation.last_shown_seq).where(Conversation.id == conversation_id))
    assert found
    return found.shown_posts, found.last_shown_seq


def true_counts(conversation_id: bytes) -> tuple[int, int]:
    posts = rows(select(Post.seq, Post.state, Post.changed_in).where(Post.conversation_id == conversation_id))
    visible = [p for p in posts if p.state is PostState.VISIBLE]
    return len(visible), max((p.seq for p in posts if p.changed_in), default=0)


# --- Who, and why ----------------------------------------------------------------------------------------------------


def test_only_the_team_and_only_with_a_reason(story: Story) -> None:
    with pytest.raises(NotFound):
        looking_after.pin(story.wren.actor, story.topic, True, WHY)
    with pytest.raises(Invalid):
        looking_after.pin(story.owl.actor, story.topic, True, "  ")
    assert events(story.topic) == []
    looking_after.pin(story.owl.actor, story.topic, True, WHY)
    assert events(story.topic) == ["pin"]


def test_members_read_what_was_changed_and_why(story: Story) -> None:
    assert "What the team changed here" not in text_of(story.wren.get(conversation_url(story.topic)))
    looking_after.lock(story.owl.actor, story.topic, True, "It went in circles.")
    assert "What the team changed here" in text_of(story.wren.get(conversation_url(story.topic)))
    page = text_of(story.wren.get(f"{conversation_url(story.topic)}/history"))
    assert "It went in circles." in page
    assert "Owl" not in page
    assert "Undo" not in page
    assert "Owl" in text_of(story.owl.get(f"{conversation_url(story.topic)}/history"))


# --- Pin, close, slow ------------------------------------------------------------------------------------------------


def test_what_is_pinned_stands_first_on_the_first_page_alone(story: Story) -> None:
    story.world.moment.go(hours=1)
    later = [story.other(f"Topic {n}") for n in range(30)]
    looking_after.pin(story.owl.actor, story.topic, True, WHY)
    first = board_queries.list_topics(story.wren.actor, story.group.board)
    assert first[0].id == story.topic
    last = first[board_queries.TOPICS - 1]
    before = board_queries.Before(last.last_activity_hour, last.id)
    second = board_queries.list_topics(story.wren.actor, story.group.board, before)
    shown = [t.id for t in first[: board_queries.TOPICS]] + [t.id for t in second]
    assert sorted(shown) == sorted([story.topic, *later])
    assert "Pinned by the team" in text_of(story.wren.get(f"/b/{write_ident(story.group.board)}"))
    looking_after.undo(story.owl.actor, find(story.topic, "pin"), WHY)
    assert board_queries.list_topics(story.wren.actor, story.group.board)[0].id != story.topic


def test_a_board_has_room_for_three_pins(story: Story) -> None:
    for topic in (story.topic, story.other("Topic A"), story.other("Topic B")):
        looking_after.pin(story.owl.actor, topic, True, WHY)
    with pytest.raises(Invalid):
        looking_after.pin(story.owl.actor, story.other("Topic C"), True, WHY)


def test_a_board_page_with_pins_asks_no_more(story: Story) -> None:
    path = f"/b/{write_ident(story.group.board)}"
    story.wren.get(path)
    with statements() as before:
        story.wren.get(path)
    looking_after.pin(story.owl.actor, story.topic, True, WHY)
    story.wren.get(path)
    with statements() as after:
        story.wren.get(path)
    assert len(after) == len(before)


def test_a_closed_topic_is_read_and_not_answered_until_it_is_opened(story: Story) -> None:
    looking_after.lock(story.owl.actor, story.topic, True, WHY)
    with pytest.raises(NotAllowed):
        usecases.submit_post(story.wren.actor, story.topic, Words("Late."), "late")
    assert story.wren.get(conversation_url(story.topic)).status_code == 200
    looking_after.undo(story.owl.actor, find(story.topic, "lock"), WHY)
    usecases.submit_post(story.wren.actor, story.topic, Words("Late."), "late")


def test_a_slow_topic_binds_the_person_under_name_and_alias(story: Story) -> None:
    looking_after.slow_down(story.owl.actor, story.topic, 15, WHY)
    usecases.submit_post(story.wren.actor, story.topic, Words("Under my name."), "a")
    for masked in (True, False):
        with pytest.raises(Invalid, match="15 more minutes"):
            usecases.submit_post(story.wren.actor, story.topic, Words("And more.", masked=masked), f"b{masked}")
    again = usecases.submit_post(story.wren.actor, story.topic, Words("Under my name."), "a")
    assert again.seq == 6  # the same form sent twice is one post, and no wait
    usecases.submit_post(story.heron.actor, story.topic, Words("Another person."), "c")
    usecases.submit_post(story.owl.actor, story.topic, Words("The team."), "d")
    usecases.submit_post(story.owl.actor, story.topic, Words("The team again."), "e")
    story.world.moment.go(minutes=15)
    usecases.submit_post(story.wren.actor, story.topic, Words("And more.", masked=True), "f")
    with pytest.raises(Invalid):
        usecases.submit_post(story.wren.actor, story.topic, Words("At once."), "g")


def test_a_slow_topic_gives_the_words_back(story: Story) -> None:
    looking_after.slow_down(story.owl.actor, story.topic, 30, WHY)
    where = f"{conversation_url(story.topic)}/posts"
    assert story.wren.send(where, {"body": "The first.", "token": "one"}).status_code == 303
    answer = story.wren.send(where, {"body": "The second one.", "token": "two"})
    assert answer.status_code == 422
    assert "The second one." in text_of(answer)


def test_l26_the_wait_after_an_alias_is_told_to_its_owner_alone(story: Story) -> None:
    """Nothing that others get says that whoever writes under an alias has to wait under their name too."""
    looking_after.slow_down(story.owl.actor, story.topic, 30, WHY)
    page = conversation_url(story.topic)
    where = f"{page}/posts"
    assert story.wren.send(where, {"body": "Hidden.", "masked": "yes", "token": "one"}).status_code == 303
    story.world.settle()
    readers = (story.heron, story.owl)
    before = [text_of(reader.get(page)) for reader in readers]
    refused = story.wren.send(where, {"body": "Under my name.", "token": "two"})
    assert refused.status_code == 422
    assert "more minutes" in text_of(refused)
    assert [text_of(reader.get(page)) for reader in readers] == before
    assert story.heron.send(where, {"body": "Another person.", "token": "three"}).status_code == 303


def test_l24_a_masked_post_in_a_slow_topic_names_nobody(story: Story) -> None:
    looking_after.slow_down(story.owl.actor, story.topic, 15, WHY)
    with listening() as told:
        usecases.submit_post(story.wren.actor, story.topic, Words("Hidden.", masked=True), "a")
    for statement, values in told.statements:
        assert not leads_to(values, story.wren.persona_id, story.wren.account_id or b""), statement
    assert len(rows(select(Restriction.tag))) == 1
    looking_after.undo(story.owl.actor, find(story.topic, "slow"), WHY)
    assert rows(select(Restriction.tag)) == []
    usecases.submit_post(story.wren.actor, story.topic, Words("At once."), "b")


# --- Another board ---------------------------------------------------------------------------------------------------


def test_a_move_says_for_how_many_and_is_undone(story: Story) -> None:
    target = story.group.boards[1]
    page = f"{conversation_url(story.topic)}/look-after"
    asked = story.owl.send(page, {"act": "move", "board": write_ident(target), "reason": WHY})
    assert "Now 3 people can read it. After the move 3 can." in text_of(asked)
    place = places.find_place(story.topic)
    assert place
    assert place.board_id == story.group.board
    story.owl.send(page, {"act": "move", "board": write_ident(target), "reason": WHY, "sure": "yes"})
    place = places.find_place(story.topic)
    assert place
    assert place.board_id == target
    looking_after.undo(story.owl.actor, find(story.topic, "move"), WHY)
    place = places.find_place(story.topic)
    assert place
    assert place.board_id == story.group.board


def test_a_topic_never_leaves_its_group(story: Story) -> None:
    with pytest.raises(Invalid):
        looking_after.move(story.owl.actor, story.topic, story.world.group().board, WHY)
    looking_after.move(story.owl.actor, story.topic, story.group.boards[1], WHY)


# --- Two become one, one becomes two ---------------------------------------------------------------------------------


def test_merging_keeps_every_post_once_and_every_link(story: Story) -> None:
    other = story.other()
    before, there = standing(story.topic), standing(other)
    looking_after.merge(story.owl.actor, story.topic, other, WHY)
    assert standing(story.topic) == []
    assert [p for p, _seq in standing(other)] == [p for p, _seq in [*there, *before]]
    for conversation in (story.topic, other):
        assert counts(conversation) == true_counts(conversation)
    answer = story.wren.get(post_url(story.posts[0]))
    assert conversation_url(other) in answer.headers["Location"]
    old = story.wren.get(conversation_url(story.topic))
    assert "The posts of this topic moved to another topic." in text_of(old)
    assert conversation_url(other) in old.get_data(as_text=True)
    assert "First topic" not in text_of(old), "a title is its author's words, and these went"
    assert story.topic not in [t.id for t in board_queries.list_topics(story.wren.actor, story.group.board)]

    looking_after.undo(story.owl.actor, find(other, "came"), WHY)
    assert (standing(story.topic), standing(other)) == (before, there)
    for conversation in (story.topic, other):
        assert counts(conversation) == true_counts(conversation)
    usecases.submit_post(story.wren.actor, story.topic, Words("It goes on."), "on")
    with pytest.raises(Conflict):
        looking_after.undo(
            story.owl.actor, next(e.id for e in history.list_events(story.topic) if e.kind == "went"), WHY
        )


def test_parting_keeps_every_post_once_and_says_where(story: Story) -> None:
    before = standing(story.topic)
    made = looking_after.split(story.owl.actor, story.posts[1], "A new beginning", WHY)
    assert standing(story.topic) == before[:2]
    assert standing(made) == [(p, n) for n, (p, _seq) in enumerate(before[2:], 1)]
    page = text_of(story.wren.get(conversation_url(story.topic)))
    assert "From post 3 on, the posts moved to another topic." in page
    assert "A new beginning" in text_of(story.wren.get(conversation_url(made)))
    added = story.world.reply(story.wren, made, "Written since.")
    looking_after.undo(story.owl.actor, find(story.topic, "parted"), WHY)
    assert standing(story.topic)[:5] == before
    assert [p for p, _seq in standing(story.topic)][5:] == [added]
    assert standing(made) == []


def test_the_first_post_is_not_parted_from_its_topic(story: Story) -> None:
    first = standing(story.topic)[0][0]
    with pytest.raises(Invalid):
        looking_after.split(story.owl.actor, first, "All of it", WHY)
    looking_after.split(story.owl.actor, story.posts[0], "All but one", WHY)


def test_what_waits_goes_along_and_is_still_decided(story: Story) -> None:
    held = usecases.submit_post(story.wren.actor, story.topic, Words("See https://example.org", masked=True), "held")
    sending = usecases.submit_post(story.heron.actor, story.topic, Words("On its way."), "sending")
    other = story.other_now()
    looking_after.merge(story.owl.actor, story.topic, other, WHY)
    assert {held.id, sending.id} <= {p for p, _seq in standing(other)}
    own = queries.get_row(story.wren.actor, held.id)
    assert own[2], "its author still finds it"
    page = text_of(story.wren.get(conversation_url(other)))
    assert "See https://example.org" in page
    assert "See https://example.org" not in text_of(story.heron.get(conversation_url(other)))
    story.world.settle()
    case = next(c for c in waiting(story.owl.actor, story.group.scope) if c.post_id == held.id)
    end(story.owl.actor, case, Choice.RELEASE)
    assert "See https://example.org" in text_of(story.heron.get(conversation_url(other)))
    assert "On its way." in text_of(story.wren.get(conversation_url(other)))
    assert counts(other) == true_counts(other)


def test_quotes_stay_whole_and_words_taken_back_go_from_them(story: Story) -> None:
    quoting = story.world.reply(story.wren, story.topic, "I answer you.", answers_id=story.posts[0])
    made = looking_after.split(story.owl.actor, quoting, "Answers", WHY)
    assert "Number 2." in text_of(story.wren.get(conversation_url(made)))
    usecases.withdraw_post(story.heron.actor, story.posts[0])
    assert "Number 2." not in text_of(story.wren.get(conversation_url(made)))


def test_quotes_show_nothing_across_boards(story: Story) -> None:
    """The other board may be for fewer people."""
    quoting = story.world.reply(story.wren, story.topic, "I answer you.", answers_id=story.posts[0])
    made = looking_after.split(story.owl.actor, quoting, "Answers", WHY)
    assert "Number 2." in text_of(story.wren.get(conversation_url(made)))
    looking_after.move(story.owl.actor, story.topic, story.group.boards[1], WHY)
    assert "Number 2." not in text_of(story.wren.get(conversation_url(made)))


def test_what_was_read_stays_read(story: Story) -> None:
    other = story.other()
    membership = story.wren.actor.membership_in(story.group.scope.group_id)
    assert membership
    usecases.mark_read(story.wren.actor, story.topic, 5)
    usecases.mark_read(story.wren.actor, other, 1)
    looking_after.merge(story.owl.actor, story.topic, other, WHY)
    jobs.run_due()
    assert markers.find_marker(membership, other) == 6
    looking_after.undo(story.owl.actor, find(other, "came"), WHY)
    made = looking_after.split(story.owl.actor, story.posts[2], "The rest", WHY)
    jobs.run_due()
    assert markers.find_marker(membership, made) == 2


def test_what_was_not_read_stays_new(story: Story) -> None:
    other = story.other()
    membership = story.wren.actor.membership_in(story.group.scope.group_id)
    assert membership
    usecases.mark_read(story.wren.actor, story.topic, 5)
    looking_after.merge(story.owl.actor, story.topic, other, WHY)  # they never opened the other one
    jobs.run_due()
    assert markers.find_marker(membership, other) == 0


def test_unsent_words_go_along_with_a_topic(story: Story) -> None:
    other = story.other()
    drafts.keep_draft(story.wren.actor, story.group.scope.group_id, story.topic, Kept("Not sent yet."))
    looking_after.merge(story.owl.actor, story.topic, other, WHY)
    jobs.run_due()
    assert "Not sent yet." in text_of(story.wren.get(conversation_url(other)))


def test_whoever_follows_a_topic_follows_where_its_posts_go(story: Story) -> None:
    membership = story.wren.actor.membership_in(story.group.scope.group_id)
    assert membership
    shelves.follow(story.wren.actor, story.topic)
    made = looking_after.split(story.owl.actor, story.posts[1], "A new beginning", WHY)
    other = story.other()
    looking_after.merge(story.owl.actor, story.topic, other, WHY)
    jobs.run_due()
    assert set(shelves.list_followed(membership)) == {story.topic, made, other}
    looking_after.undo(story.owl.actor, find(other, "came"), WHY)
    jobs.run_due()
    assert set(shelves.list_followed(membership)) == {story.topic, made, other}


def test_an_open_page_is_told_to_load_anew(story: Story) -> None:
    place = places.find_place(story.topic)
    assert place
    looking_after.split(story.owl.actor, story.posts[1], "A new one", WHY)
    answer = story.wren.get(f"{conversation_url(story.topic)}/changes?after={place.feed_no}")
    assert answer.get_json()["reload"] is True


# --- Aliases ---------------------------------------------------------------------------------------------------------


def mask_of(post_id: int) -> bytes:
    found = row(select(Post.mask_id).where(Post.id == post_id))
    assert found
    assert found.mask_id
    return bytes(found.mask_id)


@pytest.mark.parametrize("act", ["merge", "split"])
def test_l24_after_a_topic_changed_new_words_get_a_new_alias(story: Story, act: str) -> None:
    """Nothing of the new alias leads to the old one: no id, no name, no tag, no seal, no page."""
    old = story.world.reply(story.wren, story.topic, "Hidden before.", masked=True)
    if act == "merge":
        into = story.other()
        looking_after.merge(story.owl.actor, story.topic, into, WHY)
    else:
        into = looking_after.split(story.owl.actor, story.posts[0], "A new one", WHY)
    new = story.world.reply(story.wren, into, "Hidden after.", masked=True)
    other = story.world.reply(story.heron, into, "Hidden too.", masked=True)
    masks_now = {p: mask_of(p) for p in (old, new, other)}
    assert len(set(masks_now.values())) == 3
    aliases = [r.alias for r in rows(select(Mask.alias).where(Mask.id.in_(list(masks_now.values()))))]
    assert len(set(aliases)) == 3
    found = {
        post: row(select(*MaskOwner.__table__.columns).where(MaskOwner.mask_id == mask))
        for post, mask in masks_now.items()
    }
    for column in ("owner_tag", "mask_id", "sealed"):
        values = {bytes(getattr(one, column)) for one in found.values() if one}
        assert len(values) == 3, column
    assert queries.get_row(story.wren.actor, old)[2]
    assert queries.get_row(story.wren.actor, new)[2]
    assert not queries.get_row(story.heron.actor, old)[2]


def test_l15_the_team_sees_the_same_whoever_wore_the_old_alias(world: World, inside: object) -> None:
    """Two worlds, in which another person wore the alias before: what the team reads differs by nothing but names."""
    seen = []
    for author in ("wren", "heron"):
        story = Story(world)
        old = world.reply(getattr(story, author), story.topic, "Hidden before.", masked=True)
        into = story.other_now()
        looking_after.merge(story.owl.actor, story.topic, into, WHY)
        new = world.reply(story.wren, into, "Hidden after.", masked=True)
        page = text_of(story.owl.get(conversation_url(into)))
        for post, word in ((old, "(before)"), (new, "(after)")):
            found = row(select(Mask.alias).where(Mask.id == mask_of(post)))
            assert found
            page = page.replace(found.alias, word)
        assert "(before)" in page
        assert "(after)" in page
        page = re.sub(r"\d\d:\d\d", "(time)", page.replace(story.group.name, "(group)"))
        seen.append(page)
    assert seen[0] == seen[1]


def test_two_people_never_stand_under_one_alias(story: Story) -> None:
    other = story.other()
    mine = story.world.reply(story.wren, story.topic, "Mine.", masked=True)
    theirs = story.world.reply(story.heron, other, "Theirs.", masked=True)
    _name_alike(mask_of(mine), mask_of(theirs))
    looking_after.merge(story.owl.actor, story.topic, other, WHY)
    aliases = [r.alias for r in rows(select(Mask.alias).where(Mask.id.in_([mask_of(mine), mask_of(theirs)])))]
    assert len(set(aliases)) == 2


def _name_alike(one: bytes, other: bytes) -> None:
    with transaction():
        here().execute(update(Mask).where(Mask.id.in_([one, other])).values(alias="Quiet Fern"))


def test_an_author_can_still_take_words_back_that_went_elsewhere(story: Story) -> None:
    hidden = story.world.reply(story.wren, story.topic, "Hidden words.", masked=True)
    other = story.other()
    looking_after.merge(story.owl.actor, story.topic, other, WHY)
    usecases.withdraw_post(story.wren.actor, hidden)
    assert "Hidden words." not in text_of(story.heron.get(conversation_url(other)))
    assert counts(other) == true_counts(other)


def test_a_moderator_decides_about_no_words_of_theirs_that_went_elsewhere(story: Story) -> None:
    hidden = story.world.reply(story.owl, story.topic, "The moderator's own.", masked=True)
    looking_after.merge(story.owl.actor, story.topic, story.other(), WHY)
    with pytest.raises(NotAllowed):
        moderation.hide_post(story.owl.actor, hidden, "Mine. Please write it anew.", "be-kind")


# --- Any order of them ----------------------------------------------------------------------------------------------


STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "undo", "reply"]), st.integers(0, 3), st.integers(0, 3)), max_size=8
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_order_of_merging_and_parting_keeps_every_post_exactly_once(story: Story, steps: list) -> None:
    world, group = story.world, story.world.group()
    owl, wren = world.person(group, Role.MODERATOR), world.person(group)
    topics = [world.topic(wren, f"Topic {n}", "Begun.") for n in range(2)]
    for topic in topics:
        for n in range(3):
            world.reply(wren, topic, f"Words {n}.", masked=n == 1)
    wanted = {p for topic in topics for p, _seq in standing(topic)}
    for what, one, other in steps:
        wanted |= set(_step(world, owl, wren, topics, what, one, other))
        stands = [(t, seq, p) for t in topics for p, seq in standing(t)]
        assert sorted(p for _t, _seq, p in stands) == sorted(wanted)
        assert len({(t, seq) for t, seq, _p in stands}) == len(stands)
        for topic in topics:
            assert counts(topic) == true_counts(topic)


def _step(
    world: World, owl: Person, wren: Person, topics: list[bytes], what: str, one: int, other: int
) -> Iterator[int]:
    topic, into = topics[one % len(topics)], topics[other % len(topics)]
    try:
        if what == "merge":
            looking_after.merge(owl.actor, topic, into, WHY)
        elif what == "split" and len(standing(topic)) > other:
            topics.append(looking_after.split(owl.actor, standing(topic)[other][0], "A part", WHY))
        elif what == "undo":
            kinds = [kind.value for kind in tending.INVERSES]
            found = [e.id for e in history.list_events(topic) if e.kind in kinds and not e.undone]
            if found:
                looking_after.undo(owl.actor, found[0], WHY)
        elif what == "reply":
            yield world.reply(wren, topic, "One more.", masked=bool(other % 2))
    except (Invalid, NotAllowed, Conflict):
        return
