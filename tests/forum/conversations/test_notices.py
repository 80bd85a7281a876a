"""News are asked for: each member gets what is new for them, and the database holds nothing that says who was told."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from forum.base.db import db, row
from forum.base.errors import Invalid
from forum.base.idents import write_ident
from forum.conversations import choices, choosing, news_times, notices, shelves, team, usecases
from forum.conversations.choices import NOTHING
from forum.conversations.prepare import Words
from forum.models import Role
from tests.conftest import START, Clock
from tests.statements import statements
from tests.world import GroupHere, Person, World, conversation_url, post_url, text_of


def news_of(person: Person, zone: str = "Europe/London") -> notices.News:
    assert person.group
    with person.world.app.app_context():
        me: Any = person.actor.membership_in(person.group.scope.group_id)
        return notices.find(me, choices.find(me), zone)


def follow(person: Person, topic: bytes) -> None:
    with person.world.app.app_context():
        shelves.follow(person.actor, topic)


def read_all(person: Person, topic: bytes) -> None:
    person.send(f"{conversation_url(topic)}/read", {"seq": "1000"})


def evening(world: World) -> tuple[GroupHere, Person, Person, bytes]:
    group = world.group()
    wren, heron = world.person(group, name="Marsh Wren"), world.person(group, name="Quiet Heron")
    topic = world.topic(wren)
    follow(wren, topic)
    read_all(wren, topic)
    return group, wren, heron, topic


def test_l4_a_followed_conversation_with_answers_is_news_and_ones_own_words_are_not(world: World) -> None:
    _group, wren, heron, topic = evening(world)
    world.reply(wren, topic, "One thing more.")
    world.reply(wren, topic, "And one under an alias.", masked=True)
    assert not news_of(wren).any
    answer = world.reply(heron, topic, "I hear you.")
    assert [one.post_id for one in news_of(wren).followed] == [answer]
    assert news_of(wren).followed[0].author == heron.name
    assert not news_of(heron).any, "who follows nothing gets nothing"
    page = text_of(wren.get("/news"))
    assert "I hear you." in page
    assert "Quiet Heron" in page
    read_all(wren, topic)
    assert not news_of(wren).any


def test_l4_an_alias_stays_an_alias_in_the_news(world: World) -> None:
    _group, wren, heron, topic = evening(world)
    world.reply(heron, topic, "I would rather not say.", masked=True)
    found = news_of(wren).followed
    assert len(found) == 1
    assert heron.name not in found[0].author
    assert heron.name not in text_of(wren.get("/news"))


@pytest.mark.parametrize("masked", [False, True])
def test_l24_publishing_writes_no_row_for_anybody_who_is_to_be_told(world: World, masked: bool) -> None:
    _group, wren, heron, topic = evening(world)
    follow(heron, topic)
    told = ("follow", "bookmark", "reader_choice", "read_marker", "mail_address", "mention")

    def kept() -> dict[str, list[Any]]:
        with world.app.app_context(), db.engine.connect() as connection:
            return {n: sorted(map(tuple, connection.execute(select(db.metadata.tables[n])).all())) for n in told}

    before = kept()
    world.reply(heron, topic, "For all who follow.", masked=masked)
    assert kept() == before
    world.reply(heron, topic, f"And @{wren.name}.", masked=masked)
    after = kept()
    assert [persona for persona, _post in after.pop("mention")] == [wren.persona_id]
    before.pop("mention")
    assert after == before
    assert news_of(wren).followed
    assert news_of(wren).mentions


def test_a_mention_is_news_until_it_is_read_but_not_from_somebody_blocked(world: World) -> None:
    group, wren, heron, _topic = evening(world)
    finch = world.person(group)
    elsewhere = world.topic(heron)
    named = world.reply(finch, elsewhere, "Thank you @Marsh Wren")
    assert [one.post_id for one in news_of(wren).mentions] == [named]
    with world.app.app_context():
        choosing.block_author(wren.actor, named)
    assert not news_of(wren).any
    named = world.reply(heron, elsewhere, "Thank you @Marsh Wren")
    assert [one.post_id for one in news_of(wren).mentions] == [named]
    read_all(wren, elsewhere)
    assert not news_of(wren).any


def test_what_a_reader_put_away_stays_away_in_the_news(world: World) -> None:
    group, wren, heron, topic = evening(world)
    with world.app.app_context():
        choosing.mute_word(wren.actor, group.scope.group_id, "needle")
    world.reply(heron, topic, "The needle hurt.")
    found = news_of(wren).followed
    assert [(one.excerpt, one.title, one.author) for one in found] == [("", "A quiet topic", "")]
    assert "needle" not in text_of(wren.get("/news"))
    with world.app.app_context():
        choosing.block_author(wren.actor, found[0].post_id)
    assert not news_of(wren).any, "words of somebody blocked are no news"


def test_words_with_a_content_note_are_folded_away(world: World) -> None:
    _group, wren, heron, topic = evening(world)
    world.reply(heron, topic, "She died in spring.", notes=1 << 5)
    found = news_of(wren).followed[0]
    assert (found.excerpt, bool(found.title), bool(found.notes)) == ("", True, True)


def test_the_answer_of_the_team_is_news(world: World) -> None:
    group, wren, _heron, _topic = evening(world)
    warden = world.person(group, Role.MODERATOR)
    with world.app.app_context():
        line = team.write_to_team(wren.actor, group.scope, Words("Can somebody help?"), "form").conversation_id
    world.settle()
    assert not news_of(wren).any
    with world.app.app_context():
        usecases.submit_post(warden.actor, line, Words("Yes.", seen=1), "answer")
    world.settle()
    assert len(news_of(wren).answers) == 1
    assert "The team answered you" in text_of(wren.get("/news"))


def test_quiet_time_keeps_the_mark_away_and_folds_the_news(world: World, moment: Clock) -> None:
    group, wren, heron, topic = evening(world)
    world.reply(heron, topic)
    assert "Something is new" in text_of(wren.get(f"/g/{group.address}"))
    assert wren.send(f"/g/{group.address}/news-times", {"quiet_from": "22", "quiet_until": "8"}).status_code == 303
    assert "Something is new" not in text_of(wren.get(f"/g/{group.address}"))
    assert "It is your quiet time until 08:00." in text_of(wren.get("/news"))
    moment.go(hours=7)
    assert "Something is new" in text_of(wren.get(f"/g/{group.address}"))
    assert "It is your quiet time" not in text_of(wren.get("/news"))


def test_news_once_a_day_wait_for_their_hour(world: World, moment: Clock) -> None:
    group, wren, heron, topic = evening(world)
    wren.send(f"/g/{group.address}/news-times", {"daily": "18"})
    world.reply(heron, topic)
    world.reply(heron, topic, "Under an alias, whose time is told by the hour.", masked=True)
    assert not news_of(wren).any
    moment.go(hours=15)
    assert not news_of(wren).any
    moment.go(hours=1)
    assert news_of(wren).any


def test_times_that_make_no_sense_are_refused_in_words(world: World) -> None:
    group, wren, *_rest = evening(world)
    answer = wren.send(f"/g/{group.address}/news-times", {"quiet_from": "22"})
    assert answer.status_code == 422
    assert "when it ends" in text_of(answer)
    with world.app.app_context(), pytest.raises(Invalid):
        news_times.keep(wren.actor, group.scope.group_id, 22, 99, None)


@pytest.mark.parametrize(
    ("first", "last", "hour", "quiet"),
    [(22, 8, 23, True), (22, 8, 7, True), (22, 8, 8, False), (13, 15, 14, True), (13, 15, 15, False), (9, 9, 9, False)],
)
def test_quiet_time_by_the_clock_on_the_wall(first: int, last: int, hour: int, quiet: bool) -> None:
    chosen = replace(NOTHING, quiet_from=first, quiet_until=last)
    assert (news_times.quiet_until(chosen, "UTC", START.replace(hour=hour)) is not None) is quiet


def test_one_tap_marks_all_as_read_and_one_takes_it_back(world: World) -> None:
    group, wren, heron, topic = evening(world)
    elsewhere = world.topic(heron)
    world.reply(heron, topic)
    world.reply(heron, elsewhere, "Thank you @Marsh Wren")
    assert len(news_of(wren).followed) == len(news_of(wren).mentions) == 1
    page = wren.send(f"/g/{group.address}/news/read").get_data(as_text=True)
    assert not news_of(wren).any
    was = page.split('name="was" value="')[1].split('"')[0]
    assert wren.send(f"/g/{group.address}/news/unread", {"was": was}).status_code == 303
    assert len(news_of(wren).followed) == len(news_of(wren).mentions) == 1


def test_sec_s12_news_of_one_person_change_nothing_for_another(world: World) -> None:
    group, wren, heron, topic = evening(world)
    pages = ("/news", f"/g/{group.address}/mine", f"/g/{group.address}/mine/words", conversation_url(topic))

    def seen() -> list[str]:
        return [text_of(heron.get(page)) for page in pages]

    answer = world.reply(heron, topic)
    read_all(heron, topic)
    before = seen()
    wren.send(f"{conversation_url(topic)}/follow")
    wren.send(post_url(answer, "bookmark"))
    wren.send(f"/g/{group.address}/news-times", {"daily": "18"})
    wren.send(f"/g/{group.address}/news/read")
    assert seen() == before


def test_the_number_of_questions_does_not_grow_with_the_news(world: World) -> None:
    _group, wren, heron, topic = evening(world)
    world.reply(heron, topic, "Hello @Marsh Wren")
    wren.get("/news")

    def asked() -> int:
        with world.app.app_context(), statements() as said:
            wren.get("/news")
        return len(said)

    few = asked()
    for _n in range(5):
        other = world.topic(heron)
        follow(wren, other)
        world.reply(heron, other, "Hello @Marsh Wren")
    assert len(news_of(wren).followed) == 6
    assert asked() == few


def test_a_topic_page_offers_to_follow_and_the_page_after_posting_too(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    for masked in ("", "yes"):
        sent = wren.send(
            f"{conversation_url(topic)}/posts", {"body": f"More {masked}", "token": f"t{masked}", "masked": masked}
        )
        page = wren.get(sent.headers["Location"])
        assert "Tell me here when somebody answers" in text_of(page)
        with world.app.app_context():
            assert row(select(func.count()).select_from(db.metadata.tables["follow"]))[0] == 0, "nothing by itself"
    assert f"/c/{write_ident(topic)}/follow" in wren.get(conversation_url(topic)).get_data(as_text=True)
    assert wren.send(f"{conversation_url(topic)}/follow").status_code == 303
    assert "You follow this conversation." in text_of(wren.get(f"{conversation_url(topic)}/follow"))
    assert "Tell me here" not in text_of(wren.get(sent.headers["Location"]))
    wren.send(f"{conversation_url(topic)}/follow", {"do": "stop"})
    assert "You do not follow" in text_of(wren.get(f"{conversation_url(topic)}/follow"))
