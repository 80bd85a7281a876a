"""Making groups and taking a place in one."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, delete, insert, select, update

from forum.accounts import names
from forum.base import clock, tagged
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import HOUSE, Scope, the_keyring
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.groups import given_up, own_names, queries
from forum.models import Mention, Persona, Role, Seat, Standing
from forum.policy.actor import Actor
from forum.policy.members import SEATS, actor_in, get_scope, holder_tags, seat_value
from forum.policy.permissions import Denial


@dataclass(frozen=True)
class NewPersona:
    """Who somebody becomes in a group."""

    id: bytes
    name: str


def offer_names(group_id: bytes, n: int = 3) -> list[str]:
    """Names nobody uses in this group yet."""
    scope = get_scope(group_id)
    return names.offer(n, lambda wanted: taken(scope, wanted) if scope else set())


def taken(scope: Scope, wanted: set[str], persona_id: bytes = b"") -> set[str]:
    """Which of these name skeletons are in use, or were until lately. In this order: one given up meanwhile is in both."""
    return queries.taken_skeletons(scope.group_id, wanted) | given_up.taken(scope, wanted, persona_id)


def find_persona(account_id: bytes | None, scope: Scope) -> Row | None:
    """Who this account is or was to be in the group, whatever became of it: id, name and standing. For coming in only."""
    if account_id is None:
        return None
    return row(
        select(Persona.id, Persona.name, Persona.standing).where(Persona.holder_tag.in_(holder_tags(account_id, scope)))
    )


def take_up(scope: Scope, asked: Row, standing: Standing) -> NewPersona:
    """Step: who somebody asked to be before, with the name they had then.

    :param asked: from `find_persona`, in this transaction.
    """
    here().execute(
        update(Persona)
        .where(Persona.id == asked.id, Persona.group_id == scope.group_id)
        .values(standing=standing, joined_on=joined_week(standing))
        .execution_options(synchronize_session=False)
    )
    return NewPersona(asked.id, asked.name)


def joined_week(standing: Standing) -> date | None:
    """The Monday of this week for whoever is in: nothing needs to know it finer."""
    return None if standing is Standing.WAITING else clock.monday()


def add_persona(
    scope: Scope,
    account_id: bytes,
    name: str,
    role: Role = Role.MEMBER,
    standing: Standing = Standing.NEWCOMER,
) -> NewPersona:
    """Step: give an account a persona in a group, and a seat that leads its owner back to it.

    :param standing: NEWCOMER, or WAITING until a person of the team lets them in. Who has a role is settled.
    :raises Invalid: the name cannot be used. :raises NotAllowed: no seat is free, or they left this group before.
    """
    if find_persona(account_id, scope):
        raise NotAllowed(_("You left this group before. For 21 days you can undo that, on the page “Taking leave”."))
    clean = names.check_name(name)
    skeleton = names.skeleton(clean)
    own_names.require_fitting(account_id, scope, clean)
    if taken(scope, {skeleton}):
        raise Invalid(_("Someone here has a name like that. Please choose another."), "name")
    persona_id = new_ident()
    ring = the_keyring()
    here().execute(
        insert(Persona).values(
            id=persona_id,
            group_id=scope.group_id,
            holder_tag=holder_tags(account_id, scope)[0],
            name=clean,
            skeleton=skeleton,
            role=role,
            standing=standing if role is Role.MEMBER else Standing.SETTLED,
            joined_on=joined_week(standing),
            key_id=ring.writing_id,
        )
    )
    take_seat(account_id, persona_id, scope)
    return NewPersona(persona_id, clean)


def rename(actor: Actor, scope: Scope, name: str) -> str:
    """Change one's own name in a group. Everything said under the old one shows the new one.

    The old one stays free of others for a month, and its owner may take it back.

    :raises Invalid: the name cannot be used, or is too like somebody else's. :raises NotFound: not a member.
    """
    clean = names.check_name(name)
    skeleton = names.skeleton(clean)
    with transaction():
        membership = actor_in(actor, scope).membership_in(scope.group_id)
        if membership is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        if (before := names.skeleton(membership.name)) != skeleton:
            own_names.require_fitting(actor.account_id, scope, clean)
            if taken(scope, {skeleton}, membership.persona_id):
                raise Invalid(_("Someone here has a name like that. Please choose another."), "name")
            given_up.keep(scope, before, membership.persona_id)
            given_up.drop(scope, skeleton)
            # Words with the old name lead to the new one no more: together they would say who this was.
            here().execute(delete(Mention).where(Mention.persona_id == membership.persona_id))
        here().execute(
            update(Persona)
            .where(Persona.id == membership.persona_id)
            .values(name=clean, skeleton=skeleton)
            .execution_options(synchronize_session=False)
        )
    return clean


def take_seat(account_id: bytes, persona_id: bytes, scope: Scope) -> None:
    """Step: have an account find its way to a group.

    :raises NotAllowed: no seat is free.
    """
    for n in range(SEATS):
        if tagged.find(Seat, HOUSE, "seat", (account_id, n)) is None:
            tagged.keep(Seat, HOUSE, "seat", (account_id, n), seat_value(persona_id, scope))
            return
    raise NotAllowed(_("You are in %(n)s groups already. Leave one of them first.", n=SEATS))
