"""What lets a reviewer in to one item: a link, then a seat in one browser; and which items they can be let in to."""

import hashlib
from datetime import timedelta

from sqlalchemy import Row, insert, select

from forum.base import clock, tagged
from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.keyring import HOUSE, Scope
from forum.base.transaction import here
from forum.models import Group, Organisation
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.policy.permissions import Denial
from moderation import sight, threads
from moderation.appeal_models import Reviewer, ReviewPass
from moderation.models import CaseItem

LINK, SEAT = "review_link", "review_seat"
#: Long enough to reach a volunteer who reads their mail at the weekend.
LINK_LIVES = timedelta(days=3)
#: To read, ask, wait for an answer and decide. A visit ends sooner where the browser is not signed in: then a new link helps.
SEAT_LIVES = timedelta(days=14)

ITEM = select(
    CaseItem.id,
    CaseItem.kind,
    CaseItem.due_at,
    CaseItem.group_id,
    CaseItem.version,
    CaseItem.decided,
    CaseItem.decision_id,
    CaseItem.post_id,
    CaseItem.target,
    CaseItem.about,
    Group.name.label("group_name"),
    Group.organisation_id,
    Organisation.nation,
).join(Group, Group.id == CaseItem.group_id)
ITEM = ITEM.join(Organisation, Organisation.id == Group.organisation_id).where(CaseItem.kind.in_(threads.KINDS))


def is_not_about(actor: Actor, item: Row) -> bool:
    """To an admin, or a reviewer, whom the item names it does not exist: they may look after the group as well."""
    scope = Scope(item.organisation_id, item.group_id)
    personas = sight.me(actor_in(actor, scope), scope)
    return not personas or not sight.hidden(actor_in(actor, scope), scope, [item])


def get_reviewer(reviewer_id: bytes) -> Row:
    """One of the list. :raises NotFound: none such, or no more."""
    found = row(select(*Reviewer.__table__.columns).where(Reviewer.id == reviewer_id, Reviewer.ended_on.is_(None)))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def keep_pass(kind: str, ids: tuple[bytes, ...], item_id: bytes, reviewer_id: bytes, lives: timedelta) -> None:
    """Step: let a link or a seat open an item. :param ids: what it is found by; `lives`: for how long."""
    values = tagged.sealed_row(ReviewPass, HOUSE, kind, ids, item_id + reviewer_id)
    here().execute(insert(ReviewPass).values(item_id=item_id, ends_at=clock.now() + lives, **values))


def hash_of(secret: str) -> bytes:
    """Of a link, whose words themselves are never kept."""
    return hashlib.sha256(secret.encode()).digest()
