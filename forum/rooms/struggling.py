"""Asking for a person, alone: "I'm struggling" and "I need help with the site". Whoever it is for sees it, and nobody else:
nothing that any other member gets changes by a byte.

A side room opens at once, the place in the meeting stays, and the next day somebody asks how they are. If their line
breaks meanwhile, that is followed up within the hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from forum.base import clock, jobs
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident, read_ident, write_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _, lazy
from forum.conversations import masks
from forum.conversations.lifecycle import Author
from forum.models import Meeting, Signal, SignalState
from forum.policy import concern
from forum.policy.actor import Actor, Membership
from forum.policy.members import get_scope
from forum.policy.permissions import Denial, require
from forum.policy.room_desk import may_act_in_room
from forum.rooms import desk_hints, follow_ups, queries, sealed, side_rooms
from forum.rooms import here as being
from forum.rooms.queries import LIVE, MeetingSeen

STRUGGLING, SITE = "struggling", "site"
KINDS: Mapping[str, Any] = {STRUGGLING: lazy("struggles"), SITE: lazy("needs help with the site")}
#: What somebody can say with it; most say nothing.
MOST_WORDS = 500
LEFT, LOST = "left", "lost"
#: A page asks at least every twenty seconds; three of them missing is a line that broke.
LOST_AFTER = timedelta(seconds=60)
#: After a line was seen to break: time for a phone to find another mast.
LOST_AFTER_BREAK = timedelta(seconds=15)
#: Hearing of somebody is written down no more often, since each page asks all the time.
NOTED_EVERY = timedelta(seconds=15)
LOOK_EVERY = timedelta(seconds=30)
STILL = (SignalState.OPEN, SignalState.TAKEN)


@dataclass(frozen=True)
class Asked:
    """What came of asking. :param side_id: the side room that is theirs; None: there is none."""

    signal_id: bytes
    side_id: bytes | None


@retrying
def ask(actor: Actor, meeting_id: bytes, kind: str, words: str = "") -> Asked:
    """Ask for somebody. Asking again while nobody finished it is the same asking.

    :param kind: STRUGGLING or SITE. :param words: at most MOST_WORDS characters, or none.
    :raises NotFound, NotAllowed: not in a meeting that is on. :raises Invalid: too many words.
    """
    clean = words.strip()
    if len(clean) > MOST_WORDS:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_WORDS), "words")
    with transaction():
        here_now = being.find(actor, meeting_id)
        require(may_act_in_room, here_now.actor, being.facts_of(here_now))
        face = _face_of(here_now)
        if (before := find_own(here_now.meeting, face, kind)) is not None:
            return Asked(before.id, before.side_id)
        side_id = _side_room(here_now) if kind == STRUGGLING else None
        signal_id = _add(here_now.meeting, kind, face, clean, side_id)
        if kind == STRUGGLING:
            _promise_care(here_now.meeting, signal_id, face, clean)
        desk_hints.changed(here_now.meeting.conversation_id)
        return Asked(signal_id, side_id)


def _face_of(here_now: being.Here) -> Author:
    ident = being.wear_face(here_now)
    return Author(mask_id=ident) if here_now.hides_names else Author(persona_id=ident)


def _side_room(here_now: being.Here) -> bytes | None:
    """Beside a side room there is none: they are apart already."""
    if here_now.meeting.is_side:
        return None
    return side_rooms.open_beside(here_now.meeting, [here_now.me.persona_id])


def _add(meeting: MeetingSeen, kind: str, face: Author, words: str, side_id: bytes | None) -> bytes:
    ident, now = new_ident(), clock.now()
    here().execute(
        insert(Signal).values(
            id=ident,
            group_id=meeting.scope.group_id,
            meeting_id=meeting.id,
            kind=kind,
            state=SignalState.OPEN,
            at=now,
            heard_at=now,
            side_id=side_id,
            line="",
            **sealed.seal(meeting.scope, Signal, ident, {"who": sealed.write_face(face), "words": words}),
        )
    )
    return ident


def _promise_care(meeting: MeetingSeen, signal_id: bytes, face: Author, words: str) -> None:
    """Somebody asks the next day, whoever answers now; whoever answers for people's safety is told; the line is watched."""
    due_at = follow_ups.next_morning(meeting.zone, clock.now())
    follow_ups.add(
        meeting.scope, follow_ups.STRUGGLING, face, due_at, meeting_id=meeting.id, signal_id=signal_id, words=words
    )
    _tell(meeting, "struggling", face)
    _look_again(signal_id, LOST_AFTER)


