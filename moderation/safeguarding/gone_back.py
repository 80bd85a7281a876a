"""A kind word to whoever had a concern that went back: nobody should go on believing that they have it, or that they failed.

They hear that it went back, and that others are called. It is no call: nothing is asked of them, and nothing waits for them.
"""

from collections.abc import Sequence

from forum.base import jobs
from forum.base.idents import new_ident
from forum.base.words import _
from moderation.safeguarding import cases, channels, exclusions, responders, sending
from moderation.safeguarding.cases import Case
from moderation.safeguarding.chronology import Line
from moderation.safeguarding.models import EventKind, State
from moderation.safeguarding.responders import Responder

JOB = "concern_went_back"


def tell_later(case: Case) -> None:
    """Step: have its holder told, if they may know of it still."""
    for one in exclusions.insiders(case):
        if one.id == case.owner_id:
            ids = {"concern": case.id.hex(), "responder": one.id.hex(), "once": new_ident().hex()}
            jobs.enqueue(JOB, ids)


@jobs.delivery(JOB)
def tell(payload: jobs.Payload) -> None:
    """Tell them wherever they are called. Whom it must not reach by now, or who answers no more, hears nothing."""
    case, responder_id = cases.find(bytes.fromhex(payload["concern"])), bytes.fromhex(payload["responder"])
    if case is None or responder_id not in {one.id for one in exclusions.insiders(case)}:
        return
    text = _(
        "Concern %(code)s went back to the team, since nothing was written down in time. You did nothing wrong. "
        "Somebody else is called.",
        code=case.code,
    )
    for kind in channels.kinds_apart(responder_id, exclusions.barred_ids(case)):
        if way := channels.find(responder_id, kind):
            sending.send_text(kind, way, sending.Message(payload["once"], text))


def was_held_by(case: Case, me: Responder, lines: Sequence[Line]) -> bool:
    """Whether it went back from this reader, and nobody has it since."""
    lapses = [line.codes.get("owner") for line in lines if line.kind is EventKind.LAPSED]
    mine = {one.hex() for one in responders.same_person(case.scope, me.id)}
    return case.state is State.RAISED and bool(lapses) and lapses[-1] in mine
