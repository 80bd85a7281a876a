"""A page about oneself: what its owner chose to say, and nothing else; behind a hidden name the same for everybody."""

import pytest
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import rows
from forum.base.errors import Invalid
from forum.conversations import choosing, persona_page
from forum.conversations.persona_page import About
from forum.leaving import usecases as leaving
from forum.leaving.usecases import Hidden
from forum.models import PersonaPage, Role
from tests.world import Person, World, post_url, text_of

SAID = {"offers": "I listen well.", "would_like": "Company at night.", "languages": "Welsh", "awake": ["2", "4"]}


def about_me(person: Person) -> str:
    assert person.group
    return f"/g/{person.group.address}/about-me"


def test_a_member_says_something_and_others_read_it_from_a_post(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    post = world.reply(wren, world.topic(wren))
    assert wren.send(about_me(wren), SAID).status_code == 303
    page = heron.get(post_url(post, "author"))
    for words in (wren.name, "I listen well.", "Company at night.", "Welsh", "in the evening", "middle of the night"):
        assert words in text_of(page)
    for door in ("report-person", "worry", "block"):
        assert f'{post_url(post, door)}"' in page.text
    assert f"{post_url(post, 'author')}" in heron.get(post_url(post, "more")).text
    assert "I listen well." in wren.get(about_me(wren)).text


def test_x6_the_page_has_no_posts_dates_or_numbers(world: World, moment: object) -> None:
    group = world.group()
    wren, heron = world.person(group, name="Wren"), world.person(group)
    topic = world.topic(wren, "A title of hers", "Words of hers.")
    post = world.reply(wren, topic, "More words of hers.")
    wren.send(about_me(wren), SAID)
    before = text_of(heron.get(post_url(post, "author")))
    for never in ("A title of hers", "Words of hers", "More words", "20", group.name):
        assert never not in before
    world.reply(wren, topic, "Again.")
    world.moment.go(days=60)
    again = world.signed_in_again(heron)
    assert text_of(again.get(post_url(post, "author"))) == before


def test_saying_nothing_leaves_no_row(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    post = world.reply(wren, world.topic(wren))
    wren.send(about_me(wren), SAID)
    wren.send(about_me(wren), {})
    with world.app.app_context():
        assert not rows(select(PersonaPage.persona_id))
    assert "I listen well." not in text_of(heron.get(post_url(post, "author")))


def test_l1_behind_a_hidden_name_the_page_is_the_same_whoever_wears_it(world: World) -> None:
    group = world.group()
    wren, heron, reader = world.person(group), world.person(group), world.person(group)
    topic = world.topic(reader)
    wren.send(about_me(wren), SAID)
    one, other = (world.reply(author, topic, masked=True) for author in (wren, heron))
    bare = [reader.get(post_url(post, "author")).text.replace(post_url(post, ""), "") for post in (one, other)]
    own = wren.get(post_url(one, "author")).text.replace(post_url(one, ""), "")
    assert without_tokens(bare[0]) == without_tokens(bare[1])
    assert without_tokens(bare[0]) == without_tokens(own)
    assert "This name is hidden" in bare[0]
    assert wren.name not in bare[0]


def without_tokens(html: str) -> list[str]:
    return [line for line in html.splitlines() if "csrf" not in line]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("offers", "Ring me on 07700 900123."),
        ("would_like", "Write to wren@example.org."),
        ("languages", "see https://example.org"),
    ],
)
def test_ways_to_be_reached_are_refused_and_the_words_are_kept(world: World, field: str, words: str) -> None:
    group = world.group()
    wren = world.person(group)
    answer = wren.send(about_me(wren), {**SAID, field: words})
    assert answer.status_code == 422
    assert "Please leave out links" in answer.text
    assert words in answer.text
    assert wren.send(about_me(wren), SAID).status_code == 303


def test_a_word_of_the_groups_list_and_a_long_text_are_refused(world: World) -> None:
    group = world.group()
    world.configure(group, words="marigold")
    wren = world.person(group)
    with world.app.app_context():
        for said in (About(offers="Marigold!"), About(would_like="x" * 501)):
            with pytest.raises(Invalid):
                persona_page.save(wren.actor, group.scope, said)
        persona_page.save(wren.actor, group.scope, About(offers="Roses!"))


def test_sec_s9_what_is_said_is_text(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    post = world.reply(wren, world.topic(wren))
    wren.send(about_me(wren), {"offers": "<script>alert(1)</script> **loud**"})
    page = heron.get(post_url(post, "author")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "**loud**" in page


def test_a_line_about_lived_experience_is_the_teams(world: World) -> None:
    group = world.group()
    wren, lead = world.person(group), world.person(group, Role.FACILITATOR)
    for person in (wren, lead):
        person.send(about_me(person), {"lived": "I was ill for years."})
    topic = world.topic(wren)
    mine, leads = world.reply(wren, topic), world.reply(lead, topic)
    assert "I was ill" not in text_of(lead.get(post_url(mine, "author")))
    assert "I was ill" in text_of(wren.get(post_url(leads, "author")))


def test_blocked_people_and_muted_words_are_put_away_here_too(world: World) -> None:
    group = world.group()
    wren, heron, reader = world.person(group), world.person(group), world.person(group)
    post = world.reply(wren, world.topic(wren))
    wren.send(about_me(wren), SAID)
    with world.app.app_context():
        choosing.mute_word(heron.actor, group.scope.group_id, "company")
        choosing.block_author(reader.actor, post)
    for person, why in ((heron, "a word that you muted"), (reader, "You blocked")):
        text = text_of(person.get(post_url(post, "author")))
        assert why in text
        assert "I listen well." not in text


def test_who_leaves_or_takes_words_back_says_nothing_any_more(world: World) -> None:
    group = world.group()
    wren, heron, reader = world.person(group), world.person(group), world.person(group)
    posts = {person.name: world.reply(person, world.topic(person)) for person in (wren, heron)}
    for person in (wren, heron):
        person.send(about_me(person), SAID)
        assert "I listen well." in text_of(reader.get(post_url(posts[person.name], "author")))
    with world.app.app_context():
        leaving.leave_group(wren.actor, group.scope)
        leaving.take_words_back(heron.actor, group.scope, Hidden.STAY)
    assert "I listen well." not in text_of(reader.get(post_url(posts[wren.name], "author")))
    assert reader.get(post_url(posts[heron.name], "author")).status_code == 403
    with world.app.app_context():
        assert [r.persona_id for r in rows(select(PersonaPage.persona_id))] == [wren.persona_id]
    world.moment.go(days=22)
    with world.app.app_context():
        while jobs.run_due():
            pass
        assert not rows(select(PersonaPage.persona_id))


def test_new_here_is_for_the_team_unless_the_person_shows_it(world: World) -> None:
    group = world.group()
    wren, heron, warden = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    post = world.reply(wren, world.topic(wren))
    assert "new here" in text_of(warden.get(post_url(post, "author")))
    assert "new here" not in text_of(heron.get(post_url(post, "author")))
    wren.send(about_me(wren), {"shows_new": "yes"})
    assert "new here" in text_of(heron.get(post_url(post, "author")))
    world.moment.go(days=30)
    assert "new here" not in text_of(world.signed_in_again(heron).get(post_url(post, "author")))
