"""Who has a live room open over a line of this process: their seats and their calls for help live on while the line does.

Nobody is shown any of it, and nothing of it is written down but for somebody who holds a seat or asked for help.
"""

from dataclasses import dataclass

from forum.live import audiences
from forum.policy.actor import Membership
from forum.rooms import guests, queries, seats, struggling


@dataclass(frozen=True)
class Seated:
    """One line in one room."""

    meeting_id: bytes
    membership: Membership


#: By line and conversation.
_lines: dict[tuple[str, bytes], Seated] = {}


def lines_of(conversation_id: bytes, membership: Membership) -> list[str]:
    """Where somebody's lines to this room are found when they are sent out of it; of whoever has a seat, also the desk."""
    meeting = queries.find_by_conversation(conversation_id)
    if meeting is None:
        return []
    found = guests.lines_of(meeting.scope, membership.persona_id, meeting.id)
    if membership.on_team and seats.has_place(meeting.id, membership.persona_id):
        found.append(audiences.desk_of(audiences.room_of(conversation_id)))
    return found


def come(line: str, conversation_id: bytes, membership: Membership) -> None:
    """A line shows a room from now on. :param line: its id in this process."""
    meeting = queries.find_by_conversation(conversation_id)
    if meeting is not None:
        _lines[line, conversation_id] = Seated(meeting.id, membership)
        _is_there([_lines[line, conversation_id]])


def leave(line: str, conversation_id: bytes) -> None:
    """A page said that it shows the room no more; whoever left the room by choice said so in a form."""
    _lines.pop((line, conversation_id), None)


def lose(line: str) -> None:
    """A line is gone. Whoever has no other one to the same room may have lost it, and is missed unless they come back."""
    lost = [_lines.pop(key) for key in [key for key in _lines if key[0] == line]]
    still = {(one.meeting_id, one.membership.persona_id) for one in _lines.values()}
    for one in lost:
        meeting_id, persona_id = one.meeting_id, one.membership.persona_id
        if (meeting_id, persona_id) not in still:
            seats.line_lost(meeting_id, persona_id)
            struggling.line_lost(meeting_id, persona_id)


def keep() -> None:
    """Everybody whose line lives is still there. Called every `seats.RENEW_EVERY_S` seconds."""
    _is_there(list({(one.meeting_id, one.membership.persona_id): one for one in _lines.values()}.values()))


def _is_there(some: list[Seated]) -> None:
    in_need = {meeting_id for meeting_id in {one.meeting_id for one in some} if struggling.count_open(meeting_id)}
    for one in some:
        if one.membership.on_team:
            seats.renew(one.meeting_id, one.membership.persona_id)
        if one.meeting_id in in_need:
            struggling.heard(one.meeting_id, one.membership)
