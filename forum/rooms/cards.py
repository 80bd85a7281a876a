"""Check-in cards: what somebody shows of how they are, chosen by themselves, without a word. They go with the meeting."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select

from forum.base.db import rows
from forum.base.transaction import here, retrying, transaction
from forum.base.words import lazy
from forum.models import Mask, Persona, RoomCard
from forum.policy.actor import Actor
from forum.policy.permissions import require
from forum.policy.room_desk import may_act_in_room
from forum.rooms import here as being
from forum.rooms import meetings
from forum.rooms.queries import MeetingSeen

#: "away" keeps a hand's place and lets others go first meanwhile.
AWAY = "away"
CARDS: Mapping[str, Any] = {
    "well": lazy("Doing all right"),
    "tired": lazy("Not much energy"),
    "hard": lazy("Having a hard time"),
    "listening": lazy("Only listening today"),
    AWAY: lazy("Stepping out, back soon"),
}


@retrying
def show(actor: Actor, meeting_id: bytes, card: str) -> None:
    """Show a card instead of the one before. :param card: of CARDS; anything else takes it away.

    :raises NotFound, NotAllowed: not in the meeting, or it is over.
    """
    with transaction():
        here_now = being.find(actor, meeting_id)
        require(may_act_in_room, here_now.actor, being.facts_of(here_now))
        face_id = being.wear_face(here_now)
        if find_own(meeting_id, face_id) == (card if card in CARDS else ""):
            return
        mine = (RoomCard.meeting_id == meeting_id, RoomCard.face_id == face_id)
        here().execute(delete(RoomCard).where(*mine).execution_options(synchronize_session=False))
        if card in CARDS:
            here().execute(insert(RoomCard).values(meeting_id=meeting_id, face_id=face_id, card=card))
        meetings.changed(meeting_id)


def find_own(meeting_id: bytes, face_id: bytes | None) -> str:
    """One's own card; "" if none is shown."""
    found = rows(select(RoomCard.card).where(RoomCard.meeting_id == meeting_id, RoomCard.face_id == face_id))
    return str(found[0].card) if found else ""


def list_shown(meeting: MeetingSeen) -> Sequence[tuple[str, str]]:
    """Names and what they show, by name: the order says nothing about who came when."""
    name = func.coalesce(Persona.name, Mask.alias)
    found = rows(
        select(name.label("name"), RoomCard.card)
        .outerjoin(Persona, Persona.id == RoomCard.face_id)
        .outerjoin(Mask, Mask.id == RoomCard.face_id)
        .where(RoomCard.meeting_id == meeting.id)
        .order_by(name)
    )
    return [(r.name, str(CARDS[r.card])) for r in found if r.card in CARDS]


def list_away(meeting_id: bytes) -> set[bytes]:
    """The faces of those who stepped out for a moment."""
    found = rows(select(RoomCard.face_id).where(RoomCard.meeting_id == meeting_id, RoomCard.card == AWAY))
    return {r.face_id for r in found}


def forget(meeting_id: bytes, face_id: bytes | None = None) -> None:
    """Step: the meeting is over, and with it what people showed. :param face_id: for this one alone it is over."""
    gone = delete(RoomCard).where(RoomCard.meeting_id == meeting_id)
    gone = gone.where(RoomCard.face_id == face_id) if face_id else gone
    here().execute(gone.execution_options(synchronize_session=False))
