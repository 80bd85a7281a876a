"""The clauses that a group can choose from when it writes its ground rules: by topic, several ways to word one rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from forum.content.charter import StarterClause, read_clause, starter_clauses
from forum.content.reading import Entry, read_entry

SHIPPED = Path(__file__).with_name("charter_library.toml")
#: The column holds as many letters; the form of a proposal asks for no more.
MOST_HEADING = 120


@dataclass(frozen=True)
class Topic:
    """A heading of the library."""

    uid: str
    name: str


@dataclass(frozen=True)
class Offer:
    """A clause of the library. Several ways to word one rule share `clause.uid`: choosing another one is an edit.

    :param id: of these very words, in a form. :param is_fixed: law and safety; shown, and no group can choose otherwise.
    """

    id: str
    topic: Topic
    clause: StarterClause

    @property
    def is_fixed(self) -> bool:
        """Whether it stands in every group's rules, whatever is agreed."""
        return self.clause.kind == "given"


@dataclass(frozen=True)
class Library:
    """Everything on offer, in the order of the topics; in each the starter set's own clauses come first."""

    topics: Sequence[Topic]
    offers: Sequence[Offer]

    def of(self, topic: Topic) -> list[Offer]:
        """What is on offer on one topic."""
        return [offer for offer in self.offers if offer.topic == topic]

    def find(self, ident: str) -> Offer | None:
        """The clause with this id that a group may choose; None for given ones, which it has already."""
        return next((offer for offer in self.offers if offer.id == ident and not offer.is_fixed), None)


@cache
def clause_library() -> Library:
    """The library that comes with the product, with the starter set in it. Read once: the files never change meanwhile."""
    return read_library(SHIPPED, starter_clauses())


def read_library(path: Path, starters: Sequence[StarterClause] = ()) -> Library:
    """Read a library file.

    :param starters: clauses that belong to it too. :raises ContentError: says where and what to do.
    """
    whole = read_entry(path).only("topic", "clause")
    topics = tuple(
        Topic(e.text("uid"), e.text("name")) for e in (e.only("uid", "name") for e in whole.entries("topic"))
    )
    known = {topic.uid: topic for topic in topics}
    offers = [Offer(clause.uid, _topic(whole, known, clause), clause) for clause in starters]
    offers += [_offer(entry, n, known) for n, entry in enumerate(whole.entries("clause"), start=1)]
    if len(known) < len(topics) or len({offer.id for offer in offers}) < len(offers):
        raise whole.wrong("clause", "two of them have the same id; give each its own")
    return Library(topics, sorted(offers, key=lambda offer: topics.index(offer.topic)))


def _offer(entry: Entry, n: int, known: dict[str, Topic]) -> Offer:
    clause = read_clause(entry, n, "id")
    if len(clause.heading) > MOST_HEADING:
        raise entry.wrong("heading", f"use at most {MOST_HEADING} letters")
    if clause.kind == "given" or clause.question:
        raise entry.wrong("kind", "what everybody is given stands in the starter set; nobody chooses it from here")
    return Offer(entry.text("id"), _topic(entry, known, clause), clause)


def _topic(entry: Entry, known: dict[str, Topic], clause: StarterClause) -> Topic:
    if clause.topic not in known:
        raise entry.wrong("topic", f"“{clause.topic}” is not a topic; use one of: {', '.join(known)}")
    return known[clause.topic]
