"""The settings that clauses bind, and what holds when a clause, a floor and a default speak of the same one (C2, C3)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.base.errors import Invalid
from forum.content.charter import starter_clauses
from forum.policy import bindings, terms
from forum.policy.bindings import REGISTRY

KEYS = sorted(REGISTRY)


def rank(key: str, value: str) -> int:
    """How strict a value is."""
    return REGISTRY[key].values.index(value)


@pytest.mark.parametrize("key", KEYS)
def test_each_setting_has_words_for_every_value_and_a_default_among_them(key: str) -> None:
    binding = REGISTRY[key]
    assert binding.default in binding.values
    assert all(str(binding.words[value]).endswith(".") for value in binding.values)
    assert max(map(len, (key, *binding.values))) <= 40, "what the column holds"


def test_a_value_is_looser_than_every_one_after_it() -> None:
    for key, binding in REGISTRY.items():
        for one, other in itertools.combinations(binding.values, 2):
            assert bindings.is_looser(key, one, other)
            assert not bindings.is_looser(key, other, one)
            assert bindings.strictest(key, one, other) == other


def test_what_nobody_registered_is_refused() -> None:
    bindings.check("links", "none")
    for key, value in (("links", "sometimes"), ("dm", "on"), ("telepathy", "on")):
        with pytest.raises(Invalid):
            bindings.check(key, value)


def test_the_starter_rules_bind_only_what_is_registered() -> None:
    for clause in starter_clauses():
        if clause.binding_key:
            bindings.check(clause.binding_key, clause.binding_value)


_PAIR = st.sampled_from(KEYS).flatmap(lambda key: st.tuples(st.just(key), st.sampled_from(REGISTRY[key].values)))


@given(st.lists(_PAIR, max_size=9), st.lists(_PAIR, max_size=6).map(dict))
def test_c2_what_holds_is_never_looser_than_a_clause_or_the_floor(
    clauses: list[tuple[str, str]], floor: dict[str, str]
) -> None:
    held = terms.effective(clauses, floor)
    assert set(held) == set(REGISTRY)
    for key, value in (*clauses, *floor.items()):
        assert rank(key, held[key]) >= rank(key, value)
    for key in REGISTRY:  # and nothing is stricter than somebody said
        said = [v for k, v in clauses if k == key] or [REGISTRY[key].default]
        assert held[key] in {*said, floor.get(key, "")}


@pytest.mark.parametrize("key", KEYS)
def test_c2_a_value_from_another_program_counts_as_the_strictest(key: str) -> None:
    assert terms.effective([(key, "no such value")], {})[key] == REGISTRY[key].values[-1]
    assert terms.effective([], {key: "no such value"})[key] == REGISTRY[key].values[-1]


def test_a_clause_about_what_this_program_does_not_know_binds_nothing() -> None:
    assert terms.effective([("telepathy", "on")], {}) == terms.effective([], {})
