"""Ways in which an alias could leak, one after the other (security.md §4.3), through the bytes that readers get."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from forum.base import hot
from forum.base.db import db, row, rows
from forum.base.idents import write_ident, write_post_id
from forum.base.transaction import here, transaction
from forum.conversations import fragments, imports, search, usecases
from forum.conversations.prepare import Words
from forum.models import Mask, Persona, Post, PostSearch, PostState, Role, Standing
from moderation import usecases as decisions
from moderation.models import Choice
from tests.anonymity.conftest import Story
from tests.anonymity.reading import (
    ALIAS,
    OF_A_POST,
    Got,
    alike,
    article_of,
    differences,
    lasting,
    posts_region,
    read_all,
)
from tests.anonymity.traces import changed, everything, leads_to, spellings
from tests.architecture.source import ROOT
from tests.team_work import end, waiting
from tests.world import Person, World, conversation_url, post_url

pytestmark = pytest.mark.pages

READERS = pytest.mark.parametrize("reader", ["member", "facilitator", "moderator", "visitor"])


def digests(ident: bytes) -> Iterator[bytes]:
    """An id and what a page might make of it."""
    for spelling in spellings(ident):
        yield spelling
        for made in (hashlib.md5, hashlib.sha1, hashlib.sha256):
            yield made(spelling).hexdigest()[:12].encode()
            yield base64.urlsafe_b64encode(made(spelling).digest())[:12]


# --- L1: pages ---------------------------------------------------------------------------------------------------


@READERS
def test_l1_no_page_has_an_id_of_the_author_or_anything_made_of_it(story: Story, reader: str) -> None:
    read = story.read(story.readers[reader])
    got, mask_ids = read.everything, [r.id for r in rows(select(Mask.id))]
    assert len(mask_ids) == 2
    for ident in (story.wren.account_id or b"", *mask_ids):
        assert not [made for made in digests(ident) if made in got]
    # A facilitator's list of people names them, and leads to a page of each; no page that has a post on it does.
    posts = b"\n".join(page for path, page in read.pages.items() if "/people" not in path)
    assert not [made for made in digests(story.wren.persona_id) if made in posts]
    assert not [path for path, page in read.pages.items() if "/people" in path.partition("?")[0] and b"cg-post" in page]
    assert (b"I could not say this under my name." in got) is (reader != "visitor")


@READERS
def test_l1_the_name_never_stands_near_the_alias(story: Story, reader: str) -> None:
    if reader == "visitor":
        pytest.skip("visitors see no post; the test above holds for them")
    got = story.read(story.readers[reader])
    parts = [part for page in got.pages.values() for part in page.split(b'<li class="cg-card">')]
    named = [part for part in parts if story.wren.name.encode() in part]
    assert len(named) >= 2
    assert not [part for part in named if story.named_in(part, story.aliases())]


def test_l1_only_the_owner_is_shown_the_way_to_edit(story: Story) -> None:
    for post in story.masked:
        edit = f'"{post_url(post, "edit")}"'.encode()
        assert edit in story.wren.get(post_url(post, "more")).data
        for who in story.readers.values():
            assert edit not in who.get(post_url(post, "more")).data
            assert who.get(post_url(post, "edit")).status_code in (401, 403)


# --- L2: JSON ----------------------------------------------------------------------------------------------------


def test_l2_changes_hold_a_place_and_a_fragment(story: Story) -> None:
    answer = json.loads(story.robin.get(f"{conversation_url(story.topics[0])}/changes?after=0").data)
    assert {"to", "changes", "reload"} == answer.keys()
    assert len(answer["changes"]) == 2
    assert all(change.keys() == {"post", "seq", "html"} for change in answer["changes"])
    assert story.wren.name not in json.dumps(answer)


def test_l2_what_is_not_there_and_what_is_not_yours_are_answered_alike(story: Story) -> None:
    nothing = ["/c/" + "a" * 26, "/p/" + write_post_id(story.masked[0] ^ 1) + "/more"]
    others = [conversation_url(story.topics[0]), post_url(story.masked[0], "more")]
    for accept in ("text/html", "application/json"):
        asked = {"headers": {"Accept": accept}}
        for there, missing in zip(others, nothing, strict=True):
            one, other = story.stranger.get(there, **asked), story.stranger.get(missing, **asked)
            assert one.status_code == other.status_code == 404
            assert lasting(one).replace(there.encode(), b"") == lasting(other).replace(missing.encode(), b"")


# --- L3, L6, L7, L8: lists, quotes, looks, history ---------------------------------------------------------------


def test_l3_lists_name_nobody(story: Story) -> None:
    pages = [
        f"/g/{story.group.address}",
        *(f"/b/{b}" for b in _boards(story.robin.get(f"/g/{story.group.address}").data)),
    ]
    assert len(pages) == 2
    for path in pages:
        page = story.robin.get(path).data
        assert b"A topic about nights" in page or path == pages[0]
        assert not story.named_in(page, [story.wren.name, story.heron.name, *story.aliases()])


def _boards(page: bytes) -> set[str]:
    return set(re.findall(r'href="/b/([a-z2-7]{26})"', page.decode()))


def test_l3_no_template_reaches_for_an_account_or_a_persona() -> None:
    templates = list((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 20
    reaching = re.compile(r"\.(account\w*|persona\w*|mask|mask_id|holder_tag|decided_by)\b")
    assert {t.name: found for t in templates if (found := reaching.findall(t.read_text()))} == {}


@READERS
def test_l6_a_quote_carries_the_alias(story: Story, reader: str) -> None:
    answer = story.world.reply(story.heron, story.topics[0], "I know that feeling.", answers_id=story.masked[0])
    page = story.readers[reader].get(conversation_url(story.topics[0])).data
    if reader == "visitor":
        assert b"I know that feeling." not in page
        return
    article = article_of(page, answer)
    assert story.aliases()[0] in article
    assert "I could not say this under my name." in article
    assert story.wren.name not in article
    form = story.robin.get(
        f"{conversation_url(story.topics[0])}?answers={write_post_id(story.masked[0])}"
    ).data.decode()
    assert f"You answer <bdi>{story.aliases()[0]}</bdi>" in form
    assert story.wren.name not in form


def test_l7_a_masked_post_looks_the_same_whoever_wrote_it(story: Story) -> None:
    """The moderator's role stands beside their name, and beside no alias."""
    topic = story.world.topic(story.heron, "A third topic")
    posts = [
        story.world.reply(who, topic, "The same words.", masked=True) for who in (story.wren, story.owl, story.finch)
    ]
    named = story.world.reply(story.owl, topic, "The same words.")
    page = story.robin.get(conversation_url(topic)).data
    looks = {_without_names(article_of(page, post)) for post in posts}
    assert len(looks) == 1
    assert "<img" not in looks.pop()
    assert "moderator" in article_of(page, named)


