"""A name that one uses in two groups can lead from one to the other. Only its owner is told, and only of their own."""

from forum.accounts import names
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.words import _
from forum.policy.actor import Actor
from forum.policy.members import find_membership, list_scopes

#: The box that says "yes, both": the page shows it once this was said.
MEANT = "anyway"


def warn(actor: Actor, scope: Scope, name: str, meant: bool) -> None:
    """Go on, unless the actor goes by such a name in another group and did not say that they mean it.

    Looks at nobody's names but theirs, so what others are told and what is asked for them does not change.

    :param meant: they read this and ticked the box.
    :raises Invalid: for the field MEANT.
    """
    if meant or actor.account_id is None:
        return
    others = [other for other in set(list_scopes(actor.account_id)) if other != scope]
    mine = (find_membership(actor.account_id, other) for other in others)
    if names.skeleton(name) in {names.skeleton(one.name) for one in mine if one}:
        raise Invalid(
            _("You have this name in another group. Somebody who is in both groups could tell that it is you."), MEANT
        )
