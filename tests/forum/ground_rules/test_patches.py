"""C10, and that a wish is carried over to another version without half of one rule beside half of another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.ground_rules.patches import (
    ADD,
    EDIT,
    MOVE,
    REMOVE,
    Change,
    DoesNotFit,
    Rule,
    apply,
    diff,
    from_json,
    rebase,
    to_json,
    words_diff,
)
from tests.forum.ground_rules.rules_drawn import TEXTS, VERSIONS

KIND = Rule("kind", "Be kind", "Write as you would like to be written to.")
LINKS = Rule("links", "Links", "Links wait for a person.", kind="enforced", binding_key="links", binding_value="open")
NAMES = Rule("names", "Names", "Use a name that is not your own.")
BASE = (KIND, LINKS, NAMES)


@given(VERSIONS, VERSIONS)
def test_c10_the_difference_of_any_two_versions_makes_one_of_the_other(old: tuple, new: tuple) -> None:
    assert apply(diff(old, new), old) == new


@given(VERSIONS)
def test_c10_no_difference_between_a_version_and_itself(version: tuple) -> None:
    assert diff(version, version) == ()


@given(VERSIONS, VERSIONS)
def test_a_patch_is_kept_and_read_whole(old: tuple, new: tuple) -> None:
    patch = diff(old, new)
    assert from_json(to_json(patch)) == patch


def test_a_difference_names_as_few_clauses_as_can_be() -> None:
    assert diff(BASE, (NAMES, KIND, LINKS)) == (Change("names", MOVE, ord=1),)
    softer = Rule("kind", "Be kind", "Write gently.")
    assert diff(BASE, (softer, LINKS)) == (Change("names", REMOVE), Change("kind", EDIT, {"body": "Write gently."}))


@pytest.mark.parametrize(
    "change",
    [
        Change("gone", EDIT, {"body": "New."}),
        Change("gone", REMOVE),
        Change("gone", MOVE, ord=1),
        Change("kind", ADD, {"heading": "Again", "body": "Twice."}),
        Change("kind", EDIT, {"uid": "names"}),
        Change("new", ADD, {"heading": "Without words"}),
    ],
)
def test_a_patch_for_another_version_does_not_fit(change: Change) -> None:
    with pytest.raises(DoesNotFit):
        apply((change,), BASE)


@given(VERSIONS, VERSIONS)
def test_a_wish_carried_over_to_its_own_base_is_the_same_wish(base: tuple, wanted: tuple) -> None:
    carried = rebase(diff(base, wanted), base, base)
    assert carried.conflicts == ()
    assert apply(carried.patch, base) == wanted


@given(VERSIONS, VERSIONS)
def test_a_wish_that_came_true_meanwhile_asks_for_nothing_more(base: tuple, wanted: tuple) -> None:
    carried = rebase(diff(base, wanted), base, wanted)
    assert (carried.patch, carried.conflicts) == ((), ())


@given(VERSIONS, VERSIONS, VERSIONS)
def test_each_clause_is_whole_after_a_rebase(base: tuple, wanted: tuple, current: tuple) -> None:
    carried = rebase(diff(base, wanted), base, current)
    after = {rule.uid: rule for rule in apply(carried.patch, current)}
    before, wish, now = ({rule.uid: rule for rule in rules} for rules in (base, wanted, current))
    for uid in {*before, *wish, *now}:
        mine = before.get(uid) != wish.get(uid)
        theirs = before.get(uid) != now.get(uid)
        assert after.get(uid) == (wish if mine else now).get(uid)
        assert (uid in carried.conflicts) is (mine and theirs and wish.get(uid) != now.get(uid))


@given(VERSIONS, VERSIONS, VERSIONS)
def test_a_wish_is_carried_twice_as_once(base: tuple, wanted: tuple, current: tuple) -> None:
    first = rebase(diff(base, wanted), base, current)
    assert rebase(first.patch, current, current).patch == diff(current, apply(first.patch, current))


def test_a_rebase_takes_what_others_did_elsewhere() -> None:
    patch = (
        Change("kind", EDIT, {"body": "Write gently."}),
        Change("late", ADD, {"heading": "Late", "body": "Fine."}, 2),
    )
    theirs = (KIND, Rule("links", "Links", "Links are open."))
    after = apply(rebase(patch, BASE, theirs).patch, theirs)
    assert [(rule.uid, rule.body) for rule in after] == [
        ("kind", "Write gently."),
        ("late", "Fine."),
        ("links", "Links are open."),
    ]


def test_a_clause_that_both_changed_keeps_the_wish_and_is_named() -> None:
    patch = (Change("kind", EDIT, {"body": "Write gently."}), Change("names", REMOVE))
    theirs = (Rule("kind", "Be kind", "Never be rude."), LINKS, Rule("names", "Names", "Any name you like."))
    carried = rebase(patch, BASE, theirs)
    assert carried.conflicts == ("kind", "names")
    assert [rule.body for rule in apply(carried.patch, theirs)] == ["Write gently.", LINKS.body]


def test_a_clause_changed_here_and_taken_out_there_comes_back_to_be_talked_about() -> None:
    carried = rebase((Change("kind", EDIT, {"body": "Write gently."}),), BASE, (LINKS, NAMES))
    assert carried.conflicts == ("kind",)
    assert [rule.uid for rule in apply(carried.patch, (LINKS, NAMES))] == ["kind", "links", "names"]


def test_a_move_alone_brings_nothing_back() -> None:
    carried = rebase((Change("kind", MOVE, ord=3),), BASE, (LINKS, NAMES))
    assert carried == rebase((), BASE, (LINKS, NAMES))


@given(TEXTS | st.text(), TEXTS | st.text())
def test_both_texts_can_be_read_in_their_difference(old: str, new: str) -> None:
    pieces = words_diff(old, new)
    assert "".join(piece.text for piece in pieces if piece.how != "added") == old
    assert "".join(piece.text for piece in pieces if piece.how != "removed") == new


@given(TEXTS, TEXTS)
def test_what_two_texts_begin_with_is_no_difference(text: str, more: str) -> None:
    assert [piece.how for piece in words_diff(text, text)] == ["same"]
    assert [piece.how for piece in words_diff(text, f"{text} {more}")] == ["same", "added"]


def test_a_changed_word_is_one_word() -> None:
    assert [(piece.how, piece.text) for piece in words_diff("Links wait two days.", "Links wait one day.")] == [
        ("same", "Links wait"),
        ("removed", " two days."),
        ("added", " one day."),
    ]
