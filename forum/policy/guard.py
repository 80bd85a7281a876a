"""The port for whoever looks after people at risk: asked when a second person agrees to restrict somebody, and never before.

Whoever proposes is told the same in every world (decisions on what nobody may infer). So the question who may agree comes
first and knows nothing of the person; only those who may are then told that it cannot begin now.
"""

from typing import Protocol

from forum.base.errors import NotAllowed
from forum.base.keyring import Scope
from forum.base.words import _
from forum.policy.actor import Membership


class Guard(Protocol):
    """What the part that looks after people at risk offers."""

    def may_agree(self, scope: Scope, me: Membership | None) -> bool | None:
        """Whether this is one of those who may agree in this group; None: nobody is named, and the group's own rule holds.

        It must not look at whom it is about. :param me: None: an admin of the organisation.
        """

    def refusal(self, scope: Scope, persona_id: bytes, me: Membership | None) -> str:
        """For those who may agree and may know of it: why it cannot begin now; "" if it can, or if they must not know."""

    def begun(self, scope: Scope, persona_id: bytes) -> None:
        """Step: it begins now, in the transaction that is open."""


class _Unguarded:
    """Nobody is named who looks after people at risk: each time, a person says that they looked."""

    def may_agree(self, scope: Scope, me: Membership | None) -> bool | None:
        """The group's own rule holds."""
        return None

    def refusal(self, scope: Scope, persona_id: bytes, me: Membership | None) -> str:
        """Nothing is known here."""
        return ""

    def begun(self, scope: Scope, persona_id: bytes) -> None:
        """Nobody has to be told."""


_guard: Guard = _Unguarded()


def plug(guard: Guard | None) -> None:
    """Use `guard` from now on; None: none."""
    global _guard
    _guard = guard or _Unguarded()


def may_agree(scope: Scope, me: Membership | None) -> bool | None:
    """As `Guard.may_agree`."""
    return _guard.may_agree(scope, me)


def refusal(scope: Scope, persona_id: bytes, me: Membership | None) -> str:
    """As `Guard.refusal`."""
    return _guard.refusal(scope, persona_id, me)


def require_free(scope: Scope, persona_id: bytes, me: Membership | None) -> None:
    """Step: go on only if this person may agree, and then only if it can begin now. :raises NotAllowed: else, with words."""
    if may_agree(scope, me) is False:
        raise NotAllowed(_("Whoever looks after people at risk has to say yes to this."))
    if why_not := refusal(scope, persona_id, me):
        raise NotAllowed(why_not)
    _guard.begun(scope, persona_id)