def test_l7_a_masked_link_waits_whoever_wrote_it(story: Story) -> None:
    """Were the team's links let through under an alias too, a link that is not held would say "the team"."""
    for who in (story.wren, story.owl, story.finch):
        post = story.world.reply(who, story.topics[0], "See https://example.com too.", masked=True)
        assert _state_of(post) is PostState.HELD


def _without_names(article: str) -> str:
    article = ALIAS.sub("<alias>", article)
    article = re.sub(r"[a-z2-7]{12}(?=[-/\"])", "<post>", article)
    return re.sub(r'data-seq="\d+"|post \d+|true">\d+', "<n>", article)


def test_l8_history_is_the_owners_and_names_nobody(story: Story) -> None:
    usecases.edit_post(story.wren.actor, story.masked[0], "I can say it now.", "en")
    more = post_url(story.masked[0], "more")
    own = story.wren.get(more).data.decode()
    assert "I could not say this under my name." in own
    for who in story.readers.values():
        assert b"I could not say this" not in who.get(more).data
    for page in (own, story.robin.get(conversation_url(story.topics[0])).data.decode()):
        assert story.wren.name not in article_of(page.encode(), story.masked[0])
        assert "changed later" in article_of(page.encode(), story.masked[0])


# --- L10, L11, L12: choice, counts, search -----------------------------------------------------------------------


