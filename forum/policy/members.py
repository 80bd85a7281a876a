"""Finding who an account is in a group: by tag, never by a column that a thief could read."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Row, bindparam, select

from forum.base import clock, tagged
from forum.base.db import row
from forum.base.hot import Hot
from forum.base.keyring import HOUSE, Scope, the_keyring
from forum.models import Charter, Group, Persona, Restriction, Seat, Standing
from forum.policy import answered
from forum.policy.actor import Actor, Membership

#: What makes somebody a stranger: who left, and who was not let in yet. Ask for these, and never for one of them alone.
NOT_IN = (Standing.LEFT, Standing.WAITING)

#: What two people decided that keeps somebody out, under the tag of their persona (forum.groups.kept_out).
REMOVED, SUSPENDED = "removed", "suspended"
#: In place of a persona where there is none.
NOBODY = bytes(16)
#: Somebody can be in this many groups; "my groups" always asks for all seats at once, so the number tells nothing.
SEATS = 16


def holder_tags(account_id: bytes, scope: Scope) -> list[bytes]:
    """What leads from an account to its persona in a group."""
    return the_keyring().tags(scope, "holder", account_id)


def get_scope(group_id: bytes) -> Scope | None:
    """The organisation and group that tags and seals of this group begin with."""
    found = _HOUSE_OF.row({"group": group_id})
    return Scope(found.organisation_id, group_id) if found else None


_HOUSE_OF = Hot(select(Group.organisation_id).where(Group.id == bindparam("group")))


def find_membership(account_id: bytes | None, scope: Scope) -> Membership | None:
    """Who this account is in the group now, or None. Reads the database each time: a role may have ended."""
    found = _find_persona(account_id, scope)
    return _membership(found, scope) if found is not None and found.standing not in NOT_IN else None


def find_waiting(actor: Actor, scope: Scope) -> Membership | None:
    """Who the actor will be in the group if its team lets them in; None for everybody else, members too.

    They are a stranger to every other rule: ask this only for what somebody who waits may do.
    """
    found = _find_persona(actor.account_id, scope)
    return _membership(found, scope) if found is not None and found.standing is Standing.WAITING else None


def _find_persona(account_id: bytes | None, scope: Scope) -> Row | None:
    if account_id is None:
        return None
    tags = holder_tags(account_id, scope)
    return cast("Row | None", _PERSONA.row({"tag": tags[0], "tag_before": tags[-1]}))


_WHO = select(
    Persona.id,
    Persona.name,
    Persona.role,
    Persona.standing,
    Persona.agreed_version_id,
    Persona.joined_on,
    Charter.version_id.label("rules"),
    Charter.grace_until,
).outerjoin(Charter, Charter.group_id == Persona.group_id)
_PERSONA = Hot(_WHO.where(Persona.holder_tag.in_([bindparam("tag"), bindparam("tag_before")])))


def _membership(found: Row, scope: Scope) -> Membership:
    agreed, asked = stand_with_rules(found, scope, found.id)
    return Membership(scope, found.id, found.name, found.role, found.standing, agreed, found.joined_on, asked)


def stand_with_rules(found: Row, scope: Scope, persona_id: bytes) -> tuple[bool, bool]:
    """Whether somebody may post under the rules in force, and whether these wait for their answer. One query more for
    whoever did not answer them by last Monday.

    :param found: with agreed_version_id of the persona, and rules (the id) and grace_until of the charter.
    """
    if not is_asked(found):
        return has_agreed(found), False
    one = answered.find(scope, persona_id)
    if one is not None and one.version_id == found.rules:
        return True, False
    return has_agreed(found), True


def has_agreed(found: Row) -> bool:
    """Whether somebody may post under the rules in force: they agreed to them, or to earlier ones while there is still
    time to read what changed.

    :param found: with agreed_version_id of the persona, and rules (the id) and grace_until of the charter.
    """
    if found.rules is None or found.agreed_version_id is None:
        return False
    in_time = found.grace_until is not None and clock.now() < found.grace_until
    return bool(in_time or found.agreed_version_id == found.rules)


def is_asked(found: Row) -> bool:
    """Whether the rules in force wait for this person's answer. :param found: as for `has_agreed`."""
    return found.rules is not None and found.agreed_version_id != found.rules


def get_membership_of(scope: Scope, persona_id: bytes) -> Membership | None:
    """Who a persona is, whoever holds it: for jobs that gather what is held about it, and never to answer a page."""
    found = row(_WHO.where(Persona.id == persona_id, Persona.group_id == scope.group_id))
    return _membership(found, scope) if found else None


def actor_in(actor: Actor, scope: Scope) -> Actor:
    """The same person with their membership of one group read afresh."""
    membership = find_membership(actor.account_id, scope)
    return Actor(actor.account_id, actor.sign_in, {scope.group_id: membership} if membership else {})


def writer_in(actor: Actor, scope: Scope) -> Actor:
    """`actor_in`, and known too while they wait to be let in: for the line to the team and what was written there.

    Somebody whom the team keeps out for some weeks keeps that line as well: nobody is shut out from asking for help.
    """
    now = actor_in(actor, scope)
    waiting = None if now.memberships else _find_at_the_door(actor, scope)
    return replace(now, waiting={scope.group_id: waiting}) if waiting else now


def _find_at_the_door(actor: Actor, scope: Scope) -> Membership | None:
    if actor.account_id is None:
        return None
    found = _find_persona(actor.account_id, scope)
    if found is not None and found.standing is Standing.WAITING:
        return _membership(found, scope)
    # Asked of whoever was never there too: a hidden group must not answer who left it with one question more.
    is_out = _is_suspended(scope, found.id if found is not None else NOBODY)
    return _membership(found, scope) if found is not None and is_out else None


def _is_suspended(scope: Scope, persona_id: bytes) -> bool:
    kept = tagged.find(Restriction, scope, SUSPENDED, (persona_id,))
    if kept is None or tagged.find(Restriction, scope, REMOVED, (persona_id,)) is not None:
        return False
    until = out_until(kept)
    return until is not None and clock.now() < until


def out_until(kept: bytes) -> datetime | None:
    """Until when somebody is out; None: for good. :param kept: a mark, the decision, and until when in seconds come first."""
    seconds = int.from_bytes(kept[17:25])
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def list_scopes(account_id: bytes) -> list[Scope]:
    """The groups this account sits in. All seats are asked for at once, taken or free."""
    seats = {n.to_bytes(4): (account_id, n) for n in range(SEATS)}
    return [read_seat(value)[1] for value in tagged.find_many(Seat, HOUSE, "seat", seats).values()]


def read_seat(value: bytes) -> tuple[bytes, Scope]:
    """The persona and the group that a seat leads to."""
    return value[:16], Scope(value[16:32], value[32:48])


def seat_value(persona_id: bytes, scope: Scope) -> bytes:
    """What a seat holds: always 48 bytes, so its size tells nothing."""
    return persona_id + scope.organisation_id + scope.group_id


def names_of(account_id: bytes) -> set[str]:
    """Every name this person goes by in any group, for checks on their own behalf only."""
    found = (find_membership(account_id, scope) for scope in list_scopes(account_id))
    return {membership.name for membership in found if membership}
