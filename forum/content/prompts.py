"""Words to begin a part of a meeting with: a bank for whoever leads it, so that nobody stares at an empty box."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from forum.content.reading import read_entry

SHIPPED = Path(__file__).with_name("prompts.toml")
#: When a prompt fits; each has some.
PARTS = ("settling_in", "opening_round", "discussion", "quiet", "closing_round")
#: The column of a meeting's prompt holds more; longer than this nobody reads in a room.
MOST_LETTERS = 160


@dataclass(frozen=True)
class Prompt:
    """A few words to begin with. :param uid: stays when the words change. :param part: one of PARTS."""

    uid: str
    part: str
    text: str


@cache
def prompts(path: Path | None = None) -> tuple[Prompt, ...]:
    """All of them, in the order of the file.

    :param path: the organisation's own file; None for the one that comes with the product.
    :raises ContentError: the file cannot be used; says where and what to do.
    """
    whole = read_entry(path or SHIPPED).only("prompt")
    found = tuple(
        Prompt(entry.text("uid"), entry.one_of("for", PARTS), entry.text("text")) for entry in whole.entries("prompt")
    )
    if len({one.uid for one in found}) < len(found):
        raise whole.wrong("prompt", "two prompts have the same uid; give each its own")
    for one in found:
        if len(one.text) > MOST_LETTERS:
            raise whole.wrong("prompt", f"“{one.uid}” is longer than {MOST_LETTERS} letters; make it shorter")
    for part in PARTS:
        if all(one.part != part for one in found):
            raise whole.wrong("prompt", f"there is none for {part}; write at least one")
    return found


def prompts_for(part: str) -> tuple[Prompt, ...]:
    """What fits one part of a meeting; for a part without prompts of its own, those to talk about."""
    return tuple(one for one in prompts() if one.part == (part if part in PARTS else "discussion"))
