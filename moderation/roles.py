"""Roles in a group: given by a link that works once, changed and ended with a reason, each a link of the audit chain."""

import enum
from dataclasses import dataclass

from sqlalchemy import select, update

from forum.accounts import links, names, staff
from forum.accounts.second_factor import require_step_up
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.groups import invitations
from forum.groups.successor import check_successor, lock_team_and
from forum.models import LinkPurpose, Persona, Role, Standing
from forum.policy.actor import Actor, Membership
from forum.policy.members import NOT_IN, find_membership, get_scope
from forum.policy.permissions import Denial, may_facilitate, require
from forum.policy.record import OPERATOR
from forum.web.sign_ins import announce_end
from moderation import audit, leases, own
from moderation.safeguarding import key_steps, ticking


class Why(enum.StrEnum):
    """Why a role ends. A code and not a text, for it stands in the audit chain for good."""

    ASKED = "asked"
    BREAK = "break"
    AWAY = "away"
    MISTAKE = "mistake"
    TRUST = "trust"


def read_why(typed: str) -> Why:
    """What a form says.

    :raises Invalid: nothing that we offered.
    """
    try:
        return Why(typed)
    except ValueError as error:
        raise Invalid(_("Choose why the role ends."), "why") from error


# --- By pages: a facilitator of the group ---


def make_link(actor: Actor, scope: Scope, role: Role) -> str:
    """A link that gives a role in this group to the member who opens it, once, within 24 hours; gives its secret.

    :raises NotFound, NotAllowed: no facilitator of this group. :raises StepUpNeeded: with a second step, give its code.
    """
    require(may_facilitate, actor, scope.group_id)
    if role is Role.MEMBER:
        raise Invalid(_("Choose a role."), "role")
    require_step_up(actor)
    by = actor.memberships[scope.group_id].persona_id
    with transaction():
        secret = links.make_link(
            LinkPurpose.ROLE, organisation_id=scope.organisation_id, group_id=scope.group_id, role=role, made_by=by
        )
        audit.note("role.link", by, scope.group_id, role.value)
    return secret


@dataclass(frozen=True)
class Offer:
    """What a link offers to whoever opened it.

    :param membership: who they are in the group; None: they have to come in first.
    """

    scope: Scope
    role: Role
    membership: Membership | None


def find_offer(actor: Actor, secret: str) -> Offer:
    """What a link offers.

    :raises NotFound: it was used, has ended or never was, or its giver is no facilitator any more: all look the same.
    """
    return _offer(actor, links.find_link(secret, LinkPurpose.ROLE))


def come_in_with(actor: Actor, secret: str) -> bytes:
    """Let the browser of somebody who was offered a role into the group as an invitation would; gives the group's id.

    :param actor: with the hash of their browser's cookie.
    :raises NotFound: as for `find_offer`.
    """
    offer = find_offer(actor, secret)
    invitations.hold_for_link(actor.sign_in or b"", offer.scope, secret)
    return offer.scope.group_id


def accept_role(actor: Actor, secret: str) -> Membership:
    """Take the role that a link offers; gives who the actor was until now.

    :raises NotFound: as for `find_offer`, or they are not in the group.
    :raises NotAllowed: the last facilitator cannot become something else.
    """
    with transaction():
        offer = _offer(actor, links.use_link(secret, LinkPurpose.ROLE))
        if offer.membership is None:
            raise _opens_nothing()
        me = offer.membership.persona_id
        audit.note("role.accept", me, me, offer.role.value)
        _change(offer.scope, me, offer.role)
    return offer.membership


def _offer(actor: Actor, link: links.Link | None) -> Offer:
    scope = get_scope(link.group_id) if link and link.group_id else None
    if link is None or link.role is None or scope is None or not _still_gives(link):
        raise _opens_nothing()
    return Offer(scope, link.role, find_membership(actor.account_id, scope))


def _opens_nothing() -> NotFound:
    return NotFound(_("This link does not work any more. Ask for a new one."))


def _still_gives(link: links.Link) -> bool:
    """Whether whoever made the link could make it now; the command line always could."""
    if link.made_by is None:
        return link.admin is None or staff.still_looks_after(link.admin, link.organisation_id)
    giver = row(select(Persona.role, Persona.standing, Persona.group_id).where(Persona.id == link.made_by))
    in_charge = giver is not None and giver.role is Role.FACILITATOR and giver.standing not in NOT_IN
    return in_charge and giver is not None and giver.group_id == link.group_id


def end_role(actor: Actor, scope: Scope, persona_id: bytes, why: Why) -> None:
    """Make somebody of the team a member again, oneself too.

    :raises NotFound, NotAllowed: no facilitator of this group, nobody of the team by that id here, or the last
        facilitator. :raises StepUpNeeded: with a second step, give its code.
    """
    require(may_facilitate, actor, scope.group_id)
    require_step_up(actor)
    with transaction():
        if _change(scope, persona_id, Role.MEMBER) is Role.MEMBER:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        audit.note("role.end", actor.memberships[scope.group_id].persona_id, persona_id, why.value)


# --- By the operator ---


def set_role(scope: Scope, name: str, role: Role) -> None:
    """Give somebody a role in one group, found by the name they go by there.

    :raises NotFound: nobody of that name. :raises NotAllowed: the last facilitator cannot go without another.
    """
    with transaction():
        found = row(
            select(Persona.id).where(
                Persona.group_id == scope.group_id,
                Persona.skeleton == names.skeleton(name),
                Persona.standing.not_in(NOT_IN),
            )
        )
        if found is None:
            raise NotFound(_("Nobody goes by that name in this group."))
        _change(scope, found.id, role)
        audit.note("role.set", OPERATOR, found.id, role.value)


def list_team(group_id: bytes) -> list[tuple[str, str]]:
    """Names and roles of one group's team, for the operator."""
    found = rows(
        select(Persona.name, Persona.role)
        .where(Persona.group_id == group_id, Persona.role != Role.MEMBER, Persona.standing.not_in(NOT_IN))
        .order_by(Persona.role, Persona.name)
    )
    return [(r.name, r.role.value) for r in found]


# --- Steps ---


def _change(scope: Scope, persona_id: bytes, role: Role) -> Role:
    """Step: the one place that writes a role; gives the one before."""
    found = next((p for p in lock_team_and(scope, persona_id) if p.id == persona_id), None)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    if role is not Role.FACILITATOR:
        check_successor(scope, persona_id)
    here().execute(
        update(Persona)
        .where(Persona.id == persona_id)
        .values(role=role, standing=Standing.SETTLED)
        .execution_options(synchronize_session=False)
    )
    if role is not Role.FACILITATOR:
        key_steps.forget_holder(persona_id)
        ticking.let_go(persona_id)
    if role is Role.MEMBER:
        own.forget(scope, persona_id)
        leases.free_all(scope, persona_id)
    announce_end(f"persona:{persona_id.hex()}")
    return Role(found.role)