def _tell(meeting: MeetingSeen, kind: str, face: Author) -> None:
    at = meeting.conversation_id
    concern.note(concern.Signal(meeting.scope, kind, at, persona_id=face.persona_id, mask_id=face.mask_id))


# --- Who asked --------------------------------------------------------------------------------------------------------


def count_open(meeting_id: bytes) -> int:
    """People in need whom nobody has finished looking after, in a meeting and its side rooms: closing waits for them."""
    beside = select(Meeting.id).where(Meeting.parent_id == meeting_id)
    there = Signal.meeting_id.in_([meeting_id]) | Signal.meeting_id.in_(beside)
    found = row(select(func.count()).where(there, Signal.kind == STRUGGLING, Signal.state.in_(STILL)))
    return int(found[0]) if found else 0


def find_own(meeting: MeetingSeen, face: Author, kind: str) -> Row | None:
    """What somebody asked for in a meeting, while it goes on."""
    found = list_still([meeting.id])
    return next((r for r in found if r.kind == kind and _who(meeting.scope, r) == face), None)


@dataclass(frozen=True)
class Own:
    """What somebody asked for themselves. :param answered: a facilitator has taken it. :param side_id: where they meet."""

    answered: bool
    side_id: bytes | None


def find_mine(meeting: MeetingSeen, persona_id: bytes, kind: str) -> Own | None:
    """What this person asked for in a meeting, while it goes on. For them alone."""
    found = next((r for r in list_still([meeting.id]) if r.kind == kind and _is(r, persona_id)), None)
    return Own(found.state is SignalState.TAKEN, found.side_id) if found else None


def list_still(meeting_ids: Sequence[bytes]) -> Sequence[Row]:
    """What is asked for in these meetings and not finished, whoever asked first first; who may see it is asked elsewhere."""
    still = (Signal.meeting_id.in_(list(meeting_ids)), Signal.state.in_(STILL))
    return rows(select(*Signal.__table__.columns).where(*still).order_by(Signal.at, Signal.id))


def _who(scope: Scope, found: Row) -> Author:
    return sealed.read_face(sealed.unseal(scope, Signal, found.id, found.sealed)["who"])


# --- Whether they are still there ---------------------------------------------------------------------------------------


def heard(meeting_id: bytes, membership: Membership) -> None:
    """Somebody's page asked for something. Written down for those in need alone, and not each time."""
    for found in _theirs(meeting_id, membership):
        if found.line or clock.now() - found.heard_at >= NOTED_EVERY:
            _note(found.id, heard_at=clock.now(), line="")


def left(meeting_id: bytes, membership: Membership) -> None:
    """Somebody left by choice: facilitators read that, and nobody else."""
    for found in _theirs(meeting_id, membership):
        _note(found.id, line=LEFT)


def line_lost(meeting_id: bytes, persona_id: bytes) -> None:
    """Somebody's line broke. Unless it is back within seconds, that is followed up."""
    for found in _theirs_by_id(meeting_id, persona_id):
        if found.line:
            continue
        with transaction():
            _set(found.id, heard_at=min(found.heard_at, clock.now() - LOST_AFTER + LOST_AFTER_BREAK))
            _look_again(found.id, LOST_AFTER_BREAK)


def _theirs(meeting_id: bytes, membership: Membership) -> list[Row]:
    return _theirs_by_id(meeting_id, membership.persona_id)


def _theirs_by_id(meeting_id: bytes, persona_id: bytes) -> list[Row]:
    """What this person asked for and is not finished: of the meeting, or of the one that they are beside."""
    open_here = Signal.meeting_id == meeting_id
    beside = Signal.side_id == meeting_id
    wanted = select(*Signal.__table__.columns).where(
        open_here | beside, Signal.kind == STRUGGLING, Signal.state.in_(STILL)
    )
    return [r for r in rows(wanted) if _is(r, persona_id)]


