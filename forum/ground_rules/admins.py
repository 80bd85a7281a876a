"""What admins see and do: organisations and groups as such. No persona, no post, no sign-in of a member."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, insert, select

from forum.accounts import links, second_factor
from forum.accounts.staff import LooksAfter, find_staff, get_staff
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import new_ident, write_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.content.crisis import NATIONS
from forum.ground_rules import making
from forum.ground_rules.making import Card, NewBoard
from forum.groups import people
from forum.models import Group, LinkPurpose, Organisation, Role
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_administer, require

MOST_NAME, MOST_TEXT = 80, 2000


@dataclass(frozen=True)
class Overview:
    """One organisation with its groups: address, name, door and whether it is open."""

    organisation: Row
    groups: Sequence[Row]

    @property
    def ref(self) -> str:
        """The organisation in a form."""
        return write_ident(self.organisation.id)


def list_overviews(actor: Actor) -> list[Overview]:
    """The organisations that this admin looks after.

    :raises NotFound: no admin.
    """
    staff = get_staff(actor)
    found = rows(select(Organisation.id, Organisation.name, Organisation.nation).order_by(Organisation.name))
    groups = rows(
        select(Group.id, Group.organisation_id, Group.address, Group.name, Group.door, Group.opened_at).order_by(
            Group.name
        )
    )
    return [
        Overview(one, [g for g in groups if g.organisation_id == one.id])
        for one in found
        if staff.whole_site or one.id in staff.organisations
    ]


def count_to_decide(overviews: Sequence[Overview]) -> int:
    """How many removals wait for a second person in these organisations."""
    return people.count_proposals([group.id for one in overviews for group in one.groups])


def may_make_organisations(staff: LooksAfter, actor: Actor) -> bool:
    """Whether they look after the whole site."""
    return may_administer(actor, staff.of(None)) is None


@retrying
def make_organisation(actor: Actor, name: str, nation: str, complaints: str) -> bytes:
    """A new organisation; gives its id.

    :param complaints: where somebody outside its teams listens, in words.
    :raises NotFound: no admin of the whole site. :raises StepUpNeeded: no code lately. :raises Invalid, Conflict: change it.
    """
    require(may_administer, actor, find_staff(actor).of(None))
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= MOST_NAME:
        raise Invalid(_("Give it a name of at most %(n)s letters.", n=MOST_NAME), "name")
    if nation not in NATIONS:
        raise Invalid(_("Choose one of the nations."), "nation")
    if len(complaints) > MOST_TEXT:
        raise Invalid(_("Use at most %(n)s letters here.", n=MOST_TEXT), "complaints")
    second_factor.require_step_up(actor)
    with transaction():
        if row(select(Organisation.id).where(Organisation.name == clean)):
            raise Conflict(_("That name is taken. Please choose another one."))
        made = new_ident()
        here().execute(insert(Organisation).values(id=made, name=clean, nation=nation, complaints=complaints.strip()))
        record.note("organisation.make", _admin(actor), made, nation)
    return made


def _admin(actor: Actor) -> bytes:
    """Who is recorded: the account that was made for this work, and kept as a digest."""
    return actor.account_id or b""


@retrying
def make_group(actor: Actor, organisation_id: bytes, card: Card, boards: Sequence[NewBoard] = ()) -> Scope:
    """A new group that outsiders do not know yet. Its door is shut until its team opens it.

    :raises NotFound: not their organisation. :raises StepUpNeeded: no code lately. :raises Invalid, Conflict: change it.
    """
    require(may_administer, actor, find_staff(actor).of(organisation_id))
    found = row(select(Organisation.name, Organisation.nation).where(Organisation.id == organisation_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    making.check_card(card)
    second_factor.require_step_up(actor)
    with transaction():
        return add_group(_admin(actor), found.name, card, boards, found.nation)


def add_group(by: bytes, organisation: str, card: Card, boards: Sequence[NewBoard], nation: str) -> Scope:
    """Step: a group, its organisation if there is none of that name, and what the record says of both.

    :param by: the admin's account, or OPERATOR. :raises Invalid, Conflict: as for `making.make_group`.
    """
    is_new = row(select(Organisation.id).where(Organisation.name == organisation)) is None
    scope = making.add_group(organisation, card, boards, nation)
    if is_new:
        record.note("organisation.make", by, scope.organisation_id, nation)
    record.note("group.make", by, scope.group_id, f"{card.door.value} {card.listing.value}")
    return scope


@retrying
def invite_facilitator(actor: Actor, address: str) -> str:
    """A link that makes somebody facilitator of a group; gives its secret, shown once. For 24 hours.

    :raises NotFound: not their group. :raises StepUpNeeded: no code lately.
    """
    found = row(select(Group.id, Group.organisation_id).where(Group.address == address))
    if found is None:
        get_staff(actor)
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_administer, actor, find_staff(actor).of(found.organisation_id))
    second_factor.require_step_up(actor)
    with transaction():
        return first_facilitator(Scope(found.organisation_id, found.id), _admin(actor))


def first_facilitator(scope: Scope, by: bytes = record.OPERATOR) -> str:
    """Step: the link itself, also for the command line.

    :param by: the admin's account, without whom the link ends too.
    """
    record.note("role.link", by, scope.group_id, Role.FACILITATOR.value)
    return links.make_link(
        LinkPurpose.ROLE,
        organisation_id=scope.organisation_id,
        group_id=scope.group_id,
        role=Role.FACILITATOR,
        admin=None if by == record.OPERATOR else by,
    )
