"""The measure of plain words itself: a measure that never objects would protect nobody."""

import pytest

from tests.plain_words import HIGHEST_GRADE, grade, is_easy, longest_sentence, syllables

PLAIN = "You can stop at any time. Your words stay here. We tell you who can read them."
OFFICIAL = (
    "Notwithstanding participants' contributions, administrators may initiate moderation procedures unilaterally."
)


def test_plain_words_pass_and_official_ones_do_not():
    assert grade(PLAIN) < HIGHEST_GRADE < grade(OFFICIAL)


def test_the_longest_sentence_is_counted_across_marks_and_lines():
    assert longest_sentence("One two three. Four five? Six\nSeven eight nine ten!") == 4


@pytest.mark.parametrize(
    "words",
    [
        "You can stop. You can go on.",  # two ideas in a line
        "You can stop at any time and then you can come back to it when you like.",
        "Administrators moderate participants.",
        "",
    ],
)
def test_easy_read_is_one_short_plain_sentence_a_line(words):
    assert is_easy("You can stop at any time.\nYour words stay here.")
    assert not is_easy(words)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("group", 1),
        ("rules", 1),
        ("hidden", 2),
        ("people", 2),
        ("anxiety", 3),
        ("moderator", 4),
        ("don't", 1),
        ("making", 2),
    ],
)
def test_syllables_of_common_words(word, count):
    assert syllables(word) == count
