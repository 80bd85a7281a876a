"""Quiet minutes: everybody writes for themselves, and all answers come out together, so that no quick one drowns the rest.

An answer is a post that its author alone sees till then and can take back. It went through the gate when it was sent.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from forum.base import clock, jobs
from forum.base.db import rows
from forum.base.hot import Hot
from forum.base.idents import read_ident, write_ident
from forum.base.transaction import here
from forum.conversations import lifecycle
from forum.models import Meeting, Post, PostState
from forum.rooms import meetings
from forum.rooms.queries import MeetingSeen

#: Long enough to find words, short enough to bear the silence.
MINUTES = 10


def until(meeting: MeetingSeen) -> datetime | None:
    """Until when what is written stays with its author; None: others read it at once."""
    return meeting.quiet_until if meeting.quiet_until is not None and meeting.quiet_until > clock.now() else None


def until_in(conversation_id: bytes) -> datetime | None:
    """The same of the meeting whose conversation this is; None for any other conversation. Asked of each post let through."""
    found = _QUIET.row({"conversation": conversation_id})
    return found.quiet_until if found is not None and found.quiet_until and found.quiet_until > clock.now() else None


_QUIET = Hot(select(Meeting.quiet_until).where(Meeting.conversation_id == bindparam("conversation")))


def begin(meeting_id: bytes, minutes: int, prompt: str) -> None:
    """Step: from now on what people write waits for the others.

    :param prompt: what to write about; "" for nothing in particular.
    """
    over = clock.now() + timedelta(minutes=minutes)
    meetings.put(meeting_id, quiet_until=over, prompt=prompt)
    jobs.enqueue("release_quiet", {"meeting": write_ident(meeting_id)}, over)


def release(meeting_id: bytes) -> int:
    """Step: let everybody read what was written, in the order in which it was. Gives how many answers there were."""
    meeting = meetings.lock(meeting_id)
    lifecycle.lock_conversation(meeting.conversation_id)
    written = select(Post.id).where(Post.conversation_id == meeting.conversation_id, Post.state == PostState.SENDING)
    found = rows(written.order_by(Post.seq))
    for post in found:
        lifecycle.publish(post.id, meeting.conversation_id, "add")
    meetings.put(meeting_id, quiet_until=None)
    return len(found)


def list_unseen(conversation_id: bytes, face_id: bytes) -> list[int]:
    """What somebody wrote in quiet minutes that still waits for the others. :param face_id: a persona or an alias."""
    face = func.coalesce(Post.persona_id, Post.mask_id)
    theirs = (Post.conversation_id == conversation_id, Post.state == PostState.SENDING, face == face_id)
    return [r.id for r in rows(select(Post.id).where(*theirs).order_by(Post.seq))]


@jobs.step("release_quiet")
def release_in_time(payload: jobs.Payload) -> None:
    """The quiet minutes are over, unless a facilitator made them longer or ended them before."""
    meeting_id = read_ident(payload["meeting"])
    found = here().execute(select(Meeting.quiet_until).where(Meeting.id == meeting_id)).first()
    if meeting_id is not None and found is not None and found.quiet_until and found.quiet_until <= clock.now():
        release(meeting_id)
