"""The port for people who go: moderation plugs in that whoever signs out or leaves has nothing left in their hands.

What one of the team looks at is theirs for some minutes. A phone that is put away must keep nobody waiting so long.
"""

import logging
from typing import Protocol

from forum.base.keyring import Scope
from forum.base.transaction import transaction
from forum.policy.members import find_membership, list_scopes

log = logging.getLogger("forum")


class Hands(Protocol):
    """What moderation offers the forum."""

    def are_full(self, scope: Scope, persona_id: bytes) -> bool:
        """Whether they look at something."""

    def empty(self, scope: Scope, persona_id: bytes) -> None:
        """Step: all they look at is anybody's again."""


class _NoHands:
    """Without a queue there is nothing to look at."""

    def are_full(self, scope: Scope, persona_id: bytes) -> bool:
        """Never."""
        return False

    def empty(self, scope: Scope, persona_id: bytes) -> None:
        """Nothing to leave."""


_hands: Hands = _NoHands()


def plug(hands: Hands) -> None:
    """Use `hands` from now on."""
    global _hands
    _hands = hands


def note_out(scope: Scope, persona_id: bytes) -> None:
    """Step: somebody is out of a group, or of its team."""
    _hands.empty(scope, persona_id)


def note_signed_out(account_id: bytes) -> None:
    """Somebody signed out, which holds already whatever happens here: nobody is kept from going, and nothing is written
    for whoever looks at nothing."""
    try:
        for scope in list_scopes(account_id):
            me = find_membership(account_id, scope)
            if me is not None and me.on_team and _hands.are_full(scope, me.persona_id):
                with transaction():
                    _hands.empty(scope, me.persona_id)
    except Exception as error:  # noqa: BLE001 - a lease ends by the clock all the same
        log.error("signed out, and a lease runs on kind=%s", type(error).__name__)
