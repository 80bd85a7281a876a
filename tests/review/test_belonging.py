"""Attacks on what members do beside posting: taking words back, telling the team, and what the team does with topics.

Somebody wants to know who wears an alias, or to bring back what was put out of sight, or to keep a report from the team.
"""

import pytest
from sqlalchemy import select

from forum.base import jobs, tagged
from forum.base.db import row, rows
from forum.base.transaction import transaction
from forum.conversations import looking_after, outside, polls
from forum.leaving import steps
from forum.models import Conversation, Persona, Poll, PollAnswer, Post, PostState, Role, Standing
from moderation import queue, report_targets, reports
from moderation.models import TOLD, CaseKind
from moderation.reports import Saying
from tests.world import GroupHere, Person, World, conversation_url, post_url, text_of

WHY = "So that it is found again."


def run_jobs(world: World) -> None:
    with world.app.app_context():
        while jobs.run_due():
            pass


def state_of(world: World, post_id: int) -> PostState:
    with world.app.app_context():
        found = row(select(Post.state).where(Post.id == post_id))
    assert found
    return PostState(found.state)


def title_of(world: World, conversation: bytes) -> str:
    with world.app.app_context():
        found = row(select(Conversation.title).where(Conversation.id == conversation))
    assert found
    return str(found.title)


def address(person: Person) -> str:
    assert person.group
    return person.group.address


def take_back(wren: Person, hidden: str = "apart") -> None:
    assert wren.send(f"/g/{address(wren)}/known", {"hidden": hidden}).status_code == 303


def bring_back(wren: Person) -> None:
    assert wren.send(f"/g/{address(wren)}/going/undo", {"what": "words"}).status_code == 303


def begin_afresh(wren: Person, name: str) -> Person:
    """The same browser as somebody new."""
    answer = wren.send(f"/g/{address(wren)}/known/name", {"own_name": name})
    assert answer.status_code == 303, text_of(answer)
    with wren.world.app.app_context():
        me = wren.actor.memberships[wren.group.scope.group_id]  # type: ignore[union-attr]
    return Person(wren.world, wren.client, me.name, wren.account_id, me.persona_id, wren.group)


def delete_and_take_up_again(world: World, wren: Person) -> Person:
    """Delete the sign-in, sign in again, and undo it."""
    assert wren.send("/going", {"hidden": "stay"}).status_code == 200
    run_jobs(world)
    world.moment.go(hours=3)
    again = world.signed_in_again(wren)
    assert again.send("/going/undo").status_code == 303
    run_jobs(world)
    return again


# --- Taking words back and thinking better of it ---------------------------------------------------------------------


def test_undoing_a_deletion_brings_back_no_words_that_were_out_of_sight_before(world: World) -> None:
    """Somebody who was recognised put their words away. Days later they deleted their sign-in, and thought better of it."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    known = world.reply(wren, topic, "My street and my sister.")
    take_back(wren, "stay")
    world.moment.go(days=3)
    later = world.reply(wren, topic, "Good evening.")
    delete_and_take_up_again(world, wren)
    assert "My street" not in text_of(heron.get(conversation_url(topic)))
    assert state_of(world, known) is PostState.WITHDRAWN
    bring_back(wren := world.signed_in_again(wren))
    assert {state_of(world, post) for post in (known, later)} == {PostState.VISIBLE}, "they still can, by their own tap"


def test_undoing_a_deletion_brings_back_what_it_took(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    said = world.reply(wren, world.topic(heron), "Good evening.")
    delete_and_take_up_again(world, wren)
    assert state_of(world, said) is PostState.VISIBLE


def test_undoing_a_deletion_leads_into_no_group_that_was_left_before(world: World) -> None:
    left, stayed = world.group(), world.group()
    wren = world.person(left)
    there = world.join(wren, stayed)
    assert wren.send(f"/g/{left.address}/going/leave").status_code == 303
    world.moment.go(days=1)
    delete_and_take_up_again(world, wren)
    with world.app.app_context():
        standing = {r.id: r.standing for r in rows(select(Persona.id, Persona.standing))}
    assert standing[wren.persona_id] is Standing.LEFT
    assert standing[there.persona_id] is not Standing.LEFT


def test_words_of_an_old_and_a_new_name_come_back_at_different_hours(world: World) -> None:
    """Whoever watches the topic would see both names' words come back in one minute, and know."""
    group = world.group()
    wren, heron = world.person(group, name="Mossy Heron"), world.person(group)
    topic = world.topic(heron)
    old = world.reply(wren, topic, "As I was.")
    take_back(wren)
    now = begin_afresh(wren, "Tidy Wagtail")
    world.moment.go(days=1)
    new = world.reply(now, topic, "As I am.")
    take_back(now)
    bring_back(now)
    assert state_of(world, new) is PostState.VISIBLE
    assert state_of(world, old) is PostState.WITHDRAWN
    world.moment.go(hours=73)
    run_jobs(world)
    assert state_of(world, old) is PostState.VISIBLE