def _is(found: Row, persona_id: bytes) -> bool:
    meeting = queries.find_meeting(found.meeting_id)
    if meeting is None:
        return False
    face = _who(meeting.scope, found)
    if face.mask_id is None:
        return face.persona_id == persona_id
    worn = masks.find_mask(meeting.scope, persona_id, meeting.conversation_id)
    return worn is not None and worn.id == face.mask_id


def _note(signal_id: bytes, **columns: Any) -> None:
    with transaction():
        _set(signal_id, **columns)


def _set(signal_id: bytes, **columns: Any) -> None:
    change = update(Signal).where(Signal.id == signal_id).values(**columns)
    here().execute(change.execution_options(synchronize_session=False))


def _look_again(signal_id: bytes, after: timedelta) -> None:
    jobs.enqueue("look_at_line", {"signal": write_ident(signal_id)}, clock.now() + after)


@jobs.step("look_at_line")
def look_at_line(payload: jobs.Payload) -> None:
    """Whether somebody in need is still there; a line that broke becomes a follow-up with an owner and a time."""
    ident = read_ident(payload["signal"])
    found = here().execute(select(*Signal.__table__.columns).where(Signal.id == ident).with_for_update()).first()
    meeting = queries.find_meeting(found.meeting_id) if found is not None else None
    if found is None or meeting is None or found.state not in STILL or meeting.state not in LIVE:
        return
    if not found.line and clock.now() - found.heard_at >= LOST_AFTER:
        _lose(meeting, found)
    else:
        _look_again(found.id, LOOK_EVERY)


def _lose(meeting: MeetingSeen, found: Row) -> None:
    _set(found.id, line=LOST)
    face = _follow_up(meeting, found, follow_ups.LOST_LINE, found.taken_by, meeting.host_id)
    _tell(meeting, "lost_line", face)
    desk_hints.changed(meeting.conversation_id)


def leave_to_follow_up(meeting_id: bytes) -> None:
    """Step: a meeting closes. What nobody answered is to be done within the hour; the rest has its time tomorrow."""
    meeting = queries.find_meeting(meeting_id)
    for found in list_still([meeting_id]) if meeting else ():
        assert meeting is not None
        _set(found.id, state=SignalState.DONE)
        if found.kind == STRUGGLING and found.state is SignalState.OPEN:
            _follow_up(meeting, found, follow_ups.UNANSWERED, meeting.host_id)


def _follow_up(meeting: MeetingSeen, found: Row, kind: str, *owners: bytes | None) -> Author:
    """To be done within the hour, by the first of these who still can; gives the face of whoever asked."""
    face = _who(meeting.scope, found)
    follow_ups.add(
        meeting.scope,
        kind,
        face,
        clock.now() + follow_ups.SOON,
        meeting_id=meeting.id,
        signal_id=found.id,
        owner_id=follow_ups.find_owner(meeting.scope, *owners),
    )
    return face


def forget_site(meeting_id: bytes) -> None:
    """Step: a meeting closes, and who had trouble with the site is nobody's business any more."""
    gone = delete(Signal).where(Signal.meeting_id == meeting_id, Signal.kind == SITE)
    here().execute(gone.execution_options(synchronize_session=False))


def get_signal(signal_id: bytes) -> Row:
    """One of them; who may see it is asked by `forum.rooms.desk`. :raises NotFound: there is none."""
    found = row(select(*Signal.__table__.columns).where(Signal.id == signal_id))
    if found is None or get_scope(found.group_id) is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def last_heard(found: Row, now: datetime) -> str:
    """LEFT, LOST or "" for somebody whose page is there."""
    if found.line:
        return str(found.line)
    return LOST if now - found.heard_at >= LOST_AFTER else ""


def set_taken(signal_id: bytes, persona_id: bytes) -> None:
    """Step: this facilitator answers them."""
    _set(signal_id, state=SignalState.TAKEN, taken_by=persona_id)


def set_done(signal_id: bytes) -> None:
    """Step: they are looked after for now."""
    _set(signal_id, state=SignalState.DONE)
