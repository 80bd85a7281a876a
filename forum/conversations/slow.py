"""Slow topics: each person writes once in so many minutes, under a name or an alias, and nobody learns that two are one.

The time of somebody's last words lies sealed under a tag of persona and topic, written after them in a transaction of
its own: the one that writes a masked post names nobody (decisions.md §2).
"""

import math
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from forum.base import clock, tagged
from forum.base.db import rows
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _, ngettext
from forum.conversations import adjustments
from forum.conversations.places import Place
from forum.models import Persona, Restriction
from forum.policy.actor import Membership

KIND = "slow"
#: Bound values in one statement.
AT_ONCE = 500
#: What may be chosen, in minutes; nobody is kept from answering for longer than a night.
CHOICES = (0, 5, 15, 30, 60, 180, 480)


def check(place: Place, membership: Membership, *, masked: bool) -> None:
    """Go on, or say to this person alone how long to wait. The team may always write: it looks after the topic.

    :param masked: under an alias, for which nothing is made easier. :raises Invalid: their last words here are too near.
    """
    if not place.slow_minutes or membership.on_team:
        return
    value = tagged.find(Restriction, place.scope, KIND, (membership.persona_id, place.id))
    if value is None:
        return
    again_at = datetime.fromtimestamp(int.from_bytes(value), UTC) + timedelta(minutes=place.slow_minutes)
    left = math.ceil((again_at - clock.now()).total_seconds() / 60)
    if left > 0 and (masked or not adjustments.has_no_pause(place.scope, membership.persona_id)):
        wait = ngettext("Please wait %(num)d more minute.", "Please wait %(num)d more minutes.", left)
        raise Invalid(
            _("This topic is slow for now, so that everyone can follow. Your words stay here.") + f" {wait}", "body"
        )


@retrying
def note(place: Place, membership: Membership) -> None:
    """Somebody wrote here just now."""
    if not place.slow_minutes or membership.on_team:
        return
    with transaction():
        now = int(clock.now().timestamp()).to_bytes(8)
        tagged.keep(Restriction, place.scope, KIND, (membership.persona_id, place.id), now)


def forget(scope: Scope, conversation_id: bytes) -> None:
    """Step: the topic is slow no more, so nothing about anybody is kept."""
    people = rows(select(Persona.id).where(Persona.group_id == scope.group_id))
    tags = [tag for one in people for tag in tagged.tags(scope, KIND, one.id, conversation_id)]
    for some in in_parts(tags, AT_ONCE):
        gone = delete(Restriction).where(Restriction.tag.in_(some))
        here().execute(gone.execution_options(synchronize_session=False))
