"""Crisis lines: every nation has help, and a mistake in the file is found at start-up."""

from datetime import date
from pathlib import Path

import pytest

from forum.content.crisis import NATIONS, SHIPPED, contacts, list_to_check, numbers
from forum.content.reading import ContentError
from tests.plain_words import HIGHEST_GRADE, MOST_WORDS_IN_A_SENTENCE, grade, longest_sentence, sentences

GOOD = """
[[contact]]
nations = ["default", "england", "scotland", "wales", "northern-ireland"]
name = "A listening line"
why = "Talk to someone."
tel = "0000 111 222"
hours = "Always"
source = "its own page"
always = true
verified_on = 2026-01-31
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("nation", NATIONS)
def test_every_nation_begins_with_the_emergency_number_and_has_a_listening_line(nation):
    found = contacts(nation)
    assert found[0].tel == "999"
    assert {"116 123", "0800 1111"} <= {contact.tel for contact in found}
    assert "85258" in {contact.sms for contact in found}


@pytest.mark.parametrize(
    ("nation", "line"),
    [("scotland", "0800 83 85 87"), ("wales", "0800 132 737"), ("northern-ireland", "0808 808 8000")],
)
def test_a_line_of_one_nation_is_shown_there_and_nowhere_else(nation, line):
    assert [n for n in NATIONS if line in {contact.tel for contact in contacts(n)}] == [nation]


def test_northern_ireland_is_not_sent_to_a_number_it_does_not_have():
    assert "111" not in {contact.tel for contact in contacts("northern-ireland")}


@pytest.mark.parametrize("nation", NATIONS)
def test_nobody_is_shown_the_same_number_twice(nation):
    shown = [contact.tel_digits or contact.sms_digits for contact in contacts(nation)]
    assert len(shown) == len(set(shown))


def test_numbers_are_digits_only_and_hold_calls_and_texts():
    assert {"999", "116123", "85258", "08082000247"} <= numbers()
    assert all(number.isdigit() for number in numbers())


def test_each_reason_is_one_short_plain_sentence():
    for nation in NATIONS:
        for contact in contacts(nation):
            assert len(sentences(contact.why)) == 1
            assert longest_sentence(contact.why) <= MOST_WORDS_IN_A_SENTENCE
        assert grade(" ".join(contact.why for contact in contacts(nation))) <= HIGHEST_GRADE


def test_what_nobody_has_checked_is_named(tmp_path):
    assert "Samaritans" in [one.name for one in list_to_check(date(2026, 2, 1))]
    assert list_to_check(date(2026, 2, 1), written(tmp_path, GOOD)) == ()


def test_a_check_is_due_after_its_time_and_the_number_still_shows(tmp_path):
    ours = written(tmp_path, GOOD.replace("always = true", 'always = true\nverified_by = "Ann"\nverify_every = 30'))
    assert list_to_check(date(2026, 3, 1), ours) == ()
    (due,) = list_to_check(date(2026, 3, 2), ours)
    assert (due.name, due.last_on, due.by) == ("A listening line", date(2026, 1, 31), "Ann")
    assert [contact.tel for contact in contacts("england", ours)] == ["0000 111 222"]


def test_the_last_of_those_that_must_always_show_cannot_be_taken_away(tmp_path):
    two = GOOD + GOOD.replace("0000 111 222", "0000 333 444")
    one = two.replace("always = true", "always = false", 1)
    assert len(contacts("wales", written(tmp_path, one))) == 2
    none = tmp_path / "none.toml"
    none.write_text(one.replace("always = true", "always = false"), encoding="utf-8")
    with pytest.raises(ContentError, match="put at least one back"):
        contacts("wales", none)


def test_an_organisation_can_use_its_own_file(tmp_path):
    ours = written(tmp_path, GOOD)
    assert [contact.name for contact in contacts("wales", ours)] == ["A listening line"]
    assert numbers(ours) == {"0000111222"}


def test_an_unknown_nation_is_refused_with_the_known_ones():
    with pytest.raises(ContentError, match="northern-ireland"):
        contacts("atlantis")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('tel = "0000 111 222"', 'tel = "+44 0000"', r"contact 1 \(line 2\), tel: .*digits with single spaces"),
        ('tel = "0000 111 222"', "", r"contact 1 \(line 2\), tel: give a number"),
        ('hours = "Always"', "", r'hours: write hours = "some words"'),
        ('why = "Talk to someone."', 'why = "  "', r"why: write why"),
        ('"england"', '"ingland"', r"nations: “ingland” is not known"),
        ('"wales", ', "", "no number with always = true is left for wales"),
        ("verified_on = 2026-01-31", 'verified_on = "yes"', "verified_on: write .unverified."),
        ("always = true", "", "no number with always = true is left for default"),
        ("always = true", "verify_every = 0", "verify_every: write a whole number from 1"),
        ("always = true", 'web = "javascript:alert(1)"', "web: .*must begin with https"),
        ('source = "its own page"', "", "source: write source"),
        ("hours", "ours", "ours: this word is not known here"),
        ("why =", "why", "not written as TOML asks: .*line 5"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path, old, new, told):
    assert old in GOOD
    with pytest.raises(ContentError, match=told):
        contacts("england", written(tmp_path, GOOD.replace(old, new, 1)))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ContentError, match="cannot be read"):
        contacts("england", tmp_path / "gone.toml")


def test_the_shipped_file_claims_no_check_that_nobody_made():
    """Whoever checks a number writes the date and changes this test with it."""
    assert "To be checked by the organisation" in SHIPPED.read_text(encoding="utf-8")
    assert len(list_to_check(date(2026, 2, 1))) == SHIPPED.read_text(encoding="utf-8").count("[[contact]]")