def test_words_written_after_taking_the_others_back_stay(world: World) -> None:
    """The hour of an alias comes days later. What its wearer wrote since, perhaps a call for help, is not taken away."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    before = world.reply(wren, topic, "My street.", masked=True)
    take_back(wren, "apart")
    since = world.reply(wren, topic, "Somebody found me. Please help.", masked=True)
    for _n in range(73):
        world.moment.go(hours=1)
        run_jobs(world)
    assert state_of(world, before) is PostState.WITHDRAWN
    assert state_of(world, since) is PostState.VISIBLE
    assert "Please help" in text_of(heron.get(conversation_url(topic)))


def test_what_somebody_said_of_themselves_comes_back_with_their_words(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    said = world.reply(wren, world.topic(heron), "Good evening.")
    about = f"/g/{group.address}/about-me"
    assert wren.send(about, {"offers": "A quiet ear", "languages": "Urdu", "awake": "4"}).status_code == 303
    take_back(wren)
    assert "A quiet ear" not in wren.get(about).text
    bring_back(wren)
    page = text_of(heron.get(post_url(said, "author")))
    assert "A quiet ear" in page
    assert "Urdu" in page


def test_what_somebody_says_of_themselves_since_is_not_overwritten(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    said = world.reply(wren, world.topic(heron), "Good evening.")
    about = f"/g/{group.address}/about-me"
    assert wren.send(about, {"offers": "A quiet ear"}).status_code == 303
    take_back(wren)
    assert wren.send(about, {"offers": "Tea and time"}).status_code == 303
    bring_back(wren)
    page = text_of(heron.get(post_url(said, "author")))
    assert "Tea and time" in page
    assert "A quiet ear" not in page


# --- Words not sent yet ----------------------------------------------------------------------------------------------


def test_a_change_that_is_posted_leaves_what_another_device_keeps(world: World) -> None:
    """The phone was in the middle of a long change when the computer sent a short one."""
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "Good evening.")
    computer = world.signed_in_again(wren)
    keep, edit = post_url(said, "draft"), post_url(said, "edit")
    assert wren.send(keep, {"body": "All that happened since.", "page": "phone", "draft": ""}).status_code == 303
    assert computer.send(keep, {"body": "Good morning.", "page": "computer", "draft": ""}).status_code == 303
    sent = computer.send(edit, {"body": "Good morning.", "page": "computer", "draft": "computer"})
    assert sent.status_code == 303
    page = wren.get(edit).text
    assert "All that happened since." in page
    assert computer.send(edit, {"body": "Good night.", "page": "phone", "draft": "phone"}).status_code == 303
    assert "All that happened since." not in wren.get(edit).text


# --- Topics that the team looks after --------------------------------------------------------------------------------


def merged(world: World, group: GroupHere, wren: Person, heron: Person) -> tuple[bytes, bytes, Person]:
    """Two topics, by two members, and somebody of the team."""
    owl = world.person(group, Role.MODERATOR)
    return world.topic(wren, "My sister Ana", "One."), world.topic(heron, "Sleep", "Two."), owl


def merge(world: World, owl: Person, one: bytes, other: bytes) -> None:
    with world.app.app_context():
        looking_after.merge(owl.actor, one, other, WHY)
    run_jobs(world)


def test_words_that_come_back_to_a_merged_topic_leave_its_title_as_it_is(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    hers, his, owl = merged(world, group, wren, heron)
    take_back(wren)
    assert title_of(world, hers) == ""
    merge(world, owl, hers, his)
    bring_back(wren)
    assert title_of(world, his) == "Sleep"
    assert "One." in text_of(heron.get(conversation_url(his)))


def test_a_title_comes_back_to_its_own_topic(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    hers, _his, _owl = merged(world, group, wren, heron)
    take_back(wren)
    bring_back(wren)
    assert title_of(world, hers) == "My sister Ana"


def test_a_title_goes_with_the_words_that_opened_its_topic_wherever_they_stand(world: World) -> None:
    """A topic was merged into another and stands empty. Its title is still its author's words."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    hers, his, owl = merged(world, group, wren, heron)
    merge(world, owl, hers, his)
    assert heron.send(f"{conversation_url(hers)}/follow").status_code == 303
    mine = f"/g/{group.address}/mine"
    take_back(wren)
    for page in (conversation_url(hers), conversation_url(his), f"{conversation_url(his)}/history", mine):
        assert "My sister Ana" not in text_of(heron.get(page))
    assert title_of(world, hers) == ""
    assert title_of(world, his) == "Sleep"


# --- Telling the team ------------------------------------------------------------------------------------------------


def tell(person: Person, post_id: int, words: str = "") -> bytes:
    with person.world.app.app_context():
        look = report_targets.of_post
        return reports.tell(person.actor, CaseKind.REPORT, lambda now: look(now, post_id), Saying(words=words))


def waiting(person: Person) -> list[bytes]:
    assert person.group
    with person.world.app.app_context():
        return [line.id for line in queue.list_open(person.actor, person.group.scope).lines if line.kind in TOLD]


