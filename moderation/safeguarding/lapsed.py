"""A worry among the items of a group that nobody saw to in time becomes a concern, and people are called.

Whoever took it and left it again, or whose phone died, saw to nothing: only what they decided counts, or that they look now.
"""

import logging
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select

from forum.base import clock
from forum.base.db import rows
from forum.base.errors import Busy, origin
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.models import Group
from moderation.models import CaseItem, CaseKind, Decision
from moderation.safeguarding import concerns, referring, words
from moderation.safeguarding.models import Concern, Origin
from moderation.safeguarding.people_models import CallSetting

log = logging.getLogger(__name__)

#: In one pass; the next one follows within a minute.
AT_ONCE = 20
#: A worry waits for hours before it lapses; a minute more is not felt.
EVERY_S = 60.0


def raise_lapsed_now(_n: int) -> None:
    """A turn of the thread beside the ticker."""
    raise_lapsed()


def raise_lapsed() -> int:
    """Make concerns of worries that nobody saw to by the time that was promised; gives how many. Safe in many processes."""
    found = [one for one in _waiting(clock.now()) if not _is_known(*one)][:AT_ONCE]
    for scope, item_id in found:
        try:
            _raise(scope, item_id)
        except Busy:
            raise
        except Exception as error:  # noqa: BLE001 - one item that is damaged must not keep all others from being called about
            log.error("a worry could not become a concern %s", origin(error))
    return len(found)


def overlooked(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is overdue, and nobody decided anything about it or looks at it now."""
    looked = exists().where(Decision.item_id == CaseItem.id)
    free = or_(CaseItem.claimed_by.is_(None), CaseItem.lease_until.is_(None), CaseItem.lease_until <= now)
    return CaseItem.decided.is_(False), CaseItem.due_at <= now, free, ~looked


def _waiting(now: datetime) -> list[tuple[Scope, bytes]]:
    """Open worries of organisations whose people are called, that are overdue: nobody decided anything or looks now."""
    wanted = (
        select(CaseItem.id, CaseItem.group_id, Group.organisation_id)
        .join(Group, Group.id == CaseItem.group_id)
        .join(CallSetting, CallSetting.organisation_id == Group.organisation_id)
        .where(CaseItem.kind == CaseKind.WELFARE, *overlooked(now), CallSetting.armed_on.is_not(None))
        .order_by(CaseItem.due_at)
    )
    return [(Scope(r.organisation_id, r.group_id), r.id) for r in rows(wanted)]


def _is_known(scope: Scope, item_id: bytes) -> bool:
    tags = words.once_tags(scope, words.once_of_item(item_id))
    return bool(rows(select(Concern.id).where(Concern.once_tag.in_(tags))))


@retrying
def _raise(scope: Scope, item_id: bytes) -> concerns.Raised | None:
    with transaction():
        if _is_known(scope, item_id):
            return None  # another process was quicker
        return referring.refer(scope, item_id, "", None, Origin.ITEM)
