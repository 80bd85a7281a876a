"""Names that somebody gave up lately: for a month nobody else may pass for who they were.

A row is found from the name and the group with the keyring, and not from the person: a stolen database tells neither
the name nor whose it was. Who gave it up is in the seal, so that they can take it back.
"""

from datetime import timedelta

from sqlalchemy import delete, insert, select

from forum.base import clock, tagged
from forum.base.db import rows
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.models import GivenUpName

#: As long as people who were away for a while still know somebody by the name.
KEPT = timedelta(days=30)
KIND = "given_up_name"


def taken(scope: Scope, wanted: set[str], persona_id: bytes = b"") -> set[str]:
    """Which of these name skeletons somebody else gave up within the last 30 days.

    :param persona_id: who asks; their own old names are free for them.
    """
    where = {tag: name for name in wanted for tag in tagged.tags(scope, KIND, name.encode())}
    first = (clock.now() - KEPT).date()
    found = rows(
        select(GivenUpName.tag, GivenUpName.sealed).where(GivenUpName.tag.in_(list(where)), GivenUpName.day >= first)
    )
    return {where[r.tag] for r in found if tagged.open_value(GivenUpName, scope, r.tag, r.sealed) != persona_id}


def keep(scope: Scope, skeleton: str, persona_id: bytes) -> None:
    """Step: this person is no longer called so."""
    drop(scope, skeleton)
    sealed = tagged.sealed_row(GivenUpName, scope, KIND, (skeleton.encode(),), persona_id)
    here().execute(insert(GivenUpName).values(**sealed, day=clock.today()))


def drop(scope: Scope, skeleton: str) -> None:
    """Step: the name is in use again."""
    tagged.drop(GivenUpName, scope, KIND, (skeleton.encode(),))


def purge() -> None:
    """Set names free after a month."""
    first = (clock.now() - KEPT).date()
    if not rows(select(GivenUpName.tag).where(GivenUpName.day < first).limit(1)):
        return
    with transaction():
        here().execute(delete(GivenUpName).where(GivenUpName.day < first))
