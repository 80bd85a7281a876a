"""Officers with keys, and a member who left contact details: for tests of what is sealed."""

from dataclasses import dataclass, field

from forum.base.transaction import transaction
from forum.models import OfficerRole, Role
from forum.policy.members import actor_in
from moderation.safeguarding import details, keys, responders
from moderation.safeguarding.responders import Responder
from tests import safeguarding
from tests.safeguarding import Tier
from tests.world import GroupHere, Person, World

NUMBER = "07700 900123"
LEFT = {"name": "Alwen Quill", "phone": NUMBER, "place": "12 Harbour Row", "trusted": "Sister Mair", "doctor": ""}


@dataclass
class Sealed:
    """An organisation whose lead and deputy hold its key.

    :param words: the six words of each key, by responder id.
    """

    world: World
    group: GroupHere
    tier: Tier
    member: Person
    facilitator: Person
    words: dict[bytes, str] = field(default_factory=dict)

    @property
    def lead(self) -> Responder:
        """The lead as a responder. Needs an application context, as do all here."""
        return self.officer(OfficerRole.LEAD)

    @property
    def deputy(self) -> Responder:
        """The deputy."""
        return self.officer(OfficerRole.DEPUTY)

    @property
    def independent(self) -> Responder:
        """The independent contact."""
        return self.officer(OfficerRole.INDEPENDENT)

    def officer(self, role: OfficerRole) -> Responder:
        """An officer by role."""
        found = responders.of_organisation(self.group.scope.organisation_id)
        return next(one for one in found if one.id == self.tier.ids[role])

    def on_team(self) -> Responder:
        """The facilitator."""
        return next(one for one in responders.of_group(self.group.scope) if one.id == self.facilitator.persona_id)

    def give_key(self, who: Responder) -> None:
        """A key of their own, tried once."""
        self.words[who.id] = keys.make_own(who)
        keys.try_key(who, self.words[who.id])

    def leave_details(self, person: Person | None = None, **typed: str) -> None:
        """A member fills in the form."""
        someone = person or self.member
        details.keep(actor_in(someone.actor, self.group.scope), self.group.scope, typed or LEFT)


def sealed(world: World) -> Sealed:
    """Lead and deputy have keys, the facilitator half of one, and a member left details."""
    group = world.group()
    found = Sealed(
        world, group, safeguarding.arm(world, group), world.person(group), world.person(group, Role.FACILITATOR)
    )
    with world.app.app_context():
        for one in (found.lead, found.deputy, found.on_team()):
            found.give_key(one)
        keys.found_key(found.lead)
        found.leave_details()
    return found


def in_transaction(step, *given):
    """Run one step."""
    with transaction():
        return step(*given)
