"""Sessions: what the cookie says, how long each kind lives, that it is replaced and ended when it should be."""

import re
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.accounts import ways_back
from forum.base.db import row, rows
from forum.ground_rules import queries as rules
from forum.models import SignIn, SignInKind
from forum.web import sessions, sign_ins
from tests.conftest import Clock
from tests.world import BASE, GroupHere, Person, World, answers_for, conversation_url

OWN, SHARED, VISITOR = SignInKind.OWN, SignInKind.SHARED, SignInKind.VISITOR
DAY = timedelta(days=1)


def cookie_of(answer: TestResponse) -> str | None:
    """The Set-Cookie of our own cookie, whole."""
    found = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{sessions.COOKIE}=")]
    assert len(found) <= 1
    return found[0] if found else None


def join(world: World, visitor: Person, group: GroupHere, *, shared: bool) -> TestResponse:
    """Answer the rules and come in, as the form does."""
    visitor.get(f"/g/{group.address}/write")
    with world.app.app_context():
        found = rules.find_rules(group.scope.group_id)
        assert found
        answers = {f"answer-{uid}": answer for uid, answer in answers_for(found).items()}
    form = {"name": "Quiet Wren", "method": "self", **answers, **({"shared": "yes"} if shared else {})}
    return visitor.send(f"/g/{group.address}/join", form)


def come_back(world: World, person: Person, *, shared: bool, browser: Person | None = None) -> TestResponse:
    """Sign in with a return phrase, in another browser or in the same."""
    with world.app.app_context():
        phrase = ways_back.make_phrase(person.actor)
    form = {"phrase": phrase, **({"shared": "yes"} if shared else {})}
    back = browser or world.visitor()
    back.get("/sign-in")
    return back.send("/sign-in", form)


def is_in(person: Person) -> bool:
    """Whether this browser is still signed in. Asking is using it."""
    return person.get("/devices").status_code == 200


def stored(person: Person) -> datetime:
    found = row(select(SignIn.ends_on).where(SignIn.cookie_sha256 == sign_ins.hash_of(person.cookie or "")))
    assert found
    return found.ends_on


# --- The cookie (S3) ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["visit", "join", "join shared", "sign in", "sign in shared", "leave"])
def test_sec_s3_every_cookie_is_short_opaque_and_for_us_alone(world: World, door: str) -> None:
    group = world.group()
    shared = door.endswith("shared")
    if door == "visit":
        answer = world.visitor().get(f"/g/{group.address}/write")
    elif door.startswith("join"):
        answer = join(world, world.visitor(), group, shared=shared)
    elif door == "leave":
        answer = world.person(group).get("/leave")
    else:
        answer = come_back(world, world.person(group), shared=shared)

    sent = cookie_of(answer)
    assert sent, answer.status_code
    morsel = SimpleCookie(sent)[sessions.COOKIE]
    assert sessions.COOKIE.startswith("__Host-")
    assert (morsel["path"], morsel["domain"], morsel["samesite"]) == ("/", "", "Lax")
    assert morsel["secure"] is True
    assert morsel["httponly"] is True
    assert len(f"{sessions.COOKIE}={morsel.value}") <= 64
    if door == "leave":
        assert morsel.value == ""
        return
    assert len(urlsafe_b64decode(morsel.value + "==")) * 8 == 128
    stays = bool(morsel["expires"] or morsel["max-age"])
    assert stays is (door in ("join", "sign in")), "only one's own device keeps it when the browser is closed"


def test_sec_s3_no_two_cookies_are_alike_and_rows_hold_their_hashes(world: World, inside: Flask) -> None:
    group = world.group()
    people = [world.person(group) for _n in range(5)]
    cookies = {p.cookie or "" for p in people}
    assert len(cookies) == 5
    assert {r.cookie_sha256 for r in rows(select(SignIn.cookie_sha256))} == {sign_ins.hash_of(c) for c in cookies}


@pytest.mark.parametrize("value", ["", "short", "a" * 21, "a" * 23, "a" * 22, "ä" * 22, "a" * 5_000, '"', "%00" * 8])
def test_sec_s3_a_made_up_cookie_is_nobody(world: World, value: str) -> None:
    visitor = world.visitor()
    headers = {"Cookie": f"{sessions.COOKIE}={value}".encode().decode("latin-1")}
    answer = visitor.client.get("/devices", base_url=BASE, headers=headers)
    assert answer.status_code == 401


# --- How long (S19) ----------------------------------------------------------------------------------------------


def sign_in_on(world: World, moment: Clock, day: datetime, kind: SignInKind = OWN) -> Person:
    moment.at = day
    return world.person(world.group(), device=kind)


