"""Proposals to change ground rules, each at the step that an address is about."""

from forum.base.idents import new_ident, write_ident
from forum.models import Role
from tests.forum.ground_rules import at_hand
from tests.world import GroupHere, World

#: Forms that the pages send.
RULES_FORMS = {
    "contracting.propose": {
        "rule": "be-kind",
        "heading": "Be kind",
        "body": "Write gently.",
        "summary": "We write more gently.",
        "rationale": "Hard words stay for days.",
    },
    "contracting.second": {"body": "I want us to talk about this.", "token": write_ident(new_ident())},
    "contracting.say": {"rule": "be-kind", "body": "I like it.", "token": write_ident(new_ident())},
    "contracting.answer": {"post": "", "answer": "We thought of it."},
    "contracting.call": {"mode": "vote"},
    "contracting.add_for_safety": {
        "heading": "For now",
        "body": "Share no new names.",
        "reason": "Somebody looks for people.",
        "token": write_ident(new_ident()),
    },
    "contracting.choose": {"choice": "agree"},
    "showing_rules.post": {"rule": "be-kind", "token": write_ident(new_ident())},
}


def proposal_for(world: World, endpoint: str, group: GroupHere) -> bytes:
    """Of somebody new: nobody may have many. One that waits to be decided about has an open objection: only a facilitator can call it then."""
    step, author = endpoint.split(".")[1], world.person(group)
    with world.app.app_context():
        if step == "second":
            return at_hand.draft(author)
        other, lead = world.person(group), world.person(group, Role.FACILITATOR)
        if step == "choose":
            return at_hand.decided_about(author, other, lead)
        if step != "call":
            return at_hand.talked_about(author, other)
        made = at_hand.decided_about(author, other, lead)
        at_hand.object_to(made, other)
        at_hand.close(made, author, other, lead)
        at_hand.talked_enough(made)
        return made
