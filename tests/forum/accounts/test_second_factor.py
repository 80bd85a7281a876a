"""The second step: RFC 6238, taken once, slowed, asked for again, and half a sign-in without it."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.accounts import links, proofs, second_factor, staff, totp
from forum.accounts import usecases as accounts
from forum.base import clock, keyring, rotation
from forum.base.db import rows
from forum.base.errors import NotAllowed, NotFound, TooMany
from forum.base.transaction import transaction
from forum.models import LinkPurpose, Proof, Role, SecondFactor, SignIn, SignInKind
from forum.policy.actor import Actor
from forum.web import sessions
from tests.security.dump import dump_of
from tests.world import Moves, Person, World, text_of

#: RFC 6238, appendix B, the SHA-1 rows, cut to six digits.
RFC_SECRET = b"12345678901234567890"
RFC_ROWS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("second", "code"), RFC_ROWS)
def test_sec_s18_codes_are_those_of_the_rfc(second: int, code: str) -> None:
    assert totp.code_at(RFC_SECRET, datetime.fromtimestamp(second, UTC)) == code


def set_up(world: World, person: Person) -> bytes:
    """Give somebody a second step through the pages; gives its secret."""
    assert person.send("/second-step").status_code == 303
    page = person.get("/second-step/new").get_data(as_text=True)
    letters = "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", page))
    with world.app.app_context():
        secret = second_factor.find_new(person.device)
    assert secret is not None
    assert totp.written(secret) == letters
    answer = person.send("/second-step/new", {"code": totp.code_at(secret, clock.now())})
    assert answer.status_code == 200, text_of(answer)
    return secret


def spares_in(answer: TestResponse) -> list[str]:
    return re.findall(r"<code>(\d{5} \d{5})</code>", answer.get_data(as_text=True))


@pytest.fixture
def person(world: World) -> Person:
    """A facilitator with a browser."""
    return world.person(world.group(), Role.FACILITATOR)


def test_sec_s18_a_code_is_taken_once(world: World, person: Person, moment: Moves) -> None:
    secret = set_up(world, person)
    moment.go(minutes=20)
    code = totp.code_at(secret, clock.now())
    with world.app.app_context():
        second_factor.step_up(person.device, code)
        with pytest.raises(NotAllowed):
            second_factor.step_up(person.device, code)
        moment.go(seconds=30)
        second_factor.step_up(person.device, totp.code_at(secret, clock.now()))


def test_sec_s18_the_first_code_cannot_be_used_again(world: World, person: Person) -> None:
    secret = set_up(world, person)
    with world.app.app_context(), pytest.raises(NotAllowed):
        second_factor.step_up(person.device, totp.code_at(secret, clock.now()))


@pytest.mark.parametrize(("late_s", "taken"), [(-30, True), (0, True), (30, True), (-90, False), (90, False)])
def test_sec_s18_a_clock_half_a_minute_off_is_borne(
    world: World, person: Person, moment: Moves, late_s: int, taken: bool
) -> None:
    secret = set_up(world, person)
    moment.go(minutes=20)
    now = clock.now()
    moment.go(seconds=-late_s)
    code = totp.code_at(secret, clock.now())
    moment.at = now
    with world.app.app_context():
        if taken:
            second_factor.step_up(person.device, code)
        else:
            with pytest.raises(NotAllowed):
                second_factor.step_up(person.device, code)


def test_sec_s18_a_step_up_lasts_ten_minutes_on_this_device_alone(world: World, person: Person, moment: Moves) -> None:
    secret = set_up(world, person)
    moment.go(minutes=20)
    with world.app.app_context():
        with pytest.raises(second_factor.StepUpNeeded):
            second_factor.require_step_up(person.device)
        second_factor.step_up(person.device, totp.code_at(secret, clock.now()))
        second_factor.require_step_up(person.device)
        elsewhere = Actor(person.account_id, b"\1" * 32)
        with pytest.raises(second_factor.StepUpNeeded):
            second_factor.require_step_up(elsewhere)
        moment.go(minutes=9, seconds=59)
        second_factor.require_step_up(person.device)
        moment.go(seconds=1)
        with pytest.raises(second_factor.StepUpNeeded):
            second_factor.require_step_up(person.device)


def test_sec_s18_wrong_codes_slow_down_from_wherever_they_come(world: World, person: Person, moment: Moves) -> None:
    set_up(world, person)
    with world.app.app_context():
        for _n in range(4):
            with pytest.raises(NotAllowed):
                second_factor.step_up(person.device, "000000")
        with pytest.raises(TooMany):
            second_factor.step_up(Actor(person.account_id, b"\2" * 32), "000000")


def test_a_spare_code_works_once(world: World, person: Person, moment: Moves) -> None:
    assert person.send("/second-step").status_code == 303
    with world.app.app_context():
        secret = second_factor.find_new(person.device)
    assert secret
    spares = spares_in(person.send("/second-step/new", {"code": totp.code_at(secret, clock.now())}))
    assert len(set(spares)) == second_factor.SPARE_CODES
    with world.app.app_context():
        second_factor.step_up(person.device, spares[2])
        with pytest.raises(NotAllowed):
            second_factor.step_up(person.device, spares[2])
        second_factor.step_up(person.device, spares[3])


def test_sec_s18_one_phished_code_cannot_change_the_second_step(world: World, person: Person, moment: Moves) -> None:
    secret = set_up(world, person)
    moment.go(minutes=20)
    phished = totp.code_at(secret, clock.now())
    begun = person.send("/second-step", {"step_up_code": phished})
    assert begun.status_code == 303
    with world.app.app_context():
        new = second_factor.find_new(person.device)
    assert new
    answer = person.send("/second-step/new", {"code": totp.code_at(new, clock.now()), "old_code": phished})
    assert answer.status_code == 403
    with world.app.app_context():
        kept = second_factor.find_factor(person.account_id or b"")
        assert kept
        assert kept.secret == secret
    moment.go(seconds=31)
    later = totp.code_at(secret, clock.now())
    answer = person.send("/second-step/new", {"code": totp.code_at(new, clock.now()), "old_code": later})
    assert answer.status_code == 200
    with world.app.app_context():
        kept = second_factor.find_factor(person.account_id or b"")
        assert kept
        assert kept.secret == new


def test_the_page_that_asks_keeps_the_form(world: World, person: Person, moment: Moves) -> None:
    secret = set_up(world, person)
    moment.go(minutes=20)
    asked = person.send("/second-step", {"words": "kept <words>\nof mine", "more": "1"})
    page = asked.get_data(as_text=True)
    assert asked.status_code == 403
    assert 'name="words" value="kept &lt;words&gt;\nof mine"' in page
    assert page.count('name="csrf_token"') >= 1
    wrong = person.send("/second-step", {"words": "kept", "step_up_code": "000000"})
    assert wrong.status_code == 403
    assert 'name="words" value="kept"' in wrong.get_data(as_text=True)
    assert 'value="000000"' not in wrong.get_data(as_text=True)
    right = totp.code_at(secret, clock.now())
    assert person.send("/second-step", {"words": "kept", "step_up_code": right}).status_code == 303


# --- Admins ---


def admin_of(world: World, moment: Moves) -> tuple[Person, bytes]:
    """An admin of the whole site who opened a link, with the secret of their codes."""
    with world.app.app_context():
        link = staff.invite()
    person = world.visitor()
    assert person.get(f"/staff/{link}").status_code == 200
    answer = person.send(f"/staff/{link}", {"name": "far window", "password": "a long enough one"})
    assert answer.status_code == 303, text_of(answer)
    secret = set_up(world, person)
    moment.go(minutes=1)
    return person, secret


def sign_in(person: Person) -> TestResponse:
    return person.send("/sign-in", {"name": "far window", "password": "a long enough one"})


def test_sec_s20_the_link_works_once_and_for_a_day(world: World, moment: Moves) -> None:
    with world.app.app_context():
        first, second, late = staff.invite(), staff.invite(), staff.invite()
    form = {"name": "far window", "password": "a long enough one"}
    assert world.visitor().send(f"/staff/{first}", form).status_code == 303
    again = world.visitor()
    assert again.get(f"/staff/{first}").status_code == 404
    assert again.send(f"/staff/{first}", form | {"name": "another one"}).status_code == 404
    moment.go(hours=23, minutes=59)
    assert world.visitor().send(f"/staff/{second}", form | {"name": "second window"}).status_code == 303
    moment.go(minutes=1)
    assert world.visitor().get(f"/staff/{late}").status_code == 404


def test_sec_s20_what_is_in_the_link_is_nowhere_in_the_database(world: World) -> None:
    with world.app.app_context():
        secret = staff.invite()
    assert secret.encode() not in dump_of(world.app)


def test_sec_s18_a_password_alone_is_nobody(world: World, moment: Moves) -> None:
    _admin, secret = admin_of(world, moment)
    other = world.visitor()
    answer = sign_in(other)
    assert answer.headers["Location"].startswith("/sign-in/code")
    assert other.get("/devices").status_code == 401
    with world.app.app_context():
        found = rows(select(SignIn.account_id, SignIn.kind).where(SignIn.kind != SignInKind.STAFF))
        assert {r.account_id for r in found} == {None}
    assert other.send("/sign-in/code", {"code": "000000"}).status_code == 403
    assert other.get("/devices").status_code == 401
    right = totp.code_at(secret, clock.now())
    assert other.send("/sign-in/code", {"code": right}).status_code == 303
    assert other.get("/devices").status_code == 200


@pytest.mark.parametrize("kind", [SignInKind.OWN, SignInKind.SHARED])
def test_sec_s18_whatever_way_an_admin_comes_in_by_the_code_is_still_to_come(
    world: World, moment: Moves, kind: SignInKind
) -> None:
    """The step that begins every sign-in says so: phrases, cards and other devices cannot go round it."""
    admin, _secret = admin_of(world, moment)
    assert admin.get("/devices").status_code == 200
    with world.app.app_context(), transaction():
        account_id = rows(select(SignIn.account_id).where(SignIn.kind == SignInKind.STAFF))[0].account_id
        entered = accounts.enter(account_id, kind, None)
    assert entered.half
    assert entered.kind is SignInKind.VISITOR
    other = world.visitor()
    other.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)
    assert other.get("/devices").status_code == 401
    assert other.get("/sign-in/code").status_code == 200


def test_sec_s18_half_a_sign_in_cannot_make_a_new_second_step(world: World, moment: Moves) -> None:
    admin_of(world, moment)
    other = world.visitor()
    sign_in(other)
    assert other.send("/second-step").status_code == 404
    assert other.send("/second-step/new", {"code": "000000"}).status_code == 404


def test_sec_s18_half_a_sign_in_ends_after_ten_minutes(world: World, moment: Moves) -> None:
    _admin, secret = admin_of(world, moment)
    other = world.visitor()
    sign_in(other)
    moment.go(minutes=10)
    assert other.send("/sign-in/code", {"code": totp.code_at(secret, clock.now())}).status_code == 404


@pytest.mark.parametrize(("minutes", "status"), [(28, 200), (36, 401)])
def test_sec_s19_an_admin_is_signed_out_after_half_an_hour(
    world: World, moment: Moves, minutes: int, status: int
) -> None:
    admin, _secret = admin_of(world, moment)
    moment.go(minutes=minutes)
    assert admin.get("/devices").status_code == status


def test_sec_s19_an_admin_is_signed_out_after_twelve_hours_of_work(world: World, moment: Moves) -> None:
    admin, _secret = admin_of(world, moment)
    for _n in range(29):
        moment.go(minutes=25)
        admin.get("/devices")
    assert admin.get("/devices").status_code == 401


def test_t8_the_kill_switch_ends_every_sign_in_of_admins_and_teams(world: World, moment: Moves) -> None:
    admin, _secret = admin_of(world, moment)
    group = world.group()
    facilitator, member = world.person(group, Role.FACILITATOR), world.person(group)
    with world.app.app_context():
        assert staff.end_all() == 2
    assert admin.get("/devices").status_code == 401
    assert facilitator.get("/devices").status_code == 401
    assert member.get("/devices").status_code == 200


def test_t8_in_one_organisation_it_ends_no_others(world: World) -> None:
    ours, far = world.group("Harbour Trust"), world.group("Lantern Trust")
    here, there = world.person(ours, Role.MODERATOR), world.person(far, Role.MODERATOR)
    with world.app.app_context():
        assert staff.end_all(ours.scope.organisation_id) == 1
    assert here.get("/devices").status_code == 401
    assert there.get("/devices").status_code == 200


def test_nothing_of_a_second_step_can_be_read(world: World, person: Person) -> None:
    secret = set_up(world, person)
    with world.app.app_context():
        kept = [bytes(v) for model in (SecondFactor, Proof) for r in rows(select(model.tag, model.sealed)) for v in r]
    assert kept
    assert not any(secret in v or (person.account_id or b"x") in v for v in kept)


def test_sec_s25_links_and_second_steps_go_through_a_change_of_keys(
    world: World, person: Person, moment: Moves
) -> None:
    secret = set_up(world, person)
    moment.go(minutes=20)
    with world.app.app_context():
        link = staff.invite()
        keyring.use(keyring.the_keyring().rotated(keyring.Purpose.TAG).rotated(keyring.Purpose.SEAL))
        list(rotation.renew_old())
        assert rotation.count_old() == 0
        keyring.use(keyring.the_keyring().finished())
        second_factor.step_up(person.device, totp.code_at(secret, clock.now()))
        second_factor.require_step_up(person.device)
        assert links.find_link(link, LinkPurpose.ADMIN)


def test_purging_forgets_old_proofs(world: World, person: Person, moment: Moves) -> None:
    set_up(world, person)
    moment.go(days=2)
    with world.app.app_context():
        with transaction():
            proofs.purge()
        assert not rows(select(Proof.tag))


def test_a_visitor_is_asked_to_sign_in(world: World) -> None:
    for path in ("/second-step", "/second-step/new"):
        assert world.visitor().get(path).status_code == 401
    with world.app.app_context(), pytest.raises(NotFound):
        second_factor.begin(Actor())
