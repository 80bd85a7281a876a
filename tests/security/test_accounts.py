"""S15 to S17: joining asks for nothing, phrases stand nowhere, and wrong tries learn nothing and lock nobody out."""

import difflib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import event

from forum.accounts import digits, slowing, usecases, ways_back
from forum.accounts.phrases import new_phrase, read_phrase
from forum.base import hashing
from forum.base.db import db
from forum.base.errors import NotAllowed, TooMany
from forum.policy.actor import VISITOR, Actor
from tests.security.crawl import parse
from tests.security.dump import dump_of
from tests.security.scene import phrase_in, plain
from tests.world import Person, World

#: A column with one of these in its name would be about who somebody is outside.
IDENTITY = re.compile(
    r"e?mail|phone|mobile|first_?name|last_?name|surname|real_?name|birth|dob|postcode|zip|street|gender|nhs|passport"
    r"|user_?agent|remote|\bip\b|_ip$|^ip_|last_seen|last_login|created_at|joined"
)
#: Everything a person has to give for each of these rows to exist, and all of it is made by the server.
OF_A_PERSON = {
    "account": {"id"},
    "credential": {"lookup", "account_id", "verifier", "kind"},
    "sign_in": {"cookie_sha256", "kind", "ends_on", "last_end"},
    "persona": {"id", "group_id", "holder_tag", "name", "skeleton", "role", "standing", "key_id"},
}


def test_sec_s15_no_table_has_a_column_about_who_somebody_is() -> None:
    columns = {f"{t.name}.{c.name}": c.name for t in db.metadata.tables.values() for c in t.columns}
    assert len(columns) > 80
    # The Monday of the week in which somebody came in, for boards that ask how long they have been here (record 0027).
    assert [full for full, name in columns.items() if IDENTITY.search(name)] == ["persona.joined_on"]


def test_sec_s15_a_person_needs_to_give_nothing() -> None:
    for table, needed in OF_A_PERSON.items():
        required = {c.name for c in db.metadata.tables[table].columns if not c.nullable}
        assert required == needed, table


def test_sec_s15_joining_asks_for_no_name_of_this_world(world: World) -> None:
    group, visitor = world.group(), world.visitor()
    page = parse(visitor.get(f"/g/{group.address}/write").get_data(as_text=True))
    inputs = [a for tag, a in page.tags if tag in ("input", "textarea", "select")]
    assert inputs
    for field in inputs:
        assert field.get("type", "text") in ("hidden", "checkbox", "radio"), field
        assert "required" not in field
        assert field.get("autocomplete", "off") not in ("email", "tel", "name", "street-address", "bday")


def test_the_pattern_notices_what_it_should() -> None:
    for name in ("email", "phone_number", "last_seen", "user_agent", "ip", "remote_addr", "created_at"):
        assert IDENTITY.search(name), name
    for name in ("id", "description", "kept", "name", "tag", "recipient_tag", "zone"):
        assert not IDENTITY.search(name), name


# --- S16 ----------------------------------------------------------------------------------------------------------


