"""The library of clauses: each one plain, with its reason and its Easy Read, and one for every setting a clause can bind."""

import pytest

from forum.content.charter import starter_clauses
from forum.content.library import SHIPPED, clause_library, read_library
from forum.content.reading import ContentError
from forum.policy.bindings import REGISTRY
from tests.plain_words import HIGHEST_GRADE, MOST_WORDS_IN_A_SENTENCE, grade, is_easy, longest_sentence

LIBRARY = clause_library()
EACH = pytest.mark.parametrize("offer", LIBRARY.offers, ids=lambda offer: offer.id)


@EACH
def test_every_clause_can_be_read_at_eleven_says_why_and_has_easy_read(offer):
    clause = offer.clause
    for words in (clause.body, clause.why):
        assert grade(words) <= HIGHEST_GRADE
    for words in (clause.heading, clause.body, clause.why):
        assert longest_sentence(words) <= MOST_WORDS_IN_A_SENTENCE
    assert is_easy(clause.easy)


@EACH
def test_a_clause_is_enforced_exactly_where_it_names_a_setting(offer):
    clause = offer.clause
    bound = bool(clause.binding_key)
    assert bound == bool(clause.binding_value)
    assert bound == (clause.kind == "enforced") or clause.kind == "practice"
    assert not offer.is_fixed or not bound


def test_there_is_a_clause_for_every_value_of_every_setting_and_no_other():
    bound = [(o.clause.binding_key, o.clause.binding_value) for o in LIBRARY.offers if o.clause.binding_key]
    assert sorted(bound) == sorted((key, value) for key, binding in REGISTRY.items() for value in binding.values)


def test_every_way_to_word_a_rule_binds_the_same_setting():
    keys = {(offer.clause.uid, offer.clause.binding_key) for offer in LIBRARY.offers}
    assert len(keys) == len({uid for uid, _key in keys})
    ways = [offer for offer in LIBRARY.offers if offer.clause.uid == "links"]
    assert len(ways) == len(REGISTRY["links"].values)


def test_every_topic_has_clauses_and_the_starter_set_is_among_them():
    assert all(LIBRARY.of(topic) for topic in LIBRARY.topics)
    assert {clause.uid for clause in starter_clauses()} <= {offer.id for offer in LIBRARY.offers}


def test_what_everybody_is_given_is_shown_and_cannot_be_chosen():
    fixed = [offer for offer in LIBRARY.offers if offer.is_fixed]
    assert {"what-we-must-tell", "nothing-against-the-law"} <= {offer.id for offer in fixed}
    assert all(LIBRARY.find(offer.id) is None for offer in fixed)
    chosen = LIBRARY.find("links-none")
    assert chosen is not None
    assert (chosen.clause.uid, chosen.clause.binding_value) == ("links", "none")
    assert LIBRARY.find("no-such-clause") is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('topic = "screenshots"', 'topic = "screens"', r"clause \d+ \(line \d+\), topic: “screens” is not a topic"),
        ('id = "names-made-up"', 'id = "names-first"', "two of them have the same id"),
        ('kind = "practice"', 'kind = "given"', "stands in the starter set"),
        ('heading = "No links"', f'heading = "{"No links " * 20}"', "use at most 120 letters"),
        ('binding_key = "attachments"\n', "", "an enforced clause names the setting"),
        ('easy = """', 'eazy = """', "eazy: this word is not known here"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path, old, new, told):
    shipped = SHIPPED.read_text(encoding="utf-8")
    assert old in shipped
    ours = tmp_path / "ours.toml"
    ours.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=told):
        read_library(ours)
