"""Telling an officer, on every channel of theirs, that others change something about their office.

Whoever has their password and sits at their desk does not have their telephone as well: that is where they learn of it.
"""

import enum

from forum.base import jobs
from forum.base.config import site_address
from forum.base.idents import new_ident
from forum.base.words import lazy
from moderation.safeguarding import channels, sending
from moderation.safeguarding.people_models import ChannelKind

JOB = "office_told"


class Told(enum.StrEnum):
    """What others said."""

    RESET = "reset"
    RESET_BY_TWO = "reset_by_two"
    END = "end"


#: No name, no group and no concern: a telephone lies on a table.
_WORDS = {
    Told.RESET: lazy("Somebody says that you lost your second steps. Is that wrong? Sign in and stop it: %(link)s"),
    Told.RESET_BY_TWO: lazy(
        "Two people say that you lost your second steps. In a day they can go. Is that wrong? Sign in and stop it: %(link)s"
    ),
    Told.END: lazy("Somebody wants to end your office. If a second one agrees, it ends. Sign in and look: %(link)s"),
}


def tell(officer_id: bytes, what: Told) -> None:
    """Step: tell them over each channel that reached them once. Each goes by itself: one that fails keeps no other."""
    for kind in channels.kinds_of(officer_id):
        payload = {"officer": officer_id.hex(), "channel": kind.value, "what": what.value, "once": new_ident().hex()}
        jobs.enqueue(JOB, payload)


@jobs.delivery(JOB)
def send(payload: jobs.Payload) -> None:
    """Send one of them, unless the channel is gone."""
    kind = ChannelKind(payload["channel"])
    way = channels.find(bytes.fromhex(payload["officer"]), kind)
    if way is not None:
        text = str(_WORDS[Told(payload["what"])]) % {"link": f"{site_address()}/safeguarding/readiness"}
        sending.send_text(kind, way, sending.Message(payload["once"], text))
