"""Who is asking: the first argument of every use case and query."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from forum.base.keyring import Scope
from forum.models import Role, Standing

NOBODY: Mapping[bytes, "Membership"] = MappingProxyType({})


@dataclass(frozen=True)
class Membership:
    """Who the actor is in one group.

    :param agreed: they agreed the ground rules in force, or earlier ones while there is still time to read what changed.
    :param asked: a version that they have not agreed waits for their answer, whether or not they may post meanwhile.
    :param joined_on: the Monday of the week they came in; None: long ago.
    """

    scope: Scope
    persona_id: bytes
    name: str
    role: Role
    standing: Standing
    agreed: bool
    joined_on: date | None
    asked: bool = False

    @property
    def on_team(self) -> bool:
        """Facilitators and moderators look after the group."""
        return self.role is not Role.MEMBER

    @property
    def role_class(self) -> str:
        """ "team" or "member": the two worlds in which a fragment is rendered."""
        return "team" if self.on_team else "member"


@dataclass(frozen=True)
class Actor:
    """An account with its memberships in the groups this request is about; a visitor has neither.

    :param sign_in: the hash of the cookie, for what hangs on this device.
    :param waiting: who they will be in groups whose team has not let them in yet; only the line to the team asks for it.
    :param lines: conversations with the team that are known, by tag, to be their own.
    :param rooms: conversations of live rooms that they were let in to.
    """

    account_id: bytes | None = None
    sign_in: bytes | None = None
    memberships: Mapping[bytes, Membership] = field(default_factory=lambda: NOBODY)
    waiting: Mapping[bytes, Membership] = field(default_factory=lambda: NOBODY)
    lines: frozenset[bytes] = frozenset()
    rooms: frozenset[bytes] = frozenset()

    def membership_in(self, group_id: bytes) -> Membership | None:
        """Who they are in that group, or None for a stranger."""
        return self.memberships.get(group_id)

    def writer_in(self, group_id: bytes) -> Membership | None:
        """Who writes to that group's team: a member, or somebody who waits to be let in."""
        return self.memberships.get(group_id) or self.waiting.get(group_id)


VISITOR = Actor()