STARTS = [datetime(2027, month, day, 9, 30, tzinfo=UTC) for month, day in ((1, 1), (1, 15), (1, 16), (1, 31), (2, 28), (12, 31))]  # fmt: skip


@pytest.mark.parametrize("start", STARTS, ids=lambda d: f"{d:%d %b}")
@pytest.mark.parametrize("idle", [29.9, 46.9, 48])
def test_sec_s19_ones_own_device_lives_thirty_idle_days_and_at_most_half_a_month_more(
    world: World, moment: Clock, start: datetime, idle: float
) -> None:
    person = sign_in_on(world, moment, start)
    with world.app.app_context():
        ends = stored(person)
    assert ends.day in (1, 16)
    assert (ends.hour, ends.minute) == (0, 0)
    assert 30 * DAY - DAY < ends - start <= 47 * DAY
    moment.at = start + idle * DAY
    assert is_in(person) is (moment.at < ends)
    assert is_in(person) or idle > 29.9


def test_sec_s19_ones_own_device_used_every_week_ends_after_half_a_year(world: World, moment: Clock) -> None:
    start = datetime(2027, 1, 10, 9, 0, tzinfo=UTC)
    person = sign_in_on(world, moment, start)
    lived = timedelta()
    while is_in(person):
        lived = moment.at - start
        assert lived < 220 * DAY, "it never ends"
        with world.app.app_context():
            sign_ins.flush_touched()
        moment.go(days=7)
    assert 173 * DAY <= lived <= 197 * DAY


def test_sec_s19_the_row_says_nothing_finer_than_half_a_month(world: World, moment: Clock) -> None:
    """Not even in the week's batch: two who were here on different days get the same end."""
    group, early = world.group(), datetime(2027, 1, 2, 8, 0, tzinfo=UTC)
    moment.at = early
    one, two = world.person(group), world.person(group)
    with world.app.app_context():
        at_first = stored(one)
    moment.at = early + 15 * DAY
    assert is_in(one)
    with world.app.app_context():
        assert stored(one) == at_first, "nothing is written when somebody is here"
    moment.at = early + 20 * DAY
    assert is_in(two)
    with world.app.app_context():
        assert sign_ins.flush_touched() == 2
        assert stored(one) == stored(two) > at_first
        assert sign_ins.flush_touched() == 0


@pytest.mark.parametrize(("minutes", "alive"), [(19, True), (20, True), (25.1, False), (60, False)])
def test_sec_s19_a_shared_device_ends_after_twenty_idle_minutes(
    world: World, moment: Clock, minutes: float, alive: bool
) -> None:
    """To the next five minutes: a finer end would say when somebody was here."""
    person = sign_in_on(world, moment, datetime(2027, 1, 10, 9, 0, 1, tzinfo=UTC), SHARED)
    with world.app.app_context():
        assert stored(person).timestamp() % 300 == 0
    moment.go(minutes=minutes)
    assert is_in(person) is alive


def test_sec_s19_a_shared_device_in_use_ends_after_twelve_hours(world: World, moment: Clock) -> None:
    start = datetime(2027, 1, 10, 9, 0, tzinfo=UTC)
    person = sign_in_on(world, moment, start, SHARED)
    lived = timedelta()
    while is_in(person):
        lived = moment.at - start
        assert lived < timedelta(hours=14), "it never ends"
        moment.go(minutes=15)
    assert timedelta(hours=11, minutes=45) <= lived <= timedelta(hours=12, minutes=5)


@pytest.mark.parametrize(("minutes", "same"), [(60, True), (119, True), (126, False)])
def test_sec_s19_a_visitors_form_is_good_for_two_hours(world: World, moment: Clock, minutes: float, same: bool) -> None:
    visitor, group = world.visitor(), world.group()
    visitor.get(f"/g/{group.address}/write")
    first = visitor.cookie
    assert first
    moment.go(minutes=minutes)
    visitor.get(f"/g/{group.address}/write")
    assert (visitor.cookie == first) is same


def test_sessions_that_are_over_leave_no_row(world: World, moment: Clock) -> None:
    group = world.group()
    world.visitor().get(f"/g/{group.address}/write")
    world.person(group, device=SHARED)
    own = world.person(group)
    moment.go(days=1)
    with world.app.app_context():
        sign_ins.purge()
        assert [r.cookie_sha256 for r in rows(select(SignIn.cookie_sha256))] == [sign_ins.hash_of(own.cookie or "")]


# --- Fixation ----------------------------------------------------------------------------------------------------


