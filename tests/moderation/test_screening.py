"""What a person should look at first, and what they should not be bothered with: `moderation.screening`."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.screening import VERSION, Findings, reasons, screen, word_rule

#: Processor time on a busy, shared machine; a quiet one takes a sixth of it. What grows with the square takes minutes.
BOUNDED_S = 1.0

CRISIS = frozenset({"116123", "08001111", "08006895652", "85258", "111", "999", "08082000247"})

# Our own labelled texts. Numbers are of the ranges that Ofcom keeps for drama.
PHONES = [
    "ring me on 07700 900123",
    "07700900123",
    "0 7 7 0 0 9 0 0 1 2 3",
    "07 70 09 00 12 3",
    "07700-900-123",
    "07700.900.123",
    "(07700) 900 123",
    "0161 496 0123",
    "(0161) 496 0123",
    "01632 960123",
    "01632 96012",
    "020 7946 0123",
    "+44 7700 900123",
    "+44 (0)7700 900123",
    "+447700900123",
    "0044 7700 900123",
    "447700900123",
    "+1 202 555 0123",
    "+92 300 1234567",
    "0808 157 0123",
    "oh seven seven oh oh nine oh oh one two three",
    "zero seven, seven, zero, zero, nine, zero, zero, one, two, three",
    "oh double seven double oh nine double oh one two three",
    "o7700 9oo123",
    "O77OO9OO123",
    "07seven00 900123 is me".replace("seven", " seven "),
    "٠٧٧٠٠ ٩٠٠١٢٣",
    "۰۷۷۰۰۹۰۰۱۲۳",
    "０７７００ ９００１２３",
    "0️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣2️⃣3️⃣",
    "𝟎𝟕𝟕𝟎𝟎𝟗𝟎𝟎𝟏𝟐𝟑",
    "07700\u200b900\u00ad123",
    "my number is 7700900123",
    "call me on 496 0123",
    "I'm up till 3, text 07700 900123 2 or 3 times if I don't answer",
    "Samaritans are 116 123, mine is 07700 900123",
    "116 123 07700 900123",
    "born 01/02/1980, 07700 900123",
]
EMAILS = [
    "sam@mail.example",
    "write to s.a.m+x@mail.co.uk please",
    "sam [at] mail [dot] com",
    "sam(at)mail(dot)com",
    "sam at mail dot com",
    "sam @ mail . com",
    "sam at gmail",
    "sam@gmail",
    "ＳＡＭ＠ｍａｉｌ．ｃｏｍ",
]
LINKS = [
    "http://bad.example",
    "https://nhs.uk/page",
    "HTTPS://X.ORG",
    "hxxp://bad.example",
    "hxxps bad dot com",
    "[a page](https://nhs.uk)",
    "www.bad.example",
    "www . bad . example",
    "see mind.org.uk for this",
    "try nhs.uk.",
    "look at my-shop.com/deal",
    "bit.ly/abc",
    "t.me/someone",
    "wa.me/447700900123",
    "discord.gg/abc",
    "youtu.be/abc",
    "example dot com",
    "example [dot] com",
    "example(.)com",
    "example . com",
    "mind dot org dot uk",
    "mind dot co dot uk",
    "ftp://files.example",
    "exаmple.com".replace("а", "a"),
    "ｅｘａｍｐｌｅ．ｃｏｍ",
    "exam\u200bple.com",
    "میری سائٹ مثال ڈاٹ کام",
]
NEITHER = [
    "20 mg in the morning, 40 mg at night",
    "0.5 mg then 0.25 mg then 0.125mg",
    "0.5 1.0 1.5 2.0 2.5",
    "5.ml twice a day",
    "take 2.5.ml",
    "ask my.gp about it",
    "e.g.the one I had",
    "i.e.me and my sister",
    "2.5.2024",
    "since 01.02.2024 20 mg",
    "01/02/2024 03/04/2024 05/06/2024",
    "2024-02-01 08:00 12:00",
    "1.30pm to 2.45pm",
    "0900 - 1700 every day",
    "07:00 08:30 12:15 20:00",
    "it cost £1,250.00, then £07.99",
    "my BP was 120/80 and 118/76 and 135/85",
    "I scored 07 11 12 09 on the PHQ, then 03 02",
    "one two three four five six seven eight nine ten",
    "zero one two three four five six seven eight nine",
    "0123456789",
    "0 1 2 3 4 5 6 7 8 9 10 on the pain scale",
    "five four three two one: five things you can see",
    "01 02 03 04 05",
    "between 2015-2018 and 2019-2021",
    "my form says 943 476 5918",
    "card 1234 5678 9012 3456",
    "I slept.it was good",
    "I went home.to bed at last",
    "done.so tired",
    "he.she.they",
    "he/she/they",
    "and/or",
    "That was it...and then nothing",
    "the dot com bubble",
    "join the dots, look at dots",
    "It was a loss. Net pay fell.",
    "I was at work at 9 at night",
    "@Golden Heron thank you",
    "thanks @heron",
    "Dr. Smith said no. Info came later.",
    "Mr.smith was kind",
    "a.m. and p.m. are the worst",
    "3.com",
    "oh no, one of two things",
    "oh one more thing",
    "ratio 1:2:3, items 4-5-6-7-8",
    "Call 999 now",
    "Call 111, or text SHOUT to 85258",
    "Samaritans: 116 123",
    "ring 116-123 any time",
    "Childline is 0800 1111",
    "call 0800 1111 now",
    "call 0808 2000 247",
    "+44 808 2000 247",
    "08006895652",
    "I have 3 children, 2 cats and 1 dog",
    "",
]


@pytest.mark.parametrize("text", PHONES + EMAILS)
def test_ways_to_be_reached_are_found(text):
    assert screen(text, (), CRISIS).phones


@pytest.mark.parametrize("text", LINKS)
def test_links_are_found(text):
    assert screen(text, (), CRISIS).links


@pytest.mark.parametrize("text", NEITHER)
def test_doses_dates_and_crisis_lines_are_left_alone(text):
    assert screen(text, (), CRISIS) == Findings(links=False, phones=False, words=())


@pytest.mark.parametrize("text", PHONES + EMAILS)
def test_what_is_found_alone_is_found_in_the_middle_of_a_post(text):
    assert screen(
        f"I can't sleep again and it is 3.15 am.\n{text}\nSorry for going on, 20 mg did nothing.", (), CRISIS
    ).phones


def test_a_number_is_a_crisis_line_only_if_the_caller_says_so():
    assert screen("0808 2000 247", ()).phones
    assert not screen("0808 2000 247", (), CRISIS).phones


@given(
    st.text("0123456789", min_size=9, max_size=9),
    st.lists(st.sampled_from(["", " ", "-", ".", " - "]), min_size=9, max_size=9),
)
def test_a_mobile_number_in_any_rhythm_is_found(digits, gaps):
    """Not preceded by figures and not a date: those cannot be told apart, and a person's dates come first."""
    text = "07" + "".join(gap + digit for gap, digit in zip(gaps, digits, strict=True))
    if re.search(r"\d[./-]\d+[./-]|(?<![\d.])\d{1,3}\.\d{1,2}(?!\d|\.\d)", text):
        return
    assert screen(f"it is {text} ok", ()).phones


