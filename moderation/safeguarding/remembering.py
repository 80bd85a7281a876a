"""One topic in which a group remembers a member who died: opened by the flow itself, once, by two people, after the check.

One of them writes its first words into the record; another, a facilitator of the group, reads them and opens it in the voice of
the team. Who opens it holds it until it stands there, so that two at once do not make two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.keyring import Scope
from forum.base.words import _
from forum.conversations import usecases
from forum.conversations.prepare import Words
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from moderation.safeguarding import acting, chronology, death, responders
from moderation.safeguarding.acting import require_words
from moderation.safeguarding.chronology import Line
from moderation.safeguarding.models import EventKind

#: As long as titles of topics are.
MOST_TITLE = 100


@dataclass(frozen=True)
class Memorial:
    """How far it is.

    :param stage: "proposed", "opening", "proposed_again" if that failed, or "opened". :param author_id: the responder who wrote the words; `opener_id` opens
        it. :param post_id: of its first words, once it stands there.
    """

    stage: str
    title: str
    words: str
    author_id: bytes | None
    opener_id: bytes | None = None
    post_id: int | None = None


def find(lines: Sequence[Line]) -> Memorial | None:
    """The one topic of this record, if somebody wrote words for it."""
    found: Memorial | None = None
    for line in lines:
        stage = line.codes.get("memorial")
        if stage == "proposed":
            title, _newline, words = line.words.partition("\n")
            found = Memorial(stage, title, words, line.by_id)
        elif stage is not None and found is not None:
            found = replace(found, stage=stage, opener_id=line.by_id, post_id=line.codes.get("post"))
    return found


def propose(actor: Actor, concern_id: bytes, title: str, words: str) -> None:
    """Write its title and its first words; another person opens it.

    :raises Invalid: no title or no words. :raises NotAllowed: nothing was checked, or one is opened already.
    """
    clean = " ".join(require_words(title, "title").split())
    if len(clean) > MOST_TITLE:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_TITLE), "title")
    said = require_words(words, "words")
    with acting.adding(actor, concern_id) as act:
        death.require_possible(act, death.Step.MEMORIAL)
        before = find(chronology.lines(act.case))
        if before is not None and before.stage in ("opening", "opened"):
            raise NotAllowed(_("There is one topic to remember them already. One is enough."))
        act.note(EventKind.ACTION, f"{clean}\n{said}", codes={"memorial": "proposed"})
        act.renew()


def agree(actor: Actor, concern_id: bytes, board_id: bytes) -> None:
    """Open it, as a second person, who is a facilitator of the group. Done again by the same person it is still one topic.

    :raises NotAllowed: nobody wrote words, the same person did, or it is open. :raises NotFound, Invalid: as `start_topic`.
    """
    found, scope = _claim(actor, concern_id)
    said = Words(found.words, as_team=True)
    try:
        written = usecases.start_topic(
            actor_in(actor, scope), board_id, found.title, said, f"memorial {concern_id.hex()}"
        )
    except (Invalid, NotAllowed, NotFound):
        with acting.adding(actor, concern_id) as act:
            act.note(EventKind.ACTION, codes={"memorial": "proposed_again"})
        raise
    with acting.adding(actor, concern_id) as act:
        if (now := find(chronology.lines(act.case))) is not None and now.stage == "opened":
            return
        codes = {"memorial": "opened", "post": written.id, "death": death.Step.MEMORIAL}
        act.note(EventKind.ACTION, codes=codes)
        act.renew()


def _claim(actor: Actor, concern_id: bytes) -> tuple[Memorial, Scope]:
    with acting.adding(actor, concern_id) as act:
        death.require_possible(act, death.Step.MEMORIAL)
        found, mine = find(chronology.lines(act.case)), responders.same_person(act.case.scope, act.me.id)
        if found is None:
            raise NotAllowed(_("Nobody wrote its first words yet. Write them, and ask a second person."))
        if found.author_id in mine:
            raise NotAllowed(_("You wrote these words. A second person has to read and open it."))
        if found.stage == "opened" or (found.stage == "opening" and found.opener_id not in mine):
            raise NotAllowed(_("There is one topic to remember them already. One is enough."))
        if act.me.persona_id is None:
            raise NotAllowed(_("A facilitator of the group has to open it. Ask one of them."))
        if found.stage != "opening":
            act.note(EventKind.ACTION, codes={"memorial": "opening"})
        return found, act.case.scope
