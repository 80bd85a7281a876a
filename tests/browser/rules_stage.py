"""A group whose rules changed: somebody who agreed anew, somebody who is asked, and somebody whose time to answer is over."""

from dataclasses import replace
from weakref import WeakKeyDictionary

from forum.base import clock
from forum.base.transaction import transaction
from forum.ground_rules import agreeing, versions
from forum.ground_rules.usecases import Answers
from forum.models import Role
from tests.world import GroupHere, World

LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"


class RulesStage:
    """What the pages about new rules are about."""

    def __init__(self, world: World) -> None:
        self.group: GroupHere = world.group()
        self.agreed, self.asked, self.late = (world.person(self.group) for _one in range(3))
        self.lead = world.person(self.group, Role.FACILITATOR)
        with world.app.app_context():
            _change(self.group)
            found = agreeing.find_again(self.agreed.actor, self.group.scope)
            assert found
            said = {clause.uid: found.rules.answers_to(clause.uid)[0].uid for clause in found.questions}
            agreeing.agree_again(self.agreed.actor, self.group.scope, found.rules.version_id, Answers(said))
            agreeing.take_back(self.late.actor, self.group.scope)

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"/g/{self.group.address}/rules"


def _change(group: GroupHere) -> None:
    """One rule says something else, one keeps something else, one is new, one is gone, and one asks its question anew."""
    now = versions.get_in_force(group.scope.group_id)
    told = {
        "what-we-must-tell": {"body": f"We tell those who need to know. {LONG}"},
        "be-kind": {"body": "Write gently."},
    }
    told["links"] = {"heading": "No links", "body": "We do not post links.", "binding_value": "none"}
    kept = [replace(rule, **told.get(rule.uid, {})) for rule in now.rules if rule.uid != "listen-first"]
    rules = [*kept, versions.Rule("phones", f"Phones: {LONG}", "Put your phone away.", "We see faces.")]
    with transaction():
        current = versions.lock(group.scope.group_id)
        made = versions.adopt(group.scope, current, rules, "We write more gently.", True, None, clock.now())
        versions.bring_into_force(group.scope, made)


_made: "WeakKeyDictionary[World, RulesStage]" = WeakKeyDictionary()


def rules_stage(world: World) -> RulesStage:
    """The group, made when a screen first wants it."""
    if world not in _made:
        _made[world] = RulesStage(world)
    return _made[world]
