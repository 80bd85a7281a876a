"""Two sentences for each step of a concern, for whoever stands before it at three in the morning.

They are a draft until somebody of the organisation has read them; the page says so as long as nobody has.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from forum.base.config import the_settings
from forum.content.reading import Entry, read_entry

SHIPPED = Path(__file__).with_name("guidance.toml")
#: Every step that a page shows; a file without one of them stops the start.
STEPS = (
    *("raise", "acknowledge", "triage", "talk", "attempt", "do_not_write", "emergency", "refer", "plan", "monitor"),
    *("level", "hand_over", "recuse", "propose_close", "confirm_close", "reopen", "merge", "withdraw"),
    *("child", "death", "details", "notes"),
)


@dataclass(frozen=True)
class Guidance:
    """What a page says at one step.

    :param source: whose public guidance it follows. :param reviewed: somebody of the organisation has read it.
    """

    words: str
    source: str
    reviewed: bool


def of_step(step: str) -> Guidance:
    """The two sentences of one of STEPS."""
    return _load(the_settings().guidance_file or SHIPPED)[step]


def check(path: Path | None = None) -> None:
    """Read the file once at start-up. :raises ContentError: it cannot be used; the message says what to mend."""
    _load(path or SHIPPED)


@cache
def _load(path: Path) -> dict[str, Guidance]:
    whole = read_entry(path).only("reviewed_on", "reviewed_by", "step")
    reviewed = _is_reviewed(whole)
    found = {}
    for entry in whole.entries("step"):
        entry.only("key", "words", "source")
        found[entry.one_of("key", STEPS)] = Guidance(entry.text("words"), entry.text("source"), reviewed)
    if missing := [step for step in STEPS if step not in found]:
        raise whole.wrong("step", f"these steps have no words: {', '.join(missing)}")
    return found


def _is_reviewed(whole: Entry) -> bool:
    """A date alone is no review: somebody stands for it."""
    value = whole.values.get("reviewed_on")
    if value == "unreviewed":
        return False
    if type(value) is not date:
        raise whole.wrong("reviewed_on", 'write "unreviewed", or the date of the review, as in 2026-01-31')
    whole.text("reviewed_by")
    return True
