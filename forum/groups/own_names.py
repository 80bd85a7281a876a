"""A name that one uses in two groups can lead from one to the other. Only its owner is told, and only of their own.

What the group's rules ask of names is kept here, wherever somebody takes one.
"""

from forum.accounts import names
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.words import _
from forum.policy import terms
from forum.policy.actor import Actor
from forum.policy.members import find_membership, list_scopes

#: The box that says "yes, both": the page shows it once this was said.
MEANT = "anyway"


def warn(actor: Actor, scope: Scope, name: str, meant: bool) -> None:
    """Go on, unless the actor goes by such a name in another group and did not say that they mean it.

    Looks at nobody's names but theirs, so what others are told and what is asked for them does not change.

    :param meant: they read this and ticked the box; it helps only where the group's rules allow such names.
    :raises Invalid: for the field MEANT; or as `require_fitting`.
    """
    require_fitting(actor.account_id, scope, name)
    if not meant and _is_mine_elsewhere(actor.account_id, scope, name):
        raise Invalid(
            _("You have this name in another group. Somebody who is in both groups could tell that it is you."), MEANT
        )


def require_fitting(account_id: bytes | None, scope: Scope, name: str) -> None:
    """Whether the group's rules let this account go by this name. :raises Invalid: they do not; says what to do."""
    agreed = terms.of_group(scope.group_id)
    if agreed.values["identity.names"] == "pseudonym only" and not names.is_of_our_words(name):
        said = _("Names here are made of our words, so that none tells who you are. Please choose one on offer.")
        raise Invalid(f"{said} {agreed.cite('identity.names')}".strip(), "name")
    if agreed.values["identity.cross_group"] == "separate handle" and _is_mine_elsewhere(account_id, scope, name):
        said = _("You have this name in another group. Please choose another one, so nobody can tell that it is you.")
        raise Invalid(f"{said} {agreed.cite('identity.cross_group')}".strip(), "name")


def _is_mine_elsewhere(account_id: bytes | None, scope: Scope, name: str) -> bool:
    if account_id is None:
        return False
    others = [other for other in set(list_scopes(account_id)) if other != scope]
    mine = (find_membership(account_id, other) for other in others)
    return names.skeleton(name) in {names.skeleton(one.name) for one in mine if one}