def test_l10_the_choice_is_fixed_when_it_is_posted(story: Story) -> None:
    for post, masked in ((story.masked[0], ""), (story.named, "yes")):
        before = row(select(Post.persona_id, Post.mask_id).where(Post.id == post))
        sent = story.wren.send(post_url(post, "edit"), {"body": "Other words.", "masked": masked})
        assert sent.status_code == 303
        assert row(select(Post.persona_id, Post.mask_id).where(Post.id == post)) == before
        assert row(select(Post.body).where(Post.id == post)) == ("Other words.",)


@READERS
def test_l11_nothing_about_a_person_changes_when_they_write_masked(story: Story, reader: str) -> None:
    """Everything but the topic itself, and how much is new to the reader, stays byte for byte as it was in the same hour."""
    who, topic = story.readers[reader], story.topics[0]
    story.world.reply(story.heron, topic, "So that this hour is known.")
    before, rows_before = _beside(story, who), everything()
    story.world.reply(story.wren, topic, "One more thing.", masked=True)
    rows_after = everything()
    assert differences(before, _beside(story, who)) == ""
    of_people = {"persona", "account", "sign_in", "agreement", "read_marker", "charter_ballot", "charter_call"}
    assert not set(changed(rows_before, rows_after)) & of_people
    if reader != "visitor":
        assert b"One more thing." in who.get(conversation_url(topic)).data


def _beside(story: Story, who: Person) -> dict[str, bytes]:
    """What stands outside the topic and its line in the list."""
    got = read_all(who, [story.open_topic], [story.named])
    about = conversation_url(story.topics[0]).encode()
    own = {path: page for path, page in got.pages.items() if not path.startswith(about.decode())}
    places = ("/b/", "/p/", "/cases/", "/c/")
    # How a page looks is chosen on a page that leads back to it, so there is one for each.
    kept = {path: page for path, page in own.items() if not path.removeprefix("/display?next=").startswith(places)}
    named = {path: page for path, page in own.items() if story.wren.name.encode() in page}
    return {path: _NEW_POSTS.sub(b"", page) for path, page in {**kept, **named}.items()}


_NEW_POSTS = re.compile(rb"\d+ new posts?|\d+ posts? (?:is|are) not read yet")


def test_l19_ones_own_masked_post_is_new_at_home_as_anothers_is(story: Story) -> None:
    """Home counts a masked post alike for who wrote it and for who did not."""
    readers = (story.wren, story.heron)
    before = [_new_at_home(who) for who in readers]
    story.world.reply(story.wren, story.topics[0], "One more thing.", masked=True)
    after = [_new_at_home(who) for who in readers]
    assert [late - early for early, late in zip(before, after, strict=True)] == [1, 1]


def _new_at_home(who: Person) -> int:
    found = re.search(r"(\d+) new posts?", who.get("/").text)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("reader", ["member", "facilitator", "moderator", "wren", "heron"])
def test_l12_no_name_and_no_alias_finds_anything(story: Story, reader: str) -> None:
    """Authors are not in the index: not even what stands under the name that is looked for."""
    who = {**story.readers, "wren": story.wren, "heron": story.heron}[reader]
    assert len(_found(who, story, "under my name")) == 1  # the words lead there, and only they
    for name in (story.wren.name, *story.aliases(), *story.wren.name.split(), f"author:{story.wren.name}"):
        assert _found(who, story, name) == [], name
    assert not any(name.encode() in r for name in (story.wren.name, *story.aliases()) for r in _index())


def _index() -> list[bytes]:
    return [str(r.words).encode() for r in rows(select(PostSearch.words))]


