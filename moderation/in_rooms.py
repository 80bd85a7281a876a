"""What people tell about a room while it is open: due within minutes, and in sight of those who look after the room."""

from sqlalchemy import select

from forum.base.db import row
from forum.base.keyring import Scope
from forum.models import Meeting
from forum.policy.actor import Actor
from forum.policy.gate import Urgent
from forum.rooms.queries import LIVE
from moderation import queue
from moderation.models import CaseKind
from moderation.report_targets import Told

#: What a desk shows, this first. What the law may forbid is folded already, and due within the hour.
AT_THE_DESK = (CaseKind.LIVE, CaseKind.WELFARE)


def kind_of(told: Told, kind: CaseKind) -> CaseKind:
    """A report about an open room, words in it or somebody there cannot wait for hours: the people sit there now."""
    return CaseKind.LIVE if kind is CaseKind.REPORT and is_open(told.conversation_id) else kind


def is_open(conversation_id: bytes | None) -> bool:
    """Whether people may sit in a meeting there now. The caller asks who may know."""
    open_now = select(Meeting.id).where(Meeting.conversation_id == conversation_id, Meeting.state.in_(LIVE))
    return conversation_id is not None and row(open_now) is not None


def list_urgent(actor: Actor, scope: Scope) -> list[Urgent]:
    """What waits in a group that whoever sits at a desk of it should know of. :raises NotFound: not of the team."""
    lines = [line for kind in AT_THE_DESK for line in queue.list_open(actor, scope, kind).lines]
    return [Urgent(line.id, line.kind is CaseKind.WELFARE, line.looks) for line in lines]
