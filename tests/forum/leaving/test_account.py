"""Deleting a sign-in: out of everything at once, back within 21 days with the words, and nothing left after them (J9)."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from forum.base import erasures, jobs
from forum.base.db import db, empty_journal, rows
from forum.base.idents import write_post_id
from forum.conversations import put_away, upkeep
from forum.live import ticker
from forum.models import Account, Credential, Farewell, Persona, Seat, SignIn
from tests.anonymity.traces import everything
from tests.security.scene import phrase_in
from tests.world import GroupHere, Person, World, conversation_url, text_of

CANARY = "plumcanary"


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def run_jobs(world: World) -> None:
    with world.app.app_context():
        while jobs.run_due():
            pass


def pass_days(world: World, days: int) -> None:
    for _n in range(days):
        world.moment.go(days=1)
        run_jobs(world)
        with world.app.app_context():
            put_away.purge()
            upkeep.purge_resends()


def words_of(person: Person) -> str:
    return phrase_in(person.send("/way-back", {"kind": "words"}).text)


def delete(person: Person, **form: str) -> str:
    answer = person.send("/going", form)
    assert answer.status_code == 200, text_of(answer)
    return text_of(answer)


def come_back(world: World, phrase: str) -> Person:
    phone = world.visitor()
    phone.get("/sign-in")
    assert phone.send("/sign-in", {"phrase": phrase}).status_code == 303
    return phone


def write_everywhere(world: World, wren: Person, heron: Person) -> list[bytes]:
    """The canary in posts, a title, an edit, a quote's source, a draft and a mask's words."""
    topics = [world.topic(wren, f"{CANARY} title", f"{CANARY} words"), world.topic(heron, "Another topic")]
    world.reply(wren, topics[1], f"{CANARY} hidden", masked=True)
    named = world.reply(wren, topics[1], f"{CANARY} edited")
    world.reply(heron, topics[1], "I answer you.", answers_id=named)
    wren.send(f"/p/{write_post_id(named)}/edit", {"body": f"{CANARY} anew"})
    wren.send(f"{conversation_url(topics[1])}/posts", {"body": f"{CANARY} draft", "later": "yes"})
    assert wren.group
    wren.send(f"/g/{wren.group.address}/ask", {"body": f"{CANARY} to the team"})
    world.settle()
    return topics


def test_deleting_ends_everything_at_once(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group, name="Mossy Heron"), world.person(group)
    phone = world.signed_in_again(wren)
    topics = write_everywhere(world, wren, heron)
    said = delete(wren, hidden="now")
    run_jobs(world)
    assert "signed out" in said
    assert phone.get("/going").status_code == 401
    for topic in topics:
        assert CANARY not in heron.get(conversation_url(topic)).text
    with world.app.app_context():
        assert not rows(select(SignIn.kind).where(SignIn.account_id == wren.account_id))


def test_the_six_words_undo_it_within_21_days(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group, name="Mossy Heron"), world.person(group)
    phrase = words_of(wren)
    topics = write_everywhere(world, wren, heron)
    delete(wren, hidden="apart")
    pass_days(world, 20)
    back = come_back(world, phrase)
    assert "Undo" in text_of(back.get("/going"))
    assert back.send("/going/undo").status_code == 303
    assert "Mossy Heron" in text_of(back.get("/"))
    assert f"{CANARY} words" in back.get(conversation_url(topics[0])).text
    assert f"{CANARY} title" in heron.get(conversation_url(topics[0])).text
    pass_days(world, 4)
    assert f"{CANARY} hidden" in heron.get(conversation_url(topics[1])).text


@pytest.mark.parametrize("hidden", ["apart", "now"])
def test_j9_after_21_days_the_canary_is_nowhere(world: World, group: GroupHere, hidden: str) -> None:
    """Tables, indexes, files of the database, memory, feed, export, jobs, ledger: everywhere but in a backup."""
    wren, heron = world.person(group, name="Mossy Heron"), world.person(group)
    phrase = words_of(wren)
    topics = write_everywhere(world, wren, heron)
    for topic in topics:
        assert CANARY in heron.get(conversation_url(topic)).text, "it was there to be found"
    with world.app.app_context():
        assert _found(CANARY), "and a search of the tables finds it"
    delete(wren, hidden=hidden)
    pass_days(world, 26)
    with world.app.app_context():
        ticker.forget_pages()
        assert _found(CANARY) == []
        assert _found("Mossy Heron") == []
        assert CANARY.encode() not in _files(world)
        assert b"Mossy Heron" not in _files(world)
        assert not rows(select(Farewell.tag))
        assert not rows(select(Credential.lookup))
        assert len(rows(select(Seat.tag))) == 1, "the other member's"
        assert not rows(select(Account.id).where(Account.id == wren.account_id))
        persona = rows(select(Persona.name).where(Persona.id == wren.persona_id))[0]
        assert persona.name == "Someone who left"
        assert upkeep.replay_erasures() == 0, "nothing is left to erase again"
        ledger = "".join(f"{table}{ident!r}" for table, ident in erasures.noted())
    assert CANARY not in ledger
    for path in (conversation_url(topics[1]), f"{conversation_url(topics[1])}/changes?after=0", f"/g/{group.address}"):
        assert CANARY not in heron.get(path).text
    stranger = world.visitor()
    stranger.get("/sign-in")
    assert stranger.send("/sign-in", {"phrase": phrase}).status_code == 403


def _found(canary: str) -> list[str]:
    return [
        f"{table}.{name}"
        for table, found in everything().items()
        for one in found
        for name, value in one
        if canary in (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
    ]


def _files(world: World) -> bytes:
    """What lies on the disk; of SQLite the database itself with all its indexes and free pages."""
    if db.engine.dialect.name != "sqlite":
        return b""
    path = Path(str(db.engine.url.database))
    empty_journal()
    return path.read_bytes()


def test_a_persona_and_an_account_come_back_from_no_restored_copy(world: World, group: GroupHere) -> None:
    wren = world.person(group, name="Mossy Heron")
    with world.app.app_context():
        erasures.note("persona", wren.persona_id)
        erasures.note("account", wren.account_id or b"")
        assert upkeep.replay_erasures() == 2
        assert _found("Mossy Heron") == []
        assert not rows(select(Account.id).where(Account.id == wren.account_id))
        assert upkeep.replay_erasures() == 0


def test_two_groups_of_one_person_stay_apart(world: World, group: GroupHere) -> None:
    """L28: after erasure the masks and names of two groups, and of two topics, are still nobody's and not each other's."""
    other = world.group("Lantern Trust")
    wren, heron = world.person(group), world.person(group)
    there = world.join(wren, other)
    topics = [world.topic(heron, f"Topic {n}") for n in range(2)]
    for topic in topics:
        world.reply(wren, topic, "Under an alias.", masked=True)
    world.topic(there, body="Elsewhere.")
    delete(wren, hidden="stay")
    pass_days(world, 26)
    ids = {wren.persona_id, there.persona_id, wren.account_id}
    with world.app.app_context():
        assert everything()["mask_owner"] == set()
        for table, found in everything().items():
            for one in found:
                values = [value for _name, value in one]
                assert sum(ident in values for ident in ids) <= 1, table
    for topic in topics:
        assert "Under an alias." in heron.get(conversation_url(topic)).text


def test_without_a_way_back_the_page_says_so(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    assert "Without six words you cannot undo this" in text_of(wren.get("/going"))
    words_of(wren)
    assert "Without six words you cannot undo this" not in text_of(wren.get("/going"))


def test_each_is_three_taps_from_the_group_or_from_home(world: World, group: GroupHere) -> None:
    """A tap for each link, and the last one on the button: no question why, no box that must be ticked."""
    wren = world.person(group)
    for start, path in {
        f"/g/{group.address}": ("going", "going/words"),
        f"/g/{group.address} ": ("going", "going/leave"),
        f"/g/{group.address}  ": ("going", "copy"),
    }.items():
        page = start.strip()
        for step in path:
            assert f'href="{page.split("/going")[0]}/{step}"' in wren.get(page).text
            page = f"/g/{group.address}/{step}"
        assert re.search(r'<form method="post" action="/g/[^"]+">', wren.get(page).text)
    assert 'href="/going"' in wren.get("/").text
    assert 'action="/going"' in wren.get("/going").text
    assert timedelta(days=21) == put_away.UNDO