def test_l12_what_is_found_under_an_alias_shows_the_alias_and_tells_its_wearer_nothing_more(story: Story) -> None:
    search.forget()
    pages = {who.name: _results(who, story, "could not say this") for who in (story.wren, story.heron, story.robin)}
    assert story.aliases()[0] in pages[story.robin.name]
    assert story.wren.name not in pages[story.robin.name]
    assert len(set(pages.values())) == 1  # to the byte, also for whoever wrote it


def test_l12_order_by_closeness_does_not_tell_who_wrote_either(story: Story) -> None:
    """The same words under a name and under an alias are as close as each other, and so the newer one stands first."""
    search.forget()
    topic = story.world.topic(story.heron, "One more topic", "Hello.")
    said = [story.world.reply(story.wren, topic, "The puffin again.", masked=masked) for masked in (False, True)]
    story.world.moment.go(hours=1)
    said += [story.world.reply(story.heron, topic, "The puffin again.")]
    for who in (story.wren, story.heron, story.robin):
        found = _found(who, story, "puffin", order="best")
        assert found[0] == write_post_id(said[2])
        assert found == _found(story.finch, story, "puffin", order="best")


def _results(who: Person, story: Story, words: str, **form: str) -> str:
    """A page of results without the tokens of its forms and without what stands around every page."""
    page = who.send(f"/g/{story.group.address}/search", {"words": words, **form}).text
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page.partition('id="found"')[2].partition("</main>")[0])


def _found(who: Person, story: Story, words: str, **form: str) -> list[str]:
    search.forget()
    return re.findall(r'href="/p/([a-z2-7]{12})"', _results(who, story, words, **form))


# --- L14: out and in ---------------------------------------------------------------------------------------------


def test_l14_imported_words_belong_to_no_account_and_no_mask(story: Story) -> None:
    before = everything()
    line = json.dumps({"board": "away", "title": "From elsewhere", "body": "Hello.", "replies": ["Welcome."]}).encode()
    report = imports.Report()
    imports.import_line(story.group.scope, line, report, hold=False)
    new = changed(before, everything())
    assert report.posts == 2
    assert not set(new) & {"account", "mask", "mask_owner", "seat", "sign_in"}
    holders = {dict(r)["holder_tag"] for r in new["persona"]}
    assert len(holders) == imports.VOICES


def test_l14_nothing_but_the_keyring_and_the_record_of_a_concern_can_be_exported(app: Flask) -> None:
    """A record leaves under the rules of its own (tests/moderation/safeguarding/test_export.py): no name behind an alias."""
    commands = {f"{n} {s}" for n, c in app.cli.commands.items() for s in getattr(c, "commands", [""])}
    assert {c for c in commands if "export" in c or "download" in c} == {"keys export"}
    rules = {r.rule for r in app.url_map.iter_rules() if "export" in r.rule or "download" in r.rule}
    assert rules == {"/concerns/<ident:concern_id>/export", "/exports/<ident:export_id>"}


# --- L15, L17: the team ------------------------------------------------------------------------------------------


def test_l15_the_team_judges_words_and_an_alias(story: Story) -> None:
    alias = story.aliases()[1]
    case = next(c for c in waiting(story.owl.actor, story.group.scope) if c.post_id == story.held)
    for who in (story.owl, story.finch):
        got = story.read(who).pages
        about = [page for path, page in got.items() if path.startswith("/cases/") and b"example.org" in page]
        assert about
        assert alias.encode() in about[0]
        for path in (*(p for p in got if p.startswith("/cases/")), f"/g/{story.group.address}/team"):
            assert story.wren.name.encode() not in got[path].replace(
                b"First words of <bdi>" + story.wren.name.encode(), b""
            )
    assert not leads_to(tuple(case), story.wren.persona_id, story.wren.account_id or b"")
    story.world.visitor()
    assert story.robin.get(f"/g/{story.group.address}/team").status_code == 404


