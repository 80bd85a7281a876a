"""Officers: who answers for people's safety in an organisation, and how they come in and go.

An admin names them, and reads nothing by it. Once calls are on, another officer has to say that a new one is right, so that
no admin puts somebody of their choice before people's worst hours.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update

from forum.accounts import links, second_factor, staff, usecases
from forum.accounts.usecases import Entered
from forum.base import hashing
from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _, lazy
from forum.models import LinkPurpose, Officer, OfficerRole, OfficerStanding, SignInKind
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_administer, require
from forum.web import sign_ins
from moderation.safeguarding import channels, key_steps, responders, settings, telling, ticking
from moderation.safeguarding.responders import Responder, ResponderRole
from moderation.safeguarding.telling import Told

MOST_NAME = 60
#: Without one of each, somebody named in a concern could be the only one to look at it.
NEEDED = (OfficerRole.LEAD, OfficerRole.DEPUTY, OfficerRole.INDEPENDENT)
#: Once calls are on, the last of these goes only after somebody came. Else nobody from outside could be called (T21).
LASTING = (*NEEDED, OfficerRole.CONFIRMER)


@dataclass(frozen=True)
class Seat:
    """One office as the pages show it.

    :param has_both: second steps on two phones. :param is_tested: a call reached them. :param end_by: who says it should end.
    """

    id: bytes
    role: OfficerRole
    name: str
    standing: OfficerStanding
    has_both: bool
    is_tested: bool
    end_by: bytes | None = None


def get_officer(actor: Actor) -> Responder:
    """The actor as an officer.

    :raises NotFound: none, or not signed in with a second step.
    """
    found = responders.find_officer(actor)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def require_admin(actor: Actor, organisation_id: bytes) -> None:
    """Go on for an admin of this organisation who gave a code lately.

    :raises NotFound: no admin of it. :raises StepUpNeeded: no code.
    """
    require(may_administer, actor, staff.find_staff(actor).of(organisation_id))
    second_factor.require_step_up(actor)


def list_seats_for(me: Responder) -> list[Seat]:
    """The same for an officer: that there is an interim lead would tell those who are named that there is a concern."""
    sees_interim = me.role in (ResponderRole.CONFIRMER, ResponderRole.INTERIM)
    return [seat for seat in list_seats(me.organisation_id) if sees_interim or seat.role is not OfficerRole.INTERIM]


def list_seats(organisation_id: bytes) -> list[Seat]:
    """All offices that are not over, the lead first. The caller asked who may see them."""
    order = {role: n for n, role in enumerate(OfficerRole)}
    found = rows(
        select(Officer.id, Officer.role, Officer.name, Officer.standing, Officer.account_id, Officer.end_by).where(
            Officer.organisation_id == organisation_id, Officer.standing != OfficerStanding.ENDED
        )
    )
    return [_seat(r) for r in sorted(found, key=lambda r: (order[r.role], r.name, r.id))]


def _seat(found: Row[Any]) -> Seat:
    both = found.account_id is not None and second_factor.has_both(found.account_id)
    return Seat(found.id, found.role, found.name, found.standing, both, channels.has_tested(found.id), found.end_by)


# --- Coming in ---


def invite(actor: Actor | None, organisation_id: bytes, role: OfficerRole, name: str) -> str:
    """Make an office and the link that fills it, good for 24 hours and shown once.

    :param actor: an admin; None: the command line. :raises NotFound, StepUpNeeded: no such admin, or no code. :raises Invalid: no name.
    """
    if actor is not None:
        require_admin(actor, organisation_id)
    shown = " ".join(normalise(name).split())
    if not 2 <= len(shown) <= MOST_NAME:
        raise Invalid(_("Write the name by which the others know them."), "name")
    with transaction():
        officer_id = new_ident()
        values = {"id": officer_id, "organisation_id": organisation_id, "role": role, "name": shown}
        here().execute(insert(Officer).values(**values, standing=OfficerStanding.INVITED))
        record.note("officer.invite", _by(actor), officer_id, role.value)
        return links.make_link(LinkPurpose.OFFICER, organisation_id=organisation_id, made_by=officer_id)


def _by(actor: Actor | None) -> bytes:
    return actor.account_id if actor is not None and actor.account_id else record.OPERATOR


def find_invited(secret: str) -> Row[Any] | None:
    """The office that an unused link fills."""
    link = links.find_link(secret, LinkPurpose.OFFICER)
    if link is None:
        return None
    return row(
        select(Officer.role, Officer.name).where(
            Officer.id == link.made_by, Officer.standing == OfficerStanding.INVITED
        )
    )


def accept(actor: Actor, secret: str, name: str, password: str) -> Entered:
    """Come into office: a private sign-in name, a password, and next the second step.

    It is a sign-in of its own: whoever was signed in here until now leaves in a transaction of their own.

    :raises NotFound: the link was used or has ended. :raises NotAllowed: an admin opens it. :raises Invalid, Conflict: as
        for choosing a sign-in name.
    """
    if find_invited(secret) is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    if staff.find_staff(actor).anything:
        raise NotAllowed(_("You look after the site here. Send this link to the person it is for."))
    halves = usecases.prepare_name(name, password)
    entered = _fill(secret, halves, None if actor.account_id else actor.sign_in)
    if actor.account_id and actor.sign_in:
        usecases.leave(actor.sign_in)
    return entered


def _fill(secret: str, halves: hashing.Halves, before: bytes | None) -> Entered:
    with transaction():
        link = links.use_link(secret, LinkPurpose.OFFICER)
        assert link.organisation_id
        account_id = usecases.make_account()
        usecases.add_credential(account_id, halves)
        waits = settings.find(link.organisation_id).armed_on is not None
        standing = OfficerStanding.WAITING if waits else OfficerStanding.ACTIVE
        _change(link.made_by, OfficerStanding.INVITED, account_id=account_id, standing=standing)
        return usecases.enter(account_id, SignInKind.STAFF, before)


def agree(actor: Actor, officer_id: bytes) -> None:
    """Say that somebody new is right: they are in office from now on.

    About an interim lead the outside confirmer says so, about everybody else an officer who may hold concerns: whoever is
    to confirm what others do does not choose them.

    :raises NotFound: no officer of the same organisation, or nobody who waits. :raises NotAllowed: another one has to say so.
    :raises StepUpNeeded: no code lately.
    """
    me = get_officer(actor)
    second_factor.require_step_up(actor)
    with transaction():
        role = _get(me, officer_id).role
        if (role is OfficerRole.INTERIM) is me.may_own:
            raise NotAllowed(str(_AGREES[role is OfficerRole.INTERIM]))
        _change(officer_id, OfficerStanding.WAITING, standing=OfficerStanding.ACTIVE, agreed_by=me.id)
        record.note("officer.agree", me.id, officer_id)
        if role is OfficerRole.INTERIM:
            ticking.go_on_with_interim(me.organisation_id)


#: Who has to say so instead, by whether it is about an interim lead.
_AGREES = {
    True: lazy("Only the confirmer from outside can say yes to an interim lead. Ask them."),
    False: lazy("The lead, a deputy or the independent contact has to say this. Ask one of them."),
}


# --- Going ---


def end_by_admin(actor: Actor, organisation_id: bytes, officer_id: bytes) -> None:
    """Take back an office before calls are on, or one that nobody came into yet.

    :raises NotAllowed: calls are on and they are in office: then an officer does it. :raises NotFound, StepUpNeeded: as ever.
    """
    require_admin(actor, organisation_id)
    with transaction():
        found = _find(organisation_id, officer_id)
        armed = settings.find(organisation_id).armed_on is not None
        if armed and found.standing is OfficerStanding.ACTIVE:
            raise NotAllowed(_("Calls are on. Only an officer can end this office now."))
        _end(officer_id, found.account_id)
        record.note("officer.end", _by(actor), officer_id)


def end(actor: Actor, officer_id: bytes) -> None:
    """An officer ends an office: their own, or with a second one another's. Once calls are on, a successor comes first.

    The first of two changes nothing but that whoever it is about is told, on every channel of theirs. At the second all others
    are told, too, whoever is from outside among them: two cannot send a third away unseen.
    :raises NotAllowed: nobody else has this role, or one is not two. :raises NotFound, StepUpNeeded: as ever.
    """
    me = get_officer(actor)
    second_factor.require_step_up(actor)
    with transaction():
        found = _get(me, officer_id)
        armed = settings.find(me.organisation_id).armed_on is not None
        if armed and found.role in LASTING and not _others_in(me.organisation_id, found.role, officer_id):
            raise NotAllowed(_("Nobody else has this role. Let somebody come in first, then end this."))
        if armed and _takes_two(me, officer_id, found):
            _ask_to_end(me, officer_id)
            return
        is_sent_away = armed and me.id != officer_id and found.standing is OfficerStanding.ACTIVE
        if is_sent_away:
            _tell_of_end(me, officer_id, found)
        _end(officer_id, found.account_id, told_over_channels=is_sent_away)
        record.note("officer.end", me.id, officer_id)


def _tell_of_end(me: Responder, officer_id: bytes, found: Row[Any]) -> None:
    """That an interim lead was there is said to nobody else: it would tell whoever is named that there is a concern."""
    telling.tell(officer_id, Told.ENDED)
    if found.role is OfficerRole.INTERIM:
        return
    for one in responders.of_organisation(me.organisation_id):
        if one.id not in (me.id, found.end_by, officer_id):
            telling.tell(one.id, Told.OTHER_ENDED)


def _others_in(organisation_id: bytes, role: OfficerRole, officer_id: bytes) -> bool:
    others = [one for one in responders.of_organisation(organisation_id) if one.id != officer_id]
    return any(one.role.value == role.value for one in others)


def _takes_two(me: Responder, officer_id: bytes, found: Row[Any]) -> bool:
    """Whether this is only the first word: one person alone must not send away whoever looks at what they do."""
    if me.id == officer_id or found.standing is not OfficerStanding.ACTIVE:
        return False
    if found.role is OfficerRole.INTERIM:
        return me.role is not ResponderRole.CONFIRMER
    return found.end_by in (None, me.id)


def _ask_to_end(me: Responder, officer_id: bytes) -> None:
    if _get(me, officer_id).end_by == me.id:
        raise NotAllowed(_("You said so already. A second officer has to say it, too."))
    _change(officer_id, OfficerStanding.ACTIVE, end_by=me.id)
    telling.tell(officer_id, Told.END)
    record.note("officer.end_ask", me.id, officer_id)


def is_to_end(me: Responder) -> bool:
    """Whether somebody wants this officer's own office to end."""
    return _get(me, me.id).end_by is not None


