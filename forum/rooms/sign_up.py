"""Saying beforehand if one comes: yes, no, not sure. Nobody reads whose answer is whose; a few is all that a small number says."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select

from forum.base import tagged
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed
from forum.base.transaction import retrying, transaction
from forum.base.words import _, ngettext
from forum.models import MeetingState, SignUp
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import may_come_to_rooms, require
from forum.rooms import of_meeting, queries
from forum.rooms.queries import MeetingSeen

KIND = "sign_up"
#: In the order of their codes; of one byte each.
ANSWERS = ("yes", "no", "unsure")
#: Fewer are "a few": of two people one would know the other.
FEW = 5


@retrying
def answer(actor: Actor, meeting_id: bytes, said: str) -> None:
    """Say, or say anew, if one comes.

    :param said: of ANSWERS. :raises Invalid: none of them, or all places are taken.
    :raises NotFound: not a member. :raises NotAllowed: nobody asks, or the meeting is over.
    """
    meeting = queries.get_meeting(actor, meeting_id)
    if said not in ANSWERS:
        raise Invalid(_("Choose one of the answers."), "answer")
    if not meeting.sign_up or meeting.state not in (MeetingState.PLANNED, *queries.RUNNING):
        raise NotAllowed(_("You need not say if you come to this meeting."))
    with transaction():
        now = actor_in(actor, meeting.scope)
        require(may_come_to_rooms, now, meeting.scope.group_id)
        member = now.memberships[meeting.scope.group_id]
        if said == "yes" and find_own(meeting, member) != "yes" and is_full(meeting):
            raise Invalid(
                _("All places are taken. You can say “not sure”: then we know that you would like to."), "answer"
            )
        code = bytes([ANSWERS.index(said)])
        of_meeting.keep(SignUp, meeting.scope, KIND, member.persona_id, meeting_id, code)


def find_own(meeting: MeetingSeen, membership: Membership) -> str:
    """What a member said; "" for nothing yet."""
    value = tagged.find(SignUp, meeting.scope, KIND, (membership.persona_id, meeting.id))
    return ANSWERS[value[0]] if value else ""


def is_full(meeting: MeetingSeen) -> bool:
    """Whether as many said yes as there are places."""
    return meeting.capacity is not None and count(meeting)["yes"] >= meeting.capacity


def count(meeting: MeetingSeen) -> Mapping[str, int]:
    """How many said what; shown by `sentence` alone."""
    found = rows(select(SignUp.tag, SignUp.sealed).where(SignUp.meeting_id == meeting.id))
    said = Counter(ANSWERS[tagged.open_value(SignUp, meeting.scope, r.tag, r.sealed)[0]] for r in found)
    return {one: said[one] for one in ANSWERS}


def sentence(meeting: MeetingSeen) -> str:
    """How many come, as everyone may read it; "" where nobody asks."""
    if not meeting.sign_up:
        return ""
    coming = count(meeting)["yes"]
    if coming == 0:
        return _("Nobody has said yet that they come. You can be the first.")
    if coming < FEW:
        return _("A few people come.")
    return ngettext("%(num)d person comes.", "%(num)d people come.", coming)
