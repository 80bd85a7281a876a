"""Admins: made by a one-time link, signed in with two steps, shut out in one go."""

from dataclasses import dataclass

from sqlalchemy import Row, delete, insert, or_, select

from forum.accounts import links, new_devices, second_factor, usecases
from forum.accounts.usecases import Entered
from forum.base import clock, hashing
from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Group, LinkPurpose, Organisation, Persona, Role, SignIn, SignInKind, Staff, StaffRole
from forum.policy.actor import Actor
from forum.policy.members import NOT_IN, holder_tags
from forum.policy.permissions import Denial, StaffFacts, may_administer, require
from forum.web import sign_ins


@dataclass(frozen=True)
class LooksAfter:
    """What somebody is an admin of.

    :param organisations: their ids; empty beside `whole_site`.
    """

    device: SignInKind | None = None
    whole_site: bool = False
    organisations: frozenset[bytes] = frozenset()

    def of(self, organisation_id: bytes | None) -> StaffFacts:
        """The facts for a question about one organisation, or the whole site (None)."""
        return StaffFacts(self.device, self.whole_site, self.organisations, organisation_id)

    @property
    def anything(self) -> bool:
        """Whether they are an admin, signed in as one."""
        return self.device is SignInKind.STAFF and (self.whole_site or bool(self.organisations))


def find_staff(actor: Actor) -> LooksAfter:
    """What this person looks after, as they are signed in now."""
    if actor.account_id is None:
        return LooksAfter()
    found = rows(
        select(Staff.organisation_id, SignIn.kind)
        .join(SignIn, SignIn.account_id == Staff.account_id)
        .where(Staff.account_id == actor.account_id, SignIn.cookie_sha256 == actor.sign_in)
    )
    if not found:
        return LooksAfter()
    named = frozenset(r.organisation_id for r in found if r.organisation_id is not None)
    return LooksAfter(found[0].kind, any(r.organisation_id is None for r in found), named)


def get_staff(actor: Actor, organisation_id: bytes | None = None) -> LooksAfter:
    """The same, for whoever may go on.

    :param organisation_id: the one asked about; None: any they have.
    :raises NotFound: not theirs, or no admin: the two look the same.
    """
    found = find_staff(actor)
    if organisation_id is None and not found.anything:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    if organisation_id is not None:
        require(may_administer, actor, found.of(organisation_id))
    return found


def get_whole_site(actor: Actor) -> LooksAfter:
    """The same for admins of the whole site.

    :raises NotFound: no such admin.
    """
    found = find_staff(actor)
    require(may_administer, actor, found.of(None))
    return found


def invite(organisation_id: bytes | None = None) -> str:
    """Make a link that makes an admin: of one organisation, or of the whole site. For the command line."""
    with transaction():
        return links.make_link(LinkPurpose.ADMIN, organisation_id=organisation_id)


def accept(actor: Actor, secret: str, name: str, password: str) -> Entered:
    """Become an admin: a private sign-in name, a password, and next the second factor.

    Whoever was signed in here until now leaves in a transaction of their own: none knows of both.

    :raises NotFound: the link was used or has ended. :raises Invalid, Conflict: as for choosing a sign-in name.
    """
    if links.find_link(secret, LinkPurpose.ADMIN) is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    halves = usecases.prepare_name(name, password)
    entered = _make_admin(secret, halves, None if actor.account_id else actor.sign_in)
    if actor.account_id and actor.sign_in:
        usecases.leave(actor.sign_in)
    return entered


def _make_admin(secret: str, halves: hashing.Halves, before: bytes | None) -> Entered:
    with transaction():
        link = links.use_link(secret, LinkPurpose.ADMIN)
        account_id = usecases.make_account()
        usecases.add_credential(account_id, halves)
        here().execute(
            insert(Staff).values(
                id=new_ident(), account_id=account_id, organisation_id=link.organisation_id, role=StaffRole.ADMIN
            )
        )
        return usecases.enter(account_id, SignInKind.STAFF, before)


def finish_sign_in(actor: Actor, code: str, device: str = "") -> Entered:
    """The second step of signing in.

    :param device: the mark of this device (forum.accounts.new_devices).

    :raises NotFound: the first one is too long ago. :raises NotAllowed: a wrong code. :raises TooMany: slow down.
    """
    account_id = second_factor.find_half(actor)
    if account_id is None:
        raise NotFound(_("The code has to come within ten minutes. Please sign in again, then give it."))
    with second_factor.slowed_tries(account_id), transaction():
        second_factor.use_code(account_id, code)
        new_devices.note(account_id, device)
        return usecases.enter_proved(account_id, actor.sign_in)


