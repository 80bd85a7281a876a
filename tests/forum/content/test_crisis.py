"""Crisis lines: every nation has help, and a mistake in the file is found at start-up."""

from pathlib import Path

import pytest

from forum.content.crisis import NATIONS, SHIPPED, contacts, numbers, unverified
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
verified = 2026-01-31
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
    assert "Samaritans" in unverified()
    assert unverified(written(tmp_path, GOOD)) == ()


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
        ('"wales", ', "", "no telephone number is left for wales"),
        ("verified = 2026-01-31", 'verified = "yes"', "verified: write .unverified."),
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
    assert len(unverified()) == SHIPPED.read_text(encoding="utf-8").count("[[contact]]")
