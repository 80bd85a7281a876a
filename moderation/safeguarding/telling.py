"""Telling an officer, on every channel of theirs, that others change something about their office.

Whoever has their password and sits at their desk does not have their telephone as well: that is where they learn of it.
"""

import enum
from datetime import timedelta

from forum.base import clock, jobs
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
    ENDED = "ended"
    OTHER_ENDED = "other_ended"


#: No name, no group and no concern: a telephone lies on a table.
_WORDS = {
    Told.RESET: lazy("Somebody says that you lost your second steps. Is that wrong? Sign in and stop it: %(link)s"),
    Told.RESET_BY_TWO: lazy(
        "Two people say that you lost your second steps. In a day they can go. Is that wrong? Sign in and stop it: %(link)s"
    ),
    Told.END: lazy("Somebody wants to end your office. If a second one agrees, it ends. Sign in and look: %(link)s"),
    Told.ENDED: lazy("Your office for safety has ended. Is that wrong? Speak with whoever runs this site: %(site)s"),
    Told.OTHER_ENDED: lazy("Two officers ended the office of another. Did you not know? Sign in and ask why: %(link)s"),
}
#: So long as a message that could not leave is tried again.
KEPT = timedelta(days=1)
GONE = "office_channels_gone"


def tell(officer_id: bytes, what: Told) -> None:
    """Step: tell them over each channel that reached them once. Each goes by itself: one that fails keeps no other."""
    for kind in channels.kinds_of(officer_id):
        payload = {"officer": officer_id.hex(), "channel": kind.value, "what": what.value, "once": new_ident().hex()}
        jobs.enqueue(JOB, payload)


def drop_channels_later(officer_id: bytes) -> None:
    """Step: somebody's office ended; they are still told so over the channels they had, and then these go."""
    jobs.enqueue(GONE, {"officer": officer_id.hex()}, clock.now() + KEPT)


@jobs.step(GONE)
def _drop_channels(payload: jobs.Payload) -> None:
    channels.drop_all(bytes.fromhex(payload["officer"]))


@jobs.delivery(JOB)
def send(payload: jobs.Payload) -> None:
    """Send one of them, unless the channel is gone."""
    kind = ChannelKind(payload["channel"])
    way = channels.find(bytes.fromhex(payload["officer"]), kind)
    if way is not None:
        site = site_address()
        links = {"link": f"{site}/safeguarding/readiness", "site": f"{site}/"}
        text = str(_WORDS[Told(payload["what"])]) % links
        sending.send_text(kind, way, sending.Message(payload["once"], text))