@pytest.mark.parametrize("second", ["wren", "heron"])
def test_l15_two_masks_of_one_person_look_like_two_people(story: Story, second: str) -> None:
    """The same in both worlds, so nothing on the team's pages tells which of them it is."""
    topic = story.world.topic(story.robin, "A third topic")
    who = {"wren": story.wren, "heron": story.heron}[second]
    held = story.world.reply(who, topic, "See https://example.com there.", masked=True)
    case = next(c for c in waiting(story.owl.actor, story.group.scope) if c.post_id == held)
    end(story.owl.actor, case, Choice.RELEASE)
    _same_as_before("two masks", _judged(story, case.id, held), story)


def _judged(story: Story, case_id: bytes, held: int) -> dict[str, str]:
    """What the moderator gets about one post: its case, and the pages of the post itself."""
    got = Got({"case": lasting(story.owl.get(f"/cases/{write_ident(case_id)}"))})
    for page in OF_A_POST:
        got.pages[page] = lasting(story.owl.get(post_url(held, page)))
    return alike(got, {write_post_id(held): "<held>"})


_kept: dict[tuple[str, str], dict[str, str]] = {}


def _same_as_before(what: str, pages: dict[str, str], story: Story) -> None:
    """Compare with the run of the other world, which stands right before this one."""
    names = {getattr(story, n).name: n for n in ("wren", "heron", "robin", "finch", "owl")}
    for name, word in names.items():
        pages = {path: text.replace(name, word) for path, text in pages.items()}
    key = (what, db.engine.dialect.name)
    assert differences(_kept.setdefault(key, pages), pages) == ""


def test_l17_holding_an_alias_binds_that_alias_alone(story: Story) -> None:
    """If it bound the name too, a moderator would only have to wait whose harmless words are held next."""
    assert _state_of(story.world.reply(story.wren, story.topics[0], "A calm day.", masked=True)) is PostState.VISIBLE
    assert story.owl.send(post_url(story.masked[0], "hold-author")).status_code == 303
    assert _state_of(story.world.reply(story.wren, story.topics[0], "Calm again.", masked=True)) is PostState.HELD
    assert _state_of(story.world.reply(story.wren, story.open_topic, "A calm day.")) is PostState.VISIBLE
    assert _state_of(story.world.reply(story.wren, story.topics[1], "And here.", masked=True)) is PostState.VISIBLE
    story.world.moment.go(hours=25)
    assert _state_of(story.world.reply(story.wren, story.topics[0], "A new day.", masked=True)) is PostState.VISIBLE


def test_l17_holding_a_name_binds_that_name_alone(story: Story) -> None:
    decisions.hold_author(story.owl.actor, story.named)
    assert _state_of(story.world.reply(story.wren, story.open_topic, "Under my name.")) is PostState.HELD
    assert _state_of(story.world.reply(story.wren, story.topics[0], "An alias.", masked=True)) is PostState.VISIBLE


@pytest.mark.parametrize("reader", ["member", "visitor"])
def test_l17_no_member_gets_another_byte_while_somebody_is_held(story: Story, reader: str) -> None:
    who = story.readers[reader]
    before = story.read(who).pages
    decisions.hold_author(story.owl.actor, story.masked[0])
    usecases.submit_post(story.wren.actor, story.open_topic, Words("A calm day."), "one form")
    assert differences(before, story.read(who).pages) == ""


def test_l17_the_moderator_who_held_is_told_nothing_about_who(story: Story) -> None:
    answer = story.owl.send(post_url(story.masked[0], "hold-author"))
    page = story.owl.get(answer.headers["Location"]).data
    assert b"wait for a day" in page
    assert story.wren.name.encode() not in answer.data + page
    held = [dict(r) for r in everything()["restriction"]]
    assert len(held) == 3, "the alias, whoever wears it, and new aliases of everybody"
    assert not leads_to(held, story.wren.persona_id, story.wren.account_id or b"")


def _state_of(post_id: int) -> PostState:
    found = row(select(Post.state).where(Post.id == post_id))
    assert found
    return PostState(found.state)


# --- L19, L20, L21, L22: unread, ids, size, caches ---------------------------------------------------------------


