"""Easy words: shorter than everything else we write, with a picture beside each thought."""

import re

import pytest

from forum.help import guides
from tests.plain_words import grade, longest_sentence

#: Below the guides' own limits (tests/forum/content/test_guides.py): two years of school less, half the words.
EASY_GRADE = 4.0
MOST_WORDS = 14
EACH = pytest.mark.parametrize("name", guides.EASY_GUIDES)


def source(name: str) -> str:
    return (guides.DOCS / guides.EASY / f"{name}.md").read_text("utf-8")


def plain(markdown: str) -> str:
    words = re.sub(r"!\[\]\([^)]*\)|\]\([^)]*\)", "", markdown)
    return re.sub(r"[*\[\]#]", "", words)


@EACH
def test_x13_it_is_easier_than_everything_else(name: str) -> None:
    words = plain(source(name))
    assert grade(words) <= EASY_GRADE
    assert longest_sentence(words) <= MOST_WORDS


@EACH
def test_each_thought_has_its_picture(name: str) -> None:
    for part in source(name).split("\n## ")[1:]:
        for thought in part.split("\n\n")[1:]:
            assert thought.startswith("!["), thought


@EACH
def test_pictures_are_drawn_into_the_page_and_nothing_else_is(name: str) -> None:
    guide = guides.find_guide(name, easy=True)
    assert guide
    html = "".join(section.html for section in guide.sections)
    assert html.count("<svg") == source(name).count("![]") > 10
    assert "<img" not in html
    assert not re.search(r"\b(style|on\w+|href)=\"(?!/)", html)


def test_a_picture_from_elsewhere_is_refused() -> None:
    with pytest.raises(guides.GuideMissing):
        guides._drawing("../images/topic-phone.svg")
    with pytest.raises(guides.GuideMissing):
        guides._drawing("nothing.svg")


def test_links_between_guides_lead_to_pages_and_others_to_nothing() -> None:
    assert guides._page_of("threat-model.md#who", easy=False) == "/how-to/threat-model#who"
    assert guides._page_of("../members.md", easy=True) == "/how-to/members"
    assert guides._page_of("privacy.md", easy=True) == "/how-to/easy/privacy"
    assert guides._page_of("easy-read/members.md", easy=False) == "/how-to/easy/members"
    assert guides._page_of("needs.md", easy=False) == ""
    assert guides._page_of("../../LICENSE", easy=True) == ""
    members = guides.find_guide("members")
    assert members
    assert "<span>What groups asked for</span>" in members.opening


def test_a_missing_guide_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    guides.check()
    monkeypatch.setattr(guides, "DOCS", tmp_path)
    guides._read.cache_clear()
    with pytest.raises(guides.GuideMissing):
        guides.check()
    guides._read.cache_clear()
