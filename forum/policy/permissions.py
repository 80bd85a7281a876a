"""Every rule about who may do what: a named function that gives None, or the reason why not. Deny by default."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from forum.base.errors import NotAllowed, NotFound
from forum.base.words import lazy
from forum.models import PostState
from forum.policy.actor import Actor, Membership


class Denial(enum.Enum):
    """Why not, in words for the person who asked. NOT_A_MEMBER is shown as "no such page": a group stays unconfirmed."""

    NOT_A_MEMBER = lazy("There is no such page here.")
    RULES_NOT_AGREED = lazy("Please read and answer the group's ground rules first. Your words are kept.")
    CLOSED = lazy("This conversation is closed. You can still read it.")
    NOT_YOURS = lazy("Only the person who wrote this can do that.")
    NOT_ON_TEAM = lazy("Only the group's team can do that.")
    GONE = lazy("These words are no longer here, so nothing was changed.")
    NOT_WAITING = lazy("Somebody of the team decided this already.")
    OWN_WORDS = lazy("You wrote this yourself. Somebody else of the team has to decide.")


@dataclass(frozen=True)
class ConversationFacts:
    """What the rules need to know of a conversation."""

    group_id: bytes
    closed_at: datetime | None = None


@dataclass(frozen=True)
class PostFacts:
    """What the rules need to know of a post. `mine` is found by tag, so a mask's owner is known to the owner alone."""

    group_id: bytes
    state: PostState
    mine: bool
    ever_shown: bool = True


Subject = TypeVar("Subject")


def _member(actor: Actor, group_id: bytes) -> Membership | None:
    return actor.membership_in(group_id)


def may_read(actor: Actor, subject: ConversationFacts) -> Denial | None:
    """Members of the group, also those who have not agreed a newer version yet."""
    return None if _member(actor, subject.group_id) else Denial.NOT_A_MEMBER


def may_post(actor: Actor, subject: ConversationFacts) -> Denial | None:
    """Members who agreed the ground rules in force, in an open conversation."""
    membership = _member(actor, subject.group_id)
    if membership is None:
        return Denial.NOT_A_MEMBER
    if not membership.agreed:
        return Denial.RULES_NOT_AGREED
    return Denial.CLOSED if subject.closed_at else None


def may_edit(actor: Actor, subject: PostFacts) -> Denial | None:
    """The author, while the words are still there, and under the rules in force."""
    if denial := may_withdraw(actor, subject):
        return denial
    if subject.state is PostState.HIDDEN:
        return Denial.GONE
    membership = _member(actor, subject.group_id)
    return None if membership and membership.agreed else Denial.RULES_NOT_AGREED


def may_withdraw(actor: Actor, subject: PostFacts) -> Denial | None:
    """The author, at any time, whatever the state: nobody has to agree to anything to take words back."""
    if _member(actor, subject.group_id) is None:
        return Denial.NOT_A_MEMBER
    if not subject.mine:
        return Denial.NOT_YOURS
    return Denial.GONE if subject.state is PostState.WITHDRAWN else None


def may_see_versions(actor: Actor, subject: PostFacts) -> Denial | None:
    """Earlier versions are for the author; moderators see them through an open item (moderation.permissions)."""
    if _member(actor, subject.group_id) is None:
        return Denial.NOT_A_MEMBER
    return None if subject.mine else Denial.NOT_A_MEMBER


def may_look_after(actor: Actor, group_id: bytes) -> Denial | None:
    """Facilitators and moderators of this group. To anybody else the team's pages do not exist."""
    membership = _member(actor, group_id)
    return None if membership and membership.on_team else Denial.NOT_A_MEMBER


def require(rule: Callable[[Actor, Subject], Denial | None], actor: Actor, subject: Subject) -> None:
    """Go on only if `rule` has nothing against it.

    :raises NotFound: the actor must not learn that it exists.
    :raises NotAllowed: with the reason in words.
    """
    denial = rule(actor, subject)
    if denial is Denial.NOT_A_MEMBER:
        raise NotFound(str(denial.value))
    if denial is not None:
        raise NotAllowed(str(denial.value))
