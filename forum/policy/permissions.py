"""Every rule about who may do what: a named function that gives None, or the reason why not. Deny by default."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from forum.base.errors import AgreeFirst, NotAllowed, NotFound
from forum.base.words import lazy
from forum.models import PostState, Role, SignInKind
from forum.policy import audience
from forum.policy.actor import Actor, Membership


class Denial(enum.Enum):
    """Why not, in words for the person who asked. NOT_A_MEMBER is shown as "no such page": a group stays unconfirmed."""

    NOT_A_MEMBER = lazy("There is no such page here.")
    RULES_NOT_AGREED = lazy("Please read and answer the group's ground rules first. Your words are kept.")
    CLOSED = lazy("This conversation is closed. You can still read it.")
    STOPPED = lazy("The team has stopped new posts here for now. You can read, and write to the team.")
    BOARD_RETIRED = lazy("This board is closed. You can still read it.")
    BOARD_OF_TEAM = lazy("Only the team writes on this board. You can read it.")
    TOO_NEW = lazy("This board is for people who have been here longer. You can read it now, and write later.")
    NOT_YOURS = lazy("Only the person who wrote this can do that.")
    NOT_A_FACILITATOR = lazy("Only a facilitator of the group can do that. Ask one of them.")
    GONE = lazy("These words are no longer here, so nothing was changed.")
    NOT_WAITING = lazy("Somebody of the team decided this already.")
    OWN_WORDS_STAY = lazy("You wrote this yourself. You cannot block yourself.")
    OWN_WORDS_KEPT = lazy("You wrote this yourself. These kind words are for posts of others.")
    ASKED_BEFORE = lazy("There was a question in this topic already, or its first words are gone.")
    BLOCKED_AUTHOR = lazy("You blocked who wrote this. You can undo that on the page “How I read”.")
    OWN_WORDS = lazy("You wrote this yourself. Somebody else of the team has to decide.")
    TOOK_PART = lazy("You wrote in this conversation. Somebody else of the team has to decide. Only you see this.")
    BLOCKED_THEM = lazy("You blocked this person. Somebody else of the team has to decide. Only you see this.")
    TEAM_STAYS = lazy("You are of this group's team, so it cannot be kept apart. Ask to end your role first.")
    TEAM_IS_KNOWN = lazy("You are of this group's team, and people know you. Ask to end your role first.")
    MAIL_ON_SHARED = lazy("You said others use this device. Ask for mails on a device of your own.")
    SECOND_BY_OTHER = lazy("You wrote this yourself. Somebody else of the group has to second it.")
    OTHER_STEP = lazy("This proposal is at another step now. Please open its page again.")
    CAME_LATER = lazy("You came after the deciding began. You can take part in the next one.")
    ROOM_NOT_OPEN = lazy("This room is not open now. The page of the rooms says when people meet.")
    SENT_OUT = lazy("A facilitator asked you to leave this room. You can write to the team.")
    ROOM_FULL = lazy("This meeting has as many people as it has places. You can come to the next one.")
    TOO_LATE = lazy("This meeting began some time ago, and people come in at its start. You can come to the next one.")
    NO_SEAT = lazy("Take a seat in this room first. Then you can look after it.")
    NO_HANDS = lazy("Nobody raises a hand in this room. You can write when you like.")
    STEP_UP_OLD = lazy("This is a step with weight. Please type in the code from your app first.")
    NO_SECOND_STEP = lazy("This is a step with weight. Please set up a second step for your sign-in first.")


@dataclass(frozen=True)
class ConversationFacts:
    """What the rules need to know of a conversation.

    :param to_team: it is a line to the team, which this actor was let in to.
    :param readers: of its board, as `forum.policy.audience` counts; `writers`: who may do there what is asked about.
    :param stopped: the team pulled a brake that stops new posts, from the team as well: an alias among them would show.
    """

    group_id: bytes
    closed_at: datetime | None = None
    to_team: bool = False
    readers: int = audience.EVERYONE
    writers: int = audience.EVERYONE
    retired: bool = False
    stopped: bool = False


@dataclass(frozen=True)
class PostFacts:
    """What the rules need to know of a post. `mine` is found by tag, so a mask's owner is known to the owner alone."""

    group_id: bytes
    state: PostState
    mine: bool
    ever_shown: bool = True
    to_team: bool = False


Subject = TypeVar("Subject")


def _member(actor: Actor, group_id: bytes) -> Membership | None:
    return actor.membership_in(group_id)


def may_write_to_team(actor: Actor, group_id: bytes) -> Denial | None:
    """Everybody who is in the group or waits to be let in, whatever they agreed and whatever holds their posts."""
    return None if actor.writer_in(group_id) else Denial.NOT_A_MEMBER


