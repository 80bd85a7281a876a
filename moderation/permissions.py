"""Who may decide what: the team of a group, never about their own words."""

from dataclasses import dataclass

from forum.models import PostState
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_look_after


@dataclass(frozen=True)
class CaseFacts:
    """What the rules need to know of a case or a post that somebody wants to decide about.

    :param mine: the actor wrote it, under a name or an alias.
    """

    group_id: bytes
    mine: bool
    state: PostState
    decided: bool = False


def may_decide(actor: Actor, subject: CaseFacts) -> Denial | None:
    """The group's team, while it is undecided, and never about their own words."""
    if denial := may_look_after(actor, subject.group_id):
        return denial
    if subject.mine:
        return Denial.OWN_WORDS
    return Denial.NOT_WAITING if subject.decided else None


def may_hide(actor: Actor, subject: CaseFacts) -> Denial | None:
    """At once and in every world (decisions.md §5): hiding one post, which is undone as easily."""
    if denial := may_decide(actor, subject):
        return denial
    return None if subject.state is PostState.VISIBLE else Denial.GONE
