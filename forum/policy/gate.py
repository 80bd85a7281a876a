"""The port that moderation plugs into. With no gate, or a broken one, everything waits for a person.

`screen` looks at the text alone, before the transaction and without any lock. `decide` and `record` run inside it and
must not wait.
"""

import logging
from dataclasses import dataclass, field
from typing import Any, Protocol

from forum.base import failpoints
from forum.base.errors import origin

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Situation:
    """What is known about where a post goes, beside its text.

    :param newcomer: a first named post; an alias never says so.
    :param holds_newcomers: this group chose to read such posts before others do: first ones, and all under an alias.
    :param held_author: this author's posts wait for now, by a moderator's decision.
    :param new_alias: first words under an alias while such words wait here, whoever writes them.
    :param by_team: somebody of the team speaks under their own name; an alias never says so.
    """

    group_id: bytes
    newcomer: bool = False
    holds_newcomers: bool = False
    held_author: bool = False
    new_alias: bool = False
    by_team: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a post waits, and the codes of the rules that say so (never the words they found)."""

    hold: bool
    reasons: tuple[str, ...] = ()
    welcome: bool = False


@dataclass(frozen=True)
class Waiting:
    """What the gate needs to know of a post that was just written."""

    post_id: int
    group_id: bytes
    body: str
    extra: dict[str, Any] = field(default_factory=dict)


class Gate(Protocol):
    """What moderation offers the forum."""

    def screen(self, body: str, words: frozenset[str]) -> Any:
        """Findings about the text; pure, may be slow."""

    def decide(self, findings: Any, situation: Situation) -> Verdict:
        """Hold it or not; pure and quick."""

    def record(self, post: Waiting, verdict: Verdict) -> None:
        """Open what must be looked at, in the transaction that writes the post. Raising undoes both."""

    def needs_versions(self, post_id: int) -> bool:
        """Whether somebody still has to look at what a post said before."""


class _Unscreened:
    """The text could not be looked at."""


UNSCREENED = _Unscreened()


class HoldEverything:
    """Stands in when no gate is plugged in."""

    def screen(self, body: str, words: frozenset[str]) -> Any:
        """Nothing is known about any text."""
        return UNSCREENED

    def decide(self, findings: Any, situation: Situation) -> Verdict:
        """A person has to look."""
        return Verdict(hold=True, reasons=("no_gate",))

    def record(self, post: Waiting, verdict: Verdict) -> None:
        """Nobody to tell; the post's own state says that it waits."""

    def needs_versions(self, post_id: int) -> bool:
        """Nothing is ever looked at."""
        return False


_gate: Gate = HoldEverything()


def plug(gate: Gate | None) -> None:
    """Use `gate` from now on; None holds everything."""
    global _gate
    _gate = gate or HoldEverything()


def screen(body: str, words: frozenset[str]) -> Any:
    """What the gate finds in the text. A gate that raises finds nothing out, and the post waits."""
    failpoints.reach("in gate")
    try:
        return _gate.screen(body, words)
    except Exception as error:  # noqa: BLE001 - whatever broke, a person looks
        log.error("the gate could not screen a post; it waits for a person. %s", origin(error))
        return UNSCREENED


def decide(findings: Any, situation: Situation) -> Verdict:
    """The gate's verdict; unscreened text waits whatever the gate would say."""
    if findings is UNSCREENED:
        return Verdict(hold=True, reasons=("unscreened",))
    try:
        return _gate.decide(findings, situation)
    except Exception as error:  # noqa: BLE001 - whatever broke, a person looks
        log.error("the gate could not decide; the post waits for a person. %s", origin(error))
        return Verdict(hold=True, reasons=("undecided",))


def record(post: Waiting, verdict: Verdict) -> None:
    """Tell the gate. If it raises nothing is saved, and the author keeps the words on the screen."""
    _gate.record(post, verdict)


def needs_versions(post_id: int) -> bool:
    """Whether an open item still needs the earlier versions of a post."""
    return _gate.needs_versions(post_id)
