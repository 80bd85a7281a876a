"""The ground rules a new group starts with, until its members agree their own."""

from dataclasses import dataclass
from pathlib import Path

from forum.content.reading import Entry, read_entry

SHIPPED = Path(__file__).with_name("starter_charter.toml")
KINDS = ("given", "value", "practice", "enforced")
FEWEST, MOST = 5, 9  #: more than nine rules are not read, fewer than five leave out something people need


@dataclass(frozen=True)
class Answer:
    """One thing a newcomer can answer to a clause before the group opens to them."""

    uid: str
    text: str
    opens: bool  #: lets the newcomer in
    reply: str  #: what we say back


@dataclass(frozen=True)
class StarterClause:
    """One clause of version 1, ready to be stored."""

    uid: str  #: stays the same in every later version
    ord: int  #: from 1
    heading: str
    body: str  #: paragraphs are parted by an empty line
    kind: str  #: one of KINDS
    why: str
    easy: str  #: the same rule in Easy Read, one sentence a line
    topic: str  #: where the library shows it
    binding_key: str  #: empty when nothing is bound
    binding_value: str
    question: str  #: empty when joining asks no answer to this clause
    answers: tuple[Answer, ...]


def starter_clauses(path: Path | None = None) -> tuple[StarterClause, ...]:
    """Give the clauses of version 1, in order; the first says what must be told to others, and asks.

    :param path: the organisation's own file; None for the one that comes with the product.
    :raises ContentError: the file cannot be used; says where and what to do.
    """
    whole = read_entry(path or SHIPPED).only("clause")
    clauses = tuple(read_clause(entry, n) for n, entry in enumerate(whole.entries("clause"), start=1))
    if not FEWEST <= len(clauses) <= MOST:
        raise whole.wrong("clause", f"there are {len(clauses)}; write {FEWEST} to {MOST}, so that people read them all")
    if len({clause.uid for clause in clauses}) < len(clauses):
        raise whole.wrong("clause", "two clauses have the same uid; give each its own")
    if clauses[0].kind != "given" or not clauses[0].question:
        raise whole.wrong("clause", "the first must be the given one on what we must tell others, with its question")
    return clauses


_TEXTS = ("uid", "topic", "heading", "body", "why", "easy")


def read_clause(entry: Entry, n: int, *more: str) -> StarterClause:
    """One clause as a content file writes it.

    :param n: its place, from 1. :param more: what else may stand there. :raises ContentError: it cannot be used.
    """
    entry.only(*_TEXTS, "kind", "binding_key", "binding_value", "question", "answer", *more)
    kind = entry.one_of("kind", KINDS)
    bound = "binding_key" in entry.values
    if kind == "enforced" and not bound:
        raise entry.wrong("binding_key", "an enforced clause names the setting that keeps it")
    question = entry.text("question", default="")
    return StarterClause(
        ord=n,
        kind=kind,
        binding_key=entry.text("binding_key") if bound else "",
        binding_value=entry.text("binding_value") if bound else "",
        question=question,
        answers=_answers(entry, question),
        **{name: entry.text(name) for name in _TEXTS},
    )


def _answers(entry: Entry, question: str) -> tuple[Answer, ...]:
    """A question that can only be answered with yes is not a question."""
    answers = tuple(
        Answer(e.text("uid"), e.text("text"), e.flag("opens"), e.text("reply"))
        for e in (found.only("uid", "text", "opens", "reply") for found in entry.entries("answer"))
    )
    if question and {answer.opens for answer in answers} != {True, False}:
        raise entry.wrong("answer", "give one answer that opens the group, and one that does not")
    if answers and not question:
        raise entry.wrong("question", "there are answers here; write the question too")
    return answers
