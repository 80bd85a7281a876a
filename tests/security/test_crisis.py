"""Whoever meets an error at two in the morning still has somebody to call."""

import re

import pytest
from sqlalchemy import update

from forum.base.transaction import here, transaction
from forum.content import crisis
from forum.models import Organisation
from forum.web import csrf
from tests.security.answers import ERRORS, TITLE, WORDS, answer_of
from tests.security.scene import HELD, Scene, add_role, address_of, ask_for, case_of, everybody, scene_of
from tests.world import BASE, World, conversation_url, post_url, text_of

pytestmark = pytest.mark.pages

NATIONS = [nation for nation in crisis.NATIONS if nation != crisis.DEFAULT]
#: What an error page must never say.
TECHNICAL = (
    "traceback", "exception", "sql", "psycopg", "python", "werkzeug", "flask", "jinja", "error 5", "internal server",
    "runtimeerror", "undefinedtable", ".py", "none", "stack",
)  # fmt: skip


def first_number(nation: str) -> str:
    return next(c.tel for c in crisis.contacts(nation) if c.tel)


def shows_doors(page: str) -> bool:
    """The first of the two taps to "I need help" and to "I'm worried about someone"."""
    return all(re.search(rf'<a href="(/g/[^/"]+)?/{door}"', page) for door in ("help", "worried"))


def shows_numbers(page: str, nation: str) -> bool:
    return all(f"tel:{c.tel_digits}" in page for c in crisis.contacts(nation)[:2] if c.tel)


@pytest.mark.parametrize("who", ["visitor", "member"])
@pytest.mark.parametrize("status", ERRORS)
def test_crisis_numbers_stand_on_every_error_page(world: World, status: int, who: str) -> None:
    scene = scene_of(world)
    answer = answer_of(scene, add_role(scene, who), status)
    assert answer.status_code == status
    page = answer.get_data(as_text=True)
    assert shows_numbers(page, "england")
    assert 'href="/leave"' in page
    assert not [word for word in TECHNICAL if word in text_of(answer).lower()]


@pytest.mark.parametrize("status", [403, 500, 503])
def test_crisis_pages_of_refused_forms_keep_the_words(world: World, status: int) -> None:
    scene = scene_of(world)
    answer = answer_of(scene, add_role(scene, "member"), status)
    page = answer.get_data(as_text=True)
    assert WORDS in page
    assert TITLE in page


def test_crisis_numbers_stand_on_every_page_of_everybody(world: World) -> None:
    scene = everybody(world)
    seen = 0
    for rule in world.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        if rule.endpoint in ("groups.offer_names", "conversations.show_changes", "accounts.leave"):
            continue  # fragments for a page that has the numbers, and the way out
        thing = "ours" if rule.arguments else "-"
        for role in ("visitor", "member", "moder", "outsid"):
            person = scene.people[role]
            ask = ask_for(scene, rule.endpoint, thing, person)
            answer = person.get(address_of(scene, rule.endpoint, ask.values))
            is_page = answer.mimetype == "text/html"  # and no date for a calendar, and no state for a page to take in
            if is_page and not 300 <= answer.status_code < 400:
                seen += 1
                assert shows_numbers(answer.get_data(as_text=True), "england"), (role, rule.endpoint)
                is_file = "attachment" in answer.headers.get("Content-Disposition", "")  # the numbers, for the phone
                assert is_file or shows_doors(answer.get_data(as_text=True)), (role, rule.endpoint)
    assert seen > 60


def in_nation(scene: Scene, nation: str) -> None:
    with scene.world.app.app_context(), transaction():
        where = Organisation.id == scene.ours.scope.organisation_id
        here().execute(update(Organisation).where(where).values(nation=nation))


def test_the_nations_can_be_told_apart() -> None:
    """Else the next tests would prove nothing."""
    told = {nation: [(c.name, c.tel, c.hours) for c in crisis.contacts(nation)] for nation in NATIONS}
    assert told["northern-ireland"] != told["england"]


def pages_of_ours(scene: Scene) -> list[str]:
    world, heron = scene.world, scene.people["heron"]
    topic = world.topic(heron)
    held = world.reply(heron, topic, HELD)
    with world.app.app_context():
        case = case_of(world, held)
    return [
        f"/g/{scene.ours.address}",
        f"/g/{scene.ours.address}/team",
        conversation_url(topic),
        post_url(held, "more"),
        post_url(held, "look-after"),
        address_of(scene, "conversations.show_board", {"board_id": scene.ours.board}),
        address_of(scene, "writing.write_topic", {"board_id": scene.ours.board}),
        address_of(scene, "items.show", {"item_id": case}),
    ]


def lines_in(page: str) -> str:
    """The crisis line of a page."""
    return page.split('class="cg-crisis"')[1].split("</aside>")[0]


def test_crisis_numbers_are_those_of_the_groups_own_nation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scene_of(world)
    moder = add_role(scene, "moder")
    pages = pages_of_ours(scene)
    shown = {nation: (crisis.Contact(f"Line of {nation}", "", "01 234 5678", "", ""),) for nation in crisis.NATIONS}
    monkeypatch.setattr(crisis, "contacts", lambda nation, _file=None: shown[nation])

    in_nation(scene, "scotland")
    for path in pages:
        answer = moder.get(path)
        assert answer.status_code == 200, path
        assert "Line of scotland" in lines_in(answer.get_data(as_text=True)), path
    assert "Line of england" in lines_in(moder.get("/help").get_data(as_text=True))


def test_crisis_numbers_of_an_error_inside_a_group_are_its_nations_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scene_of(world)
    behind = add_role(scene, "behind")
    heron = scene.people["heron"]
    post = world.reply(heron, world.topic(heron), WORDS)
    scene.depart()
    shown = {nation: (crisis.Contact(f"Line of {nation}", "", "01 234 5678", "", ""),) for nation in crisis.NATIONS}
    monkeypatch.setattr(crisis, "contacts", lambda nation, _file=None: shown[nation])
    in_nation(scene, "wales")
    refused = behind.send(post_url(post, "react"), {"kind": "thanks"})
    assert refused.status_code == 403
    assert "Line of wales" in lines_in(refused.get_data(as_text=True))


def test_crisis_numbers_tell_a_stranger_nothing_about_where_a_group_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scene_of(world)
    stranger = add_role(scene, "outsid")
    topic = world.topic(scene.people["heron"])
    shown = {nation: (crisis.Contact(f"Line of {nation}", "", "01 234 5678", "", ""),) for nation in crisis.NATIONS}
    monkeypatch.setattr(crisis, "contacts", lambda nation, _file=None: shown[nation])
    in_nation(scene, "wales")
    refused = stranger.get(conversation_url(topic))
    assert refused.status_code == 404
    assert "wales" not in refused.get_data(as_text=True)


def test_crisis_numbers_stay_when_an_organisations_nation_is_not_known(world: World) -> None:
    scene = scene_of(world)
    in_nation(scene, "atlantis")
    page = scene.people["heron"].get(f"/g/{scene.ours.address}")
    assert page.status_code == 200
    assert shows_numbers(page.get_data(as_text=True), "england")


def test_crisis_numbers_stay_when_the_error_page_itself_breaks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scene_of(world)
    person = scene.people["heron"]
    token = person.form_token()

    def fail() -> object:
        raise RuntimeError("layout")

    monkeypatch.setitem(world.app.extensions, "demo_seats", fail)
    form = {csrf.FIELD: token, "body": WORDS, "title": TITLE}
    answer = person.client.post("/no/such/page", data=form, base_url=BASE)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert first_number("england") in page
    assert WORDS in page
    assert TITLE in page
