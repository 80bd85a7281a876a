"""Who of a team has the list of what waits open, for hints that there is something to ask for."""

from forum.base.keyring import Scope, the_keyring
from forum.policy.actor import Membership
from forum.policy.members import find_membership as find_member
from forum.policy.members import get_scope
from forum.web import sign_ins

KIND = "watch"


def room_of(scope: Scope, persona_id: bytes) -> str:
    """The room of one person of the team. Its name goes along with each hint, so it does not say whose it is."""
    return f"q:{the_keyring().tags(scope, KIND, persona_id)[0].hex()}"


def find_membership(cookie_sha256: bytes, group_id: bytes) -> Membership | None:
    """Who a browser is in a group, if they are of its team and a stranger to nothing there."""
    found, scope = sign_ins.find(cookie_sha256), get_scope(group_id)
    membership = find_member(found.account_id, scope) if found is not None and scope is not None else None
    return membership if membership is not None and membership.on_team else None
