"""Lines to the team and duty times for the matrix of who gets what."""

import itertools
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from forum.base import clock
from forum.base.db import row
from forum.base.idents import new_ident, new_post_id, write_ident
from forum.base.transaction import here, transaction
from forum.conversations import outside, team
from forum.conversations.prepare import Words
from forum.models import DutyException, DutySlot, DutySwap, OutsideReport, Persona, Role
from tests.world import GroupHere, Person, World

_MINUTES = itertools.cycle(range(60))
Things = tuple[dict[str, Any], dict[str, Any]]


def team_thing(world: World, endpoint: str, group: GroupHere, author: Person, warden: Person) -> Things | None:
    """What these routes are about, and the same that never existed; None for every other route."""
    package, name = endpoint.split(".")
    if package == "duty" and name not in ("show_duty", "add_slot", "set_other_day"):
        return _duty_thing(world, name, group, author if _on_team(world, author) else warden)
    of_line = package in ("team", "outside") or name in ("keep_line", "keep_hidden_question")
    if not of_line or name in ("show_ask", "ask", "show_help", "show_lines"):
        return None
    if name in ("show_ask_hidden", "ask_hidden", "keep_hidden_question"):
        topic = world.topic(author, "A quiet topic", "Hello from here.")
        return {"post_id": world.reply(author, topic, "I hide.", masked=True)}, {"post_id": new_post_id()}
    line = line_of(world, author)
    if name in ("show_reported", "mark_handled"):
        return {"report_id": _report_of(world, author, line)}, {"report_id": new_ident()}
    if name != "show_receipt":
        return {"conversation_id": line}, {"conversation_id": new_ident()}
    return {"conversation_id": line, "report_id": _report_of(world, author, line)}, {
        "conversation_id": new_ident(),
        "report_id": new_ident(),
    }


def line_of(world: World, author: Person, body: str = "Can somebody help me?") -> bytes:
    """The author's line to the team of their group."""
    assert author.group
    with world.app.app_context():
        token = write_ident(new_ident())
        written = team.write_to_team(author.actor, author.group.scope, Words(body), token)
    world.settle()
    return written.conversation_id


def _report_of(world: World, author: Person, line: bytes) -> bytes:
    with world.app.app_context():
        report_id = outside.report_line(author.actor, line, "They do not answer me.")
        assert row(select(OutsideReport.id).where(OutsideReport.id == report_id))
    return report_id


def _on_team(world: World, person: Person) -> bool:
    with world.app.app_context():
        found = row(select(Persona.role).where(Persona.id == person.persona_id))
    return found is not None and found.role is not Role.MEMBER


def _duty_thing(world: World, name: str, group: GroupHere, holder: Person) -> Things:
    slot_id, exception_id, swap_id = new_ident(), new_ident(), new_ident()
    group_id, day = group.scope.group_id, next_monday()
    with world.app.app_context(), transaction():
        hours = {"starts": "19:00", "ends": "21:00", "persona_id": holder.persona_id}
        here().execute(insert(DutySlot).values(id=slot_id, group_id=group_id, weekday=0, who="", **hours))
        if name == "remove_other_day":
            hours = {"starts": f"10:{next(_MINUTES):02}", "ends": "21:00"}  # one date has each start once
            here().execute(insert(DutyException).values(id=exception_id, group_id=group_id, day=day, **hours))
        if name == "answer_swap":
            asked = {"slot_id": slot_id, "day": day, "asked_by": holder.persona_id}
            here().execute(insert(DutySwap).values(id=swap_id, **asked))
    ident = {"remove_other_day": ("exception_id", exception_id), "answer_swap": ("swap_id", swap_id)}
    key, value = ident.get(name, ("slot_id", slot_id))
    return {"address": group.address, key: value}, {"address": group.address, key: new_ident()}


def next_monday() -> date:
    """The clock of the tests starts on one."""
    return clock.today()
