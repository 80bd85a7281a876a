"""Who is on their way out, and until when they can turn back: found by tag from their sign-in, and by nothing else.

In a group three kinds, and one for the sign-in itself. All are sealed at one size, so that none tells which it is.
"""

import enum
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from forum.base import clock, jobs, tagged
from forum.base.db import rows
from forum.base.keyring import HOUSE, KeyringError, Scope
from forum.conversations.put_away import last_day
from forum.conversations.renewal import all_scopes
from forum.models import Farewell

#: What the longest of them needs, with room.
SIZE = 400
FINISH = "finish_farewells"


class Kind(enum.StrEnum):
    """What somebody did. Each can be undone by itself."""

    WORDS = "words"  #: took all their words in a group back
    LEFT = "left"  #: left the group
    FRESH = "fresh"  #: went on in the same group under a name that nothing joins to the old one
    ACCOUNT = "account"  #: deleted their sign-in


@dataclass(frozen=True)
class Going:
    """One farewell.

    :param until: the last day to undo it. :param persona: whom it is about, as hex; of FRESH the older one.
    :param standing: what they were before. :param with_account: done by deleting the sign-in, and undone with that.
    """

    until: date
    persona: str = ""
    standing: str = ""
    with_account: bool = False

    @property
    def persona_id(self) -> bytes:
        """Whom it is about."""
        return bytes.fromhex(self.persona)


def begin(scope: Scope, owner: bytes, kind: Kind, going: Going) -> None:
    """Step: keep it, and have it finished once its last day is over. Its use case is `retrying`.

    The job says a day and nothing else: it looks through all of them.

    :param owner: the account; of WORDS the persona.
    """
    text = json.dumps({**asdict(going), "until": going.until.isoformat()}).encode()
    tagged.keep(Farewell, scope, kind, (owner,), text.ljust(SIZE))
    day_after = datetime.combine(going.until, time(), UTC) + timedelta(days=1)
    jobs.enqueue(FINISH, {}, day_after, dedupe_key=f"{FINISH}:{going.until}")


def find(scope: Scope, owner: bytes, kind: Kind, *, lock: bool = False) -> Going | None:
    """What its owner did and can still undo.

    :param lock: in a transaction that undoes or finishes it: the two take turns.
    """
    value = tagged.find(Farewell, scope, kind, (owner,), lock=lock)
    going = _read(value) if value else None
    return going if going and clock.today() <= going.until else None


def find_row(scope: Scope, owner: bytes, kind: Kind) -> bytes | None:
    """Step: whether it is still to be finished; nobody else changes it until the transaction ends."""
    return tagged.find(Farewell, scope, kind, (owner,), lock=True)


def find_ending(account_id: bytes) -> Going | None:
    """Whether a sign-in was deleted and can still be taken up again."""
    return find(HOUSE, account_id, Kind.ACCOUNT)


def drop(scope: Scope, owner: bytes, kind: Kind) -> None:
    """Step: it is undone, or finished."""
    tagged.drop(Farewell, scope, kind, (owner,))


def list_over() -> Iterator[tuple[Scope, Kind, bytes, Going]]:
    """Those whose last day is over: where, what, whose and how. Opens each row; there are as many as people who left."""
    scopes = [HOUSE, *all_scopes()]
    for r in rows(select(Farewell.tag, Farewell.sealed).order_by(Farewell.tag)):
        for scope in scopes:
            try:
                kind, value, ids = tagged.open_whole(Farewell, scope, r.tag, r.sealed)
            except KeyringError:
                continue
            if clock.today() > (going := _read(value)).until:
                yield scope, Kind(kind), ids[0], going
            break


def new(persona_id: bytes = b"", standing: str = "") -> Going:
    """One that begins today."""
    return Going(last_day(), persona_id.hex(), standing)


def join_to_account(scope: Scope, owner: bytes, kind: Kind) -> None:
    """Step: undo this one together with the deletion of the sign-in that it is part of."""
    going = find(scope, owner, kind, lock=True)
    if going is not None:
        begin(scope, owner, kind, replace(going, with_account=True))


def _read(value: bytes) -> Going:
    fields = json.loads(value)
    return Going(**{**fields, "until": date.fromisoformat(fields["until"])})
