"""The port that moderation plugs into. With no gate, or a broken one, everything waits for a person.

`screen` looks at the text alone, before the transaction and without any lock. `decide` and `record` run inside it and
must not wait.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from forum.base import failpoints
from forum.base.errors import Invalid, origin
from forum.base.keyring import Scope
from forum.base.words import _
from forum.content.notes import ANY_FOLD, NO_FOLD, Fold
from forum.models import Hold
from forum.models.holding import USUAL
from forum.policy.actor import Actor
from forum.policy.terms import NOTHING_SAID, Terms

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Situation:
    """What is known about where a post goes, beside its text.

    :param newcomer: a first named post; an alias never says so.
    :param holds_newcomers: this group chose to read such posts before others do: first ones, and all under an alias.
    :param held_author: this author's posts wait for now, by a moderator's decision.
    :param new_alias: first words under an alias while such words wait here, whoever writes them.
    :param by_team: somebody of the team speaks under their own name; an alias never says so.
    :param holds: what waits where it goes, beside that. :param nobody_here: nobody of the team is on duty now.
    :param braked: the team pulled a brake there. :param noted: its author put a content note on it.
    :param terms: what the group's rules in force ask of words; nothing for a line to the team.
    """

    group_id: bytes
    newcomer: bool = False
    holds_newcomers: bool = False
    held_author: bool = False
    new_alias: bool = False
    by_team: bool = False
    holds: Hold = USUAL
    nobody_here: bool = False
    braked: bool = False
    noted: bool = False
    terms: Terms = NOTHING_SAID


@dataclass(frozen=True)
class Verdict:
    """Whether a post waits, and the codes of the rules that say so (never the words they found).

    :param fold: reasons to fold its words until a person looked (forum.content.notes); never of words that wait.
    :param own: kinds of details of the author; `others`: of somebody else. :param concern: rules after which somebody looks in on its author.
    :param screened: its language is one that the detectors know. :param refused: settings of the group's rules that keep
        such words from being posted at all; whoever writes gets them back, with the rule.
    :param notes: classes of content notes that the group's rules put before them, whatever their author chose.
    """

    hold: bool
    reasons: tuple[str, ...] = ()
    welcome: bool = False
    fold: Fold = NO_FOLD
    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    concern: tuple[str, ...] = ()
    screened: bool = True
    refused: tuple[str, ...] = ()
    notes: int = 0


@dataclass(frozen=True)
class Wait:
    """Why words wait and until when somebody promised to look, for their author.

    :param reasons: codes of the gate. :param due_at: None if nobody is due, so that nothing is promised.
    """

    reasons: tuple[str, ...]
    due_at: datetime | None


@dataclass(frozen=True)
class Urgent:
    """Something that whoever looks after an open room should know of now.

    :param item_id: leads to it. :param worry: about how somebody is. :param looks: who looks at it already, or "".
    """

    item_id: bytes
    worry: bool
    looks: str


@dataclass(frozen=True)
class Waiting:
    """What the gate needs to know of a post that was just written.

    :param new: it stands there for the first time, so nothing can wait about it yet.
    """

    post_id: int
    group_id: bytes
    body: str
    extra: dict[str, Any] = field(default_factory=dict)
    new: bool = False


class Gate(Protocol):
    """What moderation offers the forum."""

    def screen(self, body: str, words: frozenset[str], lang: str) -> Any:
        """Findings about the text; pure, may be slow."""

    def questions(self, body: str, words: frozenset[str]) -> Any:
        """What to ask the author about the text before it is posted; false if nothing. Pure, may be slow."""

    def cover(self, body: str) -> str:
        """The text without details of people; empty if they cannot all be covered."""

    def is_concerned(self, body: str) -> bool:
        """Whether to show whoever wrote this where help is, and ask if somebody may check in. Pure."""

    def decide(self, findings: Any, situation: Situation) -> Verdict:
        """Hold it or not; pure and quick."""

    def record(self, post: Waiting, verdict: Verdict) -> None:
        """Open what must be looked at, in the transaction that writes the post. Raising undoes both."""

    def needs_versions(self, post_id: int) -> bool:
        """Whether somebody still has to look at what a post said before."""

    def find_wait(self, post_id: int) -> Wait | None:
        """Why a post waits, and until when; the caller asks whether it is the reader's own."""

    def urgent(self, actor: Actor, scope: Scope) -> Sequence[Urgent]:
        """What this person of the team should know of while they look after an open room. :raises NotFound: not of it."""

    def came_back(self, post: Waiting) -> Fold:
        """Step: words that their author took back are there again; gives the reasons for which they may still be folded.
        What people told about them, and was dealt with while they were away, waits again."""