def may_read(actor: Actor, subject: ConversationFacts) -> Denial | None:
    """Members of the group whom its board is for, also those who have not agreed a newer version yet."""
    membership = _member(actor, subject.group_id)
    return None if membership and audience.includes(subject.readers, membership) else Denial.NOT_A_MEMBER


def may_post(actor: Actor, subject: ConversationFacts) -> Denial | None:
    """Members who agreed the ground rules in force, in an open conversation; to the team everybody who may ask it."""
    if subject.to_team:
        return may_write_to_team(actor, subject.group_id)
    membership = _member(actor, subject.group_id)
    if membership is None or not audience.includes(subject.readers, membership):
        return Denial.NOT_A_MEMBER
    if not membership.agreed:
        return Denial.RULES_NOT_AGREED
    if subject.closed_at or subject.retired:
        return Denial.BOARD_RETIRED if subject.retired else Denial.CLOSED
    if subject.stopped:
        return Denial.STOPPED
    if audience.includes(subject.writers, membership):
        return None
    return Denial.BOARD_OF_TEAM if subject.writers == audience.TEAM else Denial.TOO_NEW


def may_edit(actor: Actor, subject: PostFacts) -> Denial | None:
    """The author, while the words are still there, and under the rules in force."""
    if denial := may_withdraw(actor, subject):
        return denial
    if subject.state is PostState.HIDDEN:
        return Denial.GONE
    membership = _member(actor, subject.group_id)
    return None if subject.to_team or (membership and membership.agreed) else Denial.RULES_NOT_AGREED


def may_withdraw(actor: Actor, subject: PostFacts) -> Denial | None:
    """The author, at any time, whatever the state: nobody has to agree to anything to take words back."""
    if not _knows(actor, subject):
        return Denial.NOT_A_MEMBER
    if not subject.mine:
        return Denial.NOT_YOURS
    return Denial.GONE if subject.state is PostState.WITHDRAWN else None


def may_see_versions(actor: Actor, subject: PostFacts) -> Denial | None:
    """Earlier versions are for the author; moderators see them through an open item (moderation.permissions)."""
    return None if subject.mine and _knows(actor, subject) else Denial.NOT_A_MEMBER


def _knows(actor: Actor, subject: PostFacts) -> bool:
    """Whether the place of the post exists for them: somebody who waits to be let in knows their line to the team."""
    known = actor.writer_in if subject.to_team else actor.membership_in
    return known(subject.group_id) is not None


def may_look_after(actor: Actor, group_id: bytes) -> Denial | None:
    """Facilitators and moderators of this group. To anybody else the team's pages do not exist."""
    membership = _member(actor, group_id)
    return None if membership and membership.on_team else Denial.NOT_A_MEMBER


@dataclass(frozen=True)
class StepUpFacts:
    """What the device that asks has shown.

    :param fresh: a code of the second factor within ten minutes.
    """

    has_factor: bool
    fresh: bool


def may_act_after_step_up(actor: Actor, subject: StepUpFacts) -> Denial | None:
    """Dangerous acts: giving or ending a role, making a group, who may come in, a second factor, others' sign-ins."""
    if actor.account_id is None:
        return Denial.NOT_A_MEMBER
    if not subject.has_factor:
        return Denial.NO_SECOND_STEP
    return None if subject.fresh else Denial.STEP_UP_OLD


@dataclass(frozen=True)
class StaffFacts:
    """What somebody looks after, and what is asked about.

    :param device: how they are signed in; only a sign-in with a second factor counts.
    :param asked: the organisation; None for the whole site.
    """

    device: SignInKind | None
    whole_site: bool
    organisations: frozenset[bytes]
    asked: bytes | None


def may_administer(actor: Actor, subject: StaffFacts) -> Denial | None:
    """Admins of the whole site, or of this organisation. To anybody else their pages do not exist."""
    if actor.account_id is None or subject.device is not SignInKind.STAFF:
        return Denial.NOT_A_MEMBER
    if subject.whole_site:
        return None
    return None if subject.asked in subject.organisations else Denial.NOT_A_MEMBER


def may_facilitate(actor: Actor, group_id: bytes) -> Denial | None:
    """Facilitators of this group: its doors, its people and their roles. Moderators see that, and others see nothing."""
    if denial := may_look_after(actor, group_id):
        return denial
    membership = _member(actor, group_id)
    return None if membership and membership.role is Role.FACILITATOR else Denial.NOT_A_FACILITATOR


def may_keep_apart(actor: Actor, group_id: bytes) -> Denial | None:
    """Members, for themselves. Not the team: a second step guards the sign-in that a role hangs on."""
    membership = _member(actor, group_id)
    if membership is None:
        return Denial.NOT_A_MEMBER
    return Denial.TEAM_STAYS if membership.on_team else None


