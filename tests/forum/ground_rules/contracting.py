"""Groups that contract: short ways to propose, second, call and choose, through the use cases."""

from forum.base.idents import new_ident
from forum.base.transaction import transaction
from forum.ground_rules import proposals, versions, votes
from forum.ground_rules.patches import ADD, EDIT, Change, Patch
from forum.ground_rules.proposals import Proposal, Wish
from forum.models import Role, VoteMode
from tests.world import World

KINDER = (Change("be-kind", EDIT, {"body": "Write gently. We are all tired here."}),)
PHONES = (Change("phones", ADD, {"heading": "Phones away", "body": "Put your phone away.", "origin": "own"}, 1),)


class Council:
    """A group of some people, and what they do about its rules. Asks for an application context."""

    def __init__(self, world: World, members: int = 4) -> None:
        self.world, self.group = world, world.group()
        self.people = [world.person(self.group) for _n in range(members)]
        self.lead = world.person(self.group, Role.FACILITATOR)

    @property
    def group_id(self) -> bytes:
        return self.group.scope.group_id

    def propose(self, patch: Patch = KINDER, *, by: int = 0, **said: object) -> bytes:
        wish = Wish(patch, "We write more gently.", "Hard words stay for days.", **said)  # type: ignore[arg-type]
        return proposals.begin(self.people[by].actor, self.group.scope, wish)

    def second(self, proposal: bytes, by: int = 1) -> None:
        with transaction():
            proposals.second(self.people[by].actor, proposal, new_ident())

    def call(self, proposal: bytes, *by: int, mode: VoteMode = VoteMode.CONSENT) -> None:
        for one in by or (0, 1, 2):
            votes.call(self.people[one].actor, proposal, mode)

    def deciding(self, patch: Patch = KINDER, **said: object) -> bytes:
        """A proposal that people decide about now by consent."""
        proposal = self.propose(patch, **said)
        self.second(proposal)
        self.world.moment.go(hours=72)
        self.call(proposal)
        return proposal

    def choose(self, proposal: bytes, *choices: str) -> None:
        for person, choice in zip(self.people, choices, strict=False):
            votes.choose(person.actor, proposal, choice)

    def get(self, proposal: bytes) -> Proposal:
        found = proposals.find(proposal)
        assert found
        return found

    @property
    def rules(self) -> versions.Version:
        return versions.get_in_force(self.group_id)