@pytest.mark.parametrize("words", ["", "Owl"])
def test_l15_telling_twice_does_not_tell_whether_an_alias_is_the_only_moderators(world: World, words: str) -> None:
    """What names the whole team leaves it. A second report must not lead somewhere else because of that."""
    same = []
    for of_team in (True, False):
        group = world.group()
        owl = world.person(group, Role.MODERATOR, name="Owl")
        wren, heron = world.person(group), world.person(group)
        post = world.reply(owl if of_team else wren, world.topic(heron), "Under an alias.", masked=True)
        first = tell(heron, post, words)
        second = tell(heron, post, words)
        third = tell(heron, post)
        same.append((first == second, second == third))
    assert same[0] == same[1]


def test_what_is_told_again_reaches_the_organisation_too(world: World, inside: object) -> None:
    group = world.group()
    owl, heron = world.person(group, Role.MODERATOR, name="Owl"), world.person(group)
    post = world.reply(owl, world.topic(heron), "Harsh words.")
    tell(heron, post, "The first time.")
    tell(heron, post, "It goes on.")
    found = outside.list_reports(world.admin(group.scope.organisation_id).device)
    assert "It goes on." in "".join(one.words for one in found)
    assert waiting(owl) == []


def test_nobody_keeps_the_reports_of_others_from_a_moderator(world: World) -> None:
    """An abuser's friend reports first, and names the one moderator who is awake."""
    group = world.group()
    owl, jay = (world.person(group, Role.MODERATOR, name=name) for name in ("Owl", "Jay"))
    wren, heron, friend = world.person(group), world.person(group), world.person(group)
    post = world.reply(wren, world.topic(heron), "Cruel words.")
    tell(friend, post, "Owl is behind this.")
    tell(heron, post, "Please look at this tonight.")
    assert len(waiting(owl)) == 1
    assert len(waiting(jay)) == 2


def test_naming_somebody_in_a_second_report_takes_the_first_from_nobody(world: World) -> None:
    group = world.group()
    owl = world.person(group, Role.MODERATOR, name="Owl")
    world.person(group, Role.MODERATOR, name="Jay")
    wren, heron, friend = world.person(group), world.person(group), world.person(group)
    post = world.reply(wren, world.topic(heron), "Cruel words.")
    item = tell(heron, post, "Please look at this tonight.")
    tell(friend, post, "Owl is behind this.")
    assert waiting(owl) == [item]


def test_a_double_tap_is_one_report_also_if_it_names_somebody(world: World) -> None:
    group = world.group()
    world.person(group, Role.MODERATOR, name="Owl")
    jay = world.person(group, Role.MODERATOR, name="Jay")
    wren, heron = world.person(group), world.person(group)
    post = world.reply(wren, world.topic(heron), "Cruel words.")
    assert tell(heron, post, "Owl knows them.") == tell(heron, post, "Owl knows them.")
    assert len(waiting(jay)) == 1


# --- Polls -----------------------------------------------------------------------------------------------------------


def test_l27_an_outcome_stays_as_it_is_when_somebody_who_answered_is_forgotten(world: World) -> None:
    """One answer less on the day on which somebody's three weeks are over would say what they had chosen."""
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    asking = {"question": "Tea or milk?", "option-0": "Tea", "option-1": "Milk", "days": "1"}
    assert wren.send(f"{conversation_url(topic)}/poll", asking).status_code == 303
    people = [world.person(group) for _n in range(4)]
    for n, person in enumerate(people):
        sent = person.send(f"{conversation_url(topic)}/poll/answer", {"option": str(n % 2)})
        assert sent.status_code == 303
    world.moment.go(days=3)

    def page() -> str:
        return text_of(wren.get(f"{conversation_url(topic)}/poll"))

    before = page()
    assert "2" in before
    with world.app.app_context(), transaction():
        steps.forget_persona(group.scope, people[1].persona_id)
    assert page() == before
    with world.app.app_context():
        assert tagged.find(PollAnswer, group.scope, polls.KIND, (people[1].persona_id, _poll_of(topic))) is None


def _poll_of(topic: bytes) -> bytes:
    found = row(select(Poll.id).where(Poll.conversation_id == topic))
    assert found
    return bytes(found.id)


def test_words_kept_for_a_topic_that_was_closed_can_still_be_copied(world: World) -> None:
    """Half an answer was written when the team closed the topic. Its writer finds all of it, not its beginning."""
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(heron)
    long = " ".join(f"word{n}" for n in range(200))
    assert wren.send(f"{conversation_url(topic)}/posts", {"body": long, "later": "yes"}).status_code == 303
    with world.app.app_context():
        looking_after.lock(owl.actor, topic, True, WHY)
    assert "word199" in wren.get(conversation_url(topic)).text


def test_words_kept_for_a_topic_that_was_merged_are_found_where_it_went(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    one, other, owl = merged(world, group, wren, heron)
    long = " ".join(f"word{n}" for n in range(200))
    for topic, words in ((one, long), (other, "Something short.")):
        assert heron.send(f"{conversation_url(topic)}/posts", {"body": words, "later": "yes"}).status_code == 303
    merge(world, owl, one, other)
    pages = heron.get(conversation_url(one)).text + heron.get(conversation_url(other)).text
    assert "word199" in pages
    assert "Something short." in pages
