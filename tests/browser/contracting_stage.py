"""A group that changes its rules, with a proposal at each step."""

from weakref import WeakKeyDictionary

from sqlalchemy import update

from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import contracting
from forum.conversations.contracting import Saying
from forum.conversations.prepare import Words
from forum.ground_rules import versions
from forum.ground_rules.patches import ADD, Change
from forum.models import Persona, Role, VoteMode
from tests.forum.ground_rules import at_hand
from tests.world import World

LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
PHONES = (Change("phones", ADD, {"heading": f"Phones: {LONG}", "body": "Put your phone away.", "origin": "own"}, 1),)


class ContractingStage:
    """What the pages about changing rules are about."""

    def __init__(self, world: World) -> None:
        self.group = world.group()
        self.wren, self.heron, self.lark = (world.person(self.group) for _one in range(3))
        self.lead = world.person(self.group, Role.FACILITATOR)
        with world.app.app_context():
            self._agree_to_something()
            self.draft = at_hand.draft(self.wren, f"Long: {LONG}")
            self.talking = at_hand.talked_about(self.heron, self.wren)
            saying = Saying("be-kind", Words("I like it."))
            contracting.say(self.lark.actor, self.talking, saying, at_hand.form())
            self.objected = at_hand.decided_about(self.lark, self.wren, self.lead)
            at_hand.object_to(self.objected, self.heron)
            at_hand.close(self.objected, self.wren, self.lark, self.lead)
            self.consent = at_hand.decided_about(self.lead, self.heron, self.lead)
            self.vote = at_hand.decided_about(self.heron, self.wren, self.lead, VoteMode.VOTE)
        self.late = world.person(self.group)

    def _agree_to_something(self) -> None:
        """Phones, and the version holds already."""
        self.adopted = at_hand.decided_about(self.wren, self.heron, self.lead, patch=PHONES)  # type: ignore[arg-type]
        at_hand.close(self.adopted, self.wren, self.heron, self.lead)
        scope = self.group.scope
        with transaction():
            versions.bring_into_force(scope, versions.get_tip(scope.group_id).id)
            everybody = update(Persona).where(Persona.group_id == scope.group_id)
            here().execute(everybody.values(agreed_version_id=versions.get_in_force(scope.group_id).id))

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"/g/{self.group.address}/rules"

    def page(self, which: str) -> str:
        """One proposal's."""
        return f"{self.address}/changes/{write_ident(getattr(self, which))}"


_made: "WeakKeyDictionary[World, ContractingStage]" = WeakKeyDictionary()


def contracting_stage(world: World) -> ContractingStage:
    """The group, made when a screen first wants it."""
    if world not in _made:
        _made[world] = ContractingStage(world)
    return _made[world]
