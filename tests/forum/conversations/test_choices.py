"""What a reader chose: kept sealed in one size, applied to every page of words, and nobody else's business."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base import keyring
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.keyring import Purpose, the_keyring
from forum.conversations import choices, choosing, team, usecases
from forum.conversations.choices import MOST_BLOCKED, MOST_WORDS, NOTHING, SIZE, Choices, Treatment
from forum.conversations.prepare import Meant, Words
from forum.groups import own_notes
from forum.models import Mask, Persona, Post, PostMark, PostVersion, ReaderChoice, Role
from tests.statements import statements
from tests.world import GroupHere, Person, World, conversation_url, post_url, text_of

LOSS, MEDICAL = 5, 7


def words_on(reader: Person, path: str) -> str:
    """A page as this reader gets it, twice: the second time from memory, if memory may answer."""
    first, again = text_of(reader.get(path)), text_of(reader.get(path))
    assert first == again
    return first


def changes(reader: Person, topic: bytes) -> str:
    """Everything that the changes of a topic say."""
    answer = reader.get(f"{conversation_url(topic)}/changes?after=0")
    assert answer.status_code == 200
    return json.dumps(answer.json, ensure_ascii=False)


def everywhere(reader: Person, topic: bytes) -> str:
    """What a reader gets of a topic on its page, among its changes and on its board."""
    assert reader.group
    board = f"/b/{write_ident(reader.group.board)}"
    return words_on(reader, conversation_url(topic)) + changes(reader, topic) + words_on(reader, board)


# --- Keeping ---


def test_everybodys_choices_have_one_size_and_lead_to_nobody(world: World, inside: Flask) -> None:
    group = world.group()
    wren, heron, robin = (world.person(group) for _ in range(3))
    post = world.reply(wren, world.topic(wren))
    group_id = group.scope.group_id
    choosing.block_author(heron.actor, post)
    for n in range(MOST_WORDS):
        choosing.mute_word(robin.actor, group_id, chr(0x3400 + n) * choices.MOST_LETTERS)
    found = rows(select(ReaderChoice.tag, ReaderChoice.sealed))
    assert len(found) == 2
    assert len({len(r.sealed) for r in found}) == 1
    for r in found:
        for ident in (wren.persona_id, heron.persona_id, robin.persona_id, heron.account_id or b""):
            assert ident not in r.tag + r.sealed


def test_the_largest_choices_fit_and_one_more_is_refused(world: World, inside: Flask) -> None:
    group = world.group()
    wren = world.person(group)
    words = tuple(chr(0x3400 + n) * choices.MOST_LETTERS for n in range(MOST_WORDS))
    full = Choices(words=words, blocked=frozenset(n.to_bytes(16) for n in range(MOST_BLOCKED)))
    assert len(choices._pack(full)) == SIZE
    group_id = group.scope.group_id
    choices.keep(wren.actor, group_id, lambda _chosen: full)
    assert choices.find(wren.actor.membership_in(group_id)) == full
    with pytest.raises(Invalid):
        choosing.mute_word(wren.actor, group_id, "another")


def test_choosing_nothing_any_more_leaves_no_row(world: World, inside: Flask) -> None:
    group = world.group()
    wren = world.person(group)
    choosing.mute_word(wren.actor, group.scope.group_id, "needle")
    assert rows(select(ReaderChoice.tag))
    choosing.unmute_word(wren.actor, group.scope.group_id, "NEEDLE")
    assert rows(select(ReaderChoice.tag)) == []
    assert choices.find(wren.actor.membership_in(group.scope.group_id)) == NOTHING


def test_choices_are_found_under_the_key_before_and_the_new_one(world: World, inside: Flask) -> None:
    group = world.group()
    wren = world.person(group)
    choosing.mute_word(wren.actor, group.scope.group_id, "needle")
    keyring.use(the_keyring().rotated(Purpose.TAG).rotated(Purpose.SEAL))
    assert choices.find(wren.actor.membership_in(group.scope.group_id)).words == ("needle",)


def test_fields_of_another_program_are_left_out() -> None:
    packed = choices._pack(Choices(hidden=3, words=("a",)))
    newer = json.dumps(json.loads(packed) | {"of_tomorrow": 1}).encode()
    assert choices._unpack(newer) == Choices(hidden=3, words=("a",))


# --- Muted words ---


@pytest.mark.parametrize(
    ("muted", "text", "found"),
    [
        ("needle", "The NEEDLE hurt.", True),
        ("needle", "Needles hurt.", False),
        ("néedle", "a needle", True),
        ("hospital food", "The hospital  food, again", True),
        ("hospital food", "Hospital and food", False),
        ("ہسپتال", "میں هسپتال میں ہوں", True),
        ("कि", "किस", False),
        ("कि", "उसने कहा कि हाँ", True),
        ("薬", "私は薬を飲む", True),
        ("it's", "IT’S done".replace("’", "'"), True),
        ("c", "c++", True),
    ],
)
def test_a_muted_word_is_found_whole_in_any_script(muted: str, text: str, found: bool) -> None:
    assert Choices(words=(muted,)).mutes(text) is found


@pytest.mark.parametrize("typed", ["", "   ", "…!", "a" * 31])
def test_what_is_no_word_is_refused(world: World, inside: Flask, typed: str) -> None:
    group = world.group()
    wren = world.person(group)
    with pytest.raises(Invalid):
        choosing.mute_word(wren.actor, group.scope.group_id, typed)


def test_treat_says_the_strongest_reason() -> None:
    chosen = Choices(expanded=1, hidden=2, blocked=frozenset({b"wren"}), words=("needle",))
    assert chosen.treat(b"wren", 3, "needle") is Treatment.BLOCKED
    assert chosen.treat(b"heron", 3, "needle") is Treatment.HIDDEN
    assert chosen.treat(b"heron", 1, "needle") is Treatment.WORD
    assert chosen.treat(b"heron", 4, "thread") is Treatment.NOTE
    assert chosen.treat(b"heron", 1, "thread") is None
    assert NOTHING.treat(b"wren", 0, "needle") is None


# --- Pages ---


@pytest.fixture
def told(world: World) -> tuple[GroupHere, Person, Person, Person, bytes]:
    """A topic of three people: wren opens it, heron answers; the reader has read nothing."""
    group = world.group()
    wren, heron, reader = (world.person(group) for _ in range(3))
    topic = world.topic(wren, "A long winter", "The first words.")
    return group, wren, heron, reader, topic


Told = tuple[GroupHere, Person, Person, Person, bytes]


def test_a_content_note_folds_a_post_and_travels_to_its_quote(world: World, told: Told) -> None:
    _group, wren, heron, reader, topic = told
    noted = world.reply(wren, topic, "She died in spring.", notes=1 << LOSS)
    world.reply(heron, topic, "I hear you.", answers_id=noted)
    page = reader.get(conversation_url(topic)).text
    assert re.search(r"<details[^>]*cg-fold.*Death or loss.*She died in spring", page, re.S)
    assert page.count("She died in spring.") == 1, "the quote says what it is about, and not the words"
    assert page.count("Content note: Death or loss.") == 2


def test_who_wants_a_class_open_gets_it_open_and_quoted(world: World, told: Told, app: Flask) -> None:
    group, wren, heron, reader, topic = told
    noted = world.reply(wren, topic, "She died in spring.", notes=1 << LOSS)
    world.reply(heron, topic, "I hear you.", answers_id=noted)
    reader.send(f"/g/{group.address}/my-reading/notes", {f"class-{LOSS}": "expand"})
    page = reader.get(conversation_url(topic)).text
    assert "cg-fold" not in page
    assert page.count("She died in spring.") == 2


def test_a_class_put_away_leaks_no_word_on_any_surface(world: World, told: Told) -> None:
    group, wren, heron, reader, topic = told
    noted = world.reply(wren, topic, "She died in spring.", notes=1 << LOSS | 1 << MEDICAL)
    world.reply(heron, topic, "I hear you.", answers_id=noted)
    opened = world.topic(heron, "The funeral", "We went there.", notes=1 << LOSS)
    for here in (topic, opened):
        assert any(said in everywhere(reader, here) for said in ("She died in spring", "The funeral"))
    reader.send(f"/g/{group.address}/my-reading/notes", {f"class-{LOSS}": "hide"})
    for here in (topic, opened):
        got = everywhere(reader, here) + text_of(reader.get(post_url(noted, "more")))
        assert "She died" not in got
        assert "funeral" not in got
        assert "We went" not in got
        assert "You put this away. It is about: Death or loss" in got
    assert "She died in spring." in text_of(reader.get(post_url(noted, "once")))
    assert "She died in spring." in everywhere(heron, topic), "others chose nothing"


def test_the_title_goes_on_every_page_of_a_topic(world: World, told: Told) -> None:
    group, wren, heron, reader, _topic = told
    opened = world.topic(heron, "The funeral", "We went there.", notes=1 << LOSS)
    for n in range(21):
        world.reply(wren, opened, f"Answer {n}.")
    url = conversation_url(opened)
    assert "The funeral" in words_on(reader, f"{url}?page=2")
    reader.send(f"/g/{group.address}/my-reading/notes", {f"class-{LOSS}": "hide"})
    for page in (1, 2):
        assert "funeral" not in words_on(reader, f"{url}?page={page}")


def test_a_muted_word_puts_away_posts_quotes_and_titles(world: World, told: Told) -> None:
    group, wren, heron, reader, topic = told
    said = world.reply(wren, topic, "The *needle* hurt.")
    world.reply(heron, topic, "I hear you.", answers_id=said)
    opened = world.topic(heron, "My needle", "Nothing bad in here.")
    assert "needle" in everywhere(reader, topic)
    reader.send(f"/g/{group.address}/my-reading/words", {"word": "Needle"})
    assert "needle" not in everywhere(reader, topic)
    assert "needle" not in everywhere(reader, opened)
    assert "Nothing bad in here." in everywhere(reader, opened)
    assert "I hear you." in everywhere(reader, topic)


def test_a_title_goes_with_its_opener_wherever_topics_are_listed(world: World, told: Told) -> None:
    group, wren, heron, reader, _topic = told
    opened = world.topic(heron, "The funeral", "We went there.")
    answer = world.reply(wren, opened, "I hear you.")
    reader.send(f"{conversation_url(opened)}/follow", {})
    reader.send(post_url(answer, "bookmark"), {})
    world.reply(wren, opened, "Still here.")
    lists = (f"/g/{group.address}/catch-up", f"/g/{group.address}/mine", "/news", f"/b/{write_ident(group.board)}")
    for page in lists:
        assert "The funeral" in text_of(reader.get(page)), page
    choose = f"/g/{group.address}/my-reading/words"
    reader.send(choose, {"word": "funeral"})
    for page in lists:
        assert "funeral" not in text_of(reader.get(page)), page
    reader.send(f"{choose}/undo", {"word": "funeral"})
    with world.app.app_context():
        choosing.block_author(reader.actor, read_post_of(opened))
    for page in lists:
        assert "funeral" not in text_of(reader.get(page)), page
        assert heron.name not in text_of(reader.get(page)), page


def read_post_of(topic: bytes) -> int:
    """The post that opened a topic. Needs an application context."""
    return int(rows(select(Post.id).where(Post.conversation_id == topic, Post.seq == 1))[0].id)


def test_my_own_words_stay_open_to_me_whatever_i_chose(world: World, told: Told) -> None:
    group, _wren, heron, reader, topic = told
    named = world.reply(reader, topic, "My needle.", notes=1 << LOSS)
    world.reply(reader, topic, "My other needle.", masked=True)
    world.reply(heron, topic, "I hear you.", answers_id=named)
    reader.send(f"/g/{group.address}/my-reading/words", {"word": "needle"})
    reader.send(f"/g/{group.address}/my-reading/notes", {f"class-{LOSS}": "hide"})
    page = words_on(reader, conversation_url(topic))
    assert "My needle." in page
    assert "My other needle." in page


# --- Blocking ---


def test_blocking_a_name_puts_away_all_words_under_it(world: World, told: Told) -> None:
    group, wren, heron, reader, topic = told
    said = world.reply(heron, topic, "The second words.")
    world.reply(wren, topic, "I hear you.", answers_id=said)
    elsewhere = world.topic(heron, "Herons only", "More of them.")
    answer = reader.send(post_url(said, "block"))
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/g/{group.address}/my-reading?done=blocked")
    for here in (topic, elsewhere):
        got = everywhere(reader, here)
        for word in ("second words", "More of them", "Herons only", heron.name):
            assert word not in got
        assert "You blocked who wrote this." in got
    assert "I hear you." in everywhere(reader, topic)


def test_l16_blocking_a_name_blocks_no_alias_of_theirs_and_the_other_way_round(world: World, told: Told) -> None:
    group, _wren, heron, reader, topic = told
    named = world.reply(heron, topic, "Under my name.")
    masked = world.reply(heron, topic, "Under an alias.", masked=True)
    other_topic = world.topic(heron, "Another", "Under another alias.", masked=True)
    reader.send(post_url(named, "block"))
    assert "Under my name." not in everywhere(reader, topic)
    assert "Under an alias." in everywhere(reader, topic)
    assert "Under another alias." in everywhere(reader, other_topic)
    mine = reader.get(f"/g/{group.address}/my-reading").text
    found = re.search(r'name="who" value="([0-9a-f]+)"', mine)
    assert found
    reader.send(f"/g/{group.address}/my-reading/people/undo", {"who": found[1]})
    reader.send(post_url(masked, "block"))
    assert "Under my name." in everywhere(reader, topic)
    assert "Under an alias." not in everywhere(reader, topic)
    assert "Under another alias." in everywhere(reader, other_topic)


def test_blocking_changes_no_byte_of_anybody_else(world: World, told: Told) -> None:
    group, _wren, heron, reader, topic = told
    owl = world.person(group, Role.MODERATOR)
    said = world.reply(heron, topic, "The second words.")
    paths = [conversation_url(topic), f"{conversation_url(topic)}/changes?after=0", f"/b/{write_ident(group.board)}"]
    paths += [post_url(said, "more"), f"/g/{group.address}/my-reading", f"/g/{group.address}"]

    def got() -> list[list[bytes]]:
        return [[_settled(one.get(path).data) for path in paths] for one in (heron, owl)]

    before = got()
    assert reader.send(post_url(said, "block")).status_code == 303
    assert got() == before


def _settled(page: bytes) -> bytes:
    """A page without the tokens that each answer has its own of."""
    return re.sub(rb'(name="(csrf_token|token)" value=")[^"]*', rb"\1", page)


def test_two_readers_find_no_common_sign_for_whom_they_blocked(world: World, told: Told) -> None:
    group, wren, heron, reader, topic = told
    said = world.reply(heron, topic, "Under an alias.", masked=True)
    handles = []
    for one in (wren, reader):
        one.send(post_url(said, "block"))
        page = one.get(f"/g/{group.address}/my-reading").text
        handles += re.findall(r'name="who" value="([0-9a-f]+)"', page)
    assert len(set(handles)) == 2
    with world.app.app_context():
        ids = [r.id.hex() for r in rows(select(Mask.id))] + [r.id.hex() for r in rows(select(Persona.id))]
    assert not set(handles) & set(ids)


def test_nobody_blocks_themselves_and_others_can(world: World, told: Told, inside: Flask) -> None:
    _group, _wren, heron, reader, topic = told
    for masked in (False, True):
        said = world.reply(heron, topic, f"Words {masked}.", masked=masked)
        with pytest.raises(NotAllowed):
            choosing.block_author(heron.actor, said)
        choosing.block_author(reader.actor, said)


def test_a_blocked_facilitator_still_reaches_one_in_the_line_to_the_team(world: World, told: Told) -> None:
    group, _wren, _heron, reader, topic = told
    owl = world.person(group, Role.FACILITATOR)
    said = world.reply(owl, topic, "A word from the team.")
    reader.send(post_url(said, "block"))
    with world.app.app_context():
        asked = team.write_to_team(reader.actor, group.scope, Words("Can somebody help me?"), "a" * 26)
    world.settle()
    with world.app.app_context():
        usecases.submit_post(owl.actor, asked.conversation_id, Words("Yes, we can.", seen=1), "b" * 26)
    world.settle()
    assert "A word from the team." not in everywhere(reader, topic)
    assert "Yes, we can." in text_of(reader.get(f"/line/{write_ident(asked.conversation_id)}"))


# --- Notes by authors and by the team ---


def test_the_team_notes_a_post_without_touching_its_words(world: World, told: Told) -> None:
    group, _wren, heron, reader, topic = told
    owl = world.person(group, Role.MODERATOR)
    said = world.reply(heron, topic, "She died in spring.")
    before = reader.get(f"{conversation_url(topic)}/changes?after=0").json
    assert before
    assert owl.send(post_url(said, "notes"), {"note": str(LOSS)}).status_code == 303
    after = reader.get(f"{conversation_url(topic)}/changes?after={before['to']}").json
    assert after
    assert "Content note: Death or loss." in after["changes"][0]["html"]
    assert "changed later" not in after["changes"][0]["html"]
    assert "The team changed the content note of your post." in text_of(heron.get(post_url(said, "more")))
    assert "The team changed" not in text_of(reader.get(post_url(said, "more")))
    with world.app.app_context():
        assert rows(select(PostVersion.id)) == []
    owl.send(post_url(said, "notes"), {})
    assert "Content note" not in text_of(reader.get(conversation_url(topic)))


def test_an_author_changes_notes_and_mark_with_their_words(world: World, told: Told) -> None:
    _group, _wren, heron, reader, topic = told
    said = world.reply(heron, topic, "She died in spring.", notes=1 << LOSS, mark=PostMark.LISTENING)
    form = heron.get(post_url(said, "edit")).text
    assert re.search(rf'name="note"[^>]*value="{LOSS}"[^>]* checked', form)
    assert re.search(r'name="mark"[^>]*value="listening"[^>]* checked', form)
    heron.send(post_url(said, "edit"), {"body": "She died in May.", "note": str(MEDICAL), "mark": "experience"})
    page = text_of(reader.get(conversation_url(topic)))
    assert "Content note: Medical details." in page
    assert "Death or loss" not in page.split("Answer", 1)[0]
    assert "My own experience, not advice." in page


def test_an_edit_that_says_nothing_of_notes_leaves_them(world: World, told: Told, inside: Flask) -> None:
    _group, _wren, heron, _reader, topic = told
    said = world.reply(heron, topic, "She died in spring.", notes=1 << LOSS, mark=PostMark.LISTENING)
    usecases.edit_post(heron.actor, said, "She died in May.", "en")
    found = rows(select(Post.notes, Post.mark).where(Post.id == said))[0]
    assert tuple(found) == (1 << LOSS, PostMark.LISTENING)
    usecases.edit_post(heron.actor, said, "She died.", "en", Meant())
    assert tuple(rows(select(Post.notes, Post.mark).where(Post.id == said))[0]) == (0, None)


def test_words_taken_back_take_their_note_along(world: World, told: Told, inside: Flask) -> None:
    _group, _wren, heron, reader, topic = told
    said = world.reply(heron, topic, "She died in spring.", notes=1 << LOSS, mark=PostMark.LISTENING)
    usecases.withdraw_post(heron.actor, said)
    assert tuple(rows(select(Post.notes, Post.mark).where(Post.id == said))[0]) == (0, None)
    page = reader.get(conversation_url(topic)).text
    assert "Please listen. I do not want advice now.</p>" not in page


def test_only_classes_of_the_group_are_kept(world: World, told: Told, inside: Flask) -> None:
    _group, _wren, heron, _reader, topic = told
    said = world.reply(heron, topic, "Words.", notes=1 << LOSS | 1 << 15 | 1 << 16 | 1 << 30)
    assert rows(select(Post.notes).where(Post.id == said))[0].notes == 1 << LOSS


def test_a_groups_own_class_is_offered_named_and_still_warns_when_it_went(world: World, told: Told) -> None:
    group, _wren, heron, reader, topic = told
    owl = world.person(group, Role.FACILITATOR)
    url = f"/g/{group.address}/notes"
    assert owl.send(url, {"place-0": "Hospital food", "place-3": "Cars"}).status_code == 303
    assert "Hospital food" in heron.get(conversation_url(topic)).text
    said = heron.send(f"{conversation_url(topic)}/posts", {"body": "It was grey.", "note": "16", "token": "a" * 26})
    assert said.status_code == 303
    world.settle()
    assert "Content note: Hospital food" in text_of(reader.get(conversation_url(topic)))
    owl.send(url, {"place-3": "Cars"})
    world.moment.go(minutes=2)
    assert "Content note: Something this group had a note for." in text_of(reader.get(conversation_url(topic)))


@pytest.mark.parametrize(
    "typed", [{"place-0": "a" * 41}, {"place-0": "Cars", "place-1": "cars"}, {"place-0": "Death or loss"}]
)
def test_a_class_too_long_or_twice_is_refused_and_the_words_come_back(
    world: World, told: Told, typed: dict[str, str]
) -> None:
    group, *_rest = told
    owl = world.person(group, Role.FACILITATOR)
    answer = owl.send(f"/g/{group.address}/notes", typed)
    assert answer.status_code == 422
    assert typed["place-0"] in answer.text
    with world.app.app_context():
        assert own_notes.own_notes_of(group.scope.group_id) == ""


def test_a_listening_topic_asks_for_no_advice_where_one_answers(world: World, told: Told) -> None:
    _group, _wren, heron, reader, topic = told
    asked = "Whoever began this topic wants you to listen."
    assert asked not in text_of(reader.get(conversation_url(topic)))
    listening = world.topic(heron, "Please", "Only this.", mark=PostMark.LISTENING)
    for _n in range(20):
        world.reply(heron, listening)
    for page in (1, 2):
        assert asked in text_of(reader.get(f"{conversation_url(listening)}?page={page}"))


def test_answering_a_listening_post_says_so_and_keeps_what_was_put_away_away(world: World, told: Told) -> None:
    group, _wren, heron, reader, topic = told
    said = world.reply(heron, topic, "The needle again.", mark=PostMark.LISTENING)
    url = f"{conversation_url(topic)}?answers={post_url(said).removeprefix('/p/')}"
    page = text_of(reader.get(url))
    assert "wants you to listen" in page
    assert page.count("The needle again.") == 2
    reader.send(f"/g/{group.address}/my-reading/words", {"word": "needle"})
    assert "needle" not in text_of(reader.get(url))


def test_somebody_elses_choices_are_no_page_of_mine(world: World, told: Told, inside: Flask) -> None:
    group, *_rest = told
    stranger = world.person(world.group())
    assert stranger.get(f"/g/{group.address}/my-reading").status_code == 404
    with pytest.raises(NotFound):
        choices.keep(stranger.actor, group.scope.group_id, lambda chosen: chosen)


# --- What it costs ---


def test_a_page_with_choices_is_one_query_as_without(world: World, told: Told, app: Flask) -> None:
    group, wren, heron, reader, topic = told
    for n in range(12):
        world.reply(wren if n % 2 else heron, topic, f"Answer {n} with a needle.", notes=n % 3 << LOSS)
    said = world.reply(heron, topic, "The last.")
    url = conversation_url(topic)
    reader.send(post_url(said, "block"))
    reader.send(f"/g/{group.address}/my-reading/words", {"word": "needle"})
    reader.get(url)
    with app.app_context(), statements() as asked:
        assert _count(asked, lambda: reader.get(url)) == 1
        assert _count(asked, lambda: wren.get(url)) <= 3
        assert _count(asked, lambda: wren.get(url)) == 1
    assert "The last." not in text_of(reader.get(url))


def _count(asked: list[str], visit: Callable[[], object]) -> int:
    before = len(asked)
    visit()
    return len(asked) - before
