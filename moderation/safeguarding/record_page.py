"""What stands on the page of one concern: for whoever it exists, and nobody else gets so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from forum.base import clock
from forum.base.db import row
from forum.base.idents import write_ident, write_post_id
from forum.conversations import board_queries
from forum.models import Group, Mask, Organisation, Persona
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from moderation.evidence import Copy
from moderation.safeguarding import (
    chronology,
    closing,
    death,
    exclusions,
    gone_back,
    guidance,
    handing,
    here,
    queries,
    referral,
    remembering,
    responders,
    talk,
    talking,
    watches,
    words,
)
from moderation.safeguarding.cases import Case
from moderation.safeguarding.guidance import Guidance
from moderation.safeguarding.models import Kind, State, Timer
from moderation.safeguarding.responders import Responder, ResponderRole

#: Which two sentences stand on top, by where the concern is.
_STEP_OF = {
    State.RAISED: "acknowledge",
    State.ACKNOWLEDGED: "triage",
    State.TRIAGED: "plan",
    State.SUPPORTING: "monitor",
    State.EMERGENCY: "emergency",
    State.REFERRED: "refer",
    State.MONITORING: "monitor",
    State.CLOSE_PROPOSED: "confirm_close",
    State.CLOSED: "reopen",
    State.MERGED: "merge",
}


@dataclass(frozen=True)
class Listed:
    """One line of the list. :param owner: the name of whoever has it, or "". :param mine: it is the reader."""

    case: Case
    group: str
    owner: str
    mine: bool


@dataclass(frozen=True)
class Where:
    """The group and the organisation of a concern. :param address: of the group; "" for none."""

    group: str
    address: str
    organisation: str
    nation: str
    zone: str


def list_mine(actor: Actor, memberships: Sequence[Responder], *, closed: bool = False) -> list[Listed]:
    """What exists for this person, in every group where they answer, what falls due first before the others."""
    found = [one for me in memberships for one in _of(me, closed)]
    return sorted(found, key=lambda one: (one.case.due_at or one.case.raised_hour, one.case.id))


def _of(me: Responder, closed: bool) -> list[Listed]:
    return [_listed(case, me) for case in queries.list_for(me, closed=closed)]


def _listed(case: Case, me: Responder) -> Listed:
    owner = chronology.name_of(case, case.owner_id) if case.owner_id else ""
    return Listed(case, where(case).group, owner, is_owner(case, me))


def is_owner(case: Case, me: Responder) -> bool:
    """Whether this person has it, in either hat."""
    return case.owner_id is not None and case.owner_id in exclusions.ids_of(me, case.scope)


def where(case: Case) -> Where:
    """Where it was raised."""
    organisation = row(select(Organisation.name, Organisation.nation).where(Organisation.id == case.organisation_id))
    assert organisation is not None
    group = (
        row(select(Group.name, Group.address, Group.zone).where(Group.id == case.group_id)) if case.group_id else None
    )
    name, address, zone = (group.name, group.address, group.zone) if group else ("", "", "Europe/London")
    return Where(name, address, organisation.name, organisation.nation, zone)


def name_of_face(kind: str, face: bytes) -> str:
    """What somebody is called in the group now: a name or an alias, and never whose alias it is; "" for nobody."""
    model = {"persona": Persona.name, "mask": Mask.alias}.get(kind)
    if model is None:
        return ""
    found = row(select(model.label("name")).where(model.class_.id == face))
    return str(found.name) if found else ""


def values(actor: Actor, case: Case, me: Responder) -> Mapping[str, Any]:
    """Everything that the template wants besides what a refused form brings."""
    now, inside, place = clock.now(), words.open_inside(case), where(case)
    may_read, lines = talk.may_read(case, me), chronology.lines(case)
    return {
        "case": case,
        "me": me,
        "where": place,
        "zone": ZoneInfo(place.zone),
        "now": now,
        "owner": chronology.name_of(case, case.owner_id) if case.owner_id else "",
        "mine": is_owner(case, me),
        "was_mine": gone_back.was_held_by(case, me, lines),
        "about": name_of_face(inside.subject_kind, inside.subject_id),
        "by_alias": inside.subject_kind == "mask",
        "raiser": name_of_face(inside.raiser_kind, inside.raiser_id),
        "raised_by_subject": bool(inside.raiser_id) and inside.raiser_id == inside.subject_id,
        "ways": {way.name for way in queries.ways(case, me)},
        "promises": promises(case, me),
        "nobody_left": not me.may_own and case.is_open and not exclusions.are_enough(case),
        "asked_out": chronology.name_of(case, inside.asked_out) if inside.asked_out and not me.may_own else "",
        "body_words": here.of_body(case),
        "body_called": here.is_body_called(case),
        "asked_out_by": chronology.name_of(case, inside.asked_out_by) if inside.asked_out and not me.may_own else "",
        "lines": lines,
        "referral_owed": referral.owed(lines),
        "may_refer_first": referral.may_wait(case),
        "memorial": remembering.find(lines),
        "boards": _boards(actor, case),
        "watched": [(one, chronology.name_of(case, one.owner_id)) for one in watches.list_open(lines)],
        "death_done": {step.value for step in death.done(lines)},
        "copies": _copies(case),
        "others": queries.list_about(case, me),
        "takers": handing.list_takers(actor, case.id) if case.is_open else [],
        "people": [one for one in responders.all_of(case.scope) if one.role is not ResponderRole.INTERIM],
        "outcomes": tuple(closing.Outcome),
        "may_read": may_read,
        "said": talking.list_words(case) if may_read else [],
        "can_write": talk.can_be_written_to(case),
        "guidance": _guidance(case),
        "sight_due": Timer.SIGHT in case.clocks,
        "write_ident": write_ident,
        "write_post_id": write_post_id,
    }


def _boards(actor: Actor, case: Case) -> Sequence[Any]:
    """Where a facilitator can open the topic in which a group remembers somebody; none for whoever is not in the group."""
    if case.kind is not Kind.DEATH or not case.group_id:
        return ()
    here = actor_in(actor, case.scope)
    return board_queries.list_boards_to_start_on(here, case.group_id) if here.membership_in(case.group_id) else ()


def promises(case: Case, me: Responder) -> list[tuple[Timer, datetime]]:
    """Every clock that runs, the earliest first. That the outside body is asked is for them alone: it may be about the reader."""
    shown = [(timer, at) for timer, at in case.clocks.items() if timer is not Timer.NOBODY_LEFT or not me.may_own]
    return sorted(shown, key=lambda one: (one[1], one[0]))


def _copies(case: Case) -> list[Copy]:
    return chronology.copies(case)


def _guidance(case: Case) -> dict[str, Guidance]:
    """The two sentences for where it stands now, for its kind, and for each form."""
    special = {Kind.CHILD: "child", Kind.DEATH: "death"}.get(case.kind)
    found = {step: guidance.of_step(step) for step in guidance.STEPS}
    return found | {"now": found[_STEP_OF[case.state]]} | ({"kind": found[special]} if special else {})