def may_hold_name(actor: Actor, group_id: bytes) -> Denial | None:
    """Members, about their own name in the group: also those who have not agreed a newer version yet."""
    return None if _member(actor, group_id) else Denial.NOT_A_MEMBER


def may_answer_rules(actor: Actor, group_id: bytes) -> Denial | None:
    """Members, about whether they agree to the ground rules: also those who have not answered a newer version yet."""
    return None if _member(actor, group_id) else Denial.NOT_A_MEMBER


def may_let_words_fade(actor: Actor, group_id: bytes) -> Denial | None:
    """Members, about their own words: those who did not agree the rules in force, too."""
    return None if _member(actor, group_id) else Denial.NOT_A_MEMBER


def may_leave_contact(actor: Actor, group_id: bytes) -> Denial | None:
    """Members, sealed, for an emergency: whether or not they answered the rules in force."""
    return None if _member(actor, group_id) else Denial.NOT_A_MEMBER


def may_tell_of_self(actor: Actor, group_id: bytes) -> Denial | None:
    """Members who agreed the rules in force, about themselves to the group."""
    membership = _member(actor, group_id)
    if membership is None:
        return Denial.NOT_A_MEMBER
    return None if membership.agreed else Denial.RULES_NOT_AGREED


@dataclass(frozen=True)
class ReactionFacts:
    """A post, and whether the actor blocked who wrote it."""

    post: PostFacts
    blocked: bool


def may_react(actor: Actor, subject: ReactionFacts) -> Denial | None:
    """Members, to words of others that all can read, whose author they did not block themselves."""
    post = subject.post
    membership = _member(actor, post.group_id)
    if post.to_team or membership is None:
        return Denial.NOT_A_MEMBER
    if not membership.agreed:
        return Denial.RULES_NOT_AGREED
    if post.mine:
        return Denial.OWN_WORDS_KEPT
    if subject.blocked:
        return Denial.BLOCKED_AUTHOR
    return None if post.state is PostState.VISIBLE else Denial.GONE


@dataclass(frozen=True)
class PollFacts:
    """What the rules need to know of a question to everybody in a topic.

    :param began: the actor began the topic. :param stands: the words that began it can be seen.
    :param polled: something was asked there before. :param is_open: answers are taken.
    """

    topic: ConversationFacts
    began: bool = False
    stands: bool = True
    polled: bool = False
    is_open: bool = True


def may_start_poll(actor: Actor, subject: PollFacts) -> Denial | None:
    """Whoever began a topic, and the team; once, where one can still write."""
    if denial := may_post(actor, subject.topic):
        return denial
    membership = _member(actor, subject.topic.group_id)
    if subject.topic.to_team or membership is None:
        return Denial.NOT_A_MEMBER
    if not (subject.began or membership.on_team):
        return Denial.NOT_YOURS
    return Denial.ASKED_BEFORE if subject.polled or not subject.stands else None


def may_answer_poll(actor: Actor, subject: PollFacts) -> Denial | None:
    """Members who read the topic and agreed the rules in force, while answers are taken; also where only some reply."""
    if denial := may_read(actor, subject.topic):
        return denial
    membership = _member(actor, subject.topic.group_id)
    if membership is None or not membership.agreed:
        return Denial.RULES_NOT_AGREED
    return None if subject.is_open else Denial.CLOSED


@dataclass(frozen=True)
class WelcomeFacts:
    """A group, and whether the actor was asked to look out for newcomers in it."""

    group_id: bytes
    welcomes: bool


def may_welcome(actor: Actor, subject: WelcomeFacts) -> Denial | None:
    """The team, and members whom a facilitator asked to. To anybody else the page does not exist."""
    membership = _member(actor, subject.group_id)
    return None if membership and (membership.on_team or subject.welcomes) else Denial.NOT_A_MEMBER


def may_see_author(actor: Actor, subject: PostFacts) -> Denial | None:
    """Members, of words that stand there: nothing leads on from words that were taken back or put away."""
    if subject.to_team or _member(actor, subject.group_id) is None:
        return Denial.NOT_A_MEMBER
    return Denial.GONE if subject.state in (PostState.HIDDEN, PostState.WITHDRAWN) else None


def may_block(actor: Actor, subject: PostFacts) -> Denial | None:
    """Members, any author of the group: the team's too. What the team says in a line of its own still arrives."""
    if subject.to_team or _member(actor, subject.group_id) is None:
        return Denial.NOT_A_MEMBER
    return Denial.OWN_WORDS_STAY if subject.mine else None


