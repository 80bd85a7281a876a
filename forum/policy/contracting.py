"""Who may propose, second, call for and decide about changes of a group's ground rules."""

from dataclasses import dataclass

from forum.models import ProposalState, VoteMode
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_facilitate, may_hold_name, may_tell_of_self

#: While something can still become of it.
OPEN = (ProposalState.DRAFT, ProposalState.DISCUSSING, ProposalState.DECIDING)


@dataclass(frozen=True)
class ProposalFacts:
    """What the rules need to know of a proposal.

    :param mine: the actor wrote it. :param elector: they were a member when the deciding began.
    :param mode: of the deciding that is open.
    """

    group_id: bytes
    state: ProposalState
    mine: bool = False
    elector: bool = False
    mode: VoteMode | None = None


def may_read_proposals(actor: Actor, group_id: bytes) -> Denial | None:
    """Members, also those who have not agreed a newer version yet: it is their group's rules."""
    return may_hold_name(actor, group_id)


def may_propose(actor: Actor, group_id: bytes) -> Denial | None:
    """Members who agreed the rules in force."""
    return may_tell_of_self(actor, group_id)


def may_second(actor: Actor, subject: ProposalFacts) -> Denial | None:
    """A member beside the author: nobody brings a change to the group alone."""
    if denial := may_propose(actor, subject.group_id):
        return denial
    if subject.state is not ProposalState.DRAFT:
        return Denial.OTHER_STEP
    return Denial.SECOND_BY_OTHER if subject.mine else None


def may_amend(actor: Actor, subject: ProposalFacts) -> Denial | None:
    """The author, until people decide about it."""
    if denial := may_propose(actor, subject.group_id):
        return denial
    if not subject.mine:
        return Denial.NOT_YOURS
    return None if subject.state in (ProposalState.DRAFT, ProposalState.DISCUSSING) else Denial.OTHER_STEP


def may_give_up(actor: Actor, subject: ProposalFacts) -> Denial | None:
    """The author, as long as nothing is decided, whatever they agreed to."""
    if denial := may_read_proposals(actor, subject.group_id):
        return denial
    if not subject.mine:
        return Denial.NOT_YOURS
    return None if subject.state in OPEN else Denial.OTHER_STEP


def may_call(actor: Actor, subject: ProposalFacts) -> Denial | None:
    """Members who agreed the rules in force, once people have talked."""
    if denial := may_propose(actor, subject.group_id):
        return denial
    return None if subject.state is ProposalState.DISCUSSING else Denial.OTHER_STEP


def may_choose(actor: Actor, subject: ProposalFacts) -> Denial | None:
    """Whoever was a member when the deciding began, also who did not agree to the rules in force."""
    if denial := may_read_proposals(actor, subject.group_id):
        return denial
    if subject.state is not ProposalState.DECIDING:
        return Denial.OTHER_STEP
    return None if subject.elector else Denial.CAME_LATER


def may_object(actor: Actor, subject: ProposalFacts) -> Denial | None:
    """The same people with a reason, where one reason is enough to talk again. Its words are a post."""
    if denial := may_choose(actor, subject) or may_propose(actor, subject.group_id):
        return denial
    return None if subject.mode is VoteMode.CONSENT else Denial.OTHER_STEP


def may_answer_objection(actor: Actor, subject: ProposalFacts) -> Denial | None:
    """The author and facilitators, after the deciding that it stopped."""
    if denial := may_propose(actor, subject.group_id):
        return denial
    if subject.state is not ProposalState.DISCUSSING:
        return Denial.OTHER_STEP
    return None if subject.mine or may_facilitate(actor, subject.group_id) is None else Denial.NOT_A_FACILITATOR