def test_sec_s16_the_phrase_stands_nowhere(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    person = world.person(world.group())
    phrase = phrase_in(person.send("/way-back").get_data(as_text=True))
    phone = world.visitor()
    phone.get("/sign-in")
    assert phone.send("/sign-in", {"phrase": phrase}).status_code == 303
    phone.send("/sign-in", {"phrase": phrase + " x"})

    kept = dump_of(world.app) + caplog.text.encode()
    words = phrase.split()
    canonical = read_phrase(phrase) or ""
    numbers = digits.of_phrase(canonical)
    spelled = [
        numbers,
        " ".join(digits.in_groups(numbers)),
        phrase,
        "".join(words),
        "-".join(words),
        canonical,
        *(" ".join(words[n : n + 2]) for n in range(5)),
    ]
    for spelling in spelled:
        assert len(spelling) > 5
        assert spelling.encode() not in kept


def test_the_dump_finds_words_that_do_stand_in_it(world: World) -> None:
    world.topic(world.person(world.group()), "A titled kestrel", "A written siskin.")
    kept = dump_of(world.app)
    assert b"A titled kestrel" in kept
    assert b"A written siskin." in kept


def try_phrase(address: str, phrase: str = "abandon the wrong six words here") -> int:
    """One try; how long it is told to wait, 0 if it was looked at."""
    try:
        usecases.sign_in_with_phrase(VISITOR, phrase, False, address)
    except TooMany as error:
        return error.retry_after
    except NotAllowed:
        return 0
    pytest.fail("a wrong phrase opened something")


@pytest.mark.pages  # what counts the tries is in memory, whatever the database
@pytest.mark.timeout(300)  # 13 s on SQLite and 40 s on PostgreSQL of a busy machine with 2 cores
def test_sec_s16_ten_thousand_wrong_tries_take_days_and_lock_nobody_out(world: World, inside: Flask) -> None:
    person = world.person(world.group())
    phrase = ways_back.make_phrase(Actor(person.account_id))
    began, looked_at = world.moment.at, 0
    while looked_at < 10_000:
        if wait := try_phrase("203.0.113.7"):
            assert wait <= slowing.LONGEST_S
            world.moment.go(seconds=wait)
        else:
            looked_at += 1
    assert (world.moment.at - began).total_seconds() > 10_000 * 25

    # Somebody else's first try, and the household's own after one more wait.
    assert usecases.sign_in_with_phrase(VISITOR, phrase, False, "192.0.2.1").secret
    with pytest.raises(TooMany) as told:
        usecases.sign_in_with_phrase(VISITOR, phrase, False, "203.0.113.7")
    world.moment.go(seconds=told.value.retry_after)
    assert usecases.sign_in_with_phrase(VISITOR, phrase, False, "203.0.113.7").secret


def test_sec_s16_a_thousand_doors_at_once_lock_nobody_out(world: World, inside: Flask) -> None:
    """Many addresses, each trying as fast as it may, ten times a second: one member waits once, for a second."""
    person = world.person(world.group())
    phrase = ways_back.make_phrase(Actor(person.account_id))
    looked_at = 0
    for n in range(1_000):
        looked_at += try_phrase(f"10.0.{n // 250}.{n % 250}") == 0
        world.moment.go(milliseconds=100)
    assert looked_at < 200
    waits = []
    for _attempt in range(3):
        try:
            assert usecases.sign_in_with_phrase(VISITOR, phrase, False, "192.0.2.1").secret
            break
        except TooMany as error:
            waits.append(error.retry_after)
            for _n in range(10 * error.retry_after):
                try_phrase(f"10.9.9.{_n}")
                world.moment.go(milliseconds=100)
    assert waits in ([], [1])


# --- S17 ----------------------------------------------------------------------------------------------------------


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the database and of the stretching, in order."""
    heard: list[str] = []
    stretch = hashing._stretch

    def counted(*args: object) -> object:
        heard.append("stretch")
        return stretch(*args)  # type: ignore[arg-type]

    def asked(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        heard.append(statement)

    monkeypatch.setattr(hashing, "_stretch", counted)
    engines = [db.engine, db.engines["read"]]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", asked)
    try:
        yield heard
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", asked)


def asked_by(
    world: World, monkeypatch: pytest.MonkeyPatch, visitor: Person, path: str, form: dict[str, str]
) -> tuple[object, ...]:
    """Everything that a stranger could measure of one try: status, bytes, headers, and what had to be done for it."""
    slowing.tries = slowing.Slowing()
    with world.app.app_context(), watched(monkeypatch) as heard:
        answer = visitor.send(path, form)
    said = plain(answer, path).decode()
    for typed in form.values():  # a page may show what was typed to the one who typed it
        said = said.replace(f' value="{escape(typed)}"', "")
    headers = {k: v for k, v in answer.headers if k not in ("Set-Cookie", "Content-Length")}
    return answer.status_code, len(said), said, tuple(sorted(headers.items())), tuple(heard)


def differences(one: tuple[object, ...], other: tuple[object, ...]) -> list[str]:
    """What tells one answer from the other, for whoever has to mend it."""
    said = difflib.unified_diff(str(one[2]).splitlines(), str(other[2]).splitlines(), lineterm="", n=0)
    rest = [f"{a!r} != {b!r}" for a, b in zip(one, other, strict=True) if a != b and not isinstance(a, str)]
    return [*said, *rest]


def test_sec_s17_a_phrase_of_nobody_and_a_nearly_right_one_answer_alike(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = world.person(world.group())
    phrase = phrase_in(person.send("/way-back").get_data(as_text=True))
    words = phrase.split()
    other = next(w for w in words if w != words[0])
    visitor = world.visitor()
    visitor.get("/sign-in")
    tries = {
        "one word wrong": " ".join([other, *words[1:]]),
        "words in another order": " ".join(reversed(words)),
        "one word missing": " ".join(words[:5]),
        "nobody's": "these words never were anybody's phrase",
        "very long": "word " * 200,
    }
    got = {why: asked_by(world, monkeypatch, visitor, "/sign-in", {"phrase": p}) for why, p in tries.items()}
    first = got["nobody's"]
    assert first[0] == 403
    assert first[4].count("stretch") == 1  # type: ignore[attr-defined]
    for why, measured in got.items():
        assert differences(measured, first) == [], why


def test_sec_s17_numbers_of_nobody_and_numbers_that_ended_answer_alike(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device's numbers that were used, that are over, and that never were; and a phrase's digits of nobody."""
    person = world.person(world.group())
    used, over = (_digits_of(person.send("/devices/code").text) for _ in range(2))
    phone = world.visitor()
    phone.get("/sign-in")
    assert phone.send("/sign-in", {"phrase": used}).status_code == 303
    world.moment.go(minutes=11)
    visitor = world.visitor()
    visitor.get("/sign-in")
    visitor.send("/language", {"language": "en"})  # the first form after a while also looks what is due
    tries = {"used": used, "over": over, "never": digits.new_code()}
    got = {why: asked_by(world, monkeypatch, visitor, "/sign-in", {"phrase": typed}) for why, typed in tries.items()}
    assert got["never"][0] == 403
    for why, measured in got.items():
        assert differences(measured, got["never"]) == [], why

    replaced = _digits_of(person.send("/way-back").text)
    person.send("/way-back", {"instead": "all"})
    nobodys = digits.of_phrase(new_phrase())
    got = {typed: asked_by(world, monkeypatch, visitor, "/sign-in", {"phrase": typed}) for typed in (replaced, nobodys)}
    assert got[nobodys][0] == 403
    assert differences(got[replaced], got[nobodys]) == []


@pytest.mark.pages
def test_sec_s16_ten_thousand_wrong_numbers_take_days(world: World, inside: Flask) -> None:
    """Each place that tries waits as for phrases; there are a hundred thousand million numbers, and ten minutes."""
    looked_at, began = 0, world.moment.at
    while looked_at < 1_000:
        if wait := try_phrase("203.0.113.7", digits.new_code()):
            world.moment.go(seconds=wait)
        else:
            looked_at += 1
    assert (world.moment.at - began).total_seconds() > 1_000 * 25


def _digits_of(page: str) -> str:
    return "".join(re.findall(r"<span>(\d{4})</span>", page))


def test_sec_s17_a_name_of_nobody_and_a_wrong_password_answer_alike(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = world.person(world.group())
    chosen = {"name": "quiet morning", "password": "a long enough one"}
    assert person.send("/way-back/name", chosen).status_code == 303
    visitor = world.visitor()
    visitor.get("/sign-in")
    wrong = asked_by(world, monkeypatch, visitor, "/sign-in", chosen | {"password": "a wrong one indeed"})
    nobody = asked_by(world, monkeypatch, visitor, "/sign-in", chosen | {"name": "never chosen"})
    persona = asked_by(world, monkeypatch, visitor, "/sign-in", chosen | {"name": person.name})
    assert wrong == nobody == persona
    assert wrong[0] == 403
    slowing.tries = slowing.Slowing()
    assert visitor.send("/sign-in", chosen).status_code == 303


def test_sec_s17_choosing_a_name_never_says_that_somebody_has_it(world: World) -> None:
    group = world.group()
    one, two = world.person(group), world.person(group)
    pair = {"name": "quiet morning", "password": "a long enough one"}
    assert one.send("/way-back/name", pair).status_code == 303
    assert two.send("/way-back/name", pair | {"password": "another long one"}).status_code == 303


def test_sec_s17_the_door_of_a_group_answers_alike_for_a_taken_and_a_free_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the rules are answered. After them a taken name has to be refused, or two people would share it."""
    group = world.group()
    member = world.person(group, name="Marsh Harrier")
    visitor = world.visitor()
    visitor.get("/sign-in")
    path = f"/g/{group.address}/join"
    taken = asked_by(world, monkeypatch, visitor, path, {"name": member.name})
    free = asked_by(world, monkeypatch, visitor, path, {"name": "Marsh Herrier"})
    assert taken[0] == free[0] == 422
    assert taken[1] == free[1]
    assert taken[4] == free[4]


def test_sec_s17_a_name_that_somebody_has_elsewhere_is_nothing_to_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only its owner is warned; for everybody else it is a name like any other."""
    here, elsewhere = world.group(), world.group()
    heron, wren = world.person(here), world.person(elsewhere, name="Tidy Wagtail")
    world.join(wren, here)
    path = f"/g/{here.address}/rename"
    had = asked_by(world, monkeypatch, heron, path, {"own_name": "Tidy Wagtail"})
    free = asked_by(world, monkeypatch, heron, path, {"own_name": "Tidy Bunting"})
    assert had[0] == 303
    assert differences(had, free) == []
    assert wren.send(path, {"own_name": "Tidy Wagtail"}).status_code == 422


def test_the_measure_notices_a_difference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: one more look-up for one try than for another is seen."""
    visitor, form = world.visitor(), {"phrase": "one two three four five six"}
    visitor.get("/sign-in")
    plainly = asked_by(world, monkeypatch, visitor, "/sign-in", form)
    assert asked_by(world, monkeypatch, visitor, "/sign-in", form) == plainly
    monkeypatch.setattr(usecases.queries, "phrase_salts", lambda: [b"12345678", b"87654321"])
    assert asked_by(world, monkeypatch, visitor, "/sign-in", form) != plainly
