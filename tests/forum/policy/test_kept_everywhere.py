"""C2: what the rules in force forbid, no way to write accepts. Each refusal has its twin that goes through."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from forum.base.errors import ForumError
from forum.base.idents import new_ident, write_ident
from forum.conversations import imports, persona_page, polls
from forum.conversations import usecases as posting
from forum.conversations.imports import Report
from forum.conversations.prepare import Words
from forum.models import Role
from tests.binding import bind, set_floor
from tests.world import Person, World, conversation_url, post_url, text_of

LINK = "Read https://example.org first."


class Scene:
    """A group with a member, somebody of its team, and a topic of each."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren = world.person(self.group, name="Wren")
        self.owl = world.person(self.group, Role.FACILITATOR, name="Owl")
        self.topic = world.topic(self.wren)
        self.post = world.reply(self.wren, self.topic, "Plain words.")


@pytest.fixture
def scene(world: World, inside: object) -> Scene:
    return Scene(world)


# --- Every way in which words come in. Each gives what the writer reads if they are refused, or "". ---

Way = Callable[[Scene, str], str]


def _told(act: Callable[[], Any]) -> str:
    try:
        act()
    except ForumError as error:
        return str(error.message)
    return ""


def by_reply(scene: Scene, body: str) -> str:
    return _told(lambda: posting.submit_post(scene.wren.actor, scene.topic, Words(body), write_ident(new_ident())))


def by_reply_under_an_alias(scene: Scene, body: str) -> str:
    said = Words(body, masked=True)
    return _told(lambda: posting.submit_post(scene.wren.actor, scene.topic, said, write_ident(new_ident())))


def by_reply_of_the_team(scene: Scene, body: str) -> str:
    said = Words(body, as_team=True)
    return _told(lambda: posting.submit_post(scene.owl.actor, scene.topic, said, write_ident(new_ident())))


def by_topic(scene: Scene, body: str) -> str:
    return _told(
        lambda: posting.start_topic(scene.wren.actor, scene.group.board, "Hello", Words(body), write_ident(new_ident()))
    )


def by_title(scene: Scene, body: str) -> str:
    said = Words("Plain words.")
    return _told(lambda: posting.start_topic(scene.wren.actor, scene.group.board, body, said, write_ident(new_ident())))


def by_edit(scene: Scene, body: str) -> str:
    return _told(lambda: posting.edit_post(scene.wren.actor, scene.post, body, "en"))


def by_form(scene: Scene, body: str) -> str:
    form = {"body": body, "token": write_ident(new_ident()), "lang": "en", "details": "keep"}
    return _refused(scene.wren.send(f"{conversation_url(scene.topic)}/posts", form))


def by_form_of_an_edit(scene: Scene, body: str) -> str:
    return _refused(scene.wren.send(post_url(scene.post, "edit"), {"body": body, "lang": "en", "details": "keep"}))


def _refused(answer: Any) -> str:
    assert answer.status_code in (303, 422)
    return text_of(answer) if answer.status_code == 422 else ""


def by_import(scene: Scene, body: str) -> str:
    report = Report()
    line = json.dumps({"board": "say-hello", "title": "From elsewhere", "body": body}).encode()
    imports.import_line(scene.group.scope, line, report, hold=False)
    return report.problems[0].reason if report.problems else ""


WAYS: list[Way] = [
    by_reply,
    by_reply_under_an_alias,
    by_reply_of_the_team,
    by_topic,
    by_title,
    by_edit,
    by_form,
    by_form_of_an_edit,
    by_import,
]
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


@each_way
def test_c2_where_nobody_posts_links_no_way_takes_one(scene: Scene, way: Way) -> None:
    bind(scene.group.scope, {"links": "open"})
    assert way(scene, LINK) == ""
    bind(scene.group.scope, {"links": "none"})
    told = way(scene, LINK + " Or that.")
    assert "Nobody posts links here." in told
    assert "This is our rule 9, agreed" in told
    assert way(scene, "Plain words, and no more.") == ""


@each_way
def test_c2_the_organisation_can_ask_for_more_than_the_rules(scene: Scene, way: Way) -> None:
    bind(scene.group.scope, {"links": "open"})
    set_floor(scene.group.scope, {"links": "none"})
    told = way(scene, LINK)
    assert "Nobody posts links here." in told
    assert "The organisation that runs this group asks for it." in told
    set_floor(scene.group.scope, {})
    assert way(scene, LINK) == ""


#: Somebody who asks everybody something, or tells of themselves: a link was never taken there.
@pytest.mark.parametrize("value", ["open", "none"])
def test_c2_questions_and_pages_about_people_take_no_link(scene: Scene, value: str) -> None:
    bind(scene.group.scope, {"links": value})
    told = _told(lambda: persona_page.save(scene.wren.actor, scene.group.scope, persona_page.About(offers=LINK)))
    assert told
    assert ("This is our rule" in told) is (value == "none")
    asked = _told(lambda: polls.start_poll(scene.wren.actor, scene.topic, f"{LINK} Well?", ["Yes", "No"], 7))
    assert ("This is our rule" in asked) is (value == "none")


