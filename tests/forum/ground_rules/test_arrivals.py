"""The second tap on the same join form: the same member again, and nobody else ever."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from forum.base.db import row, rows
from forum.base.rotation import renew_all
from forum.conversations.upkeep import prepare_for_backup
from forum.ground_rules import arrivals
from forum.models import Account, Arrival, Persona, SignIn, SignInKind
from forum.web import sessions, sign_ins
from tests.world import GroupHere, Person, World, text_of

YES = {"answer-what-we-must-tell": "yes"}


@dataclass
class Newcomer:
    """A visitor with the join form open in front of them."""

    visitor: Person
    group: GroupHere
    form: dict[str, str]
    cookie: str

    def tap(self, **changed: str) -> TestResponse:
        """Send the form with the cookie that the browser had when the form came: no answer has arrived since."""
        self.visitor.client.set_cookie(sessions.COOKIE, self.cookie, domain="localhost", secure=True)
        return self.visitor.send(f"/g/{self.group.address}/join", {**self.form, **changed})


@pytest.fixture
def newcomer(world: World) -> Newcomer:
    group, visitor = world.group(), world.visitor()
    page = visitor.get(f"/g/{group.address}/write").get_data(as_text=True)
    found = re.search(r'name="token" value="([a-z2-7]{26})"', page)
    assert found
    assert visitor.cookie
    return Newcomer(visitor, group, {"name": "Quiet Fern", "token": found[1], **YES}, visitor.cookie)


def people(world: World) -> tuple[int, int, int]:
    """How many accounts, personas and members' sign-ins there are."""
    with world.app.app_context():
        signed_in = select(func.count()).select_from(SignIn).where(SignIn.account_id.is_not(None))
        counts = [select(func.count()).select_from(Account), select(func.count()).select_from(Persona), signed_in]
        one, two, three = (found[0] for found in map(row, counts) if found)
        return one, two, three


def test_the_second_tap_of_the_same_form_is_the_same_member(world: World, newcomer: Newcomer) -> None:
    assert newcomer.tap().status_code == 303
    first = newcomer.visitor.cookie
    world.moment.go(minutes=9)
    assert newcomer.tap().status_code == 303
    assert people(world) == (1, 1, 1)
    assert newcomer.visitor.cookie == first, "whichever answer comes last, the browser has the cookie that works"
    home = newcomer.visitor.get("/")
    assert newcomer.group.name in text_of(home)


def test_both_taps_at_once_are_one_member(world: World, newcomer: Newcomer) -> None:
    ready = threading.Barrier(2)

    def tap(_n: int) -> int:
        client = world.app.test_client()
        twin = Newcomer(Person(world, client), newcomer.group, newcomer.form, newcomer.cookie)
        ready.wait()
        return twin.tap().status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(tap, range(2))) == [303, 303]
    assert people(world) == (1, 1, 1)


def test_after_ten_minutes_the_form_opens_nothing(world: World, newcomer: Newcomer) -> None:
    newcomer.tap()
    world.moment.go(minutes=11)
    answer = newcomer.tap()
    assert answer.status_code == 422
    assert "has a name like that" in text_of(answer)
    assert newcomer.tap(name="Another Fern").status_code == 303
    assert people(world) == (2, 2, 2)


@pytest.mark.parametrize("what", ["cookie", "token", "group"])
def test_sec_s3_the_form_opens_nothing_for_another_browser_form_or_group(
    world: World, newcomer: Newcomer, what: str
) -> None:
    """A stolen form without the visitor's cookie, a cookie without the form, or both carried to another group."""
    newcomer.tap()
    member = newcomer.visitor.cookie
    if what == "cookie":
        thief = world.visitor()
        thief.get(f"/g/{newcomer.group.address}/write")
        newcomer.visitor, newcomer.cookie = thief, thief.cookie or ""
    elif what == "token":
        newcomer.form["token"] = "a" * 26
    else:
        newcomer.group = world.group()
    newcomer.tap(name="Somebody Else")
    assert newcomer.visitor.cookie != member
    assert people(world)[:2] == (2, 2)


def test_whoever_left_since_stays_out(world: World, newcomer: Newcomer) -> None:
    newcomer.tap()
    newcomer.visitor.get("/leave")
    assert newcomer.tap().status_code == 422
    assert people(world) == (1, 1, 0)


def test_a_form_without_a_token_still_works_once(world: World, newcomer: Newcomer) -> None:
    assert newcomer.tap(token="").status_code == 303
    with world.app.app_context():
        assert rows(select(Arrival.tag)) == []


def test_a_shared_device_stays_one(world: World, newcomer: Newcomer) -> None:
    newcomer.tap(shared="yes")
    newcomer.tap(shared="yes")
    with world.app.app_context():
        kinds = [r.kind for r in rows(select(SignIn.kind).where(SignIn.account_id.is_not(None)))]
        assert kinds == [SignInKind.SHARED]


def test_l24_the_row_tells_a_thief_nothing_and_goes_within_two_hours(world: World, newcomer: Newcomer) -> None:
    newcomer.tap()
    with world.app.app_context():
        kept = row(select(Arrival.tag, Arrival.sealed, Arrival.ends_hour))
        account = row(select(Account.id))
        assert kept
        assert account
        assert kept.ends_hour.minute == kept.ends_hour.second == 0
        for secret in (newcomer.visitor.cookie or "", newcomer.cookie, newcomer.form["token"]):
            assert secret.encode() not in kept.tag + kept.sealed
            assert sign_ins.hash_of(secret) not in kept.tag + kept.sealed
        assert account.id not in kept.tag + kept.sealed
        list(renew_all())
        assert newcomer.tap().status_code == 303, "sealed afresh, it still leads there"
        world.moment.go(hours=2)
        arrivals.purge()
        assert rows(select(Arrival.tag)) == []


def test_the_nightly_upkeep_forgets_it_too(world: World, newcomer: Newcomer) -> None:
    newcomer.tap()
    world.moment.go(hours=2)
    with world.app.app_context():
        prepare_for_backup()
        assert rows(select(Arrival.tag)) == []