def may_note(actor: Actor, subject: PostFacts) -> Denial | None:
    """The team, what a post is about, as long as its words are there. To anybody else the page does not exist."""
    if subject.to_team:
        return Denial.NOT_A_MEMBER
    if denial := may_look_after(actor, subject.group_id):
        return denial
    return None if subject.state in (PostState.VISIBLE, PostState.HELD) else Denial.GONE


def may_hold_choices(actor: Actor, group_id: bytes) -> Denial | None:
    """Members, about what they themselves read there: whom they blocked, which words they muted."""
    return None if _member(actor, group_id) else Denial.NOT_A_MEMBER


@dataclass(frozen=True)
class MailFacts:
    """About which group somebody wants short mails. :param shared_device: others use the device they ask from."""

    group_id: bytes
    shared_device: bool


def may_ask_for_mail(actor: Actor, subject: MailFacts) -> Denial | None:
    """Members, from a device of their own: whoever else uses a device could have mail sent to themselves."""
    if _member(actor, subject.group_id) is None:
        return Denial.NOT_A_MEMBER
    return Denial.MAIL_ON_SHARED if subject.shared_device else None


def may_take_leave(actor: Actor, group_id: bytes) -> Denial | None:
    """Members, with what is theirs: taking their words back, leaving, a copy to take along. Nobody has to agree to it."""
    return None if _member(actor, group_id) else Denial.NOT_A_MEMBER


def may_begin_afresh(actor: Actor, group_id: bytes) -> Denial | None:
    """Members, under a name that nothing joins to the old one. Not the team: its names stand beside what it decided."""
    membership = _member(actor, group_id)
    if membership is None:
        return Denial.NOT_A_MEMBER
    return Denial.TEAM_IS_KNOWN if membership.on_team else None


def may_come_to_rooms(actor: Actor, group_id: bytes) -> Denial | None:
    """Members see which rooms there are and when people meet; who may come in is asked at each door."""
    return None if _member(actor, group_id) else Denial.NOT_A_MEMBER


@dataclass(frozen=True)
class DoorFacts:
    """A meeting, and how the actor stands to it.

    :param is_live: members can be in. :param was_in: they came in before, or were asked in. :param out: they were sent out.
    :param by_asking: a side room, for those who were asked in. :param late: the time to come in for the first time is over.
    :param full: as many came in as there are places.
    """

    group_id: bytes
    is_live: bool
    was_in: bool = False
    out: bool = False
    by_asking: bool = False
    late: bool = False
    full: bool = False


def may_come_in(actor: Actor, subject: DoorFacts) -> Denial | None:
    """Members who agreed the rules in force, while a meeting is on; who was in comes back at any time. The team always."""
    membership = _member(actor, subject.group_id)
    if membership is None or (subject.by_asking and not (subject.was_in or membership.on_team)):
        return Denial.NOT_A_MEMBER
    if subject.out:
        return Denial.SENT_OUT
    if not membership.agreed:
        return Denial.RULES_NOT_AGREED
    if not subject.is_live:
        return Denial.ROOM_NOT_OPEN
    if subject.was_in or membership.on_team:
        return None
    return Denial.TOO_LATE if subject.late else Denial.ROOM_FULL if subject.full else None


@dataclass(frozen=True)
class SeatFacts:
    """A seat in a meeting. :param for_site: of whoever helps with the site; moderators may take it, too."""

    group_id: bytes
    for_site: bool = False


def may_hold_seat(actor: Actor, subject: SeatFacts) -> Denial | None:
    """Facilitators of the group; for help with the site its moderators as well."""
    rule = may_look_after if subject.for_site else may_facilitate
    return rule(actor, subject.group_id)


@dataclass(frozen=True)
class RunFacts:
    """A meeting, and whether the actor holds a seat in it now."""

    group_id: bytes
    seated: bool


def may_run(actor: Actor, subject: RunFacts) -> Denial | None:
    """Facilitators who hold a seat in this meeting now."""
    if denial := may_facilitate(actor, subject.group_id):
        return denial
    return None if subject.seated else Denial.NO_SEAT


def require(rule: Callable[[Actor, Subject], Denial | None], actor: Actor, subject: Subject) -> None:
    """Go on only if `rule` has nothing against it.

    :raises NotFound: the actor must not learn that it exists.
    :raises NotAllowed: with the reason in words; AgreeFirst where an answer to the rules is all that is missing.
    """
    denial = rule(actor, subject)
    if denial is Denial.NOT_A_MEMBER:
        raise NotFound(str(denial.value))
    if denial is Denial.RULES_NOT_AGREED:
        raise AgreeFirst(str(denial.value))
    if denial is not None:
        raise NotAllowed(str(denial.value))
