"""Deleting one's sign-in: out of every group with all words, signed out on every device; for 21 days the way back undoes it.

Group by group, each in a transaction of its own, and the sign-in in the last: no copy of the database shows rows of one
person in two groups as written together.
"""

from dataclasses import dataclass

from sqlalchemy import Row

from forum.accounts import device_codes
from forum.accounts import queries as accounts
from forum.accounts.usecases import account_of
from forum.base.errors import NotAllowed, NotFound
from forum.base.keyring import HOUSE, Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import put_away
from forum.groups import usecases as groups
from forum.groups.successor import check_successor
from forum.leaving import farewells, steps
from forum.leaving.farewells import Kind
from forum.leaving.usecases import (
    Hidden,
    bring_back,
    can_bring_back,
    leave,
    send_words_away,
    take_up_again,
    whose,
)
from forum.models import Role, Standing
from forum.policy.actor import Actor
from forum.policy.members import find_membership, list_scopes
from forum.web import sign_ins


@dataclass(frozen=True)
class Gone:
    """What a deleted sign-in was in one group: for the receipt."""

    scope: Scope
    persona_id: bytes


@retrying
def delete_account(actor: Actor, hidden: Hidden) -> list[Gone]:
    """Leave every group with all words, also those to the teams, and end every sign-in; gives where one was.

    Doing it again goes on where it stopped.

    :raises NotFound: not signed in. :raises NotAllowed: an admin, or the last facilitator of a group.
    """
    account_id = account_of(actor)
    if accounts.is_staff(account_id):
        raise NotAllowed(_("You look after an organisation here. Ask whoever runs this site to end that first."))
    scopes = list_scopes(account_id)
    _check_successors(account_id, scopes)
    gone = [_leave_for_good(account_id, scope, hidden) for scope in scopes]
    with transaction():
        farewells.begin(HOUSE, account_id, Kind.ACCOUNT, farewells.new())
        device_codes.forget_of(account_id)
        sign_ins.end_all_of(account_id)
    return [one for one in gone if one]


def _check_successors(account_id: bytes, scopes: list[Scope]) -> None:
    """All of them before anything is done: half a leaving would surprise."""
    for scope in scopes:
        membership = find_membership(account_id, scope)
        if membership and membership.role is Role.FACILITATOR:
            with transaction():
                check_successor(scope, membership.persona_id)


def _leave_for_good(account_id: bytes, scope: Scope, hidden: Hidden) -> Gone | None:
    with transaction():
        sent: list[bytes] = []
        names = whose(account_id, scope)
        for persona_id in names:
            sent += _send_away(scope, persona_id, hidden, apart=persona_id != names[-1])
        persona = groups.find_persona(account_id, scope)
        if persona is not None:
            _step_out(account_id, scope, persona)
    for errand_id in sent:
        put_away.go_now(errand_id)
    return Gone(scope, persona.id) if persona else None


def _send_away(scope: Scope, persona_id: bytes, hidden: Hidden, *, apart: bool) -> list[bytes]:
    """Step: words that were put out of sight before this do not come back with the sign-in: there was a reason.

    :param apart: words of an older name, which must not go in one minute with those of the newer; unless all may.
    """
    before = farewells.find(scope, persona_id, Kind.WORDS)
    sent = send_words_away(scope, persona_id, hidden, to_team=True, apart=apart and hidden is not Hidden.NOW)
    if before is None or before.with_account:
        farewells.join_to_account(scope, persona_id, Kind.WORDS)
    return sent


def _step_out(account_id: bytes, scope: Scope, persona: Row) -> None:
    """Step: out, whatever they are here: a member, somebody who waits, or who left or was sent away before."""
    if farewells.find(scope, account_id, Kind.LEFT) is None:
        _leave_now(account_id, scope, persona)
        farewells.join_to_account(scope, account_id, Kind.LEFT)


def _leave_now(account_id: bytes, scope: Scope, persona: Row) -> None:
    membership = find_membership(account_id, scope)
    if membership is not None:
        leave(scope, account_id, membership)
    else:
        farewells.begin(scope, account_id, Kind.LEFT, farewells.new(persona.id, persona.standing.value))
        if persona.standing is Standing.WAITING:
            steps.step_out(scope, persona.id)


def take_account_up_again(actor: Actor) -> None:
    """The inverse of `delete_account`: in one's groups again, with the words that can still come back.

    :raises NotFound: this sign-in was not deleted.
    """
    account_id = account_of(actor)
    if farewells.find_ending(account_id) is None:
        raise NotFound(_("There is nothing left to undo here."))
    for scope in list_scopes(account_id):
        _take_group_up_again(account_id, scope)
    with transaction():
        farewells.drop(HOUSE, account_id, Kind.ACCOUNT)


def _take_group_up_again(account_id: bytes, scope: Scope) -> None:
    try:
        with transaction():
            going = farewells.find(scope, account_id, Kind.LEFT, lock=True)
            if going and going.with_account:
                take_up_again(scope, account_id, going)
    except NotAllowed:
        return  # the team decided that they go; their words stay taken back with them
    bring_back(scope, [one for one in can_bring_back(account_id, scope) if _went_along(scope, one)])


def _went_along(scope: Scope, persona_id: bytes) -> bool:
    going = farewells.find(scope, persona_id, Kind.WORDS)
    return going is not None and going.with_account
