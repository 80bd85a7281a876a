"""An organisation with keys, a member who left contact details, and a concern in which some are asked for and opened."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from forum.base import clock
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.models import OfficerRole, Role
from moderation.safeguarding import export, officers, transitions
from moderation.safeguarding.key_models import ConcernTombstone, Way
from tests import safeguarding
from tests.moderation.safeguarding.sealed import Sealed, sealed
from tests.moderation.safeguarding.test_opening import Stage
from tests.moderation.safeguarding.test_sealed_pages import concern_about
from tests.world import GroupHere, Person, World

WHY = "For the council’s adult team, who asked for it this morning."


@dataclass(frozen=True)
class SealedStage:
    """What the pages of keys, sealed details and records are about.

    :param asked: another concern, in which an officer waits for a second person. :param plain: somebody with no details.
    """

    on: Sealed
    concern: bytes
    asked: bytes
    plain: Person
    keyless: Person

    def words(self, role: OfficerRole) -> str:
        """The six words of an officer's key."""
        return self.on.words[self.on.tier.ids[role]]

    def page(self, page: str, which: str = "concern") -> str:
        """A page of one of the concerns."""
        return f"/concerns/{write_ident(getattr(self, which))}/{page}"

    @property
    def group(self) -> GroupHere:
        """Their group."""
        return self.on.group


_made: "WeakKeyDictionary[World, SealedStage]" = WeakKeyDictionary()


def sealed_stage(world: World) -> SealedStage:
    """Made when a screen first wants it."""
    if world not in _made:
        _made[world] = _make(world)
    return _made[world]


def lead(world: World) -> Person:
    """The lead, who gave a code just now."""
    person = sealed_stage(world).on.tier.lead
    world.step_up(person)
    return person


def deputy(world: World) -> Person:
    """The deputy, likewise."""
    person = sealed_stage(world).on.tier.deputy
    world.step_up(person)
    return person


def newcomer(world: World) -> Person:
    """A deputy who has no key yet, and gave a code just now."""
    stage, agrees = sealed_stage(world), lead(world)
    house = stage.group.scope.organisation_id
    person, office = safeguarding.officer(world, house, OfficerRole.DEPUTY, "Nia New")
    with world.app.app_context():
        officers.agree(Stage(stage.on, stage.concern).actor(agrees), office)
    world.step_up(person)
    return person


def _make(world: World) -> SealedStage:
    on = sealed(world)
    world.second_step(on.facilitator)
    stage, waits = Stage(on, concern_about(on)), Stage(on, concern_about(on))
    first = on.tier.lead
    with world.app.app_context():
        for one in (stage, waits):
            transitions.emergency(one.actor(first), one.concern)
        _told_later(stage, first)
        waits.ask(first)
        export.take(stage.actor(first), stage.concern, WHY, others=False)
        _bury_one(on)
    return SealedStage(
        on, stage.concern, waits.concern, world.person(on.group), world.person(on.group, Role.FACILITATOR)
    )


def _told_later(stage: Stage, first: Person) -> None:
    """Opened alone, once told at once and once told later."""
    opened = stage.ask(first, Way.EMERGENCY)
    stage.open(first, stage.on.lead, opened)
    later = stage.ask(first, Way.EMERGENCY, off_hours=24, off_why="Their partner reads the phone.")
    stage.open(first, stage.on.lead, later)


def _bury_one(on: Sealed) -> None:
    """A stone of an older record."""
    gone = concern_about(on)
    day = clock.today()
    days = {"raised_on": day, "closed_on": day, "gone_on": day}
    stone = ConcernTombstone(concern_id=gone, code="K7F2", outcome="support_given", digest="0" * 64, **days)
    with transaction():
        here().add(stone)
