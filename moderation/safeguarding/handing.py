"""Handing a concern over, without a moment in which nobody has it; and whom it must not reach any more."""

from forum.base.errors import Invalid, NotAllowed
from forum.base.words import _
from forum.policy.actor import Actor
from moderation.safeguarding import (
    acting,
    exclusions,
    machine,
    paging,
    queries,
    responders,
    ticking,
    timers,
    words,
)
from moderation.safeguarding.acting import Act, require_words
from moderation.safeguarding.models import EventKind, State, Timer
from moderation.safeguarding.responders import Responder


def list_takers(actor: Actor, concern_id: bytes) -> list[Responder]:
    """To whom it can be offered. :raises NotFound: no such concern for this person."""
    case, me = queries.get(actor, concern_id)
    return [one for one in exclusions.insiders(case) if one.id not in exclusions.ids_of(me, case.scope)]


def offer(actor: Actor, concern_id: bytes, version: int, to: bytes, briefing: str) -> None:
    """T12: ask one person to take it over. Until they do, the giver has it.

    :param to: a responder. :raises Invalid: no such person, or no briefing.
    """
    said = require_words(briefing, "briefing")
    with acting.acting(actor, concern_id, version, "offer") as act:
        mine = queries.person_of(act.me, act.case.scope).ids
        found = [one for one in exclusions.insiders(act.case) if one.id == to and one.id not in mine]
        if not found:
            raise Invalid(_("Choose somebody who can take it over."), "to")
        act.go(offered_to=to)
        act.note(EventKind.OFFERED, said, codes={"to": to.hex()})
        ticking.call(act.case, found, act.now)
        act.renew()


def accept(actor: Actor, concern_id: bytes, version: int) -> None:
    """T13: take over what was offered. Giver and taker both stand in the record."""
    with acting.acting(actor, concern_id, version, "accept") as act:
        giver = act.case.owner_id
        act.change(**timers.columns(timers.without(act.case.clocks, Timer.OFFER), act.now))
        act.go()
        act.note(EventKind.HANDED_OVER, codes={"from": giver.hex() if giver else ""})
        paging.answer(act.me.id, concern_id)


def recuse(actor: Actor, concern_id: bytes, responder_id: bytes, why: str) -> bool:
    """T14: somebody is named in it, or close to it, or not safe for the person. From this moment it does not exist for them.

    Anyone who may see it may say so, about themselves too. False: no other officer would be left, so the outside body is
    called to decide; until then nothing changes, and nothing in the record says of whom it was.
    :raises Invalid: no such responder, or no reason.
    """
    said = require_words(why, "why")
    with acting.adding(actor, concern_id) as act:
        if not act.case.is_open and act.case.state is not State.CLOSED:
            raise NotAllowed(acting.why_not(act.case, machine.BY_NAME["recuse"]))
        if responder_id not in {one.id for one in responders.all_of(act.case.scope)}:
            raise Invalid(_("Choose somebody of the team."), "responder")
        if not _may_say_alone(act, responder_id):
            asked = words.change_inside(act.case, asked_out=responder_id, asked_out_by=act.me.id)
            ticking.nobody_left(asked, act.now)
            return False
        if words.open_inside(act.case).asked_out == responder_id:
            act.case = words.change_inside(act.case, asked_out=b"", asked_out_by=b"")
        _keep_from(act, responder_id, said)
        return True


def _may_say_alone(act: Act, responder_id: bytes) -> bool:
    if not act.case.is_open:
        return True
    whose = responders.same_person(act.case.scope, responder_id)
    people = exclusions.eligible(act.case, responders.all_of(act.case.scope))
    left = exclusions.as_persons(act.case, [one for one in people if one.id not in whose])
    return machine.leaves_enough(machine.BY_NAME["recuse"], queries.person_of(act.me, act.case.scope), whose, left)


def leave_in(actor: Actor, concern_id: bytes) -> None:
    """T21: the outside body says that whoever was to be kept out may go on seeing it.

    :raises NotAllowed: nothing was asked, or by somebody who may hold concerns.
    """
    with acting.adding(actor, concern_id) as act:
        if act.me.may_own or not words.open_inside(act.case).asked_out:
            raise NotAllowed(_("You cannot do this now. Open the concern again and look where it stands."))
        act.case = words.change_inside(act.case, asked_out=b"", asked_out_by=b"")
        act.case = ticking.nobody_left(act.case, act.now)


def _keep_from(act: Act, responder_id: bytes, why: str) -> None:
    """Their sight, their calls and their hold on it end in this transaction, in whichever hat (SG7)."""
    case = act.case
    whose = responders.same_person(case.scope, responder_id)
    exclusions.keep_from(case, whose)
    paging.drop_for(case.id, whose)
    act.note(EventKind.EXCLUDED, why)
    if case.owner_id in whose:
        step = ticking.step_of(case, case.owner_id, act.now)
        act.case = ticking.go(case, machine.BY_NAME["recuse"], None, act.now, step=step)
    elif case.offered_to in whose:
        act.change(offered_to=None, **timers.columns(timers.without(case.clocks, Timer.OFFER), act.now))
    if act.case.is_open and (Timer.NOBODY_LEFT in act.case.clocks or not exclusions.are_enough(act.case)):
        act.case = ticking.nobody_left(act.case, act.now)
    if act.case.state is State.RAISED:
        act.case = ticking.page(act.case, act.now)
