"""Same words, one spelling, nothing invisible: `forum.base.characters`."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.base.characters import MAX_MARKS_ON_A_LETTER, fold, normalise

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)

HONEST = [
    "Hello, how is everyone tonight?",
    "Chị ấy mệt quá",
    "مجھے نیند نہیں آتی\u06d4 می\u200cخواهم",
    "اَلسَّلَامُ عَلَيْكُمْ",
    "בְּרֵאשִׁ֖ית בָּרָ֣א",
    "ਸਤ ਸ੍ਰੀ ਅਕਾਲ",
    "พรุ่งนี้ไม่ไหวแล้ว",
    "👩‍👩‍👧 👍🏽 ❤️ 1️⃣ 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "\u2067سلام\u2069 means hello, \u202aabc\u202c",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_writing_in_any_script_is_kept(text):
    assert normalise(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
        ("  tabs\tstay  ", "tabs\tstay"),
        ("a\x00b\x07c\x1bd\x9fe", "abcde"),
        ("cafe\u0301", "café"),
        ("k\u200bi\u00adl\u2060l\ufeff", "kill"),
        ("safe\u202etxt.exe", "safetxt.exe"),
        ("a\u2066b", "ab"),
        ("a\u2069b", "ab"),
        ("\u2067a\u202cb\u2069", "ab"),
        ("\u2067open\n\u2067shut\u2069", "open\n\u2067shut\u2069"),
        ("half \ud83d here", "half \ufffd here"),
        ("hi\U000e0068\U000e0069", "hi"),
        ("a\ufffeb\ufdd0", "ab"),
    ],
)
def test_what_cannot_be_seen_or_runs_backwards_goes(typed, kept):
    assert normalise(typed) == kept


def test_stacked_marks_stay_on_their_line():
    marks = [c for c in normalise("z" + "\u0335\u0321\u035c" * 40 + "a") if unicodedata.combining(c)]
    assert len(marks) == MAX_MARKS_ON_A_LETTER


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@given(ANY_TEXT)
def test_what_is_kept_can_be_stored_and_seen(text):
    kept = normalise(text)
    kept.encode("utf-8")
    unseen = {c for c in kept if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t"}
    assert unseen == set()
    assert "\u202e" not in kept


@given(st.text("\u202a\u202b\u202c\u2066\u2067\u2068\u2069ab\n", max_size=30))
def test_every_direction_that_opens_also_closes(text):
    closes = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
    for line in normalise(text).split("\n"):
        waiting = []
        for mark in line:
            if mark in closes:
                waiting.append(closes[mark])
            elif mark in "\u202c\u2069":
                assert waiting.pop() == mark
        assert waiting == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "CAFE"),
        ("Straße", "strasse"),
        ("ｗｉｄｅ", "wide"),
        ("على", "علی"),
        ("كتاب", "کتاب"),
        ("٠٧٧٠٠", "07700"),
        ("۰۷", "07"),
        ("0\ufe0f\u20e37\ufe0f\u20e3", "07"),
        ("می\u200cخواهم", "میخواهم"),
    ],
)
def test_two_spellings_of_one_word_fold_to_the_same(one, other):
    assert fold(one) == fold(other)


@given(ANY_TEXT)
def test_folding_never_raises_and_settles(text):
    assert fold(fold(text)) == fold(text)
