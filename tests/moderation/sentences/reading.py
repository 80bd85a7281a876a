"""The 400 labelled sentences, and what the detectors make of one half of them."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from forum.base.characters import fold, normalise
from forum.content import crisis
from moderation.detectors import personal, risk

#: Labels: after these words a person should look in soon; details of the author; of somebody else; neither.
RISK, OWN, OTHER, NONE = "risk", "own", "other", "none"
LABELS = {RISK, OWN, OTHER, NONE}
#: A prompt on these is a false prompt: people tell how they came through, and whom they lost.
SPARED = ("recovery", "bereavement")


@dataclass(frozen=True)
class Sentence:
    """One sentence with the labels of two passes, of which the second was made without the first."""

    kind: str
    lang: str
    text: str
    first: str
    second: str

    @property
    def agreed(self) -> str | None:
        """The label, if both passes gave the same."""
        return self.first if self.first == self.second else None

    @property
    def for_tuning(self) -> bool:
        """Whether the detectors may be tuned on it. Fixed by its words, so that no later sentence moves another."""
        return sha256(self.text.encode()).digest()[0] % 2 == 0


@cache
def list_sentences() -> tuple[Sentence, ...]:
    """All of them, in the order of their files."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    return tuple(
        Sentence(file.stem, *columns) for file in files for columns in tomllib.loads(file.read_text())["sentences"]
    )


@dataclass(frozen=True)
class Figures:
    """Parts of one, or None where there is nothing to count.

    :param whose: of the details that were found those whose owner was read rightly.
    """

    privacy_recall: float | None
    privacy_precision: float | None
    whose: float | None
    risk_recall: float | None
    risk_false_prompts: float | None


def measure(sentences: Iterable[Sentence], column: str = "agreed") -> Figures:
    """What the detectors find in sentences, beside one column of labels.

    :param column: "first", "second" or "agreed"; sentences without a label in it are left out.
    """
    judged = [(one, getattr(one, column)) for one in sentences if getattr(one, column)]
    details = {one: personal.list_details(normalise(one.text), crisis.numbers()) for one, _label in judged}
    prompted = {one for one, _label in judged if risk.list_rules(fold(normalise(one.text)))}
    private = [(one, label) for one, label in judged if label in (OWN, OTHER)]
    found = [(one, label) for one, label in private if details[one]]
    spared = [one for one, label in judged if one.kind in SPARED and label != RISK]
    risky = [one for one, label in judged if label == RISK]
    return Figures(
        privacy_recall=_part(len(found), len(private)),
        privacy_precision=_part(len(found), sum(bool(details[one]) for one, _label in judged)),
        whose=_part(sum(details[one][0].own is (label == OWN) for one, label in found), len(found)),
        risk_recall=_part(sum(one in prompted for one in risky), len(risky)),
        risk_false_prompts=_part(sum(one in prompted for one in spared), len(spared)),
    )


def _part(some: int, of: int) -> float | None:
    return some / of if of else None
