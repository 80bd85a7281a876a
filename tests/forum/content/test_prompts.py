"""The prompt bank: each part of a meeting has some, in plain words, and a mistake in the file is found at once."""

from pathlib import Path

import pytest

from forum.content.prompts import PARTS, prompts, prompts_for
from forum.content.reading import ContentError
from tests.plain_words import HIGHEST_GRADE, MOST_WORDS_IN_A_SENTENCE, grade, longest_sentence

GOOD = "".join(f'[[prompt]]\nuid = "{part}"\nfor = "{part}"\ntext = "How are you?"\n' for part in PARTS)


def test_every_part_of_a_meeting_has_prompts_in_plain_words() -> None:
    for part in PARTS:
        assert prompts_for(part)
    together = " ".join(one.text for one in prompts())
    assert grade(together) <= HIGHEST_GRADE
    assert longest_sentence(together) <= MOST_WORDS_IN_A_SENTENCE


def test_a_part_without_any_of_its_own_gets_those_to_talk_about() -> None:
    assert prompts_for("turns") == prompts_for("discussion")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('for = "quiet"', 'for = "loud"', "loud"),
        ('uid = "quiet"', 'uid = "discussion"', "same uid"),
        ("How are you?", "x" * 200, "shorter"),
        ('for = "quiet"', 'for = "discussion"', "none for quiet"),
    ],
)
def test_a_mistake_says_what_to_mend(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert len(prompts(path)) == len(PARTS)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError, match=said):
        prompts(wrong)
