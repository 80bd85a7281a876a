"""What is done with words before any lock: normalise, check, render, screen. May wait; writes nothing."""

from dataclasses import dataclass
from typing import Any

from forum.base import text
from forum.base.characters import normalise
from forum.base.errors import Invalid
from forum.base.pools import look_through
from forum.base.words import _
from forum.models import ConversationKind, PostMark
from forum.policy import gate

LEAST_TITLE, MOST_TITLE = 3, 120


@dataclass(frozen=True)
class Words:
    """What somebody wants to say.

    :param masked: hide my name: the alias of this conversation instead.
    :param answers_id: the post it answers, in the same conversation.
    :param seen: the last place that stood on the writer's page; for answers of the team, which answer no more than that.
    :param notes: content notes, a mask of classes (forum.content.notes). :param mark: what kind of words it says they are.
    :param names_only: of a new topic: no answers under hidden names. :param as_team: in the voice of the team.
    """

    body: str
    lang: str = "en"
    masked: bool = False
    answers_id: int | None = None
    seen: int = 0
    notes: int = 0
    mark: PostMark | None = None
    names_only: bool = False
    as_team: bool = False


@dataclass(frozen=True)
class Meant:
    """What its author says a post is, beside the words: as in `Words`."""

    notes: int = 0
    mark: PostMark | None = None


@dataclass(frozen=True)
class Prepared:
    """Words ready to be written."""

    body: str
    html: str
    renderer: str
    lang: str
    findings: Any
    meant: Meant = Meant()


def prepare(body: str, lang: str, kind: ConversationKind, words: frozenset[str], title: str = "") -> Prepared:
    """Render and screen `body` beside the event loop.

    :param words: the group's list, for the gate.
    :param title: of the topic that the words begin; everyone reads it, so it is screened with them.
    :raises Invalid: empty, too long or too tangled; says what to do. :raises Busy: too many are waiting.
    """
    ready = (text.prepare_room if kind is ConversationKind.ROOM else text.prepare)(body)
    said = f"{title}\n\n{ready.body}" if title else ready.body
    findings = look_through(said, gate.screen, said, words, lang[:35])
    return Prepared(ready.body, ready.html, ready.renderer, lang[:35], findings)


def prepare_title(title: str) -> str:
    """A topic's title: one line, 3 to 120 characters.

    :raises Invalid: with what to change.
    """
    clean = " ".join(normalise(title[: 4 * MOST_TITLE]).split())
    if len(clean) < LEAST_TITLE:
        raise Invalid(_("Give your topic a short title, such as what it is about."), "title")
    if len(clean) > MOST_TITLE:
        raise Invalid(_("Make the title shorter: at most %(n)s characters.", n=MOST_TITLE), "title")
    return clean
