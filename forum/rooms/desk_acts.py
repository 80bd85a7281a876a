"""What facilitators do at their desk. Each act is one transaction, in which the seat and the meeting are asked again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, func, insert, select

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here
from forum.base.words import _, lazy
from forum.conversations import lifecycle, masks, team, usecases
from forum.conversations.lifecycle import Author
from forum.conversations.prepare import Words
from forum.ground_rules import queries as rules_queries
from forum.models import Mask, MeetingState, Persona, PostState, Role, RoomNote
from forum.policy import gate, record
from forum.policy.actor import Actor
from forum.policy.gate import Verdict, Waiting
from forum.policy.members import actor_in, get_membership_of
from forum.policy.permissions import Denial
from forum.rooms import (
    cards,
    desk_hints,
    floor,
    follow_ups,
    guests,
    hands,
    meetings,
    queries,
    quiet_writing,
    run,
    run_steps,
    sealed,
)
from forum.rooms.acting import as_facilitator
from forum.rooms.queries import MeetingSeen
from forum.rooms.run import Step

#: What a facilitator can ask for between two messages, in seconds, as the group's rules can.
SLOW = (0, 10, 30, 60)
MUTED_FOR = timedelta(minutes=10)
MOST_NOTE, MOST_NOTES = 500, 200
MOST_PROMPT = 300
#: Steps that can be put in at any time, with their usual minutes.
PUT_IN: Mapping[Step, int] = {
    Step.OPENING_ROUND: 15,
    Step.DISCUSSION: 20,
    Step.TURNS: 15,
    Step.BREAK: 5,
    Step.CLOSING_ROUND: 10,
}
#: Minutes that one press adds or takes.
SOME = 5
#: Why a message is taken out; the code goes to the gate, which opens an item for it.
TAKEN_OUT = "room_desk"
#: What the two forms begin with; a facilitator says it in their own words.
LEAVING_WORDS = lazy(
    "I asked you to leave this room for today. You are still part of the group. Tomorrow I ask how you are."
)
ROOM_WORDS = lazy("I asked one of us to take a break from this room. We look after them, too.")


# --- The run ---------------------------------------------------------------------------------------------------------


def next_step(actor: Actor, meeting_id: bytes) -> None:
    """Go on to what comes next in the run. After its last step the meeting winds down.

    :raises NotFound, NotAllowed: no seat in this meeting; so for every act here.
    """
    with as_facilitator(actor, meeting_id) as (meeting, _own):
        _go(meeting, run.go_on(run_steps.agenda_of(meeting), run_steps.now_of(meeting), clock.now()))


def put_in(actor: Actor, meeting_id: bytes, step: Step) -> None:
    """Do something else for a while. :param step: of PUT_IN."""
    with as_facilitator(actor, meeting_id) as (meeting, _own):
        if step in PUT_IN:
            _go(meeting, run.put_in(run_steps.now_of(meeting), step, PUT_IN[step], clock.now()))


def _go(meeting: Row, now: run.Now) -> None:
    before = run_steps.now_of(meeting).step
    if now.step is Step.WIND_DOWN and meeting.state is MeetingState.OPEN:
        meetings.set_state(meeting.id, MeetingState.WINDING_DOWN)
        run_steps.wind_down(meetings.lock(meeting.id))
        return
    run_steps.go(meeting, now)
    if now.step is Step.TURNS and before is not Step.TURNS:
        floor.start_turns(_seen(meeting.id))


def change_time(actor: Actor, meeting_id: bytes, minutes: int) -> None:
    """Give the step more time, or take some. :param minutes: below 0 to take."""
    with as_facilitator(actor, meeting_id) as (meeting, _own):
        now, at = run_steps.now_of(meeting), clock.now()
        run_steps.go(meeting, run.lengthen(now, minutes, at) if minutes > 0 else run.shorten(now, -minutes, at))


def change_end(actor: Actor, meeting_id: bytes, minutes: int) -> None:
    """Move the end of the whole meeting. :param minutes: below 0 for an earlier end; never into the past."""
    with as_facilitator(actor, meeting_id) as (meeting, _own):
        run_steps.end_later(meeting, minutes)


def set_prompt(actor: Actor, meeting_id: bytes, text: str) -> None:
    """Put words up that people can begin with; none takes them away. :raises Invalid: too long."""
    clean = text.strip()
    if len(clean) > MOST_PROMPT:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_PROMPT), "prompt")
    with as_facilitator(actor, meeting_id):
        meetings.put(meeting_id, prompt=clean)


# --- Its pace --------------------------------------------------------------------------------------------------------


def pause(actor: Actor, meeting_id: bytes, *, on: bool) -> None:
    """Nobody but those who look after the room writes; or everybody again."""
    with as_facilitator(actor, meeting_id) as (_meeting, own):
        meetings.put(meeting_id, paused=on)
        record.note("room.pause" if on else "room.go_on", own, meeting_id)


def set_slow(actor: Actor, meeting_id: bytes, seconds: int) -> None:
    """So long between two messages of one person. :param seconds: of SLOW; less than the rules ask for changes nothing."""
    with as_facilitator(actor, meeting_id):
        if seconds in SLOW:
            meetings.put(meeting_id, slow_s=seconds)


def write_quietly(actor: Actor, meeting_id: bytes, prompt: str = "") -> None:
    """Ten quiet minutes: everybody writes for themselves, and all answers come out together. :raises Invalid: too long."""
    if len(prompt.strip()) > MOST_PROMPT:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_PROMPT), "quiet_prompt")
    with as_facilitator(actor, meeting_id):
        quiet_writing.begin(meeting_id, quiet_writing.MINUTES, prompt.strip())


def release(actor: Actor, meeting_id: bytes) -> None:
    """End the quiet minutes now: everybody reads what was written."""
    with as_facilitator(actor, meeting_id) as (meeting, _own):
        if meeting.quiet_until is not None:
            quiet_writing.release(meeting_id)


# --- One message, one person -----------------------------------------------------------------------------------------


def take_out(actor: Actor, meeting_id: bytes, post_id: int) -> None:
    """Take one message out of the room at once. Its author reads why; the team decides about it as about any held post.

    :raises NotFound: not a message of this meeting that stands there.
    """
    with as_facilitator(actor, meeting_id) as (meeting, own):
        post = lifecycle.lock_post(post_id)
        if post is None or post.conversation_id != meeting.conversation_id:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        if post.state is not PostState.VISIBLE:
            return
        _hold(meeting, post.id)
        record.note("room.take_out", own, post_id.to_bytes(8))


def _hold(meeting: Row, post_id: int) -> None:
    """Step: a message waits for the team."""
    post = lifecycle.lock_post(post_id)
    if post is not None:
        lifecycle.hold(post)
        gate.record(Waiting(post.id, meeting.group_id, post.body), Verdict(hold=True, reasons=(TAKEN_OUT,)))


def mute(actor: Actor, meeting_id: bytes, face_id: bytes) -> None:
    """Somebody reads and does not write for ten minutes. They alone are told. :raises NotFound: nobody here of the group."""
    _mute(actor, meeting_id, face_id, clock.now() + MUTED_FOR)


def unmute(actor: Actor, meeting_id: bytes, face_id: bytes) -> None:
    """They write again. :raises NotFound: as for `mute`."""
    _mute(actor, meeting_id, face_id, clock.now())


def _mute(actor: Actor, meeting_id: bytes, face_id: bytes, until: datetime) -> None:
    with as_facilitator(actor, meeting_id) as (meeting, own):
        seen = _seen(meeting_id)
        guests.mute(seen.scope, _person(seen, meeting, face_id)[0], meeting_id, until)
        record.note("room.mute", own, meeting_id)


def send_out(actor: Actor, meeting_id: bytes, face_id: bytes, words: str, to_room: str, token: str) -> None:
    """Ask somebody to leave this one room. They read why on their line to the team, the room reads what you say to it,
    and tomorrow somebody asks how they are.

    :param words: to whoever leaves. :param to_room: to those who stay, as your own message; "" for nothing.
    :param token: from the form, so that sending it twice says nothing twice.
    :raises Invalid: no words to the leaver, or too many. :raises NotFound: as for `mute`.
    """
    clean, said = words.strip(), to_room.strip()
    if not clean:
        raise Invalid(_("Say in a few kind words why. They read it."), "words")
    if len(clean) > MOST_NOTE or len(said) > MOST_NOTE:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_NOTE), "words")
    with as_facilitator(actor, meeting_id) as (meeting, own):
        line_id = _send_out(meeting, own, face_id, clean)
    now = actor_in(actor, _seen(meeting_id).scope)
    usecases.submit_post(now, line_id, Words(clean, as_team=True), token)
    if said:
        usecases.submit_post(now, meeting.conversation_id, Words(said), token)


def _send_out(meeting: Row, own: bytes, face_id: bytes, words: str) -> bytes:
    seen = _seen(meeting.id)
    persona_id, face = _person(seen, meeting, face_id)
    member = get_membership_of(seen.scope, persona_id)
    if member is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    guests.send_out(seen.scope, persona_id, meeting.id)
    for post_id in quiet_writing.list_unseen(meeting.conversation_id, face_id):
        _hold(meeting, post_id)
    cards.forget(meeting.id, face_id)
    if hands.take_down(meeting.id, face_id):
        floor.give_to_next(seen)
    due_at = follow_ups.next_morning(seen.zone, clock.now())
    follow_ups.add(seen.scope, follow_ups.SENT_OUT, face, due_at, meeting_id=meeting.id, owner_id=own, words=words)
    meetings.changed(meeting.id)
    record.note("room.send_out", own, meeting.id)
    return team.open_line(member, face.mask_id).id


def people_of(actor: Actor, meeting_id: bytes, face_ids: Sequence[bytes]) -> list[bytes]:
    """Who stands behind these faces, to ask them in to a side room. :raises NotFound: one is nobody here."""
    with as_facilitator(actor, meeting_id) as (meeting, _own):
        return [_person(_seen(meeting_id), meeting, face_id)[0] for face_id in face_ids]


def _person(seen: MeetingSeen, meeting: Row, face_id: bytes) -> tuple[bytes, Author]:
    """Who stands behind a face in this meeting, for a step that binds them; of the team nobody is muted or sent out."""
    of_here = Mask.conversation_id == meeting.conversation_id
    if row(select(Mask.id).where(Mask.id == face_id, of_here)) is not None:
        return masks.wearer_of(seen.scope, face_id), Author(mask_id=face_id)
    member = (Persona.id == face_id, Persona.group_id == meeting.group_id, Persona.role == Role.MEMBER)
    if meeting.masked or row(select(Persona.id).where(*member)) is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return face_id, Author(persona_id=face_id)


# --- Among those who look after it ------------------------------------------------------------------------------------


def pin_clause(actor: Actor, meeting_id: bytes, clause_uid: str) -> None:
    """Put a ground rule up above the messages; "" takes it down. :raises Invalid: no such rule in force."""
    with as_facilitator(actor, meeting_id) as (meeting, _own):
        found = rules_queries.find_rules(meeting.group_id)
        if clause_uid and all(clause_uid != one.uid for one in (found.clauses if found else ())):
            raise Invalid(_("This rule is not in force any more. Choose another one."), "clause")
        meetings.put(meeting_id, clause_uid=clause_uid or None)


def write_note(actor: Actor, meeting_id: bytes, words: str) -> None:
    """A note between those who facilitate this meeting. It goes with the meeting's words.

    :raises Invalid: no words, too many, or too many notes.
    """
    clean = words.strip()
    if not clean or len(clean) > MOST_NOTE:
        raise Invalid(_("Write a note of at most %(n)s characters.", n=MOST_NOTE), "note")
    with as_facilitator(actor, meeting_id) as (meeting, own):
        if (here().scalar(select(func.count()).where(RoomNote.meeting_id == meeting_id)) or 0) >= MOST_NOTES:
            raise Invalid(_("There are as many notes here as one can read."), "note")
        ident, scope = new_ident(), _seen(meeting_id).scope
        here().execute(
            insert(RoomNote).values(
                id=ident,
                group_id=meeting.group_id,
                meeting_id=meeting_id,
                persona_id=own,
                at=clock.now(),
                **sealed.seal(scope, RoomNote, ident, clean),
            )
        )
        desk_hints.changed(meeting.conversation_id)


def _seen(meeting_id: bytes) -> MeetingSeen:
    found = queries.find_meeting(meeting_id)
    assert found is not None
    return found