@given(st.sampled_from(sorted(CRISIS)), st.sampled_from(["", " ", "-"]), st.text("abc \n", max_size=10))
def test_a_crisis_line_is_never_held_against_anyone(number, gap, around):
    spaced = gap.join([number[:3], number[3:]]) if len(number) > 3 else number
    assert not screen(f"{around} call {spaced} {around}", (), CRISIS).phones


@pytest.mark.parametrize(
    "text",
    [
        *(
            "grot",
            "GROT!",
            "that grot again",
            "gröt",
            "g.r.o.t",
            "g r o t",
            "g-r-o-t",
            "gr0t",
            "grooooot",
            "gro+",
            "“grot”",
            "_grot_",
        ),
        *("grot's", "g\u200brot", "ｇｒｏｔ", "g*r*o*t", "one grot,two"),
    ],
)
def test_a_listed_word_is_found_however_it_is_dressed(text):
    assert screen(text, {"grot"}).words == (word_rule("grot"),)


@pytest.mark.parametrize("text", ["grotto", "Ingrot", "grots", "go rot", "g rot", "900t", "", "gr ot", "6707"])
def test_a_word_inside_another_is_left_alone(text):
    assert screen(text, {"grot"}).words == ()


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Scunthorpe", "cunt"),
        ("I passed my class assessment", "ass"),
        ("455 steps", "ass"),
        ("Essex and Sussex", "sex"),
        ("he will", "hell"),
        ("1000 kcal", "cal"),
    ],
)
def test_innocent_words_that_hold_a_listed_one(text, listed):
    assert screen(text, [listed]).words == ()


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("I counted 1000 kcal", "KCAL"),
        ("we talked of  Fasting\nTIPS all night", "fasting tips"),
        ("k1ll", "kill"),
        ("ki11", "kill"),
        ("b!tter", "bitter"),
        ("helllllo", "hello"),
        ("خودکشی کے بارے میں", "خودکشی"),
        ("كتاب", "کتاب"),
        ("اَلفاظ", "الفاظ"),
        ("Café", "cafe"),
        ("co-dependent", "co dependent"),
        ("bmi", "BMI!"),
    ],
)
def test_lists_as_groups_write_them(text, listed):
    assert screen(text, [listed]).words == (word_rule(listed),)


