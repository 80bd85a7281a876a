"""X16: each page and each post in its own language, and no word that cannot be translated."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from flask_babel import force_locale, format_date, format_decimal

from forum.base import clock
from forum.base.idents import write_ident
from forum.base.words import ngettext
from forum.web import language
from scripts import words
from tests.architecture.source import Module, program
from tests.browser.screens import SCREENS, Stage, set_stage
from tests.forum.web.spoken import Spoken
from tests.world import BASE, Person, World, conversation_url, post_url

pytestmark = pytest.mark.pages

#: Dates and spans of time in the pseudo-language come from CLDR, in English.
OF_CLDR = frozenset(
    (
        "ago",
        "day",
        "days",
        "hour",
        "hours",
        "in",
        "minute",
        "minutes",
        "month",
        "months",
        "week",
        "weeks",
        "year",
        "years",
    )
)
#: What Urdu writes in Latin letters too: what stands on a key, in a browser's menu, or in an address.
LATIN_IN_URDU = frozenset(
    {"Shift", "JavaScript", "PDF", "History", "private", "incognito", "quiet", "harbour", "Print"}
    | {"candle", "meadow", "violin"}  # the words of an invitation are English ones, for now
    | {"UTC", "kB", "Europe", "London"}  # and the name of a time zone, as it is typed in
    | {"Atkinson", "Hyperlegible", "Lexend", "OpenDyslexic"}  # names of fonts
)


@pytest.fixture
def stage(world: World) -> Stage:
    return set_stage(world)


def speak(person: Person, chosen: str) -> Person:
    person.client.set_cookie(language.COOKIE, chosen, domain="localhost", secure=True)
    return person


def read(person: Person, path: str) -> Spoken:
    return Spoken(person.get(path, follow_redirects=True).get_data(as_text=True))


def pages(stage: Stage, chosen: str) -> Iterator[tuple[str, Spoken]]:
    """Every screen of the registry in one language, and what a refused form says."""
    for name, screen in SCREENS.items():
        if not screen.act:
            answer = speak(screen.who(stage) or stage.visitor(), chosen).get(screen.path(stage))
            assert answer.status_code == (int(screen.endpoint) if screen.endpoint.isdigit() else 200), name
            yield name, Spoken(answer.text)
    visitor, member = speak(stage.visitor(), chosen), speak(stage.member, chosen)
    visitor.get("/sign-in")
    forms: dict[str, tuple[Person, int, dict[str, str]]] = {
        "/sign-in": (visitor, 403, {"phrase": "not six words"}),
        f"/b/{write_ident(stage.group.board)}/write": (member, 422, {"title": "", "body": ""}),
        f"{conversation_url(stage.topic)}/posts": (member, 422, {"body": ""}),
        post_url(stage.named, "edit"): (member, 422, {"body": ""}),
        "/way-back/name": (member, 422, {"name": "a", "password": "b"}),
        "/way-back": (member, 200, {}),
    }
    for path, (person, status, form) in forms.items():
        answer = person.send(path, form)
        assert answer.status_code == status, path
        yield f"sent {path}", Spoken(answer.text)


def of_cldr() -> set[str]:
    """Names of months and weekdays, long and short."""
    locale = language.pseudo_locale()
    named = [*locale.months["format"].values(), *locale.days["format"].values()]
    return {str(name) for form in named for name in form.values()} | OF_CLDR


# --- Pages -------------------------------------------------------------------------------------------------------


def test_x16_no_screen_speaks_english_in_the_pseudo_language(stage: Stage, world: World) -> None:
    allowed = of_cldr() | {"UTC"} | set(world.app.extensions["settings"].site_name.split())
    assert {name: found for name, page in pages(stage, "pseudo") if (found := page.latin_words() - allowed)} == {}


def test_x16_what_stays_english_in_an_urdu_page_is_marked_as_english(stage: Stage, world: World) -> None:
    allowed = LATIN_IN_URDU | set(world.app.extensions["settings"].site_name.split())
    assert {name: found for name, page in pages(stage, "ur") if (found := page.latin_words() - allowed)} == {}


def test_a_word_that_is_not_translated_is_found() -> None:
    page = '<html lang="ur"><p>{}</p><p lang="en">Samaritans</p><bdi>Quiet Heron</bdi><button aria-label="{}"></button></html>'
    assert Spoken(page.format("Leave", "Call now")).latin_words() == {"Leave", "Call", "now"}
    assert Spoken(page.format("سلام Quiet Heron", "سلام")).latin_words() == set()


@pytest.mark.parametrize(
    ("chosen", "lang", "direction", "sheet"),
    [("en", "en", "ltr", "app-"), ("ur", "ur", "rtl", "app.rtl-"), ("pseudo", "en-XA", "ltr", "app-")],
)
def test_x16_each_page_says_its_language_and_direction(
    stage: Stage, chosen: str, lang: str, direction: str, sheet: str
) -> None:
    for name, page in pages(stage, chosen):
        assert (page.lang, page.dir) == (lang, direction), name
        assert f"/static/dist/{sheet}" in page.html, name


def test_x16_each_post_keeps_its_own_language_and_direction(world: World) -> None:
    member = world.person(world.group())
    topic = world.topic(member, body="How was your day?")
    world.reply(member, topic, "میں ٹھیک ہوں", lang="ur")
    for chosen in ("en", "ur"):
        page = read(speak(member, chosen), conversation_url(topic))
        assert [(p.lang, p.dir, p.text.strip()) for p in page.posts] == [
            ("en", "auto", "How was your day?"),
            ("ur", "auto", "میں ٹھیک ہوں"),
        ]


@pytest.mark.parametrize(
    ("chosen", "typed", "kept"),
    [
        ("ur", "", "en"),
        ("ur", "ur", "ur"),
        ("ur", "cy", "cy"),
        ("en", "pt-BR", "pt-BR"),
        ("en", 'x" onclick', "en"),
        ("pseudo", "", "en"),
    ],
)
def test_x16_words_are_kept_in_the_language_their_author_says(world: World, chosen: str, typed: str, kept: str) -> None:
    member = speak(world.person(world.group()), chosen)
    topic = world.topic(member)
    member.send(conversation_url(topic) + "/posts", {"body": "Hello.", "lang": typed, "token": "t" * 26})
    world.settle()
    assert [p.lang for p in read(member, conversation_url(topic)).posts] == ["en", kept]


def test_x16_a_form_begins_in_the_language_of_its_page(world: World) -> None:
    member = speak(world.person(world.group()), "ur")
    topic = conversation_url(world.topic(member))
    member.send(f"{topic}/posts", {"body": "نیند نہیں آتی", "later": "yes"})
    page = member.get(topic).text
    assert "نیند نہیں آتی" in page
    assert re.findall(r"<option[^>]*\bselected", page) == []


def test_x16_an_edit_keeps_the_language_unless_it_is_changed(world: World) -> None:
    member = speak(world.person(world.group()), "ur")
    topic = world.topic(member)
    post = world.reply(member, topic, "Shwmae.", lang="cy")
    member.send(post_url(post, "edit"), {"body": "Shwmae, bawb."})
    assert [p.lang for p in read(member, conversation_url(topic)).posts] == ["en", "cy"]


def test_x16_dates_are_those_of_the_language(world: World) -> None:
    member = world.person(world.group())
    topic = world.topic(member)
    page = conversation_url(topic)
    assert "23 Nov 2026" in member.get(page).text
    assert "23 نومبر 2026" in speak(member, "ur").get(page).text


def test_x16_plurals_are_those_of_the_language(world: World) -> None:
    member = world.person(world.group())
    topic = world.topic(member)
    board = f"/b/{write_ident(member.group.board)}" if member.group else ""
    assert "1 پوسٹ ·" in " ".join(speak(member, "ur").get(board).text.split())
    world.reply(member, topic)
    assert "2 پوسٹیں ·" in " ".join(member.get(board).text.split())
    with world.app.test_request_context(), force_locale("ur"):
        said = [ngettext("%(num)d post", "%(num)d posts", n) for n in (0, 1, 2, 11)]
    assert said == ["0 پوسٹیں", "1 پوسٹ", "2 پوسٹیں", "11 پوسٹیں"]


def test_x16_numbers_and_dates_of_urdu_are_babels(world: World) -> None:
    with world.app.test_request_context(), force_locale("ur"):
        assert format_date(clock.now(), "EEEE d MMMM") == "پیر 23 نومبر"
        assert format_decimal(20000) == "20,000"


# --- Choosing ----------------------------------------------------------------------------------------------------


def chooses(person: Person, chosen: str) -> None:
    person.client.post("/language", data={"language": chosen, "next": "/"}, base_url=BASE, headers={"Origin": BASE})


def test_x16_the_first_screen_offers_each_language_in_its_own_script(world: World) -> None:
    page = world.visitor().get("/").text
    assert 'value="en" lang="en" aria-current="true">English<' in page
    assert 'value="ur" lang="ur">اردو<' in page


def test_x16_a_choice_is_kept_without_an_account_and_after_leaving(world: World) -> None:
    visitor = world.visitor()
    chooses(visitor, "ur")
    assert read(visitor, "/").lang == "ur"
    member = world.person(world.group())
    chooses(member, "ur")
    for way_out in (lambda: member.send("/sign-out"), lambda: member.get("/leave")):
        answer = way_out()
        assert "cookies" not in answer.headers.get("Clear-Site-Data", "")
        assert (member.cookie, read(member, "/").lang) == (None, "ur")


@pytest.mark.parametrize("unknown", ["fr", "xx-evil", "../../etc", "", "UR"])
def test_x16_a_language_nobody_offers_is_ignored(world: World, unknown: str) -> None:
    assert read(speak(world.visitor(), unknown), "/").lang == "en"
    visitor = world.visitor()
    chooses(visitor, unknown)
    assert visitor.client.get_cookie(language.COOKIE, domain="localhost") is None


def test_x16_without_a_choice_the_browser_is_asked(world: World) -> None:
    def lang(wish: str) -> str:
        return Spoken(world.visitor().get("/", headers={"Accept-Language": wish}).text).lang

    assert [lang("ur-PK,ur;q=0.9,en;q=0.5"), lang("fr"), lang("en-GB,ur;q=0.2")] == ["ur", "en", "en"]


def test_x16_the_pseudo_language_is_for_tests_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(world.app.extensions["settings"], pseudo=False)
    monkeypatch.setitem(world.app.extensions, "settings", settings)
    page = read(speak(world.visitor(), "pseudo"), "/")
    assert page.lang == "en"
    assert "pseudo" not in page.html


def test_x16_urdu_says_that_nobody_has_checked_it(world: World) -> None:
    page = speak(world.visitor(), "ur").get("/").text
    assert '<p lang="en" dir="ltr">No speaker of Urdu has checked these words yet.' in page
    assert "نہیں جانچا" in page
    assert "No speaker of Urdu" not in world.visitor().get("/").text


# --- Catalogues --------------------------------------------------------------------------------------------------


def test_x16_every_string_is_collected_and_translated(capsys: pytest.CaptureFixture[str]) -> None:
    assert words.check() == 0, capsys.readouterr().err
    urdu = next(path for path in words.po_files() if path.parents[1].name == "ur")
    assert list(words.empty(words.read(urdu))) == []
    assert "# unreviewed: to be read by a speaker before use\n" in urdu.read_text()


def test_what_is_missing_stale_or_wrong_is_said(tmp_path: Path) -> None:
    template = Catalog()
    template.add("Hello %(name)s")
    template.add("New")
    template.add(("%(num)d post", "%(num)d posts"))
    path = tmp_path / "ur" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    catalog = Catalog(locale="ur")
    catalog.add("Hello %(name)s", "سلام %(nam)s")
    catalog.add(("%(num)d post", "%(num)d posts"), ("%(num)d پوسٹ", ""))
    path.write_bytes(words.rendered(catalog))
    assert list(words.problems(path, template)) == [
        "is stale",
        "no translation of '%(num)d post'",
        "other placeholders than in 'Hello %(name)s'",
    ]


def test_the_pseudo_language_is_longer_and_keeps_its_placeholders() -> None:
    said = words.pseudo_text("Page %(n)s of {count}, 100%%: leave now")
    assert said == "[Þàĝé~~ %(n)s öƒ~ {count}, 100%%: ļéàṽé~~ ñöŵ~~]"
    assert len(said) >= 1.4 * len("Page  of , 100: leave now")


def not_literal(module: Module) -> list[str]:
    """Calls for a translation whose words the collector cannot see."""
    return [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in words.KEYWORDS
        for said in node.args[: 2 if node.func.id == "ngettext" else 1]
        if not (isinstance(said, ast.Constant) and isinstance(said.value, str))
    ]


def test_x16_every_string_can_be_collected() -> None:
    made_up = Module("forum.a", '_("yes")\nlazy(f"no {x}")\nngettext("one", many, n)\n')
    assert not_literal(made_up) == ["forum.a:2", "forum.a:3"]
    # forum/web/templates.py hands over strings that stand in templates, where the collector finds them.
    every = [m for m in program() if m.name != "forum.web.templates"]
    assert [place for module in every for place in not_literal(module)] == []
