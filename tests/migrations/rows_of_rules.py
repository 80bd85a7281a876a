"""What a group that changes its rules leaves in the tables of 0005: a proposal at each step, ballots, a reason, a promise."""

import sqlalchemy as sa

from forum.base.transaction import here, transaction
from forum.conversations import contracting, fading
from forum.conversations.contracting import Saying
from forum.conversations.prepare import Words
from forum.ground_rules import votes
from forum.models import Floor, Role
from tests.forum.ground_rules import at_hand
from tests.world import Person, World


def leave(world: World, author: Person, second: Person) -> None:
    """One proposal that people decide about, with a reason against it; one that one member wants decided; a draft."""
    assert author.group
    scope, lead = author.group.scope, world.person(author.group, Role.FACILITATOR, name="Calm Ouzel")
    with world.app.app_context():
        decided = at_hand.decided_about(author, second, lead)
        votes.choose(second.actor, decided, "agree")
        at_hand.object_to(decided, second)
        talked = at_hand.talked_about(second, author, summary="We write in the evening.")
        contracting.say(author.actor, talked, Saying("be-kind", Words("I like it.")), at_hand.form())
        votes.call(author.actor, talked)
        at_hand.draft(author, "We meet less often.")
        fading.choose(author.actor, scope, fading.OFFERED[0])
        with transaction():
            values = {"organisation_id": scope.organisation_id, "key": "identity.names", "value": "pseudonym only"}
            here().execute(sa.insert(Floor).values(**values))
