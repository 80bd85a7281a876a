"""One topic in which a group remembers a member who died: opened by the flow itself, once, by two people, after the check.

One of them writes its first words into the record; another, a facilitator of the group, reads them and opens it in the voice of
the team. The record gives the topic its id before it is made: whoever breaks off while opening it, anybody else goes on, and
there are never two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.words import _
from forum.conversations import usecases
from forum.conversations.prepare import Words
from forum.models import Post
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from moderation.safeguarding import acting, chronology, death, responders
from moderation.safeguarding.acting import Act, require_words
from moderation.safeguarding.chronology import Line
from moderation.safeguarding.models import EventKind

#: As long as titles of topics are.
MOST_TITLE = 100


#: Somebody who opens it has it to themselves for so long: a request is over by then.
JUST_NOW = timedelta(minutes=2)


@dataclass(frozen=True)
class Memorial:
    """How far it is.

    :param stage: "proposed", "opening", "proposed_again" if that failed, or "opened". :param author_id: the responder who wrote
        the words; `opener_id` opens it, since `since`. :param topic_id: kept for it since somebody first began to open it.
        :param post_id: of its first words, once it stands there.
    """

    stage: str
    title: str
    words: str
    author_id: bytes | None
    opener_id: bytes | None = None
    since: datetime | None = None
    topic_id: bytes = b""
    post_id: int | None = None


def find(lines: Sequence[Line]) -> Memorial | None:
    """The one topic of this record, if somebody wrote words for it."""
    found: Memorial | None = None
    for line in lines:
        stage = line.codes.get("memorial")
        if stage == "proposed":
            title, _newline, words = line.words.partition("\n")
            found = Memorial(stage, title, words, line.by_id, topic_id=found.topic_id if found else b"")
        elif stage is not None and found is not None:
            topic_id = bytes.fromhex(line.codes.get("topic", "")) or found.topic_id
            post_id, opener = line.codes.get("post"), line.by_id
            found = replace(found, stage=stage, opener_id=opener, since=line.at, topic_id=topic_id, post_id=post_id)
    return found


def propose(actor: Actor, concern_id: bytes, title: str, words: str) -> None:
    """Write its title and its first words; another person opens it.

    :raises Invalid: no title or no words. :raises NotAllowed: nothing was checked, or one is opened already. :raises
        Conflict: somebody opens it at this moment.
    """
    clean = " ".join(require_words(title, "title").split())
    if len(clean) > MOST_TITLE:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_TITLE), "title")
    said = require_words(words, "words")
    with acting.adding(actor, concern_id) as act:
        death.require_possible(act, death.Step.MEMORIAL)
        before = find(chronology.lines(act.case))
        if before is not None:
            _require_free(act, before)
        if before is not None and _post_of(before) is not None:
            raise _one_is_enough()
        act.note(EventKind.ACTION, f"{clean}\n{said}", codes={"memorial": "proposed"})
        act.renew()


def agree(actor: Actor, concern_id: bytes, board_id: bytes) -> None:
    """Open it, as a second person, who is a facilitator of the group. Done again, by whomever, it is still one topic.

    :raises NotAllowed: nobody wrote words, the same person did, or it is open. :raises Conflict: somebody opens it at this
        moment. :raises NotFound, Invalid: as `start_topic`.
    """
    found, scope = _claim(actor, concern_id)
    post_id = _post_of(found) or _open(actor, scope, board_id, concern_id, found)
    with acting.adding(actor, concern_id) as act:
        if (now := find(chronology.lines(act.case))) is not None and now.stage == "opened":
            return
        codes = {"memorial": "opened", "post": post_id, "death": death.Step.MEMORIAL}
        act.note(EventKind.ACTION, codes=codes)
        act.renew()


def _open(actor: Actor, scope: Scope, board_id: bytes, concern_id: bytes, found: Memorial) -> int:
    said, once = Words(found.words, as_team=True), f"memorial {concern_id.hex()}"
    try:
        here = actor_in(actor, scope)
        return usecases.start_topic(here, board_id, found.title, said, once, ident=found.topic_id).id
    except (Invalid, NotAllowed, NotFound):
        with acting.adding(actor, concern_id) as act:
            act.note(EventKind.ACTION, codes={"memorial": "proposed_again"})
        raise


def _post_of(found: Memorial) -> int | None:
    """Its first words, if it was made, whether or not the record says so."""
    wanted = select(Post.id).where(Post.conversation_id == found.topic_id).order_by(Post.seq).limit(1)
    made = row(wanted) if found.topic_id else None
    return made.id if made else None


def _claim(actor: Actor, concern_id: bytes) -> tuple[Memorial, Scope]:
    with acting.adding(actor, concern_id) as act:
        death.require_possible(act, death.Step.MEMORIAL)
        found = find(chronology.lines(act.case))
        if found is None:
            raise NotAllowed(_("Nobody wrote its first words yet. Write them, and ask a second person."))
        _require_free(act, found)
        if _post_of(found) is None:
            _require_second(act, found)
            found = replace(found, topic_id=found.topic_id or new_ident())
            act.note(EventKind.ACTION, codes={"memorial": "opening", "topic": found.topic_id.hex()})
        return found, act.case.scope


def _require_free(act: Act, found: Memorial) -> None:
    """Step: go on only if it does not stand there, and nobody else opens it at this moment."""
    if found.stage == "opened":
        raise _one_is_enough()
    mine = found.opener_id in responders.same_person(act.case.scope, act.me.id)
    if found.stage == "opening" and not mine and found.since is not None and act.now < found.since + JUST_NOW:
        raise acting.stale()


def _require_second(act: Act, found: Memorial) -> None:
    if found.author_id in responders.same_person(act.case.scope, act.me.id):
        raise NotAllowed(_("You wrote these words. A second person has to read and open it."))
    if act.me.persona_id is None:
        raise NotAllowed(_("A facilitator of the group has to open it. Ask one of them."))


def _one_is_enough() -> NotAllowed:
    return NotAllowed(_("There is one topic to remember them already. One is enough."))
