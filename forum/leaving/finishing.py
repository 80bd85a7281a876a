"""What happens when nothing can be undone any more: what was kept goes, and the ledger says so first."""

from sqlalchemy import delete, select

from forum.accounts import device_codes, new_devices, second_factor
from forum.base import erasures, jobs, tagged
from forum.base.db import row
from forum.base.keyring import HOUSE, Scope
from forum.base.transaction import here
from forum.groups.apart import leave_seat
from forum.leaving import farewells, steps
from forum.leaving.farewells import FINISH, Going, Kind
from forum.models import Account, Credential, Persona, Seat, Standing
from forum.policy.members import SEATS, get_scope
from forum.web import sign_ins


@jobs.step(FINISH)
def finish(_payload: jobs.Payload) -> None:
    """One farewell whose last day is over, and the next in a transaction of its own."""
    over = next(farewells.list_over(), None)
    if over is None:
        return
    scope, kind, owner, going = over
    if farewells.find_row(scope, owner, kind) is not None:
        farewells.drop(scope, owner, kind)
        _finish(scope, kind, owner, going)
    jobs.enqueue(FINISH, {})


def _finish(scope: Scope, kind: Kind, owner: bytes, going: Going) -> None:
    """Step: WORDS needs nothing more: each sealed copy goes by its own day."""
    if kind is Kind.LEFT:
        leave_seat(owner, scope)
        steps.forget_persona(scope, going.persona_id)
    elif kind is Kind.FRESH:
        steps.forget_persona(scope, going.persona_id)
    elif kind is Kind.ACCOUNT:
        forget_account(owner)


def forget_account(account_id: bytes) -> None:
    """Step: for good: no way back, no device, no seat, and nothing that says there was somebody."""
    erasures.note("account", account_id)
    sign_ins.end_all_of(account_id)
    device_codes.forget_of(account_id)
    second_factor.forget(account_id)
    new_devices.forget(account_id)
    for n in range(SEATS):
        tagged.drop(Seat, HOUSE, "seat", (account_id, n))
    here().execute(delete(Credential).where(Credential.account_id == account_id))
    here().execute(delete(Account).where(Account.id == account_id))


# --- After a restore ---


def register() -> None:
    """Have a restored copy forget again whom this one forgot."""
    erasures.on_replay("persona", _forget_persona_again)
    erasures.on_replay("account", _forget_account_again)


def _forget_persona_again(persona_id: bytes) -> bool:
    found = row(select(Persona.group_id, Persona.agreed_version_id, Persona.standing).where(Persona.id == persona_id))
    scope = get_scope(found.group_id) if found else None
    if found is None or scope is None or (found.standing is Standing.LEFT and not found.agreed_version_id):
        return False
    steps.forget_persona(scope, persona_id)
    return True


def _forget_account_again(account_id: bytes) -> bool:
    if row(select(Account.id).where(Account.id == account_id)) is None:
        return False
    forget_account(account_id)
    return True
