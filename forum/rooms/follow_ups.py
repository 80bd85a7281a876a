"""What a facilitator still has to do after a meeting: with an owner, a time, and an end that says what came of it.

For facilitators alone. Whom it is about lies sealed; under an alias it is the alias, and nobody learns whose it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, func, insert, or_, select, update

from forum.base import clock, jobs
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import new_ident, read_ident, write_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _, lazy
from forum.conversations import masks, team
from forum.conversations.lifecycle import Author
from forum.models import FollowUp, FollowUpState, Mask, Meeting, Persona, Role, Room, Signal, SignalState
from forum.policy.actor import Actor
from forum.policy.members import NOT_IN, actor_in, get_membership_of, get_scope
from forum.policy.permissions import Denial, require
from forum.policy.room_desk import may_follow_up
from forum.rooms import sealed

STRUGGLING, LOST_LINE, UNANSWERED = "struggling", "lost_line", "unanswered"
CHECK_IN, SENT_OUT = "check_in", "sent_out"
KINDS: Mapping[str, Any] = {
    STRUGGLING: lazy("They said that they struggle. Ask how they are."),
    LOST_LINE: lazy("Their line broke while they struggled. Find out if they are safe."),
    UNANSWERED: lazy("They asked for help. The room closed before anyone came."),
    CHECK_IN: lazy("They want to talk to someone after the meeting."),
    SENT_OUT: lazy("They were asked to leave a meeting. Tell them why, and how they can come back."),
}
#: A line that broke on somebody in need is no matter for tomorrow.
SOON = timedelta(hours=1)
#: When people of the team are likely to be up.
MORNING_HOUR = 10
#: Nobody is asked how they are before they can have slept.
NIGHT = timedelta(hours=6)
MOST_OUTCOME, SHOWN = 1_000, 100
#: What is done is kept as long as somebody may still ask about it; then it goes for good.
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class FollowUpSeen:
    """One thing to do. :param name: of whom it is about; "" once nobody can say. :param owner: "" if nobody has it."""

    id: bytes
    kind: str
    name: str
    masked: bool
    room: str
    owner: str
    mine: bool
    due_at: datetime
    is_late: bool
    done: bool
    words: str
    outcome: str
    version: int


def next_morning(zone: str, now: datetime) -> datetime:
    """The next morning at ten by the group's own clock, at least a night's sleep away: at two at night it is that day's."""
    there = (now + NIGHT).astimezone(ZoneInfo(zone))
    day = there.date() + timedelta(days=there.hour >= MORNING_HOUR)
    local = datetime(day.year, day.month, day.day, MORNING_HOUR, tzinfo=ZoneInfo(zone))
    return local.astimezone(now.tzinfo)


def add(
    scope: Scope,
    kind: str,
    face: Author,
    due_at: datetime,
    *,
    meeting_id: bytes,
    signal_id: bytes | None = None,
    owner_id: bytes | None = None,
    words: str = "",
) -> bytes:
    """Step: one more thing to do. :param words: what they said with it, for facilitators alone."""
    ident = new_ident()
    said = {"who": sealed.write_face(face), "words": words, "outcome": ""}
    here().execute(
        insert(FollowUp).values(
            id=ident,
            group_id=scope.group_id,
            meeting_id=meeting_id,
            signal_id=signal_id,
            kind=kind,
            state=FollowUpState.OPEN,
            owner_id=owner_id,
            due_at=due_at,
            version=0,
            **sealed.seal(scope, FollowUp, ident, said),
        )
    )
    return ident


def find_owner(scope: Scope, *likely: bytes | None) -> bytes | None:
    """Who looks after something first: the first of these who still facilitates, else any facilitator of the group."""
    of_team = (Persona.group_id == scope.group_id, Persona.role == Role.FACILITATOR, Persona.standing.not_in(NOT_IN))
    able = [r.id for r in rows(select(Persona.id).where(*of_team).order_by(Persona.name))]
    return next((one for one in likely if one in able), able[0] if able else None)


def give(signal_id: bytes, owner_id: bytes) -> None:
    """Step: whoever answers somebody in need has what follows from it, unless somebody has it already."""
    free = (FollowUp.signal_id == signal_id, FollowUp.owner_id.is_(None))
    change = update(FollowUp).where(*free).values(owner_id=owner_id, version=FollowUp.version + 1)
    here().execute(change.execution_options(synchronize_session=False))


def count_open(actor: Actor, scope: Scope) -> int:
    """How much is still to do. :raises NotFound, NotAllowed: no facilitator."""
    require(may_follow_up, actor, scope.group_id)
    still = (FollowUp.group_id == scope.group_id, FollowUp.state == FollowUpState.OPEN)
    found = row(select(func.count()).where(*still))
    return int(found[0]) if found else 0


def list_for(actor: Actor, scope: Scope, meeting_id: bytes | None = None) -> list[FollowUpSeen]:
    """What is to do, what is due first in front, and after it what was done lately.

    :param meeting_id: of one meeting alone. :raises NotFound, NotAllowed: no facilitator.
    """
    require(may_follow_up, actor, scope.group_id)
    wanted = _FOUND.where(FollowUp.group_id == scope.group_id)
    if meeting_id is not None:
        wanted = wanted.where(or_(FollowUp.meeting_id == meeting_id, Meeting.parent_id == meeting_id))
    found = rows(wanted.order_by(FollowUp.state.desc(), FollowUp.due_at, FollowUp.id).limit(SHOWN))
    return [_read(scope, actor.memberships[scope.group_id].persona_id, r) for r in found]


