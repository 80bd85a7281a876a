"""Under which face somebody is in a meeting: in a room where names are hidden all members are aliases, and nobody is both.

Who holds a seat speaks under their own name: everyone reads who leads, and an alias among them would be one fewer to guess.
"""

from sqlalchemy import Row

from forum.conversations import masks
from forum.conversations.lifecycle import Author
from forum.policy.actor import Membership
from forum.rooms import seats
from forum.rooms.queries import MeetingSeen


def is_masked(meeting: MeetingSeen | Row, membership: Membership) -> bool:
    """Whether this member writes under an alias there; never whose seat only ran out: their page shows them their name."""
    return meeting.masked and not seats.has_place(meeting.id, membership.persona_id)


def wear(meeting: MeetingSeen, membership: Membership) -> Author:
    """Step: their face there, an alias made on the first use."""
    if not is_masked(meeting, membership):
        return Author(persona_id=membership.persona_id)
    return Author(mask_id=masks.wear(meeting.scope, membership.persona_id, meeting.conversation_id).id)
