"""SEC-S18: whoever looks after an organisation reads inside the site that their sign-in was used on a new device."""

import re

import pytest

from forum.accounts import new_devices, totp
from forum.base import clock
from forum.base.transaction import transaction
from forum.models import Role
from tests.forum.accounts.test_second_factor import admin_of, sign_in
from tests.security.dump import dump_of
from tests.world import BASE, Moves, Person, World, text_of

NEWS = "Your sign-in was used on a new device"


@pytest.fixture
def admin(world: World) -> Person:
    return world.admin(world.group().scope.organisation_id)


def known_on(person: Person) -> str:
    cookie = person.client.get_cookie(new_devices.COOKIE, domain="localhost")
    return cookie.value if cookie else ""


def signed_in_on(world: World, person: Person, secret: str) -> None:
    """As the second step does, on a device with this mark."""

    with world.app.app_context(), transaction():
        assert person.account_id
        new_devices.note(person.account_id, secret)


def carry(person: Person, secret: str) -> None:
    person.client.set_cookie(new_devices.COOKIE, secret, domain="localhost", secure=True)


def test_sec_s18_a_new_device_is_told_to_the_others_and_cannot_put_it_away(world: World, admin: Person) -> None:
    signed_in_on(world, admin, "my laptop")
    carry(admin, "my laptop")
    assert NEWS not in text_of(admin.get("/devices")), "the first one is no news"
    signed_in_on(world, admin, "my laptop")
    assert NEWS not in text_of(admin.get("/devices")), "nor is one that is known"
    signed_in_on(world, admin, "somebody else's")
    for page in ("/devices", "/admin"):
        assert NEWS in text_of(admin.get(page))
    carry(admin, "somebody else's")
    assert NEWS not in text_of(admin.get("/devices"))
    assert admin.send("/devices/seen").status_code == 303
    carry(admin, "my laptop")
    shown = admin.get("/devices")
    assert NEWS in text_of(shown), "whoever is new there cannot put it away"
    assert re.search(r"On \w+ \d+ \w+\.", text_of(shown)), "a day, and no finer"
    assert admin.send("/devices/seen").status_code == 303
    assert NEWS not in text_of(admin.get("/devices"))


def test_sec_s18_signing_in_elsewhere_with_the_code_is_told_at_the_first_device(world: World, moment: Moves) -> None:
    admin, secret = admin_of(world, moment)
    assert known_on(admin), "the device of the first code has its mark"
    other = world.visitor()
    sign_in(other)
    moment.go(minutes=1)
    assert other.send("/sign-in/code", {"code": totp.code_at(secret, clock.now())}).status_code == 303
    assert known_on(other)
    assert known_on(other) != known_on(admin)
    assert NEWS in text_of(admin.get("/devices"))
    assert NEWS not in text_of(other.get("/devices"))


def test_sec_s18_what_is_kept_of_a_device_says_nothing_about_it(world: World, admin: Person) -> None:
    signed_in_on(world, admin, "my laptop")
    signed_in_on(world, admin, "another")
    admin.client.get("/devices", base_url=BASE, headers={"User-Agent": "canary-agent-77"})
    with world.app.app_context():
        dump = dump_of(world.app)
    for canary in (b"my laptop", b"canary-agent-77", b"127.0.0.1"):
        assert canary not in dump


def test_sec_s18_a_member_reads_no_such_notice(world: World) -> None:
    wren = world.person(world.group(), Role.MEMBER)
    signed_in_on(world, wren, "one")
    signed_in_on(world, wren, "two")
    assert NEWS not in text_of(wren.get("/devices"))
