"""Being asked the next day how one is: for those who want that, and for nobody else to see that they do.

A row stands under a tag of persona and meeting. Whoever answers that they would like to talk gets a facilitator.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from forum.base import clock, jobs, tagged
from forum.base.db import rows
from forum.base.errors import NotAllowed, NotFound
from forum.base.idents import read_ident, write_ident
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations.lifecycle import Author
from forum.models import CheckIn, Meeting, MeetingState
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import Denial
from forum.rooms import follow_ups, of_meeting, queries
from forum.rooms import here as being
from forum.rooms.here import Here
from forum.rooms.queries import MeetingSeen

KIND = "check_in"
WELL, SO_SO, TALK = "well", "so_so", "talk"
ANSWERS = (WELL, SO_SO, TALK)
#: From the morning after a meeting on somebody is asked for so long; then it is too late to ask.
ASKED_FOR = timedelta(days=3)
_WANTED = b"\x01"


@retrying
def want(actor: Actor, meeting_id: bytes, *, on: bool) -> None:
    """Ask to be asked tomorrow, or not. :raises NotFound: not in this meeting. :raises NotAllowed: that is over."""
    with transaction():
        here_now = being.enter(actor, meeting_id)
        _require_time(here_now.meeting)
        ids = (here_now.me.persona_id, meeting_id)
        if not on:
            tagged.drop(CheckIn, here_now.meeting.scope, KIND, ids)
            return
        of_meeting.keep(CheckIn, here_now.meeting.scope, KIND, *ids, _WANTED)
        over = _asked_from(here_now.meeting) + ASKED_FOR
        jobs.enqueue(
            "forget_check_ins", {"meeting": write_ident(meeting_id)}, over, f"forget_check_ins:{meeting_id.hex()}"
        )


def _require_time(meeting: MeetingSeen) -> None:
    if meeting.closed_at is not None and clock.now() > meeting.closed_at + ASKED_FOR:
        raise NotAllowed(_("This meeting was some days ago. You can write to the team at any time."))


def is_wanted(me: Membership, meeting: MeetingSeen) -> bool:
    """Whether they asked for it."""
    return tagged.find(CheckIn, meeting.scope, KIND, (me.persona_id, meeting.id)) is not None


def is_due(meeting: MeetingSeen) -> bool:
    """Whether it is the morning after."""
    return meeting.closed_at is not None and clock.now() >= _asked_from(meeting)


def _asked_from(meeting: MeetingSeen) -> datetime:
    return follow_ups.next_morning(meeting.zone, meeting.closed_at or clock.now())


def list_due(me: Membership) -> Sequence[MeetingSeen]:
    """The meetings after which this member wants to be asked how they are, now. For them alone."""
    since = clock.now() - ASKED_FOR - timedelta(days=1)
    lately = select(Meeting.id).where(
        Meeting.group_id == me.scope.group_id, Meeting.state == MeetingState.CLOSED, Meeting.closed_at > since
    )
    wanted = {r.id: (me.persona_id, r.id) for r in rows(lately)}
    found = tagged.find_many(CheckIn, me.scope, KIND, wanted) if wanted else {}
    seen = (queries.find_meeting(one) for one in found)
    return [meeting for meeting in seen if meeting is not None and is_due(meeting)]


@retrying
def answer(actor: Actor, meeting_id: bytes, said: str) -> bool:
    """Say how one is; it is asked once. Gives whether a facilitator will write.

    :param said: of ANSWERS. :raises NotFound: nobody asks them.
    """
    with transaction():
        here_now = being.enter(actor, meeting_id)
        if said not in ANSWERS or not is_wanted(here_now.me, here_now.meeting):
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        tagged.drop(CheckIn, here_now.meeting.scope, KIND, (here_now.me.persona_id, meeting_id))
        if said == TALK:
            _follow_up(here_now)
        return said == TALK


def _follow_up(here_now: Here) -> None:
    scope, ident = here_now.meeting.scope, being.wear_face(here_now)
    face = Author(mask_id=ident) if here_now.hides_names else Author(persona_id=ident)
    due_at = clock.now() + timedelta(days=1)
    follow_ups.add(scope, follow_ups.CHECK_IN, face, due_at, meeting_id=here_now.meeting.id)


@jobs.step("forget_check_ins")
def forget(payload: jobs.Payload) -> None:
    """Whoever did not answer is asked no more."""
    gone = delete(CheckIn).where(CheckIn.meeting_id == read_ident(payload["meeting"]))
    here().execute(gone.execution_options(synchronize_session=False))
