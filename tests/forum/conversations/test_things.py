"""What is mine in a group stands on my pages and on nobody else's."""

from forum.conversations import drafts, shelves, usecases
from forum.conversations.drafts import Kept
from forum.leaving import held
from tests.world import World, conversation_url, post_url, text_of


def test_my_words_stand_there_with_hidden_names_marked(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren, body="Under my name.")
    world.reply(wren, topic, "Under another.", masked=True)
    gone = world.reply(wren, topic, "Taken back.")
    world.reply(heron, topic, "Of somebody else.", masked=True)
    with world.app.app_context():
        usecases.withdraw_post(wren.actor, gone)
    page = text_of(wren.get(f"/g/{group.address}/mine/words"))
    assert "Under my name." in page
    assert "Under another." in page
    assert page.count("Under the hidden name") == 1
    assert "Taken back." not in page
    assert "Of somebody else." not in page
    theirs = text_of(heron.get(f"/g/{group.address}/mine/words"))
    assert "Of somebody else." in theirs
    assert "Under another." not in theirs


def test_older_words_stand_on_the_next_page(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren, body="Word 0.")
    for n in range(1, 25):
        world.moment.go(hours=1)
        world.reply(wren, topic, f"Word {n}.")
    first = wren.get(f"/g/{group.address}/mine/words")
    onward = first.get_data(as_text=True).split("words?before=")[1].split('"')[0]
    second = text_of(wren.get(f"/g/{group.address}/mine/words?before={onward}"))
    said = text_of(first)
    assert [f"Word {n}." in said for n in (24, 5, 4)] == [True, True, False]
    assert [f"Word {n}." in second for n in (5, 4, 0)] == [False, True, True]


def test_what_i_follow_and_put_aside_can_be_found_and_let_go(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron, "A long evening")
    post = world.reply(heron, topic, "It helped me to walk.")
    wren.send(f"{conversation_url(topic)}/follow")
    assert wren.send(post_url(post, "bookmark")).status_code == 303
    assert "You put this post aside." in text_of(wren.get(post_url(post, "more")))
    page = wren.get(f"/g/{group.address}/mine")
    assert "A long evening" in text_of(page)
    assert "It helped me to walk." in text_of(page)
    for where, which in (("follows", conversation_url(topic)[3:]), ("bookmarks", post_url(post)[3:])):
        assert wren.send(f"/g/{group.address}/mine/{where}", {"which": which}).status_code == 303
    page = wren.get(f"/g/{group.address}/mine")
    assert "A long evening" not in text_of(page)
    assert "It helped me to walk." not in text_of(page)


def test_words_that_went_leave_a_line_that_can_be_taken_off(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    post = world.reply(heron, world.topic(heron), "It helped me to walk.")
    with world.app.app_context():
        shelves.bookmark(wren.actor, post)
        usecases.withdraw_post(heron.actor, post)
    page = text_of(wren.get(f"/g/{group.address}/mine"))
    assert "It helped me to walk." not in page
    assert "Words that you cannot read now" in page


def test_words_kept_for_later_lead_back_to_their_form(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron)
    with world.app.app_context():
        for place, kept in (
            (group.board, Kept("Half.", title="A bad night", lang="en")),
            (topic, Kept("Answer.", lang="en")),
        ):
            drafts.keep_draft(wren.actor, group.scope.group_id, place, kept)
    page = text_of(wren.get(f"/g/{group.address}/mine"))
    assert "A bad night Half." in page
    assert "An answer Answer." in page
    assert "Half." not in text_of(heron.get(f"/g/{group.address}/mine"))


def test_a_copy_of_what_is_held_names_what_i_follow_and_put_aside(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron, "A title of somebody else")
    post = world.reply(heron, topic, "Words of somebody else.")
    with world.app.app_context():
        shelves.follow(wren.actor, topic)
        shelves.bookmark(wren.actor, post)
        found = held.gather(group.scope, wren.persona_id)["my_things"]
        assert found["conversations_followed"] == [conversation_url(topic)[3:]]
        assert found["posts_put_aside"] == [post_url(post)[3:]]
        assert held.gather(group.scope, heron.persona_id)["my_things"]["posts_put_aside"] == []
    assert "somebody else" not in str(found)
