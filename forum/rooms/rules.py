"""What a live room says of each message: who is in, who may speak, how slowly, and what waits (ground-rules.md §2.4).

Plugged into forum.policy.room_rules and asked in the transaction of the message, whichever way it came. Each refusal ends
in the rule that it keeps, where there is one.
"""

import math
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from forum.base import clock, tagged
from forum.base.errors import NotAllowed
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _, ngettext
from forum.conversations import adjustments
from forum.models import Meeting, MeetingState, Restriction
from forum.policy.actor import Membership
from forum.policy.permissions import Denial
from forum.policy.room_rules import Heard, Speaking
from forum.rooms import faces, guests, hands, keeping, meetings, opening, queries, quiet_writing, seats
from forum.rooms.queries import MeetingSeen

#: The time of somebody's last message, by tag of persona and conversation; as in slow topics.
KIND = "room_slow"
#: Values of chat.slow_mode in seconds.
SECONDS = {"0 seconds": 0, "10 seconds": 10, "30 seconds": 30, "60 seconds": 60}


class RoomRules:
    """The forum's port, filled."""

    def may_enter(self, membership: Membership, conversation_id: bytes) -> bool:
        """Who came in, or was asked in to a side room, and was not sent out since."""
        door = queries.find_door(conversation_id)
        return door is not None and guests.is_in(membership.scope, membership.persona_id, door.id)

    def is_masked(self, membership: Membership, conversation_id: bytes) -> bool:
        """Whether this member writes under an alias there."""
        door = queries.find_door(conversation_id)
        return door is not None and faces.is_masked(door, membership)

    def check(self, speaking: Speaking) -> Heard:
        """What becomes of the message. :raises NotAllowed: they may not speak now."""
        meeting, membership = queries.find_by_conversation(speaking.conversation_id), speaking.membership
        if meeting is None:
            raise NotAllowed(str(Denial.ROOM_NOT_OPEN.value))
        _keep_promise(meeting)
        seated = seats.holds(meeting.id, membership.persona_id)
        _require_open(meeting, seated)
        if meeting.brake and meeting.brake.stops:
            raise NotAllowed(str(Denial.STOPPED.value))
        require_face(meeting, speaking.masked, seated)
        braked, slow = meeting.brake is not None, pace_of(meeting) > 0
        if seated:
            return Heard(slow=slow, braked=braked)
        _require_let_in(meeting, membership)
        _require_turn(meeting, speaking)
        _require_pace(meeting, membership)
        return Heard(meeting.state is MeetingState.HELD, quiet_writing.until(meeting), slow, braked)

    def quiet_until(self, conversation_id: bytes) -> datetime | None:
        """Until when what comes out of a hold or comes back stays with its author."""
        return quiet_writing.until_in(conversation_id)

    def note_brake(self, group_id: bytes, room_id: bytes | None) -> None:
        """Step: everybody's page asks what goes on, in each meeting of the room or of the whole group."""
        for meeting_id in queries.list_ids_running(group_id, room_id):
            meetings.changed(meeting_id)

    @retrying
    def note_spoken(self, conversation_id: bytes, membership: Membership) -> None:
        """Remember when somebody last spoke, where people wait between two messages."""
        meeting = queries.find_by_conversation(conversation_id)
        if meeting is None or not pace_of(meeting):
            return
        with transaction():
            now = int(clock.now().timestamp()).to_bytes(8)
            tagged.keep(Restriction, meeting.scope, KIND, (membership.persona_id, conversation_id), now)


def pace_of(meeting: MeetingSeen) -> int:
    """Seconds between two messages of one person: what the group's rules, the facilitator or too small a team ask for."""
    by_rule = SECONDS[meeting.terms.values["chat.slow_mode"]]
    return max(by_rule, meeting.slow_s, opening.slow_for_now(meeting))


def _keep_promise(meeting: MeetingSeen) -> None:
    """Step: words are kept no longer than the shortest time that held while people wrote."""
    now = keeping.strictest(meeting.retention, keeping.wanted(meeting.kind, meeting.terms))
    if now != meeting.retention:
        change = update(Meeting).where(Meeting.id == meeting.id).values(retention=now)
        here().execute(change.execution_options(synchronize_session=False))


def _require_open(meeting: MeetingSeen, seated: bool) -> None:
    if meeting.is_live or (seated and meeting.state is MeetingState.EARLY):
        return
    raise NotAllowed(str(Denial.ROOM_NOT_OPEN.value))


def require_face(meeting: MeetingSeen, masked: bool, seated: bool) -> None:
    """Nobody is there twice, and no name stands among aliases (security.md L18).

    :param masked: the face that somebody's page showed them; another tab may have given them another one since.
    :raises NotAllowed: they have another one now; nothing is said in it that was meant for the first.
    """
    if masked is (meeting.masked and not seated):
        return
    if masked and meeting.masked:
        said = _(
            "You look after this room now, so your name shows. Your words are kept. Open the room again and send them."
        )
        raise NotAllowed(said)
    if masked:
        raise NotAllowed(_("Names show in this room. Your words are kept. Open the room again and send them."))
    raise NotAllowed(_("Names are hidden in this room. Your words are kept. Open the room again and send them."))


def _require_let_in(meeting: MeetingSeen, membership: Membership) -> None:
    guest = guests.find(meeting.scope, membership.persona_id, meeting.id)
    if guest is None:
        raise NotAllowed(_("Come in to the room first. Then you can write."))
    if guest.out:
        raise NotAllowed(str(Denial.SENT_OUT.value))
    if guest.muted_until and clock.now() < guest.muted_until:
        left = math.ceil((guest.muted_until - clock.now()).total_seconds() / 60)
        raise NotAllowed(
            ngettext(
                "A facilitator asked you to only read for now. You can write again in %(num)d minute.",
                "A facilitator asked you to only read for now. You can write again in %(num)d minutes.",
                left,
            )
        )


def _require_turn(meeting: MeetingSeen, speaking: Speaking) -> None:
    if meeting.paused:
        raise NotAllowed(_("The room pauses for a moment. Your words stay here. Send them when it goes on."))
    face_id = speaking.mask_id if speaking.masked else speaking.membership.persona_id
    if not hands.may_speak(meeting, face_id):
        rule = meeting.terms.cite("chat.hands") if meeting.terms.values["chat.hands"] == "when called" else ""
        said = _("Somebody else has the floor now. Raise your hand to speak next. Your words stay here.")
        raise NotAllowed(f"{said} {rule}".strip())


def _require_pace(meeting: MeetingSeen, membership: Membership) -> None:
    """Whoever writes by voice need not wait, under a name: an alias that did not wait would tell whose it is."""
    pace = pace_of(meeting)
    value = (
        tagged.find(Restriction, meeting.scope, KIND, (membership.persona_id, meeting.conversation_id))
        if pace
        else None
    )
    if value is None or (not meeting.masked and adjustments.has_no_pause(meeting.scope, membership.persona_id)):
        return
    again_at = datetime.fromtimestamp(int.from_bytes(value), UTC) + timedelta(seconds=pace)
    left = math.ceil((again_at - clock.now()).total_seconds())
    if left > 0:
        said = ngettext(
            "People write slowly here, so that all can follow. Your words stay here. Send them in %(num)d second.",
            "People write slowly here, so that all can follow. Your words stay here. Send them in %(num)d seconds.",
            left,
        )
        raise NotAllowed(f"{said} {meeting.terms.cite('chat.slow_mode')}".strip())
