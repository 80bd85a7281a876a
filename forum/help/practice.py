"""The practice corner: a post that exists only in the page that shows it. Nothing is kept, so nothing can be broken."""

import enum
from dataclasses import dataclass

from markupsafe import Markup

from forum.base import text
from forum.base.words import lazy

#: As in a room: enough to try, and a stranger's nonsense costs little to read.
MOST_LETTERS = text.MAX_ROOM_BODY
EXCERPT = 200

#: Made up, for the page alone.
NAME, ALIAS, OTHER = lazy("Quiet Heron"), lazy("Someone (Slate)"), lazy("Kind Willow")


class Step(enum.StrEnum):
    """What somebody tries."""

    POST = "post"
    ANSWER = "answer"
    CHANGE = "change"
    TAKE_BACK = "take_back"
    LEAVE = "leave"


@dataclass(frozen=True)
class Tried:
    """What the page shows back.

    :param html: the words as the group would see them; empty once they are taken back.
    """

    step: Step
    masked: bool
    body: str = ""
    html: str = ""
    excerpt: str = ""

    @property
    def name(self) -> str:
        """Under which made-up name it stands."""
        return str(ALIAS if self.masked else NAME)


def try_it(step: str, typed: str, masked: bool) -> Tried:
    """Do in the page alone what the real thing does with a post.

    :param typed: at most MOST_LETTERS characters, read by the rules of every post.
    :raises Invalid: empty, too long or too tangled; says what to do, as it would for a post.
    """
    wanted = Step(step) if step in set(Step) else Step.POST
    if wanted in (Step.TAKE_BACK, Step.LEAVE):
        return Tried(wanted, masked)
    body = text.normalise(typed[: 4 * MOST_LETTERS])
    text.check_room(body)
    text.check(body)
    html = Markup(text.render(body))  # noqa: S704 - sanitised by forum.base.text
    return Tried(wanted, masked, body, html, text.excerpt(body, EXCERPT))