def test_l19_reading_shows_to_nobody_else(story: Story) -> None:
    topic = conversation_url(story.topics[0])
    before = story.robin.get(topic).data, story.heron.get(topic).data
    assert story.wren.send(f"{topic}/read", {"seq": "2"}).status_code == 303
    assert story.owl.send(f"{topic}/read", {"seq": "2"}).status_code == 303
    after = story.robin.get(topic).data, story.heron.get(topic).data
    assert [posts_region(p) for p in after] == [posts_region(p) for p in before]


def test_l19_ones_own_masked_post_is_new_to_oneself_too(story: Story) -> None:
    topic = story.topics[0]
    for who in (story.wren, story.robin):
        usecases.mark_read(who.actor, topic, 1)
    own, other = (article_of(w.get(conversation_url(topic)).data, story.masked[0]) for w in (story.wren, story.robin))
    assert own == other
    assert "Not read yet" in own


def test_l19_what_comes_in_meanwhile_is_new_also_if_one_wrote_it(story: Story) -> None:
    """Named posts of one's own could say "read". Then the one that does not, right after sending, is the masked one."""
    topic = story.topics[0]
    before = story.wren.get(f"{conversation_url(topic)}/changes?after=0").get_json()["to"]
    for masked in (False, True):
        story.world.reply(story.wren, topic, f"Said just now, {masked}.", masked=masked)
    path = f"{conversation_url(topic)}/changes?after={before}"
    mine, theirs = (who.get(path).get_json() for who in (story.wren, story.robin))
    assert mine == theirs
    assert [change["html"].count("Not read yet") for change in mine["changes"]] == [1, 1]


def test_l20_ids_say_the_hour_and_nothing_more(story: Story) -> None:
    topic = story.topics[0]
    ids = [
        story.world.reply((story.wren, story.heron)[n % 2], topic, f"Word {n}.", masked=n % 2 == 0) for n in range(16)
    ]
    hours = {post >> 33 for post in ids}
    assert len(hours) == 1
    assert ids != sorted(ids)
    assert ids != sorted(ids, reverse=True)
    assert len({post & ((1 << 33) - 1) for post in ids}) == 16


def test_l20_no_address_counts_anything_but_places_and_pages(story: Story) -> None:
    got = story.read(story.owl)
    random = re.compile(r"[a-z2-7]{26}|[a-z2-7]{12}")
    allowed = re.compile(r"\?to=\S+|\?step=[1-3]|\?(page|after)=\d+|\?answers=|\?return_to=|\?before=")
    for path in got.pages:
        bare = random.sub("", allowed.sub("", path))
        assert not re.search(r"\d", bare), path


def test_l21_owner_and_stranger_cost_the_same_on_the_topic_page(story: Story) -> None:
    topic = conversation_url(story.topics[0])
    fragments.forget()
    both = {}
    for who in (story.wren, story.robin, story.wren, story.robin):
        with _counting() as asked:
            page = who.get(topic).data
        both.setdefault(who.name, []).append((asked, posts_region(page)))
    own, other = both[story.wren.name][1], both[story.robin.name][1]
    assert own[0] == other[0]
    assert 1 <= len(own[0]) <= 2
    assert own[1] == other[1]


