"""Changing the key of an organisation: after somebody who could open contact details is gone, or once in a while."""

from sqlalchemy import select

from forum.base.db import rows
from forum.base.keyring import Scope
from forum.base.transaction import transaction
from forum.models import Group
from moderation.safeguarding import boxes, details, key_steps, keys
from moderation.safeguarding.responders import Responder


def change_key(me: Responder, typed: str) -> None:
    """Make a new key, share it with all who hold the old one and are in office, and seal every detail to it.

    Stopped half-way it is begun again; until then all that was sealed still opens.

    :raises Invalid: wrong words. :raises NotAllowed: one's own key does not open the organisation's.
    """
    unlocked, new_id = keys.begin_change(me, typed)
    public = boxes.pair_of(unlocked.safe[new_id]).public
    groups = rows(select(Group.id).where(Group.organisation_id == me.organisation_id))
    scopes = [Scope(me.organisation_id, r.id) for r in groups]
    left = details.seal_anew(scopes, unlocked, new_id, public)
    with transaction():
        key_steps.finish_change(me.organisation_id, set(unlocked.safe) - left - {new_id})
