"""What the pages before joining promise is what the program keeps."""

import itertools

import pytest

from forum.groups import readers
from forum.groups.readers import Reader, Words
from forum.models import Listing, PostState, Role
from forum.policy.visibility import can_see
from tests.world import World, conversation_url, post_url, text_of


def test_who_reads_is_what_the_rules_say(world: World) -> None:
    group = world.group()
    told = {line.words: set(line.can) for line in readers.list_lines(group.scope)}
    assert told == {
        Words.POSTED: {Reader.YOU, Reader.MEMBERS, Reader.TEAM},
        Words.WAITING: {Reader.YOU, Reader.TEAM},
        Words.EARLIER: {Reader.YOU},
        Words.TO_TEAM: {Reader.YOU, Reader.TEAM},
    }


def test_who_reads_follows_the_rules_when_they_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    group = world.group()
    monkeypatch.setattr(readers, "can_see", lambda actor, *_rest: True)
    told = {line.words: set(line.can) for line in readers.list_lines(group.scope)}
    assert told[Words.WAITING] == set(Reader)


def test_who_reads_is_what_people_get(world: World) -> None:
    """The page's promise, asked of the real pages: a posted and a waiting post, for each kind of person."""
    group = world.group()
    you, other = world.person(group), world.person(group)
    people = {
        Reader.YOU: you,
        Reader.MEMBERS: other,
        Reader.TEAM: world.person(group, Role.MODERATOR),
        Reader.OUTSIDERS: world.person(world.group(), Role.FACILITATOR),
    }
    topic = world.topic(other)
    posts = {Words.POSTED: world.reply(you, topic, "Said plainly.")}
    posts[Words.WAITING] = world.reply(you, topic, "Look at https://example.org/a please.")
    told = {line.words: set(line.can) for line in readers.list_lines(group.scope)}
    for (words, post), (who, person) in itertools.product(posts.items(), people.items()):
        opened = person.get(post_url(post, "more")).status_code == 200
        assert opened == (who in told[words]), (words, who)
    assert "Said plainly." in text_of(people[Reader.TEAM].get(conversation_url(topic)))


def test_the_size_of_a_group_is_said_coarsely(world: World) -> None:
    group = world.group()
    assert [readers.size_class(n) for n in (0, 1, 9, 10, 29, 30, 99, 100, 5_000)] == [0, 1, 1, 10, 10, 30, 30, 100, 100]
    seen = set()
    for _n in range(4):
        world.person(group)
        seen.add(text_of(world.visitor().get(f"/g/{group.address}/who-reads")).split("Words you posted")[0])
    assert len(seen) == 1, "a stranger could watch somebody come"


def test_no_page_before_joining_shows_what_members_wrote(world: World) -> None:
    group = world.group(boards=("Canary board",))
    wren = world.person(group)
    world.topic(wren, "Canary title", "Canary words.")
    world.example(group)
    for page in ("", "/examples", "/inside", "/who-reads", "/paper", "/rules"):
        answer = world.visitor().get(f"/g/{group.address}{page}")
        assert answer.status_code == 200
        for secret in ("Canary", wren.name):
            assert secret not in answer.get_data(as_text=True), page


def test_the_sheet_has_its_address_only_if_it_opens_for_a_stranger(world: World) -> None:
    group = world.group()
    keeper = world.person(group, Role.FACILITATOR)
    there = keeper.get(f"/g/{group.address}/paper").get_data(as_text=True)
    assert f"localhost/g/{group.address}</bdi>" in there
    assert "<svg" in there
    world.configure(group, listing=Listing.UNLISTED)
    hidden = keeper.get(f"/g/{group.address}/paper").get_data(as_text=True)
    assert "localhost/g/" not in hidden
    assert 'class="cg-qr"' not in hidden
    assert "invitation" in hidden


def test_need_31_the_first_visits_tour_can_be_left_at_each_step(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    assert f"/g/{group.address}/tour" in wren.get(f"/g/{group.address}").get_data(as_text=True)
    for step in (1, 2, 3, 99):
        page = wren.get(f"/g/{group.address}/tour?step={step}").get_data(as_text=True)
        assert "Skip this and go to the group" in page
    world.topic(wren)
    assert "New here?" not in text_of(wren.get(f"/g/{group.address}")), "who wrote is not asked again"
    assert f"/g/{group.address}/tour" in wren.get(f"/g/{group.address}").get_data(as_text=True)


def test_need_31_who_wrote_at_once_is_offered_the_tour_after(world: World) -> None:
    """J1 goes past it: from the card to the form to what became of the words."""
    group = world.group()
    wren = world.person(group)
    post = world.reply(wren, world.topic(wren), "Said at once.")
    assert f'href="/g/{group.address}/tour"' in wren.get(post_url(post, "sent")).get_data(as_text=True)


def test_can_see_is_asked_with_the_same_words(world: World) -> None:
    group = world.group()
    people = readers._people(group.scope)
    assert not can_see(people[Reader.OUTSIDERS], group.scope.group_id, PostState.VISIBLE, True, False)


def test_need_15_each_card_leads_to_what_peer_support_is(world: World) -> None:
    stranger = world.visitor()
    assert 'href="/how-to/peer-support"' in stranger.get(f"/g/{world.group().address}").get_data(as_text=True)
    assert "You give and you get." in text_of(stranger.get("/how-to/peer-support"))
