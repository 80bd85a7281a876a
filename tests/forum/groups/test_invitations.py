"""Invitations: three words that name nobody, kept nowhere, and alike for whoever has the wrong ones."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from forum.base import rotation
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, NotFound, TooMany
from forum.groups import invitations
from forum.groups.invitation_words import WORDS
from forum.groups.invitations import Terms
from forum.models import Door, HeldInvitation, Invitation, Listing, Role
from tests.forum.groups.test_doors import comes_in
from tests.security.dump import dump_of
from tests.world import GroupHere, Person, World, text_of


@pytest.fixture
def closed(world: World) -> tuple[GroupHere, Person]:
    """A group that lets in only whom it invited, with its facilitator."""
    group = world.group()
    world.configure(group, door=Door.INVITATION)
    return group, world.person(group, Role.FACILITATOR)


def invite(world: World, facilitator: Person, uses: int = 1, days: int = 7) -> str:
    assert facilitator.group
    with world.app.app_context():
        return invitations.make_invitation(facilitator.actor, facilitator.group.scope, Terms(uses, days))


def shows(visitor: Person, words: str) -> int:
    visitor.get("/invitation")
    return visitor.send("/invitation", {"words": words}).status_code


def test_the_words_are_many_plain_and_apart() -> None:
    assert len(WORDS) == len(set(WORDS)) >= 900
    assert all(re.fullmatch("[a-z]{3,9}", word) for word in WORDS)
    assert list(WORDS) == sorted(WORDS)


def test_an_invitation_lets_in_once(world: World, closed: tuple[GroupHere, Person]) -> None:
    group, facilitator = closed
    words = invite(world, facilitator)
    one, two = world.visitor(), world.visitor()
    assert "You need an invitation" in comes_in(one, group)
    assert shows(one, words.upper().replace(" ", " - ")) == 303
    assert "Your invitation fits" in text_of(one.get(f"/g/{group.address}"))
    assert comes_in(one, group).endswith("/start")
    assert shows(two, words) == 403
    assert "You need an invitation" in comes_in(two, group, "Other Fern")


def test_a_counted_invitation_lets_in_as_many_as_it_says(world: World, closed: tuple[GroupHere, Person]) -> None:
    group, facilitator = closed
    words = invite(world, facilitator, uses=2)
    arrived = [v for v in (world.visitor() for _n in range(3)) if shows(v, words) == 303]
    assert len(arrived) == 3, "showing the words uses up nothing"
    led = [comes_in(visitor, group, f"Quiet Fern {n}") for n, visitor in enumerate(arrived)]
    assert [where.endswith("/start") for where in led] == [True, True, False]


def test_of_two_at_once_one_comes_in(world: World, closed: tuple[GroupHere, Person]) -> None:
    group, facilitator = closed
    words = invite(world, facilitator)
    both = [world.visitor(), world.visitor()]
    assert [shows(v, words) for v in both] == [303, 303]
    for visitor in both:
        visitor.get(f"/g/{group.address}/write")
    form = {"answer-what-we-must-tell": "yes"}

    def join(n: int) -> bool:
        answer = both[n].send(f"/g/{group.address}/join", {"name": f"Quiet Fern {n}", **form})
        return answer.headers.get("Location", "").endswith("/start")

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(join, range(2))) == [False, True]


def test_an_ended_and_a_revoked_one_let_nobody_in(world: World, closed: tuple[GroupHere, Person]) -> None:
    group, facilitator = closed
    short, taken_back = invite(world, facilitator, days=1), invite(world, facilitator, days=30)
    early, late = world.visitor(), world.visitor()
    assert shows(early, short) == shows(late, taken_back) == 303
    with world.app.app_context():
        (_ending, other) = invitations.list_invitations(facilitator.actor, group.scope)
        with pytest.raises(NotFound):
            invitations.revoke_invitation(world.person(world.group(), Role.FACILITATOR).actor, group.scope, other.id)
        invitations.revoke_invitation(facilitator.actor, group.scope, other.id)
    assert "You need an invitation" in comes_in(late, group), "also for who held it already"
    assert shows(world.visitor(), taken_back) == 403
    world.moment.go(hours=23)
    assert shows(world.visitor(), short) == 403
    with world.app.app_context():
        invitations.purge()
        found = row(select(func.count()).select_from(Invitation))
        assert found
        assert found[0] == 1, "the one taken back lies until its day"


def test_a_held_invitation_is_forgotten_after_two_hours(world: World, closed: tuple[GroupHere, Person]) -> None:
    group, facilitator = closed
    member_elsewhere = world.person(world.group())
    assert shows(member_elsewhere, invite(world, facilitator)) == 303
    world.moment.go(hours=3)
    assert "You need an invitation" in comes_in(member_elsewhere, group)


def test_a_shut_door_is_shut_for_the_invited_too_and_uses_up_nothing(
    world: World, closed: tuple[GroupHere, Person]
) -> None:
    group, facilitator = closed
    words, visitor = invite(world, facilitator), world.visitor()
    assert shows(visitor, words) == 303
    world.configure(group, door=Door.SHUT)
    assert "takes no new members" in comes_in(visitor, group)
    world.configure(group, door=Door.INVITATION)
    assert comes_in(visitor, group).endswith("/start")


def test_an_invitation_passes_by_the_waiting(world: World) -> None:
    group = world.group()
    world.configure(group, door=Door.REQUEST)
    words = invite(world, world.person(group, Role.FACILITATOR))
    visitor = world.visitor()
    assert shows(visitor, words) == 303
    assert comes_in(visitor, group).endswith("/start")


def test_an_unlisted_group_is_found_with_its_words_and_a_printed_code(world: World) -> None:
    group = world.group()
    world.configure(group, listing=Listing.UNLISTED)
    facilitator, visitor = world.person(group, Role.FACILITATOR), world.visitor()
    page = facilitator.send(f"/g/{group.address}/invitations", {"uses": "1", "days": "7"}).get_data(as_text=True)
    found = re.search(r"/i/([a-z]+-[a-z]+-[a-z]+)", page)
    assert found
    assert "<svg" in page
    assert group.name not in page.split("<h1")[1], "a printed page may lie about"
    assert visitor.get(f"/g/{group.address}").status_code == 404
    entry = visitor.get(f"/i/{found[1]}").get_data(as_text=True)
    words = re.search(r'name="words"[^>]*value="([a-z ]+)"', entry)
    assert words
    assert visitor.get(f"/g/{group.address}").status_code == 404, "opening the address alone uses nothing"
    assert shows(visitor, words[1]) == 303
    assert comes_in(visitor, group).endswith("/start")


def test_somebody_with_words_finds_where_to_type_them(world: World) -> None:
    group = world.group()
    world.configure(group, door=Door.INVITATION, listing=Listing.UNLISTED)
    assert 'href="/invitation"' in world.visitor().get("/").get_data(as_text=True)
    elsewhere = world.person(world.group())
    assert 'href="/invitation"' in elsewhere.get("/groups").get_data(as_text=True)


def test_facilitators_alone_make_them_within_bounds(
    world: World, closed: tuple[GroupHere, Person], inside: Flask
) -> None:
    group, facilitator = closed
    for role, error in ((Role.MEMBER, NotFound), (Role.MODERATOR, NotAllowed)):
        with pytest.raises(error):
            invitations.make_invitation(world.person(group, role).actor, group.scope, Terms())
    for uses, days in ((0, 7), (51, 7), (1, 0), (1, 31)):
        with pytest.raises(Invalid):
            invitations.make_invitation(facilitator.actor, group.scope, Terms(uses, days))
    assert len(invitations.make_invitation(facilitator.actor, group.scope, Terms(50, 30)).split()) == 3


def test_sec_s28_the_words_stand_nowhere_and_name_nobody(world: World, closed: tuple[GroupHere, Person]) -> None:
    _group, facilitator = closed
    words, visitor = invite(world, facilitator), world.visitor()
    assert shows(visitor, words) == 303
    kept = dump_of(world.app)
    assert words.encode() not in kept
    assert words.replace(" ", "-").encode() not in kept
    columns = {c.name for model in (Invitation, HeldInvitation) for c in model.__table__.columns}
    assert columns == {"tag", "sealed", "key_id", "id", "group_id", "uses_left", "ends_on", "revoked", "day"}


def test_the_words_open_after_a_rotation(world: World, closed: tuple[GroupHere, Person]) -> None:
    group, facilitator = closed
    words, visitor = invite(world, facilitator), world.visitor()
    assert shows(visitor, words) == 303
    with world.app.app_context():
        assert sum(rotation.renew_all()) >= 2
    assert comes_in(visitor, group).endswith("/start")


# --- Guessing (S17, T11) ---


def test_t11_wrong_words_slow_down_and_lock_nobody_out(world: World, closed: tuple[GroupHere, Person]) -> None:
    _group, facilitator = closed
    words = invite(world, facilitator)
    with world.app.app_context():
        waits = [_guess("203.0.113.7") for _n in range(4)]
        assert waits[:3] == [0, 0, 0]
        assert waits[3] == 0
        assert _guess("203.0.113.7") >= 1
        assert invitations.show_words(b"c" * 32, words, "192.0.2.1"), "somebody else is not slowed"


def test_t11_many_places_together_guess_no_faster_than_sixty_a_minute(world: World, inside: Flask) -> None:
    looked_at = 0
    for n in range(600):  # two minutes of five tries a second
        looked_at += _guess(f"10.{n // 250}.7.{n % 250}") == 0
        world.moment.go(milliseconds=200)
    assert 60 <= looked_at <= 60 * 3


def _guess(address: str) -> int:
    """One try with words of nobody; how long it is told to wait, 0 if it was looked at."""
    try:
        invitations.show_words(b"c" * 32, "acorn zebra otter", address)
    except TooMany as error:
        return error.retry_after
    except NotAllowed:
        return 0
    pytest.fail("words of nobody opened something")
