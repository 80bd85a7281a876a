"""A group kept apart: nothing in a copy of the database, on a page or on the command line leads from one sign-in to the
other, and everything that its persona had goes along."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click import Command, Group
from sqlalchemy import event

from forum.accounts import digits
from forum.accounts.phrases import read_phrase
from forum.accounts.queries import phrase_salts
from forum.base import hashing
from forum.base.db import db, rows
from forum.groups import apart
from forum.models import Account, Credential, SignIn, SignInKind
from forum.policy.members import list_scopes, names_of
from tests.binding import bind
from tests.security.scene import phrase_in
from tests.world import GroupHere, Person, World, conversation_url, text_of


def words_for(person: Person, group: GroupHere) -> tuple[str, str]:
    """The words of the sign-in to be, with their token."""
    page = person.send(f"/g/{group.address}/apart/words").text
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert token
    return phrase_in(page), token[1]


def keep_apart(person: Person, group: GroupHere) -> str:
    phrase, token = words_for(person, group)
    answer = person.send(f"/g/{group.address}/apart", {"phrase": phrase, "token": token})
    assert answer.status_code == 303, text_of(answer)
    return phrase


def come_back(world: World, phrase: str) -> Person:
    phone = world.visitor()
    phone.get("/sign-in")
    assert phone.send("/sign-in", {"phrase": phrase}).status_code == 303
    return phone


@pytest.fixture
def two(world: World) -> tuple[Person, GroupHere, GroupHere]:
    """Somebody in two groups of two organisations, who wants to hide the second."""
    open_one, hidden = world.group("Harbour Trust"), world.group("Lantern Trust")
    wren = world.person(open_one, name="Tidy Wagtail")
    return wren, open_one, hidden


def test_the_group_has_a_sign_in_of_its_own(world: World, two: tuple[Person, GroupHere, GroupHere]) -> None:
    wren, open_one, hidden = two
    there = world.join(wren, hidden, name="Mossy Heron")
    topic = world.topic(there, body="Said before.")
    phone = come_back(world, keep_apart(wren, hidden))
    home = text_of(phone.get("/"))
    assert hidden.name in home
    assert "Mossy Heron" in home
    assert open_one.name not in home
    assert "Said before." in text_of(phone.get(conversation_url(topic)))
    assert "Change" in text_of(phone.get(f"/p/{_first_post(phone, topic)}/more")), "they are still its author"


def _first_post(person: Person, topic: bytes) -> str:
    found = re.search(r"/p/([a-z2-7]{12})/more", person.get(conversation_url(topic)).text)
    assert found
    return found[1]


def test_the_first_sign_in_knows_nothing_of_it(world: World, two: tuple[Person, GroupHere, GroupHere]) -> None:
    wren, open_one, hidden = two
    there = world.join(wren, hidden, name="Mossy Heron")
    topic = world.topic(there)
    with world.app.app_context():
        assert names_of(wren.account_id or b"") == {"Tidy Wagtail", "Mossy Heron"}
    keep_apart(wren, hidden)
    for path in ("/", "/devices", "/way-back", "/apart", "/groups"):
        page = text_of(wren.get(path))
        assert "Mossy Heron" not in page
        assert path == "/groups" or hidden.name not in page
    assert wren.get(conversation_url(topic)).status_code == 404
    with world.app.app_context():
        assert names_of(wren.account_id or b"") == {"Tidy Wagtail"}
        assert [s.group_id for s in list_scopes(wren.account_id or b"")] == [open_one.scope.group_id]


def test_drafts_markers_and_aliases_go_along(world: World, two: tuple[Person, GroupHere, GroupHere]) -> None:
    wren, _open_one, hidden = two
    there = world.join(wren, hidden, name="Mossy Heron")
    topic = world.topic(world.person(hidden))
    world.reply(there, topic, "Under an alias.", masked=True)
    wren.send(f"{conversation_url(topic)}/read", {"seq": "2"})
    with world.app.app_context():
        membership = there.actor.membership_in(hidden.scope.group_id)
        assert membership
        before = membership.persona_id
    phone = come_back(world, keep_apart(wren, hidden))
    assert "Nothing new to read" in text_of(phone.get("/"))
    holder = next(a for a in _accounts(world) if a.id != wren.account_id and _sits_in(world, a.id, hidden))
    moved = Person(world, phone.client, "", holder.id, b"", hidden)
    with world.app.app_context():
        now = moved.actor.membership_in(hidden.scope.group_id)
    assert now
    assert now.persona_id == before
    assert "Under an alias." in text_of(phone.get(conversation_url(topic)))


def _sits_in(world: World, account_id: bytes, group: GroupHere) -> bool:
    """Whether an account is who keeps the group apart: it alone sits there and nowhere else, and was made last."""
    with world.app.app_context():
        return list_scopes(account_id) == [group.scope] and "Mossy Heron" in names_of(account_id)


@contextmanager
def statement_log() -> Iterator[list[list[Any]]]:
    """The values of every transaction that writes."""
    log: list[list[Any]] = [[]]

    def said(_conn: Any, _cursor: Any, _statement: str, values: Any, *_rest: Any) -> None:
        log[-1].append(values)

    def over(_conn: Any) -> None:
        log.append([])

    event.listen(db.engine, "before_cursor_execute", said)
    event.listen(db.engine, "commit", over)
    try:
        yield log
    finally:
        event.remove(db.engine, "before_cursor_execute", said)
        event.remove(db.engine, "commit", over)


def holds(values: Any, wanted: bytes) -> bool:
    """Whether these bytes stand in a statement's values, as they are or spelled out."""
    values = getattr(values, "obj", values)  # as psycopg wraps them
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, list | tuple):
        return any(holds(one, wanted) for one in values)
    if isinstance(values, bytes | bytearray | memoryview):
        return wanted in bytes(values)
    return isinstance(values, str) and wanted.hex() in values


