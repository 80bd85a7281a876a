"""Hands: who asked to speak, who has the floor, and who comes next. Never shown as a ranking, and never as typing.

Whoever has the floor keeps it until they pass it on: a slow typist is not talked over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, func, insert, select, update

from forum.base.db import row, rows
from forum.base.hot import Hot
from forum.base.idents import new_ident
from forum.base.transaction import here
from forum.models import Hand, HandState, Mask, Persona, Post, PostState
from forum.rooms import quiet_writing, run
from forum.rooms.queries import MeetingSeen
from forum.rooms.run import Step

KEY = "chat.hands"
OFF, ON, WHEN_CALLED = "off", "on", "when called"
#: Long enough for somebody who types slowly, short enough that five people have a turn each in a quarter of an hour.
TURN = timedelta(minutes=3)
_OPEN = (HandState.UP, HandState.HAS_FLOOR)


@dataclass(frozen=True)
class HandSeen:
    """A hand that is up, or has the floor.

    :param face_id: a persona or an alias. :param n: the order in which hands went up. :param until: of a timed turn.
    """

    id: bytes
    face_id: bytes
    name: str
    n: int
    has_floor: bool
    until: datetime | None = None


def in_order(hands: Iterable[HandSeen], heard: dict[bytes, int], *, least_heard: bool) -> list[HandSeen]:
    """Those who wait, next one first.

    :param heard: how often each face spoke in this meeting. :param least_heard: those who spoke least come first, and of
        those who spoke as often whoever raised a hand sooner; else in the order in which hands went up.
    """
    waiting = [one for one in hands if not one.has_floor]
    return sorted(waiting, key=lambda one: (heard.get(one.face_id, 0) if least_heard else 0, one.n))


def are_used(meeting: MeetingSeen) -> bool:
    """Whether one can raise a hand now: where the rules say so, and in a round of turns."""
    return meeting.terms.values[KEY] != OFF or run.read_now(meeting.step, meeting.step_until).step is Step.TURNS


def may_speak(meeting: MeetingSeen, face_id: bytes | None) -> bool:
    """Whether a member may write now: not over whoever has the floor; and where one speaks when called, only then.

    In quiet minutes everybody writes, since nobody reads it yet. :param face_id: None: an alias that said nothing so far.
    """
    if quiet_writing.until(meeting) is not None:
        return True
    floor = find_floor(meeting.id)
    if floor is not None:
        return face_id == (floor.persona_id or floor.mask_id)
    return meeting.terms.values[KEY] != WHEN_CALLED


def find_floor(meeting_id: bytes) -> Row | None:
    """The hand that has the floor."""
    return _FLOOR.row({"meeting": meeting_id})


_FLOOR = Hot(
    select(Hand.id, Hand.persona_id, Hand.mask_id, Hand.until).where(
        Hand.meeting_id == bindparam("meeting"), Hand.state == HandState.HAS_FLOOR
    )
)


def list_open(meeting: MeetingSeen) -> list[HandSeen]:
    """Who has the floor, then who waits, next one first."""
    found = [
        HandSeen(r.id, r.persona_id or r.mask_id, r.persona or r.alias, r.n, r.state is HandState.HAS_FLOOR, r.until)
        for r in _HANDS.rows({"meeting": meeting.id})
    ]
    heard = _heard(meeting) if meeting.least_heard else {}
    floor = [one for one in found if one.has_floor]
    return [*floor, *in_order(found, heard, least_heard=meeting.least_heard)]


_HANDS = Hot(
    select(
        Hand.id,
        Hand.persona_id,
        Hand.mask_id,
        Hand.n,
        Hand.state,
        Hand.until,
        Persona.name.label("persona"),
        Mask.alias,
    )
    .outerjoin(Persona, Persona.id == Hand.persona_id)
    .outerjoin(Mask, Mask.id == Hand.mask_id)
    .where(Hand.meeting_id == bindparam("meeting"), Hand.state != HandState.LOWERED)
)


def _heard(meeting: MeetingSeen) -> dict[bytes, int]:
    face = func.coalesce(Post.persona_id, Post.mask_id).label("face")
    shown = (Post.conversation_id == meeting.conversation_id, Post.state == PostState.VISIBLE)
    return {r.face: r.n for r in rows(select(face, func.count().label("n")).where(*shown).group_by(face))}


def count_up(meeting_id: bytes) -> int:
    """Hands that were not answered yet, whoever has the floor among them: closing waits for them."""
    found = row(select(func.count()).where(Hand.meeting_id == meeting_id, Hand.state.in_(_OPEN)))
    return int(found[0]) if found else 0


# --- Steps ----------------------------------------------------------------------------------------------------------


def put_up(meeting: MeetingSeen, face_id: bytes, *, masked: bool) -> bytes:
    """Step: a face asks to speak, after all who did before; doing it twice keeps the first place. Gives the hand."""
    found = _own(meeting.id, face_id)
    if found is not None:
        return bytes(found.id)
    last = here().scalar(select(func.max(Hand.n)).where(Hand.meeting_id == meeting.id)) or 0
    face = {"mask_id": face_id} if masked else {"persona_id": face_id}
    hand_id = new_ident()
    here().execute(
        insert(Hand).values(id=hand_id, meeting_id=meeting.id, n=last + 1, state=HandState.UP, until=None, **face)
    )
    return hand_id


def find_own(meeting: MeetingSeen, face_id: bytes | None) -> HandSeen | None:
    """One's own hand, if it is up or has the floor."""
    return next((one for one in list_open(meeting) if one.face_id == face_id), None)


def take_down(meeting_id: bytes, face_id: bytes) -> bool:
    """Step: a face asks no more, or has said what it had to say. Gives whether it had the floor."""
    found = _own(meeting_id, face_id)
    if found is None:
        return False
    set_state(found.id, HandState.LOWERED)
    return found.state is HandState.HAS_FLOOR


def give_floor(meeting: MeetingSeen, hand_id: bytes, until: datetime | None) -> None:
    """Step: this hand has the floor. Whoever had it before has said what they had to say."""
    floor = here().execute(_WHO_HAS, {"meeting": meeting.id}).first()
    if floor is not None and floor.id != hand_id:
        set_state(floor.id, HandState.LOWERED)
    set_state(hand_id, HandState.HAS_FLOOR, until)


_WHO_HAS = select(Hand.id).where(Hand.meeting_id == bindparam("meeting"), Hand.state == HandState.HAS_FLOOR)


def set_state(hand_id: bytes, state: HandState, until: datetime | None = None) -> None:
    """Step: what becomes of a hand. Its place in the order stays, so that it can go up again where it was."""
    there = update(Hand).where(Hand.id == hand_id).values(state=state, until=until)
    here().execute(there.execution_options(synchronize_session=False))


def lower_all(meeting_id: bytes) -> None:
    """Step: nobody asks to speak any more."""
    there = update(Hand).where(Hand.meeting_id == meeting_id, Hand.state.in_(_OPEN)).values(state=HandState.LOWERED)
    here().execute(there.execution_options(synchronize_session=False))


def _own(meeting_id: bytes, face_id: bytes) -> Row | None:
    face = func.coalesce(Hand.persona_id, Hand.mask_id)
    mine = (Hand.meeting_id == meeting_id, Hand.state.in_(_OPEN), face == face_id)
    return here().execute(select(Hand.id, Hand.state).where(*mine)).first()