def test_sec_s19_joining_replaces_the_cookie(world: World) -> None:
    """Somebody who set a visitor's cookie beforehand holds nothing afterwards."""
    group, visitor = world.group(), world.visitor()
    visitor.get(f"/g/{group.address}/write")
    before = visitor.cookie
    assert join(world, visitor, group, shared=False).status_code == 303
    assert visitor.cookie not in (None, before)
    assert is_in(visitor)
    _opens_nothing(world, before)


@pytest.mark.parametrize("shared", [False, True])
def test_sec_s19_signing_in_replaces_the_cookie(world: World, shared: bool) -> None:
    person, browser = world.person(world.group()), world.visitor()
    browser.get("/sign-in")
    before = browser.cookie
    assert come_back(world, person, shared=shared, browser=browser).status_code == 303
    assert browser.cookie not in (None, before)
    assert is_in(browser)
    _opens_nothing(world, before)


def test_sec_s19_signing_in_as_somebody_else_ends_the_first(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    before = wren.cookie
    assert come_back(world, heron, shared=False, browser=wren).status_code == 303
    _opens_nothing(world, before)


def test_sec_s19_a_cookie_chosen_by_somebody_else_is_never_taken_up(world: World) -> None:
    chosen, visitor = "A" * 22, world.visitor()
    visitor.client.set_cookie(sessions.COOKIE, chosen, domain="localhost", secure=True)
    visitor.get("/sign-in")
    assert visitor.cookie != chosen
    with world.app.app_context():
        assert sign_ins.find(sign_ins.hash_of(chosen)) is None


def _opens_nothing(world: World, cookie: str | None) -> None:
    thief = world.visitor()
    thief.client.set_cookie(sessions.COOKIE, cookie or "", domain="localhost", secure=True)
    assert not is_in(thief)
    with world.app.app_context():
        assert sign_ins.find(sign_ins.hash_of(cookie or "")) is None


# --- Ended means ended -------------------------------------------------------------------------------------------


def asks(world: World, person: Person) -> list[tuple[str, str]]:
    """Requests of every kind that a signed-in person makes."""
    topic = conversation_url(world.topic(person))
    assert person.group
    return [
        ("GET", topic),
        ("GET", f"{topic}/changes?after=0"),
        ("POST", f"{topic}/posts"),
        ("POST", f"{topic}/read"),
        ("GET", "/devices"),
        ("POST", "/devices/end"),
        ("POST", "/way-back"),
        ("GET", "/way-back"),
    ]


ENDINGS = ["sign-out", "leave", "another device ends it", "another device ends all others", "time"]


@pytest.mark.parametrize("how", ENDINGS)
def test_sec_s19_what_ended_opens_nothing_at_the_very_next_request(world: World, moment: Clock, how: str) -> None:
    person = world.person(world.group(), device=SHARED if how == "time" else OWN)
    paths = asks(world, person)
    copy = world.visitor()
    copy.client.set_cookie(sessions.COOKIE, person.cookie or "", domain="localhost", secure=True)
    copy.get(paths[0][1])
    assert copy.pages
    assert is_in(copy), "the copy works while the sign-in lives"
    _end(world, person, moment, how)
    for method, path in paths:
        answer = copy.get(path) if method == "GET" else copy.send(path, {"body": "Too late.", "token": "t"})
        assert answer.status_code in (401, 403), (how, method, path, answer.status_code)
    with world.app.app_context():
        assert row(select(SignIn.kind).where(SignIn.account_id == person.account_id, SignIn.kind == SHARED)) is None or how == "time"  # fmt: skip


def _end(world: World, person: Person, moment: Clock, how: str) -> None:
    if how == "sign-out":
        person.send("/sign-out")
    elif how == "leave":
        person.get("/leave")
    elif how == "time":
        moment.go(minutes=26)
    else:
        other = world.visitor()
        assert come_back(world, person, shared=False, browser=other).status_code == 303
        refs = re.findall(r'name="ref" value="([0-9a-f]{64})"', other.get("/devices").get_data(as_text=True))
        ref = sign_ins.hash_of(person.cookie or "").hex()
        assert ref in refs or how.endswith("others")
        assert other.send("/devices/end", {"ref": "others" if how.endswith("others") else ref}).status_code == 303
        assert is_in(other)


def test_sec_s19_one_of_two_devices_ends_alone(world: World) -> None:
    person, other, stranger = world.person(world.group()), world.visitor(), world.person(world.group())
    come_back(world, person, shared=False, browser=other)
    ref = sign_ins.hash_of(person.cookie or "").hex()
    assert stranger.send("/devices/end", {"ref": ref}).status_code == 404
    assert is_in(person)
    assert other.send("/devices/end", {"ref": ref}).status_code == 303
    assert (is_in(person), is_in(other), is_in(stranger)) == (False, True, True)
