"""Raising a hand, having the floor, passing it on; words got ready beforehand become the turn.

Whoever has the floor keeps it until they pass it on themselves, or a facilitator puts them back in their place.
"""

from datetime import datetime

from sqlalchemy import select

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.text import MAX_ROOM_BODY
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import adjustments, drafts, usecases
from forum.conversations.drafts import Kept
from forum.conversations.lifecycle import Written
from forum.conversations.prepare import Words
from forum.models import Hand, HandState, Meeting
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, require
from forum.policy.room_desk import HandFacts, may_raise_hand
from forum.rooms import cards, hands, meetings, queries, run
from forum.rooms import here as being
from forum.rooms.acting import as_facilitator
from forum.rooms.hands import HandSeen
from forum.rooms.here import Here
from forum.rooms.queries import MeetingSeen
from forum.rooms.run import Step

#: The page under which words for one's turn are kept, so that what stands in the room's own form stays apart.
PAGE = "turn"


@retrying
def raise_hand(actor: Actor, meeting_id: bytes) -> None:
    """Ask to speak. In a round of turns whoever is first has the floor at once.

    :raises NotFound, NotAllowed: not in the meeting, or there are no hands in it.
    """
    with transaction():
        meetings.lock(meeting_id)
        here_now = _require(actor, meeting_id)
        if here_now.duty is not None:
            raise NotAllowed(_("You look after this room, so you can speak at any time."))
        hands.put_up(here_now.meeting, being.wear_face(here_now), masked=here_now.hides_names)
        start_turns(here_now.meeting)
        meetings.changed(meeting_id)


@retrying
def lower_hand(actor: Actor, meeting_id: bytes) -> None:
    """Ask no more, or pass the floor on. Doing it twice is harmless. What was got ready goes with it.

    :raises NotFound: not in the meeting.
    """
    here_now = being.enter(actor, meeting_id)
    with transaction():
        meetings.lock(meeting_id)
        face_id = being.find_face(here_now)
        if face_id is None or hands.find_own(here_now.meeting, face_id) is None:
            return
        if hands.take_down(meeting_id, face_id):
            give_to_next(here_now.meeting)
        meetings.changed(meeting_id)
    drafts.discard_draft(here_now.actor, here_now.meeting.scope.group_id, meeting_id)


def keep_words(actor: Actor, meeting_id: bytes, body: str) -> None:
    """Get words ready for one's turn. Nobody else sees them, or that there are any.

    :raises Invalid: too long. :raises NotFound: not in the meeting.
    """
    here_now = being.enter(actor, meeting_id)
    if len(body) > MAX_ROOM_BODY:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MAX_ROOM_BODY), "turn_body")
    drafts.keep_draft(here_now.actor, here_now.meeting.scope.group_id, meeting_id, Kept(body, page=PAGE))


def take_turn(actor: Actor, meeting_id: bytes, words: Words, token: str, *, pass_on: bool) -> Written:
    """Send words as one's turn. If they are refused the floor stays, and so do the words.

    :param pass_on: that was all; the next one has the floor.
    :raises NotAllowed, Invalid: as for every message. :raises NotFound: not in the meeting.
    """
    here_now = being.enter(actor, meeting_id)
    written = usecases.submit_post(here_now.actor, here_now.meeting.conversation_id, words, token)
    drafts.discard_draft(here_now.actor, here_now.meeting.scope.group_id, meeting_id)
    if pass_on:
        lower_hand(actor, meeting_id)
    return written


def _require(actor: Actor, meeting_id: bytes) -> Here:
    here_now = being.find(actor, meeting_id)
    facts = HandFacts(being.facts_of(here_now), hands.are_used(here_now.meeting))
    require(may_raise_hand, here_now.actor, facts)
    return here_now


# --- What facilitators do -------------------------------------------------------------------------------------------


def call(actor: Actor, hand_id: bytes) -> None:
    """Give the floor to one of those who wait. :raises NotFound, NotAllowed: no such hand, or no seat in its meeting."""
    meeting_id = _meeting_of(hand_id)
    with as_facilitator(actor, meeting_id):
        meeting = _now(meeting_id)
        wanted = next((one for one in hands.list_open(meeting) if one.id == hand_id), None)
        if wanted is not None and not wanted.has_floor:
            hands.give_floor(meeting, hand_id, _until(meeting, wanted))
            meetings.changed(meeting_id)


def put_back(actor: Actor, hand_id: bytes) -> None:
    """Take the floor from somebody who cannot use it now; their hand is up again, in the place it had.

    :raises NotFound, NotAllowed: as for `call`.
    """
    meeting_id = _meeting_of(hand_id)
    with as_facilitator(actor, meeting_id):
        floor = hands.find_floor(meeting_id)
        if floor is not None and floor.id == hand_id:
            hands.set_state(hand_id, HandState.UP)
            meetings.changed(meeting_id)


def lower_for(actor: Actor, hand_id: bytes) -> None:
    """Answer a hand another way: it is down, and if it had the floor the next one has it.

    :raises NotFound, NotAllowed: as for `call`.
    """
    meeting_id = _meeting_of(hand_id)
    with as_facilitator(actor, meeting_id):
        meeting = _now(meeting_id)
        wanted = next((one for one in hands.list_open(meeting) if one.id == hand_id), None)
        if wanted is not None:
            hands.set_state(hand_id, HandState.LOWERED)
            if wanted.has_floor:
                give_to_next(meeting)
            meetings.changed(meeting_id)


def order_by_least_heard(actor: Actor, meeting_id: bytes, *, on: bool) -> None:
    """Let those who spoke least come first, or in the order of their hands again. :raises NotFound, NotAllowed: no seat."""
    with as_facilitator(actor, meeting_id):
        meetings.put(meeting_id, least_heard=on)


def _meeting_of(hand_id: bytes) -> bytes:
    found = row(select(Hand.meeting_id).where(Hand.id == hand_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return bytes(found.meeting_id)


def _now(meeting_id: bytes) -> MeetingSeen:
    found = queries.find_meeting(meeting_id)
    assert found is not None
    return found


# --- Steps ----------------------------------------------------------------------------------------------------------


def start_turns(meeting: MeetingSeen) -> None:
    """Step: in a round of turns somebody always has the floor as long as anybody wants it."""
    if _is_round(meeting) and hands.find_floor(meeting.id) is None:
        give_to_next(meeting)


def give_to_next(meeting: MeetingSeen) -> None:
    """Step: the next one who waits has the floor; whoever stepped out keeps their place and is passed over meanwhile."""
    away = cards.list_away(meeting.id)
    ready = (one for one in hands.list_open(meeting) if not one.has_floor and one.face_id not in away)
    wanted = next(ready, None)
    if wanted is not None:
        hands.give_floor(meeting, wanted.id, _until(meeting, wanted))


def _is_round(meeting: MeetingSeen) -> bool:
    """Whether the meeting is at turns as this transaction sees it."""
    found = here().execute(select(Meeting.step, Meeting.step_until).where(Meeting.id == meeting.id)).one()
    return run.read_now(found.step, found.step_until).step is Step.TURNS


def _until(meeting: MeetingSeen, wanted: HandSeen) -> datetime | None:
    """When a turn is meant to be over; nobody is cut off then.

    Somebody who needs no pauses needs no clock either, under their name: an alias without one would tell whose it is.
    """
    if not _is_round(meeting):
        return None
    if not meeting.masked and adjustments.has_no_pause(meeting.scope, wanted.face_id):
        return None
    return clock.now() + hands.TURN
