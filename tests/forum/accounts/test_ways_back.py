"""Ways back: two of each, in words and in digits, from another device; stopped, replaced, and never by the next person."""

import re

import pytest
from flask import Flask

from forum.accounts import device_codes, digits, ways_back
from forum.base import jobs
from forum.base.db import rows
from forum.base.errors import Invalid
from forum.models import DeviceCode, SignInKind, WayBack
from forum.policy.actor import Actor
from tests.security.scene import phrase_in
from tests.world import Person, World, text_of


def comes_back(world: World, typed: str) -> bool:
    """Whether this opens an account on a new device. Time passes, so that tries of one test do not slow each other."""
    world.moment.go(seconds=40)
    phone = world.visitor()
    phone.get("/sign-in")
    return phone.send("/sign-in", {"phrase": typed}).status_code == 303


def digits_in(page: str) -> str:
    """The digits that a page shows once."""
    return " ".join(re.findall(r"<span>(\d{4})</span>", page))


def refs(person: Person) -> list[str]:
    return re.findall(r'name="ref" value="([0-9a-f]{32})"', person.get("/way-back").get_data(as_text=True))


@pytest.fixture
def wren(world: World) -> Person:
    return world.person(world.group())


def test_a_phrase_brings_back_in_words_and_in_digits(world: World, wren: Person) -> None:
    page = wren.send("/way-back").get_data(as_text=True)
    assert comes_back(world, phrase_in(page))
    assert comes_back(world, digits_in(page))


def test_a_second_way_back_leaves_the_first_alone(world: World, wren: Person) -> None:
    first, second = (phrase_in(wren.send("/way-back", {"kind": kind}).text) for kind in ("words", "card"))
    assert "You have 2 ways back." in text_of(wren.get("/way-back"))
    assert "A printed card" in text_of(wren.get("/way-back"))
    assert comes_back(world, first)
    assert comes_back(world, second)


def test_t2_a_way_back_that_was_replaced_does_not_open_any_more(world: World, wren: Person) -> None:
    first = phrase_in(wren.send("/way-back").text)
    second = phrase_in(wren.send("/way-back", {"instead": refs(wren)[0]}).text)
    assert not comes_back(world, first)
    assert comes_back(world, second)


def test_t2_new_words_can_stop_all_others(world: World, wren: Person) -> None:
    page = wren.send("/way-back").text
    known = [phrase_in(page), digits_in(page), phrase_in(wren.send("/way-back").text)]
    fresh = phrase_in(wren.send("/way-back", {"instead": "all"}).text)
    assert [comes_back(world, one) for one in known] == [False, False, False]
    assert comes_back(world, fresh)


def test_a_way_back_can_be_stopped_by_its_owner_alone(world: World, wren: Person) -> None:
    phrase = phrase_in(wren.send("/way-back").text)
    heron = world.person(world.group())
    assert heron.send("/way-back/stop", {"ref": refs(wren)[0]}).status_code == 404
    assert comes_back(world, phrase)
    assert wren.send("/way-back/stop", {"ref": refs(wren)[0]}).status_code == 303
    assert not comes_back(world, phrase)


def test_there_are_four_ways_back_at_most(inside: Flask, wren: Person) -> None:
    for _n in range(ways_back.MOST_WAYS_BACK):
        ways_back.make_phrase(Actor(wren.account_id))
    with pytest.raises(Invalid):
        ways_back.make_phrase(Actor(wren.account_id))
    assert wren.send("/way-back").status_code == 422


def test_a_name_keeps_the_words_and_replaces_a_name(world: World, wren: Person) -> None:
    phrase = phrase_in(wren.send("/way-back").text)
    for name in ("quiet morning", "quiet evening"):
        assert wren.send("/way-back/name", {"name": name, "password": "a long enough one"}).status_code == 303
    assert comes_back(world, phrase)
    with world.app.app_context():
        kinds = sorted(one.kind for one in ways_back.list_ways_back(Actor(wren.account_id)))
    assert kinds == [WayBack.NAME, WayBack.WORDS]


def test_sec_s16_on_a_shared_device_a_way_back_is_asked_for_first(world: World) -> None:
    wren = world.person(world.group(), device=SignInKind.SHARED)
    phrase = phrase_in(wren.send("/way-back").text)  # the first one: a newcomer has nothing to show yet
    refused = wren.send("/way-back", {"instead": "all"})
    assert refused.status_code == 403
    assert "cg-phrase" not in refused.text
    assert (
        wren.send("/way-back", {"instead": "all", "proof-phrase": "abandon all hope of six words"}).status_code == 403
    )
    assert wren.send("/way-back/stop", {"ref": refs(wren)[0]}).status_code == 403
    assert comes_back(world, phrase)
    assert wren.send("/way-back", {"instead": "all", "proof-phrase": phrase}).status_code == 200
    assert not comes_back(world, phrase)


def test_sec_s16_somebody_elses_words_prove_nothing(world: World) -> None:
    wren = world.person(world.group(), device=SignInKind.SHARED)
    wren.send("/way-back")
    theirs = phrase_in(world.person(world.group()).send("/way-back").text)
    assert wren.send("/way-back", {"proof-phrase": theirs}).status_code == 403


# --- Another device ---


def test_a_signed_in_device_lets_in_the_next_once(world: World, wren: Person) -> None:
    code = digits_in(wren.send("/devices/code").text)
    assert len(code.replace(" ", "")) == digits.CODE_DIGITS
    assert comes_back(world, code)
    assert not comes_back(world, code)


def test_the_new_device_is_in_the_same_groups(world: World, wren: Person) -> None:
    code = digits_in(wren.send("/devices/code").text)
    phone = world.visitor()
    phone.get("/sign-in")
    phone.send("/sign-in", {"phrase": code})
    assert wren.name in text_of(phone.get("/"))


def test_sec_s16_the_numbers_end_after_ten_minutes_and_leave_no_row(world: World, wren: Person) -> None:
    code = digits_in(wren.send("/devices/code").text)
    world.moment.at += device_codes.LIVES
    assert not comes_back(world, code)
    with world.app.app_context():
        assert rows(DeviceCode.__table__.select())
        jobs.run_due()
        assert not rows(DeviceCode.__table__.select())


def test_a_shared_device_lets_nobody_in(world: World) -> None:
    wren = world.person(world.group(), device=SignInKind.SHARED)
    answer = wren.send("/devices/code")
    assert answer.status_code == 403
    assert digits_in(answer.text) == ""


def test_numbers_that_cannot_be_right_are_said_to_be_a_slip(world: World, wren: Person) -> None:
    written = digits_in(wren.send("/way-back").text).replace(" ", "")
    wrong = written[:-1] + str((int(written[-1]) + 1) % 10)
    phone = world.visitor()
    phone.get("/sign-in")
    for _try in range(8):  # a slip is no try: nobody is slowed for it
        answer = phone.send("/sign-in", {"phrase": wrong})
        assert answer.status_code == 422
        assert "Those numbers do not fit together." in text_of(answer)
    assert phone.send("/sign-in", {"phrase": written}).status_code == 303


def test_not_now_says_what_it_means_and_is_asked_again(world: World, wren: Person) -> None:
    assert "only your group’s team can help you back, and that takes seven days" in text_of(wren.get("/way-back"))
    for _visit in range(2):
        assert "You have no way back yet" in text_of(wren.get("/"))
    wren.send("/way-back")
    assert "You have no way back yet" not in text_of(wren.get("/"))
