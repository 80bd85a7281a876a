"""When a member may have died: checked with a second source before anything is said or done, and all of it can be undone.

Somebody may say so by mistake, or to hurt. So the place of the person is shut only after the check, by an officer, and one
tap opens it again. Their words stay; nothing reminds anybody of them any more.
"""

import enum
from collections.abc import Sequence

from forum.base.errors import NotAllowed
from forum.base.words import _
from forum.conversations import mail_addresses
from forum.groups import kept_out
from forum.policy import record
from forum.policy.actor import Actor
from moderation.safeguarding import acting, chronology, talk
from moderation.safeguarding.acting import Act, require_words
from moderation.safeguarding.chronology import Line
from moderation.safeguarding.models import EventKind, Kind


class Step(enum.StrEnum):
    """What has to be thought of, in this order."""

    CHECKED = "checked"  #: a second source says so, too
    SEALED = "sealed"  #: nobody signs in as them, and no mail goes out
    TOLD = "told"  #: the group, in words that say how to find help
    MEMORIAL = "memorial"  #: one conversation in which people remember
    WATCH = "watch"  #: those who were close to them
    DEBRIEF = "debrief"  #: the facilitators themselves


def note_step(actor: Actor, concern_id: bytes, step: Step, said: str) -> None:
    """Write down that one of these was done.

    :param said: which source it was, or how it was done. :raises Invalid: no words. :raises NotAllowed: it is not about a
        death, nothing was checked yet, or sealing by somebody who is no officer. :raises NotFound: no such concern for them.
    """
    clean = require_words(said, "words")
    with acting.adding(actor, concern_id) as act:
        require_possible(act, step)
        if step is Step.SEALED:
            _seal(act)
        kind = EventKind.FACT if step is Step.CHECKED else EventKind.ACTION
        act.note(kind, clean, codes={"death": step})
        act.renew()


def require_possible(act: Act, step: Step) -> None:
    """Step: go on only if this can be done now. :raises NotAllowed: it is not about a death, or nothing was checked yet."""
    if act.case.kind is not Kind.DEATH or not act.case.is_open:
        raise NotAllowed(_("This concern is not about a death."))
    if step is not Step.CHECKED and Step.CHECKED not in done(chronology.lines(act.case)):
        raise NotAllowed(_("Check it with a second source first. Nobody is told before that."))
    if step is Step.SEALED and not act.me.is_tier:
        raise NotAllowed(_("The lead, a deputy or the independent contact has to do this. Ask one of them."))


def _seal(act: Act) -> None:
    """Step: no sign-in leads into the group as them, their sockets are hung up, and no mail goes to their address."""
    persona_id = talk.persona_of(act.case)
    if persona_id is None:
        raise NotAllowed(
            _("We do not know who this is here. Write a name into the record first, and ask your operator.")
        )
    kept_out.remove(act.case.scope, persona_id)
    mail_addresses.forget(act.case.scope, persona_id)
    record.note("concern.sealed", act.me.id, act.case.id)


def undo(actor: Actor, concern_id: bytes, why: str) -> None:
    """The person lives, or it was somebody else: their place is open again. :raises Invalid: no reason."""
    clean = require_words(why, "why")
    with acting.adding(actor, concern_id) as act:
        persona_id = talk.persona_of(act.case)
        if persona_id is not None and Step.SEALED in done(chronology.lines(act.case)):
            kept_out.let_back(act.case.scope, persona_id, kept_out.NO_DECISION)
            record.note("concern.unsealed", act.me.id, act.case.id)
        act.note(EventKind.FACT, clean, codes={"death": "undone"})
        act.renew()


def done(lines: Sequence[Line]) -> set[Step]:
    """The steps that were written down since it was last said that it is not so."""
    found: set[Step] = set()
    for line in lines:
        said = line.codes.get("death")
        if said == "undone":
            found.clear()
        elif said is not None:
            found.add(Step(said))
    return found