def test_what_is_kept_names_the_rule_and_never_the_word():
    found = screen("grot and KCAL, 07700 900123", {"kcal", "grot", "unused"})
    assert found.words == tuple(sorted([word_rule("grot"), word_rule("kcal")]))
    assert all(re.fullmatch("word-[0-9a-f]{8}", rule) for rule in found.words)
    assert word_rule(" Kcal ") == word_rule("kcal")
    assert "grot" not in repr(found)
    assert "900123" not in repr(found)
    assert found.version == VERSION


def test_reasons_are_few_and_say_what_kind():
    assert reasons(screen("grot kcal 07700 900123 nhs.uk", {"kcal", "grot"})) == ("link", "phone", "word")
    assert reasons(screen("hello", {"kcal"})) == ()


def test_an_empty_or_odd_list_finds_nothing():
    assert screen("a b c !", {"", " ", "!!", "\u200b"}).words == ()


@given(st.text(st.characters(exclude_categories=()), max_size=300), st.sets(st.text(max_size=8), max_size=5))
def test_any_text_and_any_list_can_be_screened(body, words):
    found = screen(body, words, CRISIS)
    assert set(found.words) <= {word_rule(word) for word in words}


@given(st.text("0123456789 .-/()+:;@wabcdot\n", max_size=120))
@settings(max_examples=300)
def test_figures_in_any_order_can_be_screened(body):
    screen(body, ("abc",), CRISIS)


HOSTILE = [
    "a",
    "0",
    "0 ",
    "07",
    "1.",
    "a.",
    "a-",
    "@",
    "a@",
    "a@a.",
    " at a dot ",
    "dot ",
    ".",
    "( ",
    "_",
    "a ",
    "a_",
    "oh ",
    "double ",
    "+",
    "1-",
    "o0",
    "|0",
]
HOSTILE += [
    "w",
    "www",
    "http",
    "call ",
    "call 1",
    "call 1 ",
    "é",
    "\u0301a",
    "0\ufe0f\u20e3",
    "سلام ",
    "g.r.",
    "!",
    "12.",
    "1/1/",
    "a a ",
    "x" * 63 + ".",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_text_takes_long_to_screen(unit):
    body = (unit * 20_000)[:19_999] + "\n"
    assert min(seconds(body) for _ in range(3)) < BOUNDED_S


def seconds(body):
    start = time.process_time()
    screen(body, ("grot", "fasting tips"), CRISIS)
    return time.process_time() - start
