"""Officers in the middle of their work, for the screens about calls: a drill that waits, a table with gaps, a swap."""

from collections.abc import Callable
from dataclasses import replace
from weakref import WeakKeyDictionary

from forum.base.idents import write_ident
from forum.base.transaction import transaction
from forum.models import OfficerRole, Role
from moderation.safeguarding import channels, drills, officers, tier_changes, tier_rota
from moderation.safeguarding.channels import Way
from moderation.safeguarding.people_models import ChannelKind
from tests.safeguarding import Tier, arm, officer
from tests.world import GroupHere, Person, World

LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbau Lee"
_made: "WeakKeyDictionary[World, tuple[GroupHere, Tier, Person]]" = WeakKeyDictionary()


def officer_stage(world: World) -> tuple[GroupHere, Tier, Person]:
    """The group, its officers, and one of its facilitators; made when a screen first wants it."""
    if world not in _made:
        _made[world] = _set(world)
    return _made[world]


def _set(world: World) -> tuple[GroupHere, Tier, Person]:
    group = world.group("Evening Trust")
    tier = arm(world, group)
    house, facilitator = group.scope.organisation_id, world.person(group, Role.FACILITATOR)
    officer(world, house, OfficerRole.CONFIRMER, "Kim Confirms")
    lead, deputy = (one.device for one in (tier.lead, tier.deputy))
    with world.app.app_context():
        officers.invite(None, house, OfficerRole.DEPUTY, LONG[: officers.MOST_NAME])
        for weekday in (0, 2, 7):
            tier_changes.add_slot(lead, house, weekday, ("00:00", "08:00"), tier.ids[OfficerRole.LEAD])
        tier_changes.add_slot(lead, house, 1, ("19:00", "07:00"), tier.ids[OfficerRole.DEPUTY])
        today = tier_rota.next_days(house, world.moment.at)
        turn = next(one for day in today for one in day.stretches if one.officer_id == tier.ids[OfficerRole.DEPUTY])
        assert turn.slot_id
        tier_changes.ask_swap(deputy, turn.slot_id, turn.day)
        tier_changes.set_day(lead, house, today[3].day, None, None)
        way = replace(Way("https://gate.example.org/call", "lead", "a-secret"), code="123456", tries=5)
        channels.keep(tier.ids[OfficerRole.LEAD], ChannelKind.HOOK, way)
        channels.keep(facilitator.persona_id, ChannelKind.MAIL, Way("me@example.org", code="123456", tries=5))
        with transaction():
            drills.begin_here(house, world.moment.at, 30)
    return group, tier, facilitator


def rota_of(world: World) -> str:
    """The officers' table."""
    return f"/safeguarding/rota/{write_ident(officer_stage(world)[0].scope.organisation_id)}"


def link_of(world: World, house: Callable[[], bytes]) -> str:
    """A link that nobody opened."""
    with world.app.app_context():
        return f"/safeguarding/join/{officers.invite(None, house(), OfficerRole.LEAD, 'Lee Lead')}"