def test_l24_no_transaction_knows_an_account_and_the_persona(
    world: World, two: tuple[Person, GroupHere, GroupHere]
) -> None:
    """Rows of one transaction can be joined by a thief: neither account stands beside the persona, nor beside the other."""
    wren, _open_one, hidden = two
    there = world.join(wren, hidden)
    before = {a.id for a in _accounts(world)}
    phrase, token = words_for(wren, hidden)
    with world.app.app_context(), statement_log() as log:
        wren.send(f"/g/{hidden.address}/apart", {"phrase": phrase, "token": token})
        phone = come_back(world, phrase)
    phone.get("/")
    first = wren.account_id or b""
    (second,) = {a.id for a in _accounts(world)} - before
    assert any(holds(one, there.persona_id) for one in log), "the log sees what is written"
    assert any(holds(one, second) for one in log)
    for one in log:
        assert sum(holds(one, ident) for ident in (first, second, there.persona_id)) <= 1


def _accounts(world: World) -> list[Any]:
    with world.app.app_context():
        return list(rows(Account.__table__.select()))


def test_l24_no_row_joins_the_two_sign_ins(world: World, two: tuple[Person, GroupHere, GroupHere]) -> None:
    wren, _open_one, hidden = two
    there = world.join(wren, hidden)
    before = {a.id for a in _accounts(world)}
    keep_apart(wren, hidden)
    first = wren.account_id or b""
    (second,) = {a.id for a in _accounts(world)} - before
    seen = 0
    with world.app.app_context():
        for table in db.metadata.sorted_tables:
            for found in rows(table.select()):
                values = list(found)
                beside = [ident for ident in (first, second, there.persona_id) if holds(values, ident)]
                seen += bool(beside)
                assert len(beside) <= 1, table.name
    assert seen >= 3


def test_signing_in_on_the_same_device_writes_of_one_account_at_a_time(
    world: World, two: tuple[Person, GroupHere, GroupHere]
) -> None:
    wren, _open_one, hidden = two
    world.join(wren, hidden)
    before = {a.id for a in _accounts(world)}
    phrase = keep_apart(wren, hidden)
    (second,) = {a.id for a in _accounts(world)} - before
    with world.app.app_context():
        (device,) = [r.cookie_sha256 for r in rows(SignIn.__table__.select()) if r.account_id == wren.account_id]
    with world.app.app_context(), statement_log() as log:
        assert wren.send("/sign-in", {"phrase": phrase}).status_code == 303
    for one in log:
        assert not (holds(one, second) and holds(one, device))
    assert hidden.name in text_of(wren.get("/"))
    with world.app.app_context():
        assert not [r for r in rows(SignIn.__table__.select()) if r.cookie_sha256 == device], "the old one is over"


