"""A group whose organisation calls people, with concerns at several places, for the screens about them."""

from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakKeyDictionary

from forum.base import clock
from forum.base.idents import write_ident
from forum.models import OfficerRole, Role
from moderation.safeguarding import cases, closing, death, handing, talking, transitions, watching
from moderation.safeguarding.models import Level
from moderation.safeguarding.transitions import Assessment
from tests.safeguarding import Tier, arm
from tests.world import GroupHere, Person, World

WHY = "They wrote three times tonight that they cannot go on."


@dataclass(frozen=True)
class ConcernStage:
    """The group, its people, and the addresses of records and talks by where they stand."""

    group: GroupHere
    tier: Tier
    member: Person
    facilitator: Person
    talk: str
    records: dict[str, str]


_made: "WeakKeyDictionary[World, ConcernStage]" = WeakKeyDictionary()


def concern_stage(world: World) -> ConcernStage:
    """The group, made when a screen first wants it."""
    if world not in _made:
        _made[world] = _set(world)
    return _made[world]


def _set(world: World) -> ConcernStage:
    """Somebody who asked for help, and worries about others, each a step further."""
    group = world.group("Night Trust")
    tier = arm(world, group)
    member, teller = world.person(group, name="Quiet Wren"), world.person(group)
    facilitator = world.person(group, Role.FACILITATOR)
    member.send(f"/g/{group.address}/need-help", {"token": "first"})
    talk_at = str(member.send(f"/g/{group.address}/need-help").location).partition("?")[0]
    records = {"raised": _newest(world, set())}
    for name, kind in (
        ("taken", "adult"),
        ("triaged", "child"),
        ("emergency", "adult"),
        ("to close", "death"),
        ("died", "death"),
    ):
        before = set(records.values())
        form = {"token": name, "title": "Quiet Wren", "body": "They sounded low. Please look.", "kind": kind}
        teller.send(f"/g/{group.address}/worried", form)
        records[name] = _newest(world, before)
        _advance(world, tier, bytes.fromhex(records[name]), name)
    addresses = {name: f"/concerns/{write_ident(bytes.fromhex(one))}" for name, one in records.items()}
    return ConcernStage(group, tier, member, facilitator, talk_at, addresses)


def _newest(world: World, before: set[str]) -> str:
    with world.app.app_context():
        return next(case.id.hex() for case in cases.list_by() if case.id.hex() not in before)


def _advance(world: World, tier: Tier, concern_id: bytes, name: str) -> None:
    with world.app.app_context():
        lead = tier.lead.device
        transitions.acknowledge(lead, concern_id, _version(concern_id))
        talking.write_as_owner(lead, concern_id, "How are you today?", name)
        if name == "emergency":
            transitions.emergency(lead, concern_id)
        if name in ("triaged", "to close"):
            said = Assessment(Level.HIGH, WHY, wants="Somebody to talk to.", raiser_danger="no")
            transitions.triage(lead, concern_id, _version(concern_id), said)
        if name == "triaged":
            to = tier.ids[OfficerRole.DEPUTY]
            handing.offer(lead, concern_id, _version(concern_id), to, "Call them at nine.")
        if name == "died":
            death.note_step(lead, concern_id, death.Step.CHECKED, "Her sister rang us.")
            due = clock.now() + timedelta(days=2)
            watching.begin(lead, concern_id, "Heron wrote with her.", tier.ids[OfficerRole.LEAD], due)
        if name == "to close":
            end = closing.Outcome.SUPPORT_GIVEN
            closing.propose_close(lead, concern_id, _version(concern_id), end, WHY, help_offered=True)


def _version(concern_id: bytes) -> int:
    case = cases.find(concern_id)
    assert case
    return case.version
