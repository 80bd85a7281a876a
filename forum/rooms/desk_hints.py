"""Telling the pages of those who look after a meeting, and no others, that there is something new for them."""

from forum.base import broadcast, clock
from forum.base.transaction import after_commit


def changed(conversation_id: bytes) -> None:
    """Step: their pages ask anew after the commit. No number of the meeting moves: others would see that.

    :param conversation_id: of the meeting.
    """
    no = int(clock.now().timestamp())
    after_commit(lambda: broadcast.changed_desk(conversation_id, no))