def test_a_second_try_finishes_what_the_first_began(
    world: World, two: tuple[Person, GroupHere, GroupHere], monkeypatch: pytest.MonkeyPatch
) -> None:
    wren, _open_one, hidden = two
    world.join(wren, hidden)
    phrase, token = words_for(wren, hidden)

    def fails(*_args: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr(apart, "_move", fails)
        assert wren.send(f"/g/{hidden.address}/apart", {"phrase": phrase, "token": token}).status_code == 500
    assert hidden.name in text_of(wren.get("/")), "nothing is lost meanwhile"
    assert wren.send(f"/g/{hidden.address}/apart", {"phrase": phrase, "token": token}).status_code == 303
    with world.app.app_context():
        halves = hashing.stretch(read_phrase(phrase) or "", phrase_salts()[0])
        assert len([c for c in rows(Credential.__table__.select()) if c.lookup == halves.lookup]) == 1
    assert hidden.name in text_of(come_back(world, phrase).get("/"))


def test_only_the_words_that_were_shown_are_taken(world: World, two: tuple[Person, GroupHere, GroupHere]) -> None:
    wren, open_one, hidden = two
    world.join(wren, hidden)
    _phrase, token = words_for(wren, hidden)
    other, _other_token = words_for(wren, hidden)
    for typed in (other, "acorn acorn acorn acorn acorn acorn", ""):
        assert wren.send(f"/g/{hidden.address}/apart", {"phrase": typed, "token": token}).status_code == 422
    heron = world.join(world.person(open_one), hidden)
    assert heron.send(f"/g/{hidden.address}/apart", {"phrase": _phrase, "token": token}).status_code == 422
    numbers = digits.of_phrase(read_phrase(_phrase) or "")
    assert wren.send(f"/g/{hidden.address}/apart", {"phrase": numbers, "token": token}).status_code == 303


def test_a_shared_device_an_only_group_and_the_team_keep_nothing_apart(world: World) -> None:
    group, other = world.group(), world.group()
    alone = world.person(group)
    assert alone.send(f"/g/{group.address}/apart/words").status_code == 403
    shared = world.person(group, device=SignInKind.SHARED)
    world.join(shared, other)
    assert shared.send(f"/g/{group.address}/apart/words").status_code == 403
    world.join(alone, other)
    assert alone.send(f"/g/{group.address}/apart/words").status_code == 200


def test_no_command_says_which_personas_are_one_person(world: World, two: tuple[Person, GroupHere, GroupHere]) -> None:
    """Everything that an operator can ask without naming anything, and the help of all the rest."""
    wren, _open_one, hidden = two
    world.join(wren, hidden, name="Mossy Heron")
    runner, asked = world.app.test_cli_runner(), 0
    for path in _commands(world.app.cli):
        said = runner.invoke(args=[*path, "--help"]).output
        assert "persona" not in said.lower() or "account" not in said.lower(), path
        asked += 1
        if path in (("group", "list"), ("jobs",), ("doctor",), ("admin", "list")):
            said = runner.invoke(args=list(path)).output
            assert not ("Tidy Wagtail" in said and "Mossy Heron" in said), path
    assert asked > 5


def _commands(found: Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(found, Group):
        for name, inner in found.commands.items():
            if name not in ("db", "run", "shell", "routes"):
                yield from _commands(inner, (*path, name))
    else:
        yield path


# --- A name used twice ---


def test_a_name_i_have_elsewhere_warns_me_and_only_me(world: World, two: tuple[Person, GroupHere, GroupHere]) -> None:
    wren, _open_one, hidden = two
    with world.app.app_context():
        bind(hidden.scope, {"identity.cross_group": "same handle"})
    world.join(wren, hidden, name="Mossy Heron")
    heron = world.person(hidden)
    path = f"/g/{hidden.address}/rename"
    warned = wren.send(path, {"own_name": "tidy  wagtail"})
    assert warned.status_code == 422
    assert "You have this name in another group." in text_of(warned)
    assert heron.send(path, {"own_name": "Tidy Wagtail"}).status_code == 303, "others are told nothing"
    heron.send(path, {"own_name": "Ochre Plover"})
    answer = wren.send(path, {"own_name": "Tidy Wagtails", "anyway": "yes"})
    assert answer.status_code == 303


def test_a_name_i_have_elsewhere_warns_me_when_i_join(world: World, two: tuple[Person, GroupHere, GroupHere]) -> None:
    wren, _open_one, hidden = two
    with world.app.app_context():
        bind(hidden.scope, {"identity.cross_group": "same handle"})
    heron = world.person(world.group())
    path, name = f"/g/{hidden.address}/name", {"own_name": "Tidy Wagtail"}
    assert "You have this name in another group." in text_of(wren.send(path, name))
    assert "You have this name in another group." not in text_of(heron.send(path, name))
    warned = wren.send(f"/g/{hidden.address}/join", {"name": "Tidy Wagtail"})
    assert warned.status_code == 422
    assert 'name="anyway"' in warned.text


def test_nothing_warns_of_a_group_that_is_kept_apart(world: World, two: tuple[Person, GroupHere, GroupHere]) -> None:
    wren, open_one, hidden = two
    world.join(wren, hidden, name="Mossy Heron")
    path = f"/g/{open_one.address}/rename"
    assert wren.send(path, {"own_name": "Mossy Heron"}).status_code == 422
    keep_apart(wren, hidden)
    assert wren.send(path, {"own_name": "Mossy Heron"}).status_code == 303
