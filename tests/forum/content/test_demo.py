"""The demonstration world: whole, plain, and with nobody real in it."""

import re
import shutil

import pytest

from forum.content.crisis import numbers
from forum.content.demo import SHIPPED, WEEKDAYS, DemoGroup, DemoPost, demo_world
from forum.content.reading import ContentError
from tests.plain_words import HIGHEST_GRADE, MOST_WORDS_IN_A_SENTENCE, grade, longest_sentence

WORLD = demo_world()
EACH_GROUP = pytest.mark.parametrize("group", WORLD.groups, ids=lambda group: group.address)


def posts(group: DemoGroup) -> list[DemoPost]:
    return [post for topic in group.topics for post in topic.posts]


def test_there_are_three_groups_of_two_organisations():
    assert len(WORLD.groups) == 3
    assert {group.organisation for group in WORLD.groups} == {organisation.uid for organisation in WORLD.organisations}
    assert len(WORLD.organisations) == 2


@EACH_GROUP
def test_every_screen_has_something_on_it(group):
    assert 10 <= len(group.topics) <= 16
    assert 2 <= len(group.boards) <= 4
    assert {topic.board for topic in group.topics} == {board.uid for board in group.boards}
    assert group.duty
    assert {exception.weekday for exception in group.exceptions} <= {duty.weekday for duty in group.duty}
    assert group.exceptions
    assert any(room.start for room in group.rooms)


@EACH_GROUP
def test_a_group_has_a_facilitator_a_moderator_and_four_to_six_members(group):
    roles = [person.role for person in group.people]
    assert (roles.count("facilitator"), roles.count("moderator")) == (1, 1)
    assert 4 <= roles.count("member") <= 6


@EACH_GROUP
def test_everyone_in_the_group_has_written_something(group):
    assert {post.by for post in posts(group)} == {person.name for person in group.people}


@EACH_GROUP
def test_every_state_of_a_post_can_be_seen(group):
    every = posts(group)
    assert {post.state for post in every} == {"visible", "held", "withdrawn"}
    assert any(post.earlier for post in every)
    assert any(post.masked for post in every)
    assert any(post.answers is not None for post in every)
    assert any(post.lang == "ur" for post in every)
    assert any(len(post.body) >= 600 for post in every)


def test_content_notes_and_marks_can_be_seen():
    posts = [post for group in WORLD.groups for topic in group.topics for post in topic.posts]
    assert {post.mark for post in posts} == {"", "experience", "listening"}
    assert any(post.notes for post in posts)


@EACH_GROUP
def test_a_topic_nobody_answered_is_one_nobody_can_see_yet(group):
    for topic in group.topics:
        assert len(topic.posts) <= 15
        assert len(topic.posts) > 1 or topic.posts[0].state == "held"


@EACH_GROUP
def test_time_runs_forward_within_a_topic(group):
    for topic in group.topics:
        ages = [post.minutes_ago for post in topic.posts]
        assert ages == sorted(ages, reverse=True)
        assert ages[-1] > 0


@EACH_GROUP
def test_nothing_leads_to_a_real_person_or_place(group):
    for post in posts(group):
        for words in (post.body, post.earlier):
            links = re.findall(r"\w+://\S+|www\.\S+", words)
            assert all(link.startswith("https://example.org/") for link in links)
            assert not links or post.state == "held"
            assert "@" not in words
            assert not re.search(r"\d{4,}|\d[\d ]{6,}\d", words)
            assert not re.search(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", words), "a postcode"


def test_no_name_is_used_in_two_groups():
    names = [person.name for group in WORLD.groups for person in group.people]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+", name) for name in names)


def test_urdu_is_written_in_its_own_letters_and_said_to_be_urdu():
    for post in (post for group in WORLD.groups for post in posts(group)):
        assert bool(re.search(r"[\u0600-\u06ff]", post.body)) == (post.lang == "ur")


@EACH_GROUP
def test_the_card_names_every_day_on_which_somebody_is_there(group):
    days = {WEEKDAYS[duty.weekday].capitalize() for duty in group.duty}
    assert days == set(re.findall("|".join(day.capitalize() for day in WEEKDAYS), group.card.hours))


@EACH_GROUP
def test_what_we_say_can_be_read_at_eleven(group):
    card = group.card
    said = [card.benefits, card.for_whom, card.hours, card.facilitator, card.expect]
    said += [board.purpose for board in group.boards] + [exception.reason for exception in group.exceptions]
    assert grade("\n".join(said)) <= HIGHEST_GRADE
    for words in (*said, card.lived_experience):
        assert longest_sentence(words) <= MOST_WORDS_IN_A_SENTENCE


@EACH_GROUP
def test_what_people_say_is_plain_too(group):
    for topic in group.topics:
        english = "\n".join(post.body for post in topic.posts if post.lang == "en")
        assert grade(english) <= HIGHEST_GRADE, topic.title


@EACH_GROUP
def test_newcomers_find_an_example_by_nobody_of_the_group(group):
    assert group.examples
    names = {person.name for person in group.people}
    for example in group.examples:
        assert len(example.voices) >= 2
        assert not names & {name for name, _words in example.voices}
        assert grade("\n".join(words for _name, words in example.voices)) <= HIGHEST_GRADE


def test_the_demonstration_repeats_no_crisis_number():
    """They live in one file; a copy would go stale unseen."""
    said = " ".join(post.body for group in WORLD.groups for post in posts(group))
    assert not [number for number in numbers() if number in said]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("organisations", "Friends (demonstration)", "Friends", "say “.demonstration.” in the name"),
        ("paper-boat", 'organisation = "copper"', 'organisation = "brass"', "organisation: “brass” is not known"),
        ("paper-boat", 'address = "paper-boat"', 'address = "Low mood"', "two neutral words"),
        ("paper-boat", 'time_zone = "Europe/London"', 'time_zone = "Atlantis"', "“Atlantis” is not a time zone"),
        ("paper-boat", 'by = "Small Sparrow"', 'by = "Nobody"', r"topic 1 \(line \d+\), by: “Nobody” is not known"),
        ("paper-boat", "answers = 3", "answers = 9", r"topic 1 \(line \d+\), replies 4, answers: write a whole number"),
        ("paper-boat", "hours_ago = 430", "hours_ago = 1", "this would lie in the future"),
        ("paper-boat", 'end = "22:00"', 'end = "19:00"', "must be later than start"),
        ("paper-boat", 'start = "20:00"', 'start = "8 pm"', "as in .19:00."),
        ("paper-boat", 'name = "Small Sparrow"', 'name = "Blue Sorrel"', "“Blue Sorrel” is there twice"),
        ("paper-boat", "masked = true, answers", "answers", "Windy Harebell writes here both named and masked"),
        ("paper-boat", 'name = "Another Made Up"', 'name = "Small Sparrow"', "Small Sparrow is somebody of the group"),
        ("paper-boat", "weeks_later = 2", "in_weeks = 2", "in_weeks: this word is not known here"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path, file, old, new, told):
    folder = shutil.copytree(SHIPPED, tmp_path / "demo")
    changed = folder / f"{file}.toml"
    shipped = changed.read_text(encoding="utf-8")
    assert old in shipped
    changed.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=told):
        demo_world(folder)
