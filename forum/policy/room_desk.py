"""Who may do what in a meeting: take part, look after people there, look at what is to be done afterwards."""

from dataclasses import dataclass

from forum.models import Duty
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_come_to_rooms, may_facilitate, may_look_after


@dataclass(frozen=True)
class PartFacts:
    """A meeting, and how the actor stands to it. :param inside: they came in, or hold a seat. :param is_live: it is on."""

    group_id: bytes
    inside: bool
    is_live: bool = True


def may_take_part(actor: Actor, subject: PartFacts) -> Denial | None:
    """Members who are in, also after its end: what they said and asked for stays theirs."""
    if denial := may_come_to_rooms(actor, subject.group_id):
        return denial
    return None if subject.inside else Denial.NOT_A_MEMBER


def may_act_in_room(actor: Actor, subject: PartFacts) -> Denial | None:
    """The same while it is on: raising a hand, showing a card, asking for somebody."""
    if denial := may_take_part(actor, subject):
        return denial
    return None if subject.is_live else Denial.ROOM_NOT_OPEN


@dataclass(frozen=True)
class HandFacts:
    """Whether hands are used in a meeting now."""

    part: PartFacts
    hands: bool


def may_raise_hand(actor: Actor, subject: HandFacts) -> Denial | None:
    """Whoever is in, where the rules or the step have hands."""
    if denial := may_act_in_room(actor, subject.part):
        return denial
    return None if subject.hands else Denial.NO_HANDS


@dataclass(frozen=True)
class AnswerFacts:
    """Somebody asked for a person. :param duty: of the actor's seat there; None: no seat.

    :param about_site: they need help with the site. :param helper_here: somebody holds the seat for that.
    """

    group_id: bytes
    duty: Duty | None
    about_site: bool
    helper_here: bool = False


def may_answer(actor: Actor, subject: AnswerFacts) -> Denial | None:
    """Who struggles is for facilitators with a seat. Help with the site is for its helper, and for the host if none is here."""
    if subject.duty is None:
        return may_look_after(actor, subject.group_id) or Denial.NO_SEAT
    if not subject.about_site:
        return Denial.NOT_A_MEMBER if subject.duty is Duty.TECH else may_facilitate(actor, subject.group_id)
    wanted = Duty.TECH if subject.helper_here else Duty.HOST
    return may_look_after(actor, subject.group_id) if subject.duty is wanted else Denial.NOT_A_MEMBER


@dataclass(frozen=True)
class DeskFacts:
    """Who asks for the desk of a meeting. :param duty: of their seat; None: none."""

    group_id: bytes
    duty: Duty | None


def may_see_desk(actor: Actor, subject: DeskFacts) -> Denial | None:
    """Whoever holds a seat there; facilitators without one are told to take one. To anybody else there is no desk."""
    if subject.duty is not None:
        return may_look_after(actor, subject.group_id)
    denial = may_facilitate(actor, subject.group_id)
    return Denial.NO_SEAT if denial is None else Denial.NOT_A_MEMBER


def may_follow_up(actor: Actor, group_id: bytes) -> Denial | None:
    """Facilitators of the group: what people asked for in a meeting is for nobody else's eyes."""
    return may_facilitate(actor, group_id)