def test_a_line_to_the_team_stays_open_to_every_word(scene: Scene) -> None:
    bind(scene.group.scope, {"links": "none", "identity.anon_post": "off"})
    answer = scene.wren.send(f"/g/{scene.group.address}/ask", {"body": LINK, "masked": "yes", "token": "t"})
    assert answer.status_code == 303


# --- Hiding a name ---


def test_c2_where_names_show_nobody_hides_theirs(scene: Scene) -> None:
    def hidden(who: Person) -> list[str]:
        said = Words("Under an alias.", masked=True)
        return [
            by_reply_under_an_alias(scene, "Me."),
            _told(
                lambda: posting.start_topic(who.actor, scene.group.board, "Hi there", said, write_ident(new_ident()))
            ),
            _refused(
                who.send(
                    f"{conversation_url(scene.topic)}/posts",
                    {"body": "Hm.", "masked": "yes", "token": write_ident(new_ident())},
                )
            ),
        ]

    assert hidden(scene.wren) == ["", "", ""]
    bind(scene.group.scope, {"identity.anon_post": "off"})
    for told in hidden(scene.wren):
        assert "Names show here" in told
        assert "This is our rule" in told
    page = scene.wren.get(conversation_url(scene.topic))
    assert "Hide my name" not in text_of(page)
    assert "Names show here. Yours will show" in text_of(page)
    assert by_reply(scene, "Under my name.") == ""


# --- Content notes ---


@each_way
def test_c2_words_about_what_the_team_lists_need_a_note(scene: Scene, way: Way) -> None:
    scene.world.configure(scene.group, words="kcal")
    assert way(scene, "Some kcal today.") == ""
    bind(scene.group.scope, {"content_notes": "required"})
    told = way(scene, "So many kcal today.")
    assert "These words need a content note first." in told
    assert "This is our rule" in told


def test_c2_with_a_note_they_can_be_posted(scene: Scene) -> None:
    scene.world.configure(scene.group, words="kcal")
    bind(scene.group.scope, {"content_notes": "required"})
    posting.submit_post(scene.wren.actor, scene.topic, Words("Some kcal.", notes=2), write_ident(new_ident()))
    posting.edit_post(scene.wren.actor, scene.post, "Some kcal.", "en", posting.Meant(2))


def test_a_cry_for_help_is_not_refused_for_want_of_a_note(scene: Scene) -> None:
    scene.world.configure(scene.group, words="kcal")
    bind(scene.group.scope, {"content_notes": "required"})
    assert by_reply(scene, "Too many kcal, and I want to kill myself.") == ""


# --- Names ---


def test_c2_where_names_are_made_of_our_words_no_other_is_taken(scene: Scene) -> None:
    def tried(name: str) -> int:
        return int(scene.wren.send(f"/g/{scene.group.address}/rename", {"own_name": name}).status_code)

    assert tried("Margaret") == 303
    bind(scene.group.scope, {"identity.names": "pseudonym only"})
    answer = scene.wren.send(f"/g/{scene.group.address}/rename", {"own_name": "Dorothy"})
    assert answer.status_code == 422
    assert "Names here are made of our words" in text_of(answer)
    assert "This is our rule" in text_of(answer)
    assert tried("Dappled Coastal 12") == 303
    newcomer = scene.world.visitor()
    answers = {"answer-what-we-must-tell": "yes", "own_name": "Dorothy", "name": "Dorothy"}
    assert newcomer.send(f"/g/{scene.group.address}/join", answers).status_code == 422
    assert newcomer.send(f"/g/{scene.group.address}/join", {**answers, "name": "Dewy Copper"}).status_code == 303


def test_c2_a_name_of_another_group_is_not_taken_where_each_needs_its_own(world: World, inside: object) -> None:
    here, there = world.group(), world.group()
    wren = world.person(there, name="Tidy Wagtail")
    world.join(wren, here, name="Mossy Heron")
    path, name = f"/g/{here.address}/rename", {"own_name": "Tidy Wagtail", "anyway": "yes"}
    bind(here.scope, {"identity.cross_group": "same handle"})
    assert wren.send(path, name).status_code == 303
    wren.send(path, {"own_name": "Mossy Heron"})
    bind(here.scope, {"identity.cross_group": "separate handle"})
    answer = wren.send(path, name)
    assert answer.status_code == 422
    assert "Please choose another one, so nobody can tell that it is you. This is our rule" in text_of(answer)


# --- What there is only one value of ---


def test_c2_nobody_writes_to_one_member_alone_and_nothing_is_attached(scene: Scene) -> None:
    """There is no page and no use case that opens a conversation of two; a file is refused by the form."""
    assert not [rule for rule in scene.world.app.url_map.iter_rules() if "private" in rule.rule or "/dm" in rule.rule]
    page = text_of(scene.wren.get(f"/g/{scene.group.address}/rules"))
    assert "Members cannot write to each other in private here." in page
