"""The two sentences at each step: there, short, plain, and marked until somebody of the organisation has read them."""

from pathlib import Path

import pytest
from flask import Flask

from forum.content.reading import ContentError
from moderation.safeguarding import guidance
from moderation.safeguarding.guidance import SHIPPED, STEPS
from tests.plain_words import HIGHEST_GRADE, MOST_WORDS_IN_A_SENTENCE, grade, longest_sentence, sentences


@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_two_short_plain_sentences(app: Flask, step: str) -> None:
    with app.app_context():
        said = guidance.of_step(step)
    assert 2 <= len(sentences(said.words)) <= 3  # a colon counts as an end
    assert longest_sentence(said.words) <= MOST_WORDS_IN_A_SENTENCE
    assert grade(said.words) <= HIGHEST_GRADE
    assert said.source


def test_the_shipped_words_claim_no_review_that_nobody_made(app: Flask) -> None:
    with app.app_context():
        assert not guidance.of_step("triage").reviewed


def ours(tmp_path: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "ours.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_review_has_a_date_and_somebody_who_stands_for_it(tmp_path: Path) -> None:
    dated = ours(tmp_path, '"unreviewed"', "2026-11-01")
    with pytest.raises(ContentError, match="reviewed_by"):
        guidance.check(dated)
    named = tmp_path / "named.toml"
    named.write_text(dated.read_text().replace('reviewed_by = ""', 'reviewed_by = "Our lead"'))
    guidance.check(named)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('key = "death"', 'key = "deth"', "“deth” is not known"),
        ('reviewed_on = "unreviewed"', 'reviewed_on = "yes"', "reviewed_on: write"),
        ('key = "notes"', 'key = "death"', "these steps have no words: notes"),
    ],
)
def test_a_mistake_stops_the_start_and_says_what_to_mend(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(ContentError, match=told):
        guidance.check(ours(tmp_path, old, new))
