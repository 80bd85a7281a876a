"""Six words that bring a person back, however they are typed: `forum.accounts.phrases`."""

import importlib.resources
import logging
import math
import random
from collections import defaultdict
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.accounts import phrases
from forum.accounts.phrases import UNKIND, all_words, kind_words, new_phrase, read_phrase

PHRASE = "acrobat daffodil hedgehog lantern pebble walrus"
KIND = sorted(kind_words())
SIX = st.lists(st.sampled_from(KIND), min_size=6, max_size=6)


def test_the_list_is_the_one_the_design_names():
    listed = importlib.resources.files("xkcdpass").joinpath("static", "eff-special").read_text("ascii").split()
    assert len(listed) == len(set(listed)) == len({word[:3] for word in listed}) == 1_296
    assert min(map(len, listed)) == 3


def test_the_phrase_is_hard_enough_to_guess():
    assert 6 * math.log2(len(kind_words())) == pytest.approx(60.7, abs=0.05)


def test_no_phrase_given_out_hurts():
    assert all_words() >= UNKIND
    assert not UNKIND & set(kind_words())
    assert all(word.isalpha() and word.isascii() and word.islower() for word in kind_words())


def test_two_slips_at_least_lie_between_any_two_words():
    """So a word with one slip in it is never nearer to another."""
    assert too_near(all_words()) == []
    assert too_near({"acorn", "otter", "adern"}) == [("acorn", "adern")], "two slips, and it is noticed"


def too_near(words):
    """Words between which fewer than three letters' changes lie: then both with two letters left out can be one."""
    short = defaultdict(set)
    for word in words:
        for left in range(len(word) - 2, len(word) + 1):
            for letters in combinations(word, left):
                short[letters].add(word)
    pairs = {pair for alike in short.values() for pair in combinations(sorted(alike), 2)}
    return sorted(pair for pair in pairs if distance_below_three(*pair))


def distance_below_three(one, other):
    """Whether fewer than three letters' changes lead from one word to the other."""
    if abs(len(one) - len(other)) > 2:
        return False
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (a != b)))
        if min(row) > 2:
            return False
    return row[-1] < 3


def test_a_new_phrase_reads_back():
    phrase = new_phrase()
    assert len(phrase.split()) == 6
    assert set(phrase.split()) <= set(kind_words())
    assert read_phrase(phrase) == phrase


def test_phrases_are_drawn_from_the_whole_list_and_by_the_system(monkeypatch):
    drawn_from = []
    monkeypatch.setattr(phrases.secrets, "choice", lambda words: drawn_from.append(len(words)) or words[0])
    new_phrase()
    assert drawn_from == [len(kind_words())] * 6


@pytest.mark.parametrize(
    "typed",
    [
        "Acrobat Daffodil Hedgehog Lantern Pebble Walrus",
        "  acrobat   daffodil\nhedgehog\tlantern pebble walrus ",
        "acrobat-daffodil-hedgehog-lantern-pebble-walrus",
        "acrobat, daffodil, hedgehog, lantern, pebble, walrus.",
        "1. acrobat 2. daffodil 3) hedgehog 4 lantern 5: pebble 6 walrus",
        "“acrobat daffodil hedgehog lantern pebble walrus”",
        "‘acrobat’ 'daffodil' hedgehog’s lantern pebble walrus",
        "acr daf hed lan peb wal",
        "ACR DAF HED LAN PEB WAL",
        "acro daffo hedge lant pebb walr",
        "acrobats daffodils hedgehogs lanterns pebbles walruses",
        "acrobta dafodil hedghog lantrn pebbel wallrus",
        "acrobât daffodil hedgehog lantern pebble walrus",
        "ａｃｒｏｂａｔ daffodil hedgehog lantern pebble walrus",
        "acrobat\u200bdaffodil hedgehog lantern pebble walrus".replace("\u200b", "\u00a0"),
        "acrobatic daffodil hedgehogs lantern pebbly walrus",
    ],
)
def test_it_forgives_what_tired_hands_and_keyboards_do(typed):
    assert read_phrase(typed) == PHRASE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "acrobat daffodil hedgehog lantern pebble",
        PHRASE + " walrus",
        "acrobat daffodil hedgehog lantern pebble xx",
        "ac da he la pe wa",
        "qqqqqq daffodil hedgehog lantern pebble walrus",
        "میں daffodil hedgehog lantern pebble walrus",
        "\x00",
        "a" * 100_000,
        ("acr " * 6_000),
    ],
)
def test_what_cannot_be_a_phrase_is_none(typed):
    assert read_phrase(typed) is None


def test_a_slip_counts_for_more_than_a_start():
    assert read_phrase("acod daf hed lan peb wal").split()[0] == "acid"


@given(st.sampled_from(KIND), st.randoms())
def test_one_slip_in_a_word_still_reads(word, chance):
    """A letter too many, too few, wrong, or swapped, unless that is just what a person would type for another word."""
    typed = slip(word, chance)
    others = {other for other in all_words() if other.startswith(typed)} | (phrases._one_slip_from(typed) & all_words())
    if typed in all_words() or others - {word}:
        return
    assert read_phrase(" ".join([typed] * 6)) == " ".join([word] * 6)


def test_few_slips_could_mean_two_words():
    swaps = [(w, w[:i] + w[i + 1] + w[i] + w[i + 2 :]) for w in KIND for i in range(len(w) - 1)]
    misread = [(w, typed) for w, typed in swaps if typed not in all_words() and phrases._meant(typed) != w]
    assert len(misread) == 12 < len(swaps) / 500


def slip(word, chance: random.Random):
    at = chance.randrange(len(word) - 1)
    letter = chance.choice("abcdefghijklmnopqrstuvwxyz")
    return chance.choice(
        [
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 :] if len(word) > 3 else word,
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


@given(SIX)
def test_three_letters_of_each_word_are_enough(words):
    assert read_phrase(" ".join(word[:3] for word in words)) == " ".join(words)


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_anything_at_all_can_be_typed(typed):
    read = read_phrase(typed)
    assert read is None or read_phrase(read) == read


def test_nothing_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    new_phrase()
    read_phrase(PHRASE)
    read_phrase("acrobat daffodil")
    assert caplog.records == []
