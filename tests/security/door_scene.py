"""Doors, people and links with a role, for the matrix of who gets what."""

import itertools
from typing import Any

from forum.accounts import links
from forum.accounts import usecases as accounts
from forum.base.idents import new_ident
from forum.base.transaction import transaction
from forum.groups import people
from forum.groups import usecases as groups
from forum.models import LinkPurpose, Role, Standing
from tests.world import GroupHere, Person, World

Things = tuple[dict[str, Any], dict[str, Any]]

_WAITING = itertools.count()


def door_thing(world: World, endpoint: str, group: GroupHere, author: Person) -> Things | None:
    """What these routes are about, and the same that never existed; None for every other route."""
    package, name = endpoint.split(".")
    if endpoint in ("people.show_role_link", "people.accept_role", "people.come_in"):
        return {"secret": _link(world, group)}, {"secret": "no-such-link-was-ever-made"}
    of_a_person = package in ("people", "vouching") or name in ("set_welcomer", "set_no_pause")
    if not of_a_person or name in ("show_people", "make_link"):
        return None
    persona_id = _waits(world, group) if name in ("let_in", "say_no") else author.persona_id
    if name == "decide_removal":
        with world.app.app_context(), transaction():
            people.propose(group.scope, persona_id, new_ident(), "Why.")
    ours = {"address": group.address, "persona_id": persona_id}
    return ours, {"address": "never-existed", "persona_id": new_ident()}


def _link(world: World, group: GroupHere) -> str:
    with world.app.app_context(), transaction():
        return links.make_link(
            LinkPurpose.ROLE,
            organisation_id=group.scope.organisation_id,
            group_id=group.scope.group_id,
            role=Role.MODERATOR,
        )


def _waits(world: World, group: GroupHere) -> bytes:
    """Somebody who asks to come in."""
    with world.app.app_context(), transaction():
        name = f"Quiet Fern {next(_WAITING)}"
        return groups.add_persona(group.scope, accounts.make_account(), name, standing=Standing.WAITING).id


FORMS = {
    "vouching.withdraw": {"why": "asked"},
    "doors.set_door": {"door": "request", "listing": "listed"},
    "doors.make_invitation": {"uses": "1", "days": "7"},
    "doors.revoke_invitation": {"ref": "a" * 26},
    "doors.submit_entry": {"words": "no such words"},
    "people.say_no": {"words": "Not now, sorry."},
    "people.end_role": {"why": "asked"},
    "people.propose_removal": {"words": "You wrote to people at night.", "clause": "be-kind"},
    "people.decide_removal": {"choice": "decline"},
    "people.make_link": {"role": "moderator"},
}
