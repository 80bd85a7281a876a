"""The guides for people: plain enough to read when tired, and leading nowhere that is not there."""

import re
from pathlib import Path

import pytest

from forum.help import guides
from tests.plain_words import HIGHEST_GRADE, MOST_WORDS_IN_A_SENTENCE, grade, longest_sentence

DOCS = Path(__file__).parents[3] / "docs"
GUIDES = (
    "peer-support.md",
    "members.md",
    "needing-help.md",
    "facilitators.md",
    "moderators.md",
    "safeguarding-leads.md",
    "threat-model.md",
)
EACH_GUIDE = pytest.mark.parametrize("guide", GUIDES)


def plain(markdown: str) -> str:
    """Leave the words alone and take the signs and diagrams away; a line that goes on is joined to the one before."""
    markdown = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    words = re.sub(r"\]\([^)]*\)", "", markdown)
    words = re.sub(r"[*`\[\]#>]", "", words)
    words = re.sub(r"\s*\|\s*", ". ", words)
    return re.sub(r"(?<=[\w,;])\n[ ]*(?=[a-z])", " ", words)


@EACH_GUIDE
def test_a_guide_can_be_read_at_eleven(guide):
    words = plain((DOCS / guide).read_text(encoding="utf-8"))
    assert grade(words) <= HIGHEST_GRADE
    assert longest_sentence(words) <= MOST_WORDS_IN_A_SENTENCE


@EACH_GUIDE
def test_a_guide_links_only_to_pages_that_are_there(guide):
    for target in re.findall(r"\]\(([^)#]+)", (DOCS / guide).read_text(encoding="utf-8")):
        assert (DOCS / target).is_file(), target


@EACH_GUIDE
def test_a_guide_says_where_things_stand(guide):
    words = (DOCS / guide).read_text(encoding="utf-8")
    assert re.search(r"does not exist yet|What there is not|What we cannot protect", words)


def test_pictures_of_screens_stay_in_the_repository():
    """On the site they would weigh more than everything else; the words beside them say it all."""
    assert "images/search-320.png" in (DOCS / "members.md").read_text(encoding="utf-8")
    guide = guides.find_guide("members")
    assert guide
    assert not [s.title for s in guide.sections if "<svg" in s.html or "<img" in s.html or "<p></p>" in s.html]
    easy = guides.find_guide("members", easy=True)
    assert easy
    assert any("<svg" in section.html for section in easy.sections)
