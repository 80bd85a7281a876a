"""Every string that people read, in templates and program alike: reading age 11, and sentences one can hold in mind (X13)."""

from collections import defaultdict
from functools import cache

import pytest

from scripts.words import PLACEHOLDER, extracted, messages, texts
from tests.plain_words import HIGHEST_GRADE, MOST_WORDS_IN_A_SENTENCE, grade, longest_sentence, words_of

#: Kincaid's grade is made for running text: below this one long word, such as "facilitator", decides alone.
FEWEST_WORDS_TO_GRADE = 8


def spoken(text: str) -> str:
    """The string as it may come out: a short name or word in each place that is filled in."""
    return PLACEHOLDER.sub("Robin", text)


@cache
def strings() -> dict[str, list[str]]:
    """File → its strings, each plural form by itself."""
    found = defaultdict(list)
    for message in messages(extracted()):
        for file, _line in message.locations:
            found[file] += [spoken(text) for text in texts(message.id)]
    return dict(found)


def hard_strings(found: dict[str, list[str]]) -> list[str]:
    """Strings with a sentence too long, or words too long for its length."""
    wrong = []
    for file, said in found.items():
        for text in (text for text in said if words_of(text)):
            if longest_sentence(text) > MOST_WORDS_IN_A_SENTENCE:
                wrong.append(f"{file}: {longest_sentence(text)} words in a sentence: {text}")
            if len(words_of(text)) >= FEWEST_WORDS_TO_GRADE and grade(text) > HIGHEST_GRADE:
                wrong.append(f"{file}: grade {grade(text):.1f}: {text}")
    return wrong


def pages() -> list[str]:
    """Templates with enough words of their own to be read as a page."""
    return [file for file, said in strings().items() if file.endswith(".html") and len(words_of(" ".join(said))) >= 20]


def test_every_string_is_found():
    """A collection that missed a folder would let anything pass."""
    files = set(strings())
    assert {"templates/accounts/safe.html", "templates/components/posts.html", "forum/web/errors.py"} <= files
    assert any(file.startswith("moderation/") for file in files)


def test_x13_every_string_is_plain():
    assert hard_strings(strings()) == []


@pytest.mark.parametrize("page", pages())
def test_every_whole_page_is_plain(page):
    assert grade("\n".join(strings()[page])) <= HIGHEST_GRADE


@pytest.mark.parametrize(
    "text",
    [
        "We keep this page open for you, and if you go away for a while and come back to it later, it will still be here.",
        "Moderators may subsequently communicate additional clarification regarding unsuitable contributions.",
    ],
)
def test_the_measure_bites(text):
    assert hard_strings({"templates/made_up.html": [text]})