@contextmanager
def _counting() -> Iterator[list[str]]:
    """The statements that one page asks for, without their values: SQLAlchemy's own, and those compiled once."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    def ask(one: hot.Hot, *given: Any) -> Any:
        asked.append(str(one._statement))
        return right(one, *given)

    right, hot.Hot._ask = hot.Hot._ask, ask  # type: ignore[method-assign]
    for engine in db.engines.values():
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        hot.Hot._ask = right  # type: ignore[method-assign]
        for engine in db.engines.values():
            event.remove(engine, "before_cursor_execute", note)


def test_l22_no_page_about_people_can_be_kept_or_compared(story: Story) -> None:
    for who in (story.wren, *story.readers.values()):
        for path in (conversation_url(story.topics[0]), post_url(story.masked[0], "more"), f"/g/{story.group.address}"):
            head = who.get(path).headers
            assert head["Cache-Control"] == "no-store"
            assert head["Vary"] == "Cookie"
            assert not {"ETag", "Last-Modified", "Expires"} & set(head.keys())
        again = who.get(conversation_url(story.topics[0]), headers={"If-None-Match": "*"})
        assert again.status_code != 304


def test_l22_fragments_are_kept_without_their_reader(story: Story) -> None:
    """Whoever comes first, the next one is served the same; nothing of the first stands in the key."""
    topic = conversation_url(story.topics[0])
    served = []
    for first, second in ((story.wren, story.robin), (story.robin, story.wren)):
        fragments.forget()
        first.get(topic)
        served.append(posts_region(second.get(topic).data))
        assert len(fragments._pages) == 1
        for key in fragments._pages:
            assert not leads_to(key, story.wren.persona_id, story.wren.account_id or b"", story.robin.persona_id)
    assert served[0] == served[1]


# --- L25, L28: drafts, goodbyes ----------------------------------------------------------------------------------


def test_l25_unsent_words_are_in_nobody_elses_bytes(story: Story) -> None:
    """Kept words come back to their writer; refused ones in the answer to their own form alone."""
    here = conversation_url(story.topics[0])
    assert story.wren.send(f"{here}/posts", {"body": "canary kept", "masked": "yes", "later": "yes"}).status_code == 303
    refused = story.wren.send(f"{here}/posts", {"body": "canary refused " * 2000, "masked": "yes"})
    assert refused.status_code == 422
    assert b"canary refused" in refused.data
    own = story.wren.get(here).data
    assert b"canary kept" in own
    assert b"canary refused" not in own
    for who in story.readers.values():
        assert b"canary" not in story.read(who).everything


def test_l25_a_draft_shows_to_nobody_that_somebody_writes(story: Story) -> None:
    for who in story.readers.values():
        before = story.read(who).pages
        kept = {"body": "I am writing.", "masked": "yes", "later": "yes"}
        assert story.wren.send(f"{conversation_url(story.topics[0])}/posts", kept).status_code == 303
        assert differences(before, story.read(who).pages) == ""


def test_l25_a_draft_leads_a_thief_to_nobody_and_goes_with_the_post(story: Story) -> None:
    here, before = f"{conversation_url(story.topics[0])}/posts", everything()
    assert story.wren.send(here, {"body": "Not yet.", "masked": "yes", "later": "yes"}).status_code == 303
    found = [dict(r) for r in changed(before, everything())["draft"]]
    assert len(found) == 1
    assert not leads_to(found, story.wren.persona_id, story.topics[0], story.wren.account_id or b"", b"Not yet.")
    assert story.wren.send(here, {"body": "Now.", "masked": "yes"}).status_code == 303
    assert everything()["draft"] == set()


@READERS
def test_l28_masks_stay_apart_when_somebody_has_left(story: Story, reader: str) -> None:
    who = story.readers[reader]
    before = _uncounted(story.read(who).pages)
    with transaction():
        gone = update(Persona).where(Persona.id == story.wren.persona_id)
        here().execute(gone.values(standing=Standing.LEFT).execution_options(synchronize_session=False))
    assert differences(before, _uncounted(story.read(who).pages)) == ""
    assert story.wren.get(conversation_url(story.topics[0])).status_code == 404


def _uncounted(pages: dict[str, bytes]) -> dict[str, bytes]:
    """How many can read is said before one writes, how many agreed beside the rules, and each is one less now. Who looks
    after the group sees who left it."""
    told = {path: page for path, page in pages.items() if "/people" not in path and "/rules/agreed" not in path}
    return {path: re.sub(rb"\d+ people in this group can read this", b"", page) for path, page in told.items()}


def test_the_story_is_what_it_says(story: Story, world: World) -> None:
    assert [_state_of(p) for p in story.posts] == [PostState.VISIBLE] * 3 + [PostState.HELD]
    assert len(story.aliases()) == 2
    assert story.owl.actor.membership_in(story.group.scope.group_id).role is Role.MODERATOR