def let_stay(actor: Actor, officer_id: bytes) -> None:
    """Stop what one officer began: the office goes on. Any officer may, and the one it is about first of all.

    :raises NotFound: nothing was begun.
    """
    me = get_officer(actor)
    with transaction():
        if _get(me, officer_id).end_by is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        _change(officer_id, OfficerStanding.ACTIVE, end_by=None)
        record.note("officer.end_stop", me.id, officer_id)


def _end(officer_id: bytes, account_id: bytes | None, *, told_over_channels: bool = False) -> None:
    """Their sign-in, their ways of being called and their keys end with the office.

    :param told_over_channels: they are told over them first; the ways go a day later.
    """
    _change(officer_id, None, standing=OfficerStanding.ENDED)
    if told_over_channels:
        telling.drop_channels_later(officer_id)
    else:
        channels.drop_all(officer_id)
    key_steps.forget_holder(officer_id)
    ticking.let_go(officer_id)
    if account_id is not None:
        sign_ins.end_all_of(account_id)


def _get(me: Responder, officer_id: bytes) -> Row[Any]:
    return _find(me.organisation_id, officer_id)


def _find(organisation_id: bytes, officer_id: bytes) -> Row[Any]:
    """:raises NotFound: no office of this organisation that is not over."""
    found = row(
        select(Officer.role, Officer.standing, Officer.account_id, Officer.end_by).where(
            Officer.id == officer_id,
            Officer.organisation_id == organisation_id,
            Officer.standing != OfficerStanding.ENDED,
        )
    )
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def _change(officer_id: bytes | None, before: OfficerStanding | None, **values: Any) -> None:
    """:raises NotFound: somebody else was quicker."""
    which = [Officer.id == officer_id, *([Officer.standing == before] if before else [])]
    changed = update(Officer).where(*which).values(**values).returning(Officer.id)
    if here().execute(changed.execution_options(synchronize_session=False)).first() is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
