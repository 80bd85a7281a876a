"""Phrases as digits: the same secret, in any script, with a check that finds slips."""

import hashlib
import random

from forum.accounts import digits, phrases


def test_every_phrase_has_digits_that_lead_back_to_it() -> None:
    for _try in range(500):
        phrase = phrases.new_phrase()
        written = digits.of_phrase(phrase)
        assert len(written) == digits.PHRASE_DIGITS
        assert digits.to_phrase(written) == phrase


def test_the_ends_of_the_list_have_digits_too() -> None:
    words = sorted(phrases.all_words())
    for word in (words[0], words[-1]):
        phrase = " ".join([word] * 6)
        assert digits.to_phrase(digits.of_phrase(phrase)) == phrase


def test_one_wrong_digit_is_always_noticed() -> None:
    written = digits.of_phrase(phrases.new_phrase())
    for place in range(len(written)):
        for other in set("0123456789") - {written[place]}:
            assert digits.to_phrase(written[:place] + other + written[place + 1 :]) is None


def test_nearly_every_swap_is_noticed() -> None:
    """The check is of one digit, so a few swaps slip through; they open nothing."""
    chance, swaps, missed = random.Random(7), 0, 0
    for _try in range(300):
        written = digits.of_phrase(" ".join(chance.choices(sorted(phrases.all_words()), k=6)))
        for n in range(len(written) - 1):
            if written[n] != written[n + 1]:
                swaps += 1
                missed += digits.is_whole(written[:n] + written[n + 1] + written[n] + written[n + 2 :])
    assert swaps > 4_000
    assert missed / swaps < 0.03


def test_digits_are_read_in_any_script_and_with_anything_between() -> None:
    written = digits.of_phrase(phrases.new_phrase())
    assert digits.typed_digits(" ".join(digits.in_groups(written))) == written
    assert digits.typed_digits("-".join(digits.in_groups(written))) == written
    assert digits.typed_digits("".join(chr(ord("۰") + int(d)) for d in written)) == written
    assert digits.typed_digits("1. acorn 2. bagel") is None
    assert digits.typed_digits("") is None


def test_too_many_or_too_few_digits_are_no_phrase() -> None:
    written = digits.of_phrase(phrases.new_phrase())
    for wrong in (written[:-1], written + "0", "", "0", "9" * 20):
        assert digits.to_phrase(wrong) is None


def test_a_card_printed_years_ago_still_means_the_same_words() -> None:
    """The order of the words is a promise: whoever changes the list breaks every printed card."""
    kept = hashlib.sha256(" ".join(digits._ordered()).encode()).hexdigest()
    assert (len(digits._ordered()), kept) == (1295, "ef9d955a7eb279f4b4d2cf9a3069a6a40f9faf4e542e9ce42e2432b45654798c")
    assert digits.of_phrase("abiding atom clergyman downstairs evacuation gnomish") == "00185061222773419809"


def test_codes_are_whole_and_differ() -> None:
    codes = {digits.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == digits.CODE_DIGITS and digits.is_whole(code) for code in codes)