def get(actor: Actor, ident: bytes) -> tuple[FollowUpSeen, Actor, Scope]:
    """One of them, for a facilitator of its group. :raises NotFound, NotAllowed: anybody else."""
    found = row(_FOUND.where(FollowUp.id == ident))
    scope = get_scope(found.group_id) if found else None
    if found is None or scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    now = actor_in(actor, scope)
    require(may_follow_up, now, scope.group_id)
    return _read(scope, now.memberships[scope.group_id].persona_id, found), now, scope


_FOUND = (
    select(*FollowUp.__table__.columns, Room.name.label("room"), Persona.name.label("owner"))
    .outerjoin(Meeting, Meeting.id == FollowUp.meeting_id)
    .outerjoin(Room, Room.id == Meeting.room_id)
    .outerjoin(Persona, Persona.id == FollowUp.owner_id)
)


def _read(scope: Scope, own: bytes, found: Row) -> FollowUpSeen:
    said = sealed.unseal(scope, FollowUp, found.id, found.sealed)
    face = sealed.read_face(said["who"])
    done = found.state is FollowUpState.DONE
    return FollowUpSeen(
        found.id,
        found.kind,
        name_of(face),
        face.mask_id is not None,
        found.room or "",
        found.owner or "",
        found.owner_id == own,
        found.due_at,
        not done and found.due_at < clock.now(),
        done,
        said["words"],
        said["outcome"],
        found.version,
    )


def name_of(face: Author) -> str:
    """What somebody is called where they were: their name as it is now, or their alias."""
    if face.mask_id is not None:
        found = row(select(Mask.alias.label("name")).where(Mask.id == face.mask_id))
    else:
        found = row(select(Persona.name).where(Persona.id == face.persona_id))
    return str(found.name) if found else ""


# --- What facilitators do with them ---------------------------------------------------------------------------------


def take(actor: Actor, ident: bytes, version: int) -> None:
    """Look after it oneself from now on.

    :param version: that the page showed. :raises Conflict: somebody changed it meanwhile.
    """
    with transaction():
        _seen, now, scope = get(actor, ident)
        _change(ident, version, owner_id=now.memberships[scope.group_id].persona_id)


def finish(actor: Actor, ident: bytes, version: int, outcome: str) -> None:
    """Say what came of it. Without that nothing is done.

    :raises Invalid: no words, or too many. :raises Conflict: somebody changed it meanwhile.
    """
    clean = outcome.strip()
    if not clean:
        raise Invalid(_("Say in a few words what came of it."), "outcome")
    if len(clean) > MOST_OUTCOME:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_OUTCOME), "outcome")
    with transaction():
        _seen, now, scope = get(actor, ident)
        found = here().execute(select(FollowUp.sealed, FollowUp.owner_id).where(FollowUp.id == ident)).one()
        said = {**sealed.unseal(scope, FollowUp, ident, found.sealed), "outcome": clean}
        owner = found.owner_id or now.memberships[scope.group_id].persona_id
        anew = sealed.seal(scope, FollowUp, ident, said)
        _change(ident, version, state=FollowUpState.DONE, owner_id=owner, **anew)
        jobs.enqueue("forget_follow_up", {"follow_up": write_ident(ident)}, clock.now() + KEPT)


def _change(ident: bytes, version: int, **columns: Any) -> None:
    still = (FollowUp.id == ident, FollowUp.version == version, FollowUp.state == FollowUpState.OPEN)
    change = update(FollowUp).where(*still).values(version=version + 1, **columns).returning(FollowUp.id)
    if here().execute(change.execution_options(synchronize_session=False)).first() is None:
        raise Conflict(_("Somebody else changed this just now. Look at it again."))


@retrying
def open_line(actor: Actor, ident: bytes) -> bytes:
    """The line between the team and whom it is about, opened if there is none; gives its conversation.

    Under an alias it is that alias's line: whoever wears it reads it, and nobody learns who that is.

    :raises Conflict: they have left for good, so nobody can reach them.
    """
    with transaction():
        _seen, _now, scope = get(actor, ident)
        found = here().execute(select(FollowUp.sealed).where(FollowUp.id == ident)).one()
        face = sealed.read_face(sealed.unseal(scope, FollowUp, ident, found.sealed)["who"])
        persona_id = masks.wearer_of(scope, face.mask_id) if face.mask_id else face.persona_id
        member = get_membership_of(scope, persona_id or masks.NOBODY)
        if member is None:
            raise Conflict(_("This person has left, so there is no way to write to them."))
        return team.open_line(member, face.mask_id).id


@jobs.step("forget_follow_up")
def forget(payload: jobs.Payload) -> None:
    """What was done long ago goes for good, and with the last of it the asking that it came from."""
    over = (FollowUp.id == read_ident(payload["follow_up"]), FollowUp.state == FollowUpState.DONE)
    gone = here().execute(delete(FollowUp).where(*over).returning(FollowUp.signal_id)).first()
    if gone is not None and gone.signal_id is not None:
        others = select(FollowUp.id).where(FollowUp.signal_id == gone.signal_id).exists()
        asking = delete(Signal).where(Signal.id == gone.signal_id, Signal.state == SignalState.DONE, ~others)
        here().execute(asking.execution_options(synchronize_session=False))
