"""The second tap on "come in": the first answer was lost with its cookie, and the newcomer must not meet themselves.

For ten minutes the same form, sent again by the same browser, is answered with the sign-in that it became. What leads
there is a tag of the form's random token, of the visitor's cookie and of the group: a form alone opens nothing, nor does
the cookie.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select

from forum.accounts.usecases import Entered
from forum.base import clock, tagged
from forum.base.db import rows
from forum.base.idents import read_ident
from forum.base.keyring import HOUSE, Scope
from forum.base.transaction import here, transaction
from forum.models import Arrival, SignInKind
from forum.policy.actor import Actor
from forum.web import sign_ins

#: A slow line and a second try, and no longer: on a shared phone somebody else may hold it next.
KEPT = timedelta(minutes=10)
HOUR = timedelta(hours=1)
KIND = "arrival"


def keep(actor: Actor, scope: Scope, token: str, account_id: bytes, entered: Entered) -> None:
    """Step: remember what this form became.

    :param actor: the visitor as they were before. :param token: of the form; one that we did not make keeps nothing.
    """
    if (ids := _ids(actor, scope, token)) is None:
        return
    until = clock.now() + KEPT
    sealed = tagged.sealed_row(Arrival, HOUSE, KIND, ids, _pack(account_id, entered, until))
    tagged.drop(Arrival, HOUSE, KIND, ids)  # what it became before is over, or it would have been found
    here().execute(insert(Arrival).values(**sealed, ends_hour=clock.floor_hour(until) + HOUR))


def find(actor: Actor, scope: Scope, token: str) -> tuple[bytes, Entered] | None:
    """The account and the sign-in that this form became, while they are fresh and nobody left since."""
    ids = _ids(actor, scope, token)
    value = tagged.find(Arrival, HOUSE, KIND, ids) if ids else None
    if value is None:
        return None
    account_id, entered, until = _unpack(value)
    live = sign_ins.find(sign_ins.hash_of(entered.secret))
    return (account_id, entered) if clock.now() < until and live is not None else None


def purge() -> None:
    """Forget the forms of more than some minutes ago."""
    now = clock.now()
    if not rows(select(Arrival.tag).where(Arrival.ends_hour <= now).limit(1)):
        return
    with transaction():
        here().execute(delete(Arrival).where(Arrival.ends_hour <= now))


def _ids(actor: Actor, scope: Scope, token: str) -> tuple[bytes, ...] | None:
    form = read_ident(token)
    if actor.account_id or actor.sign_in is None or form is None:
        return None
    return form, actor.sign_in, scope.group_id


def _pack(account_id: bytes, entered: Entered, until: datetime) -> bytes:
    kind = list(SignInKind).index(entered.kind)
    return account_id + bytes([kind]) + int(until.timestamp()).to_bytes(8) + entered.secret.encode()


def _unpack(value: bytes) -> tuple[bytes, Entered, datetime]:
    entered = Entered(value[25:].decode(), list(SignInKind)[value[16]])
    return value[:16], entered, datetime.fromtimestamp(int.from_bytes(value[17:25]), UTC)
