"""One stretch, two halves, the same work whatever was typed: `forum.base.hashing`."""

import argon2.low_level
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.base import hashing
from forum.base.hashing import Cost, Halves, same, stretch, stretch_pair

SALT = b"a salt from the keyring"
CHEAP = Cost(passes=1, memory_kib=8)
WORDS = st.text(st.characters(exclude_categories=()), max_size=30)


def test_the_default_costs_what_the_design_says():
    assert Cost(passes=2, memory_kib=19_456, lanes=1) == hashing.COST


def test_the_halves_are_those_of_one_argon2id_call():
    raw = argon2.low_level.hash_secret_raw(b"six words", SALT, 2, 19_456, 1, 32, argon2.low_level.Type.ID)
    assert stretch("six words", SALT) == Halves(raw[:16], raw[16:])


def test_the_cost_can_be_lowered_for_many_tries(monkeypatch):
    strong = stretch("six words", SALT)
    monkeypatch.setattr(hashing, "COST", CHEAP)
    assert stretch("six words", SALT) == stretch("six words", SALT, CHEAP) != strong


def test_another_salt_finds_another_row():
    assert stretch("six words", SALT, CHEAP).lookup != stretch("six words", b"another server's salt", CHEAP).lookup


def test_a_result_shows_nothing_of_itself():
    halves = stretch("six words", SALT, CHEAP)
    assert repr(halves) == "Halves()"
    assert halves.lookup != halves.verifier


@pytest.mark.parametrize("name", ["Robin Smith", "  robin   SMITH ", "röbin smith", "ｒｏｂｉｎ smith"])
def test_a_name_is_taken_as_it_is_remembered(name):
    assert stretch_pair(name, "my long password", SALT, CHEAP) == stretch_pair(
        "robin smith", "my long password", SALT, CHEAP
    )


@pytest.mark.parametrize("password", ["My long password", "my long password ", "my longpassword", ""])
def test_a_password_is_taken_as_it_was_typed(password):
    assert (
        stretch_pair("robin", password, SALT, CHEAP).lookup
        != stretch_pair("robin", "my long password", SALT, CHEAP).lookup
    )


def test_one_accent_typed_in_two_ways_is_one_password():
    assert stretch_pair("a", "caf\u00e9", SALT, CHEAP) == stretch_pair("a", "cafe\u0301", SALT, CHEAP)


@given(WORDS, WORDS)
def test_no_way_of_cutting_a_text_in_two_gives_anothers_pair(name, password):
    """ "ab" + "c" must not sign in as "a" + "bc"; a phrase must not sign in as a pair."""
    pair = stretch_pair(f"x{name}", f"y{password}", SALT, CHEAP)
    assert pair != stretch_pair(f"x{name}y", password, SALT, CHEAP)
    assert pair != stretch(f"x{name}y{password}".replace("\n", " "), SALT, CHEAP)


def test_every_outcome_costs_one_stretch(monkeypatch):
    """Right, wrong password, unknown name: the work is done before anything is looked up, so it cannot differ."""
    calls = []
    monkeypatch.setattr(hashing, "hash_secret_raw", lambda *given: calls.append(given[1:]) or b"x" * 32)
    for name, password in [("robin", "right"), ("robin", "wrong"), ("nobody", "right"), ("", "")]:
        stretch_pair(name, password, SALT)
    assert calls == [(SALT, 2, 19_456, 1, 32, argon2.low_level.Type.ID)] * 4


def test_comparing():
    assert same(b"a" * 16, b"a" * 16)
    assert not same(b"a" * 16, b"a" * 15 + b"b")
