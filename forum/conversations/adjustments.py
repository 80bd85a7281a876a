"""What is made easier for one person, and is nobody else's business: no pause in slow topics, for whoever writes by voice
or with a screen reader and needs several short posts.

Found by the tag of the persona, sealed. It counts for words under a name alone: an alias that did not have to wait would
tell the facilitator, who knows for whom they did this, whose it is.
"""

from typing import Any

from sqlalchemy import select

from forum.base import tagged
from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.models import Persona, Restriction
from forum.policy.actor import Actor
from forum.policy.members import NOT_IN
from forum.policy.permissions import Denial, may_facilitate, require

KIND = "adjusted"
#: All that there is to make easier until there are live rooms.
NO_PAUSE = b"\x01"


def has_no_pause(scope: Scope, persona_id: bytes) -> bool:
    """Whether this person need not wait between two posts under their name."""
    return tagged.find(Restriction, scope, KIND, (persona_id,)) == NO_PAUSE


@retrying
def set_no_pause(actor: Actor, scope: Scope, persona_id: bytes, *, on: bool) -> None:
    """Make it easier for a member, or end that.

    :raises NotFound, NotAllowed: no facilitator of this group, or no such member in it.
    """
    require(may_facilitate, actor, scope.group_id)
    in_group = (Persona.id == persona_id, Persona.group_id == scope.group_id, Persona.standing.not_in(NOT_IN))
    with transaction():
        if row(select(Persona.id).where(*in_group)) is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        if on:
            tagged.keep(Restriction, scope, KIND, (persona_id,), NO_PAUSE)
        else:
            tagged.drop(Restriction, scope, KIND, (persona_id,))


def held(scope: Scope, persona_id: bytes) -> dict[str, Any]:
    """The same for its owner's copy of what is held about them."""
    return {"no_pause_in_slow_topics": has_no_pause(scope, persona_id)}
