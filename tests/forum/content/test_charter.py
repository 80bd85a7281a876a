"""The first set of ground rules: complete, plain, and safe to edit."""

import pytest

from forum.content.charter import SHIPPED, starter_clauses
from forum.content.reading import ContentError
from tests.plain_words import HIGHEST_GRADE, MOST_WORDS_IN_A_SENTENCE, grade, is_easy, longest_sentence

CLAUSES = starter_clauses()


def test_the_limits_of_confidentiality_come_first_and_ask_for_an_answer():
    first = CLAUSES[0]
    assert (first.ord, first.kind, first.uid) == (1, "given", "what-we-must-tell")
    assert first.question.endswith("?")
    assert [answer.opens for answer in first.answers] == [True, False]


def test_there_are_five_to_nine_numbered_clauses():
    assert [clause.ord for clause in CLAUSES] == list(range(1, len(CLAUSES) + 1))
    assert 5 <= len(CLAUSES) <= 9


def test_the_settings_that_protect_newcomers_are_bound():
    bound = {clause.binding_key: clause.binding_value for clause in CLAUSES if clause.binding_key}
    assert bound == {
        "identity.anon_post": "on",
        "content_notes": "optional",
        "links": "facilitator posts",
        "dm": "off",
    }


def test_what_the_law_and_safety_give_cannot_be_voted_away():
    given = {clause.uid for clause in CLAUSES if clause.kind == "given"}
    assert {"what-we-must-tell", "nothing-against-the-law"} <= given


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.uid)
def test_every_clause_can_be_read_at_eleven(clause):
    assert grade(clause.body) <= HIGHEST_GRADE
    for words in (clause.heading, clause.body, clause.why, *(answer.reply for answer in clause.answers)):
        assert longest_sentence(words) <= MOST_WORDS_IN_A_SENTENCE
    assert is_easy(clause.easy)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "value"', 'kind = "law"', r"clause 3 \(line \d+\), kind: “law” is not known"),
        ('binding_key = "dm"\n', "", "an enforced clause names the setting"),
        ("opens = false", "opens = true", "one answer that opens the group, and one that does not"),
        ('question = "Have you read this, and is it all right for you?"', "", "write the question too"),
        ('uid = "be-kind"', 'uid = "links"', "two clauses have the same uid"),
        ('why = "You can', 'wy = "You can', "wy: this word is not known here"),
        ('topic = "listening"\n', "", 'topic: write topic = "some words" here'),
        ('easy = """\nBe kind', 'easi = """\nBe kind', "easi: this word is not known here"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path, old, new, told):
    shipped = SHIPPED.read_text(encoding="utf-8")
    assert old in shipped
    ours = tmp_path / "ours.toml"
    ours.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=told):
        starter_clauses(ours)


def test_the_limits_of_confidentiality_cannot_be_moved_down_or_left_out(tmp_path):
    shipped = SHIPPED.read_text(encoding="utf-8")
    ours = tmp_path / "ours.toml"
    start, end = shipped.index("[[clause]]"), shipped.index('[[clause]]\nuid = "be-kind"')
    ours.write_text(shipped[:start] + shipped[end:], encoding="utf-8")
    with pytest.raises(ContentError, match="the first must be the given one"):
        starter_clauses(ours)
