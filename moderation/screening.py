"""What the detectors find in a text, put together. Pure: no database, no clock, no author.

What a finding may lead to stands in moderation/gate.py and docs/decisions/0063: it asks the author, opens an item for a
person, folds somebody else's details or holds a link. It never hides or restricts anybody.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from forum.base.characters import fold
from forum.content.known_places import KNOWN_PLACES
from moderation.detectors import languages, links, personal, risk, words
from moderation.detectors.contacts import has_email, has_link, has_phone
from moderation.detectors.words import word_rule

__all__ = [
    "VERSION",
    "Findings",
    "Questions",
    "ask_about",
    "cover",
    "has_risk",
    "is_screened",
    "reasons",
    "screen",
    "word_rule",
]

#: Stored with a case. Raise it when the same text could be found otherwise, so that old cases stay explainable.
VERSION = "s2"
#: The author is asked about a text and then it is screened: both in one request, so it is looked through once.
LOOKED_KEPT = 4


@dataclass(frozen=True)
class Findings:
    """What was found, never where or what: a log or a stolen table must not hold the words.

    :param links: a web address, also one said in words. :param sold: and it looks like spam.
    :param phones: a telephone number or an e-mail address: a way to be reached outside.
    :param words: `word_rule` of each word of the group's list that was found, sorted.
    :param own: kinds of other details of the author, sorted; `others`: kinds of details of somebody else.
    :param risk: rules after which somebody should look in on the author.
    :param screened: the text is in a language that the detectors were measured in.
    :param known: every link in it leads to a place that may be known to be safe (forum.content.known_places).
    """

    links: bool
    phones: bool
    words: tuple[str, ...]
    version: str = VERSION
    sold: bool = False
    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    screened: bool = True
    known: bool = False


@dataclass(frozen=True)
class Questions:
    """What the author is asked about before their words are posted.

    :param own, others: kinds of details, as in `Findings`. :param words: how many words of the group's list there are.
    :param rules: the ground rules that the list names for them.
    :param covered: the words with the details covered; empty if they cannot all be.
    """

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    words: int = 0
    rules: tuple[str, ...] = ()
    covered: str = ""

    def __bool__(self) -> bool:
        return bool(self.own or self.others or self.words)


def screen(body: str, lines: Collection[str], allowed_numbers: Collection[str] = (), lang: str = "en") -> Findings:
    """Look for links, contact details, the group's own words, and words after which somebody should look.

    :param body: normalised text, at most 20,000 characters.
    :param lines: the group's list, words or short phrases in any case; whole words are looked for.
    :param allowed_numbers: crisis lines, which anyone may pass on to anyone. :param lang: that its author chose.
    """
    folded = fold(body)
    linked = has_link(folded)
    own, others, concern = _look(body, frozenset(allowed_numbers))
    return Findings(
        links=linked,
        phones=has_phone(folded, allowed_numbers) or has_email(folded),
        words=tuple(sorted({word_rule(line) for line in words.listed_in(folded, lines)})),
        sold=linked and links.looks_sold(folded),
        own=own,
        others=others,
        risk=concern,
        screened=languages.is_screened(folded, lang),
        known=linked and links.all_known(folded, KNOWN_PLACES),
    )


def is_screened(body: str, lang: str) -> bool:
    """Whether the detectors were measured in the language of these words. Else nobody looked, and the team reads so.

    :param lang: that the author chose, as in "en".
    """
    return languages.is_screened(fold(body), lang)


def ask_about(body: str, lines: Collection[str], allowed_numbers: Collection[str] = ()) -> Questions:
    """What the author of a text is asked before it is posted; false if nothing."""
    own, others, concern = _look(body, frozenset(allowed_numbers))
    found = sorted(words.listed_in(fold(body), lines))
    if not (own or others or found) or concern:
        return Questions()  # nothing stands between a cry for help and the group, not even a question
    covered = cover(body, allowed_numbers) if own or others else ""
    rules = tuple(sorted({words.rule_named(line) for line in found} - {""}))
    return Questions(own, others, len(found), rules, covered)


def cover(body: str, allowed_numbers: Collection[str] = ()) -> str:
    """Return the text with the details covered; empty if a detail would still be found in it."""
    covered = personal.cover(body, allowed_numbers)
    return "" if personal.list_details(covered, allowed_numbers) else covered


def has_risk(body: str) -> bool:
    """Whether whoever wrote this should be shown help and asked if somebody may check in."""
    return bool(risk.list_rules(fold(body)))


def reasons(findings: Findings) -> tuple[str, ...]:
    """Return codes of what makes a post wait for a person: "link", "sold", "phone", "word"."""
    found = {
        "link": findings.links,
        "sold": findings.sold,
        "phone": findings.phones,
        "word": bool(findings.words),
    }
    return tuple(code for code, held in found.items() if held)


@lru_cache(maxsize=LOOKED_KEPT)
def _look(body: str, allowed: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Kinds of details of the author and of others, and rules after which somebody should look in."""
    folded = fold(body)
    found = personal.list_details(body, allowed) if personal.may_have_details(folded) else []
    own, others = {one.rule for one in found if one.own}, {one.rule for one in found if not one.own}
    return tuple(sorted(own)), tuple(sorted(others)), risk.list_rules(folded)
