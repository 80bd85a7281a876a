"""What people read around posts: what happens to their words, when somebody will look, what is new."""

import re
from io import BytesIO

from forum.base.idents import write_ident, write_post_id
from forum.conversations import usecases
from tests.world import World, conversation_url, post_url, sent_post, text_of


def test_a_group_that_holds_newcomers_says_what_it_costs_before_the_post(world: World) -> None:
    group = world.group()
    world.on_duty(group, 0, "19:00", "21:00")
    wren = world.person(group)
    form = f"/b/{write_ident(group.board)}/write"
    assert "reads your first post" not in text_of(wren.get(form))

    world.configure(group, hold_newcomers=True)
    page = text_of(wren.get(form))
    assert "Someone from the team reads your first post before the group does." in page
    assert "The next person looks today at 19:00." in page

    answer = wren.send(form, {"title": "Hello", "body": "My first words.", "token": "t"})
    after = text_of(wren.get(answer.headers["Location"]))
    assert "A person from the team reads them first." in after
    assert "The next person looks today at 19:00." in after
    assert "reads your first post" in text_of(wren.get(form)), "nobody has read the first one yet"


def test_a_group_that_holds_aliases_with_newcomers_says_so_to_those_who_are_none(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    said = "If you hide your name, someone from the team reads your post before the group does."
    assert said not in text_of(wren.get(conversation_url(topic)))
    world.configure(group, hold_newcomers=True)
    for path in (conversation_url(topic), f"/b/{write_ident(group.board)}/write"):
        assert said in text_of(wren.get(path))
        assert "reads your first post" not in text_of(wren.get(path))


def test_every_earlier_version_can_be_erased_by_its_author_also_the_oldest(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    said = world.reply(wren, world.topic(heron), "Words number 0.")
    with world.app.app_context():
        for n in range(1, 25):
            usecases.edit_post(wren.actor, said, f"Words number {n}.", "en")
    page = wren.get(post_url(said, "more"))
    assert "Words number 4." in text_of(page)
    assert "Words number 3." not in text_of(page)
    older = re.search(r'href="([^"]+before=\d+)"', page.get_data(as_text=True))
    assert older
    page = wren.get(older[1])
    assert "Words number 0." in text_of(page)
    assert "Words number 4." not in text_of(page)
    assert "Older words of mine" not in text_of(page)

    erase = re.findall(r'action="(/p/[a-z2-7]+/versions/[a-z2-7]+/erase)"', page.get_data(as_text=True))[-1]
    assert heron.send(erase).status_code == 404
    assert wren.send(erase).status_code == 303
    assert "Words number 0." not in text_of(wren.get(older[1]))
    assert "Words number 1." in text_of(wren.get(older[1]))
    assert "Words number 1." not in text_of(heron.get(f"{post_url(said, 'more')}?before=9"))


def test_reading_goes_on_where_it_stopped(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    for n in range(24):
        world.reply(wren, topic, f"Thought number {n}.")
    heron.send(f"{conversation_url(topic)}/read", {"seq": "21"})

    page = heron.get(conversation_url(topic))
    text = text_of(page)
    assert "You were here" in text
    assert "Thought number 20." in text
    assert "Thought number 3." not in text
    assert text.index("You were here") < text.index("Thought number 20.")
    first = text_of(heron.get(f"{conversation_url(topic)}?page=1"))
    assert "Thought number 3." in first


def test_a_board_says_what_is_new_in_words(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    world.reply(wren, topic)
    board = f"/b/{write_ident(group.board)}"
    before = text_of(heron.get(board))
    heron.send(f"{conversation_url(topic)}/read", {"seq": "2"})
    after = text_of(heron.get(board))
    assert "New" in before
    assert before != after


def test_changes_tell_what_was_missed_and_no_more(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "Before.")
    url = f"{conversation_url(topic)}/changes"
    at_first = heron.get(f"{url}?after=0").get_json()
    assert [c["seq"] for c in at_first["changes"]] == [1, 2]
    assert heron.get(f"{url}?after={at_first['to']}").get_json() == {"to": at_first["to"], "changes": []}

    answer = wren.send(f"/p/{at_first['changes'][1]['post']}/withdraw")
    assert answer.status_code == 303
    later = heron.get(f"{url}?after={at_first['to']}").get_json()
    assert [c["seq"] for c in later["changes"]] == [2]
    assert "Before." not in later["changes"][0]["html"]
    assert said


def test_what_i_wrote_waits_for_me_on_the_page_and_for_nobody_else(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    answer = wren.send(f"{conversation_url(topic)}/posts", {"body": "Soon to be read.", "token": "t"})
    assert sent_post(answer)
    assert "Soon to be read." in text_of(wren.get(conversation_url(topic)))
    assert "Soon to be read." not in text_of(heron.get(conversation_url(topic)))
    world.moment.go(seconds=11)
    assert "Soon to be read." in text_of(heron.get(conversation_url(topic))), "the next request publishes"


def test_a_refused_post_keeps_every_word_on_the_screen(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    long = "word " * 4_001
    answer = wren.send(f"{conversation_url(topic)}/posts", {"body": long, "token": "t"})
    assert answer.status_code == 422
    assert long.strip() in answer.get_data(as_text=True)
    assert "Error:" in answer.get_data(as_text=True).split("</title>")[0]


def test_a_quote_shows_its_source_as_it_now_may_be_seen(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren, body="The words to quote.")
    first = world.reply(heron, topic, "Another thought.")
    world.reply(heron, topic, "An answer.", answers_id=first)
    assert text_of(wren.get(conversation_url(topic))).count("Another thought.") == 2
    heron.send(f"/p/{_ref(first)}/edit", {"body": "A changed thought."})
    page = text_of(wren.get(conversation_url(topic)))
    assert "Another thought." not in page
    assert page.count("A changed thought.") == 2
    heron.send(f"/p/{_ref(first)}/withdraw")
    assert "A changed thought." not in text_of(wren.get(conversation_url(topic)))


def _ref(post_id: int) -> str:
    return write_post_id(post_id)


def test_sec_s13_l9_a_file_in_a_form_is_refused_kindly_and_no_word_is_lost(world: World) -> None:
    """Browsers send none from our pages; a program that fills in forms, or an add-on, may."""
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    post = post_url(world.reply(wren, topic, "As it was."), "edit")
    for path in (f"{conversation_url(topic)}/posts", f"/b/{write_ident(group.board)}/write", post):
        words = {"body": "Look at her", "title": "My cat", "token": path[-9:]}
        with_file = {**words, "picture": (BytesIO(b"\x89PNG"), "cat.png")}
        answer = wren.send(path, with_file, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert "Look at her</textarea>" in answer.get_data(as_text=True)
        assert "You can say in words what the picture shows." in text_of(answer)
        empty = {**words, "picture": (BytesIO(b""), "")}
        assert wren.send(path, empty, content_type="multipart/form-data").status_code == 303