def set_up(actor: Actor, code: str, device: str = "") -> tuple[list[str], Entered]:
    """Take an admin's first second factor into use and finish their sign-in; gives the spare codes, shown once.

    :raises NotFound: not half-way in, or there is a second factor already. :raises NotAllowed, TooMany: as for a code.
    """
    account_id = second_factor.find_half(actor)
    if account_id is None or second_factor.has_factor(account_id):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    with second_factor.slowed_tries(account_id), transaction():
        spares = second_factor.take_new(actor, account_id, code)
        new_devices.note(account_id, device)
        return spares, usecases.enter_proved(account_id, actor.sign_in)


def still_looks_after(account_id: bytes, organisation_id: bytes | None) -> bool:
    """Whether an account is an admin of this organisation, or of the whole site, still."""
    theirs = or_(Staff.organisation_id == organisation_id, Staff.organisation_id.is_(None))
    return row(select(Staff.id).where(theirs, Staff.account_id == account_id).limit(1)) is not None


def has_others(actor: Actor, organisation_id: bytes) -> bool:
    """Whether anybody but `actor` looks after this organisation."""
    theirs = or_(Staff.organisation_id == organisation_id, Staff.organisation_id.is_(None))
    return row(select(Staff.id).where(theirs, Staff.account_id != actor.account_id).limit(1)) is not None


def list_staff() -> list[tuple[Row, bool]]:
    """Each admin with whether they have a second factor. For the command line; the rows name no person."""
    found = rows(
        select(Staff.id, Staff.account_id, Staff.organisation_id, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Staff.organisation_id)
        .order_by(Organisation.name, Staff.id)
    )
    return [(one, second_factor.has_factor(one.account_id)) for one in found]


def end_staff_sessions(actor: Actor, organisation_id: bytes | None) -> int:
    """Sign out everybody who looks after anything in an organisation, or everywhere, this browser too.

    :param organisation_id: None: the whole site, for its admins only.
    :raises NotFound: not theirs. :raises StepUpNeeded: no code was given lately.
    """
    require(may_administer, actor, find_staff(actor).of(organisation_id))
    second_factor.require_step_up(actor)
    return end_all(organisation_id)


def end_staff(staff_id: bytes) -> bool:
    """Take somebody's admin role away and sign them out; False if there was no such role."""
    with transaction():
        gone = here().execute(delete(Staff).where(Staff.id == staff_id).returning(Staff.account_id)).first()
        if gone is None:
            return False
        for device in rows(select(SignIn.cookie_sha256).where(SignIn.account_id == gone.account_id)):
            sign_ins.end(device.cookie_sha256)
    return True


def end_all(organisation_id: bytes | None = None) -> int:
    """The same for the command line, which asks nobody."""
    ending = _team_sign_ins(organisation_id)
    with transaction():
        for cookie_sha256 in ending:
            sign_ins.end(cookie_sha256)
    return len(ending)


def _team_sign_ins(organisation_id: bytes | None) -> set[bytes]:
    """Sign-ins of admins and of the teams of groups. A team's account is found by computing tags: no column leads there."""
    live = rows(
        select(SignIn.cookie_sha256, SignIn.account_id).where(
            SignIn.account_id.is_not(None), SignIn.ends_on > clock.now()
        )
    )
    theirs = Staff.organisation_id == organisation_id if organisation_id else Staff.id.is_not(None)
    admins = {r.account_id for r in rows(select(Staff.account_id).where(theirs))}
    team = rows(
        select(Persona.holder_tag, Persona.group_id, Group.organisation_id)
        .join(Group, Group.id == Persona.group_id)
        .where(Persona.role != Role.MEMBER, Persona.standing.not_in(NOT_IN))
    )
    wanted = {r.holder_tag for r in team if organisation_id in (None, r.organisation_id)}
    scopes = {Scope(r.organisation_id, r.group_id) for r in team if r.holder_tag in wanted}
    found = admins | {
        account for account in {r.account_id for r in live} if any(_holds(account, s, wanted) for s in scopes)
    }
    return {r.cookie_sha256 for r in live if r.account_id in found}


def _holds(account_id: bytes, scope: Scope, wanted: set[bytes]) -> bool:
    return not wanted.isdisjoint(holder_tags(account_id, scope))
