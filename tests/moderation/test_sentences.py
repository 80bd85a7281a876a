"""What the detectors make of the 400 sentences: the limits of the specification, on the half that nobody tuned on."""

from hashlib import sha256

import pytest

from forum.base.characters import fold, normalise
from forum.content import crisis
from moderation.detectors import languages, personal, risk
from moderation.detectors.words import listed_in, rule_named
from moderation.screening import ask_about, cover, screen
from tests.moderation.sentences.reading import LABELS, NONE, SPARED, list_sentences, measure

LEAST_RECALL, LEAST_PRECISION, MOST_FALSE = 0.95, 0.9, 0.1
REPORTED = [one for one in list_sentences() if one.lang == "en" and not one.for_tuning]
CRISIS = crisis.numbers()


def test_there_are_400_sentences_with_two_labels_each() -> None:
    every = list_sentences()
    assert len(every) == len({one.text for one in every}) == 400
    assert {label for one in every for label in (one.first, one.second)} == LABELS
    assert sum(one.agreed is None for one in every) == 3  # kept as they were given, not settled


def test_the_halves_are_fixed_by_their_words() -> None:
    assert all(one.for_tuning is (sha256(one.text.encode()).digest()[0] % 2 == 0) for one in list_sentences())
    assert len(REPORTED) == 202


def test_details_of_people_are_found_and_little_else() -> None:
    found = measure(REPORTED)
    assert found.privacy_recall is not None
    assert found.privacy_recall >= LEAST_RECALL
    assert found.privacy_precision is not None
    assert found.privacy_precision >= LEAST_PRECISION


def test_who_came_through_or_lost_somebody_is_seldom_prompted() -> None:
    found = measure(REPORTED)
    assert found.risk_false_prompts is not None
    assert found.risk_false_prompts <= MOST_FALSE
    assert found.risk_recall is not None
    assert found.risk_recall > 0.4  # reported, not promised: whoever is worried says so with one tap


def test_figures_are_those_of_the_sentences() -> None:
    """The same figures of labels that are all wrong are bad: nothing here is counted past the detectors."""
    spared = [one for one in REPORTED if one.kind in SPARED and one.agreed == NONE]
    assert measure(spared).risk_recall is None
    assert measure([one for one in REPORTED if one.first == NONE]).privacy_recall is None
    private = [one for one in REPORTED if personal.list_details(one.text, CRISIS)]
    assert measure(private).privacy_precision == measure(REPORTED).privacy_precision


def test_what_is_found_can_be_covered_and_is_worth_looking_for() -> None:
    texts = [normalise(one.text) for one in list_sentences()]
    found = [text for text in texts if personal.list_details(text, CRISIS)]
    assert found
    for text in found:
        assert personal.may_have_details(fold(text)), text
        covered = cover(text, CRISIS)
        assert personal.COVER in covered, text
        assert not personal.list_details(covered, CRISIS), text


@pytest.mark.parametrize("number", sorted(CRISIS))
def test_no_crisis_line_is_ever_covered(number: str) -> None:
    said = f"Call {number} tonight, or {number[:3]} {number[3:]}. Mine is 07700 900123."
    covered = personal.cover(said, CRISIS)
    assert number in covered
    assert "900123" not in covered


def test_what_an_organisation_gives_to_all_is_nobodys_detail() -> None:
    for said in ("Mind is 0300 123 3393.", "Write to help@harbourtrust.example.", "0800 138 1665 is free."):
        assert personal.list_details(said, CRISIS) == []


def test_the_team_reads_which_words_nobody_screened() -> None:
    wrong = [o.text for o in list_sentences() if languages.is_screened(fold(o.text), o.lang) is not (o.lang == "en")]
    assert wrong == []


def test_a_text_in_another_script_is_not_screened_whatever_its_author_chose() -> None:
    assert not screen("میں مرنا چاہتی ہوں، کوئی نہیں سمجھتا۔", (), lang="en").screened
    assert screen("٠٧٧٠٠", ()).screened


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("我想自杀了", "自杀"),
        ("मैं किताब पढ़ता हूँ", "किताब"),
        ("ฉันอยากตายจริงๆ", "อยากตาย"),
        ("আমি মরতে চাই", "মরতে"),
        ("خودکشی کے بارے میں", "خودکشی"),
        ("Я хочу умереть", "умереть"),
    ],
)
def test_the_list_takes_any_script(text: str, line: str) -> None:
    assert list(listed_in(fold(text), [line])) == [line]


def test_a_vowel_sign_does_not_end_a_word() -> None:
    assert list(listed_in(fold("मैं किताब पढ़ता हूँ"), ["कि"])) == []


def test_a_line_of_the_list_can_name_its_rule() -> None:
    line = "kcal # Say first if it may be hard to read"
    assert rule_named(line) == "Say first if it may be hard to read"
    assert ask_about("It had 300 kcal.", [line]).rules == ("Say first if it may be hard to read",)
    assert ask_about("It had 300 kcal.", ["kcal"]).rules == ()


def test_rules_of_risk_say_their_name_and_nothing_else() -> None:
    found = risk.list_rules(fold("I took a load of tablets about an hour ago and I'm scared."))
    assert found == ("taken",)
    assert screen("I can't keep myself safe tonight.", ()).risk == ("not-safe",)
    assert screen("I nearly died of embarrassment.", ()).risk == ()