def group_words(text: str) -> frozenset[str]:
    """A group's own list as `screen` takes it: one word or phrase a line."""
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


def require_no_wait(verdict: Verdict) -> None:
    """Go on with words that stand outside posts, where nothing can wait. :raises Invalid: the team would read them first."""
    if verdict.hold:
        raise Invalid(_("The team would read such words first, so they cannot stand here. Please say it another way."))


class _Unscreened:
    """The text could not be looked at."""


UNSCREENED = _Unscreened()


class HoldEverything:
    """Stands in when no gate is plugged in."""

    def screen(self, body: str, words: frozenset[str], lang: str) -> Any:
        """Nothing is known about any text."""
        return UNSCREENED

    def questions(self, body: str, words: frozenset[str]) -> Any:
        """Nothing is known about any text."""

    def cover(self, body: str) -> str:
        """Nothing can be covered."""
        return ""

    def is_concerned(self, body: str) -> bool:
        """Nothing is known about any text."""
        return False

    def decide(self, findings: Any, situation: Situation) -> Verdict:
        """A person has to look."""
        return Verdict(hold=True, reasons=("no_gate",))

    def record(self, post: Waiting, verdict: Verdict) -> None:
        """Nobody to tell; the post's own state says that it waits."""

    def needs_versions(self, post_id: int) -> bool:
        """Nothing is ever looked at."""
        return False

    def find_wait(self, post_id: int) -> Wait | None:
        """Nobody promised anything."""
        return None

    def urgent(self, actor: Actor, scope: Scope) -> Sequence[Urgent]:
        """Nobody told anything."""
        return []

    def came_back(self, post: Waiting) -> Fold:
        """Nobody can say what was told about any words."""
        return ANY_FOLD


_gate: Gate = HoldEverything()


def plug(gate: Gate | None) -> None:
    """Use `gate` from now on; None holds everything."""
    global _gate
    _gate = gate or HoldEverything()


def screen(body: str, words: frozenset[str], lang: str = "en") -> Any:
    """What the gate finds in the text. A gate that raises finds nothing out, and the post waits.

    :param lang: that the author chose.
    """
    failpoints.reach("in gate")
    try:
        return _gate.screen(body, words, lang)
    except Exception as error:  # noqa: BLE001 - whatever broke, a person looks
        log.error("the gate could not screen a post; it waits for a person. %s", origin(error))
        return UNSCREENED


def questions(body: str, words: frozenset[str]) -> Any:
    """What to ask the author before the text is posted; false if nothing. A gate that raises asks nothing."""
    try:
        return _gate.questions(body, words)
    except Exception as error:  # noqa: BLE001 - a question is no reason to keep anybody from posting
        log.error("the gate could not ask about a post; it goes on. %s", origin(error))
        return None


def cover(body: str) -> str:
    """The text without details of people; empty if they cannot all be covered."""
    return _gate.cover(body)


def is_concerned(body: str) -> bool:
    """Whether to show whoever wrote this where help is, and ask if somebody may check in."""
    try:
        return _gate.is_concerned(body)
    except Exception as error:  # noqa: BLE001 - the page after posting opens whatever broke
        log.error("the gate could not look at words that were posted. %s", origin(error))
        return False


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


def find_wait(post_id: int) -> Wait | None:
    """Why a post waits, and until when somebody promised to look. For its author alone."""
    return _gate.find_wait(post_id)


def urgent(actor: Actor, scope: Scope) -> Sequence[Urgent]:
    """What people told about open rooms, and worries, for one who looks after a room. A gate that raises tells nothing:
    the desk has to open, and the list of the team still has it."""
    try:
        return _gate.urgent(actor, scope)
    except Exception as error:  # noqa: BLE001 - a desk that does not open helps nobody in the room
        log.error("the gate could not say what is urgent for a desk. %s", origin(error))
        return []


def came_back(post: Waiting) -> Fold:
    """Step: words that their author took back are there again; gives the reasons for which they may still be folded.

    If it raises they stay away.
    """
    return _gate.came_back(post)
