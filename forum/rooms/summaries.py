"""What a meeting was about, without names, for those who were not there. A second facilitator reads it before anybody else.

It is written anew by a person. No role can take a meeting's own words along (security.md; evidence of an item apart).
"""

import re
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import board_queries, usecases
from forum.conversations.lifecycle import Written
from forum.conversations.prepare import MOST_TITLE, Words
from forum.models import Mask, Persona, Summary, SummaryState
from forum.policy.actor import Actor
from forum.policy.audience import EVERYONE
from forum.policy.members import NOT_IN, actor_in
from forum.policy.permissions import Denial, require
from forum.policy.room_desk import may_follow_up
from forum.rooms import queries
from forum.rooms.queries import MeetingSeen

MOST_LETTERS = 4_000
#: Shorter names are everyday words ("Jo", "Em" stand in too many others).
SHORTEST_NAME = 3


@dataclass(frozen=True)
class SummarySeen:
    """A summary as facilitators see it. :param mine: written by the reader, who cannot approve it. :param version: 0: none yet."""

    state: SummaryState
    body: str
    author: str
    mine: bool
    version: int


NONE = SummarySeen(SummaryState.DRAFT, "", "", mine=True, version=0)


def get(actor: Actor, meeting_id: bytes) -> tuple[MeetingSeen, Actor, SummarySeen]:
    """The summary of a meeting that is over, for facilitators of a group that has them.

    :raises NotFound: not for this actor, or its room has none.
    """
    scope = queries.find_scope(meeting_id)
    if scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    now = actor_in(actor, scope)
    require(may_follow_up, now, scope.group_id)
    meeting = queries.get_meeting(now, meeting_id)
    if not meeting.summary or meeting.closed_at is None or meeting.is_side:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return meeting, now, _find(meeting_id, now.memberships[scope.group_id].persona_id)


def _find(meeting_id: bytes, own: bytes) -> SummarySeen:
    found = row(
        select(Summary.state, Summary.body, Summary.version, Summary.author_id, Persona.name)
        .join(Persona, Persona.id == Summary.author_id)
        .where(Summary.meeting_id == meeting_id)
    )
    return SummarySeen(found.state, found.body, found.name, found.author_id == own, found.version) if found else NONE


@retrying
def write(actor: Actor, meeting_id: bytes, body: str, version: int) -> None:
    """Keep a draft; whoever wrote last is its author, and somebody else approves it.

    :param version: that the page showed. :raises Invalid: nothing, too long, or it has somebody's name.
    :raises Conflict: somebody else wrote meanwhile, or it stands on a board already.
    """
    clean = normalise(body).strip()
    if not 0 < len(clean) <= MOST_LETTERS:
        raise Invalid(_("Write at most %(n)s characters.", n=MOST_LETTERS), "body")
    with transaction():
        meeting, now, seen = get(actor, meeting_id)
        _require_no_names(meeting, clean)
        own = now.memberships[meeting.scope.group_id].persona_id
        values = {"body": clean, "author_id": own, "state": SummaryState.DRAFT, "approved_by": None}
        if seen.version == 0 and version == 0:
            here().execute(insert(Summary).values(meeting_id=meeting_id, version=1, **values))
            return
        _change(meeting_id, version, SummaryState.POSTED, **values)


def _require_no_names(meeting: MeetingSeen, body: str) -> None:
    found = find_names(meeting, body)
    if found:
        raise Invalid(_("Please write it without names. These stand in it: %(names)s.", names=", ".join(found)), "body")


def find_names(meeting: MeetingSeen, body: str) -> list[str]:
    """Names of the group and aliases of this meeting that stand in a text."""
    people = (Persona.group_id == meeting.scope.group_id, Persona.standing.not_in(NOT_IN))
    named = [r.name for r in rows(select(Persona.name).where(*people))]
    masked = [r.alias for r in rows(select(Mask.alias).where(Mask.conversation_id == meeting.conversation_id))]
    said = body.casefold()
    return sorted({one for one in (*named, *masked) if len(one) >= SHORTEST_NAME and _stands(one.casefold(), said)})


def _stands(name: str, said: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said) is not None


def approve(actor: Actor, meeting_id: bytes, version: int) -> None:
    """Say that it can be posted. :raises NotAllowed: they wrote it themselves. :raises Conflict: it changed meanwhile."""
    with transaction():
        meeting, now, seen = get(actor, meeting_id)
        if seen.mine:
            raise NotAllowed(_("You wrote this yourself. Another facilitator has to read it first."))
        own = now.memberships[meeting.scope.group_id].persona_id
        _change(meeting_id, version, SummaryState.POSTED, state=SummaryState.APPROVED, approved_by=own)


def post(actor: Actor, meeting_id: bytes, title: str, token: str) -> Written:
    """Put an approved summary on the group's first board, in the voice of the team.

    :param title: of the topic. :param token: from the form: sending it twice makes one topic.
    :raises Conflict: it is not approved as it stands. :raises NotAllowed: there is no board for everybody.
    """
    meeting, now, seen = get(actor, meeting_id)
    if seen.state is not SummaryState.APPROVED:
        raise Conflict(_("Another facilitator has to approve it first."))
    boards = board_queries.list_boards_to_start_on(now, meeting.scope.group_id)
    board = next((one for one in boards if one.readers == EVERYONE), None)
    if board is None:
        raise NotAllowed(_("There is no board where everyone can read it."))
    _require_no_names(meeting, seen.body)
    written = usecases.start_topic(now, board.id, title[:MOST_TITLE], Words(seen.body, as_team=True), token)
    with transaction():
        _change(meeting_id, seen.version, SummaryState.POSTED, state=SummaryState.POSTED)
    return written


def _change(meeting_id: bytes, version: int, unless: SummaryState, **values: object) -> None:
    still = (Summary.meeting_id == meeting_id, Summary.version == version, Summary.state != unless)
    change = update(Summary).where(*still).values(version=version + 1, **values).returning(Summary.version)
    if here().execute(change.execution_options(synchronize_session=False)).first() is None:
        raise Conflict(_("Somebody else changed this just now. Look at it again."))
