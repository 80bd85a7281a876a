"""Three questions to those who facilitated, after a meeting: hard evenings are not carried home alone.

Read by those who facilitated it together, and by nobody else.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from forum.base import blocks, tagged
from forum.base.db import rows
from forum.base.errors import Invalid, NotFound
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _, lazy
from forum.models import Debrief, Duty, Persona, RoomSeat
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in, get_scope
from forum.policy.permissions import Denial
from forum.rooms import of_meeting, queries
from forum.rooms.queries import MeetingSeen

KIND = "debrief"
QUESTIONS: Sequence[Any] = (
    lazy("What stays with you from this meeting?"),
    lazy("What went well, and what would you do another way?"),
    lazy("What do you need now, and who can give it?"),
)
MOST_LETTERS = 600
#: Each row has this size, whatever was answered: three answers fit in any script.
BLOCK = 8_192


def ask(meeting: Row) -> None:
    """Step: ask everyone who held a seat, beside whoever helped with the site. Side rooms ask nobody again."""
    scope = get_scope(meeting.group_id)
    if meeting.parent_id is not None or meeting.opened_at is None or scope is None:
        return
    held = select(RoomSeat.persona_id).where(RoomSeat.meeting_id == meeting.id, RoomSeat.duty != Duty.TECH)
    for seat in here().execute(held).all():
        empty = blocks.pack(["", "", ""], BLOCK)
        of_meeting.keep(Debrief, scope, KIND, seat.persona_id, meeting.id, empty)


def find_own(actor: Actor, meeting_id: bytes) -> tuple[MeetingSeen, list[str]]:
    """The meeting and one's own answers, each "" until given. :raises NotFound: they did not facilitate it."""
    scope = queries.find_scope(meeting_id)
    now = actor_in(actor, scope) if scope else actor
    if scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    meeting = queries.get_meeting(now, meeting_id)
    me = queries.member_of(now, meeting)
    kept = tagged.find(Debrief, scope, KIND, (me.persona_id, meeting_id))
    if kept is None or not me.on_team:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return meeting, json.loads(kept)


def is_asked(me: Membership, meeting: MeetingSeen) -> bool:
    """Whether somebody facilitated this meeting, and so has its questions."""
    kept = tagged.find(Debrief, meeting.scope, KIND, (me.persona_id, meeting.id))
    return me.on_team and kept is not None


@retrying
def answer(actor: Actor, meeting_id: bytes, answers: Sequence[str]) -> None:
    """Keep what somebody answers; none of the three has to be answered.

    :raises Invalid: too long. :raises NotFound: as for `find_own`.
    """
    clean = [one.strip() for one in answers][: len(QUESTIONS)]
    for n, one in enumerate(clean):
        if len(one) > MOST_LETTERS:
            raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_LETTERS), f"answer{n}")
    with transaction():
        meeting, _before = find_own(actor, meeting_id)
        me = actor_in(actor, meeting.scope).memberships[meeting.scope.group_id]
        of_meeting.keep(Debrief, meeting.scope, KIND, me.persona_id, meeting_id, blocks.pack(clean, BLOCK))


def list_others(actor: Actor, meeting_id: bytes) -> list[tuple[str, list[str]]]:
    """What the others answered who facilitated it too, by name. :raises NotFound: as for `find_own`."""
    meeting, _own = find_own(actor, meeting_id)
    me = actor_in(actor, meeting.scope).memberships[meeting.scope.group_id]
    found = rows(select(Debrief.tag, Debrief.sealed).where(Debrief.meeting_id == meeting_id))
    said = {}
    for r in found:
        _kind, value, ids = tagged.open_whole(Debrief, meeting.scope, r.tag, r.sealed)
        answers = json.loads(value)
        if ids[0] != me.persona_id and any(answers):
            said[ids[0]] = answers
    names = rows(select(Persona.id, Persona.name).where(Persona.id.in_(list(said))).order_by(Persona.name))
    return [(r.name, said[r.id]) for r in names]


def list_open(actor: Actor, meetings: Sequence[MeetingSeen]) -> list[MeetingSeen]:
    """Of these meetings, those whose questions the actor has not answered."""
    found = []
    for meeting in meetings:
        me = actor.membership_in(meeting.scope.group_id)
        kept = tagged.find(Debrief, meeting.scope, KIND, (me.persona_id, meeting.id)) if me else None
        if kept is not None and not any(json.loads(kept)):
            found.append(meeting)
    return found
