"""Who looks again when nobody of a team may: people whom the organisation names, outside all teams (moderation.md §1.8).

A reviewer has no account. An admin makes a link for one of them and one item; the browser that opens it may read that
item for a while, and nothing else. Whoever is in the group's own team, or is named by the item, opens nothing with it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update

from forum.accounts import staff
from forum.accounts.second_factor import require_step_up
from forum.base import clock, rotation
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident, write_ident
from forum.base.keyring import HOUSE, Scope
from forum.base.rotation import Pass
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Group, Organisation
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_administer, require
from moderation import audit, not_for
from moderation.appeal_models import Reviewer, ReviewPass
from moderation.models import CaseItem, CaseKind
from moderation.review_passes import ITEM, LINK, LINK_LIVES, get_reviewer, hash_of, is_not_about, keep_pass

SECRET_BYTES = 20
MOST_NAME = 60


@dataclass(frozen=True)
class Waiting:
    """An item that nobody of its team may see, without what it is about."""

    id: bytes
    kind: CaseKind
    group: str
    organisation_id: bytes
    due_at: datetime


@dataclass(frozen=True)
class Overview:
    """One organisation with its reviewers and what waits for them."""

    organisation_id: bytes
    name: str
    reviewers: Sequence["Known"]
    waiting: Sequence[Waiting]

    @property
    def ref(self) -> str:
        """The organisation, for a form."""
        return write_ident(self.organisation_id)


@dataclass(frozen=True)
class Known:
    """One of the list."""

    id: bytes
    name: str

    @property
    def ref(self) -> str:
        """The same, for a form."""
        return write_ident(self.id)


def list_for_admin(actor: Actor) -> list[Overview]:
    """The organisations that the actor looks after. :raises NotFound: no admin."""
    looks = staff.get_staff(actor)
    wanted = select(Organisation.id, Organisation.name).order_by(Organisation.name, Organisation.id)
    if not looks.whole_site:
        wanted = wanted.where(Organisation.id.in_(list(looks.organisations)))
    return [Overview(one.id, one.name, _reviewers(one.id), _waiting(actor, one.id)) for one in rows(wanted)]


def _reviewers(organisation_id: bytes) -> Sequence[Known]:
    theirs = (Reviewer.organisation_id == organisation_id, Reviewer.ended_on.is_(None))
    found = rows(select(Reviewer.id, Reviewer.name).where(*theirs).order_by(Reviewer.name, Reviewer.id))
    return [Known(one.id, one.name) for one in found]


def _waiting(actor: Actor, organisation_id: bytes) -> list[Waiting]:
    theirs = (Group.organisation_id == organisation_id, CaseItem.decided.is_(False))
    found = rows(ITEM.where(*theirs).order_by(CaseItem.due_at, CaseItem.id))
    return [
        Waiting(one.id, one.kind, one.group_name, one.organisation_id, one.due_at)
        for one in found
        if _is_for_reviewers(one) and is_not_about(actor, one)
    ]


def _is_for_reviewers(item: Row) -> bool:
    return not_for.is_for_nobody(Scope(item.organisation_id, item.group_id), item.id)


def add(actor: Actor, organisation_id: bytes, typed: str) -> bytes:
    """Name somebody who may look again. :param typed: who they are, for the admins; 1 to MOST_NAME characters.

    :raises NotFound: not the actor's organisation. :raises Invalid: no name. :raises StepUpNeeded: give the code first.
    """
    _require_admin(actor, organisation_id)
    name, reviewer_id = " ".join(typed.split()), new_ident()
    if not 1 <= len(name) <= MOST_NAME:
        raise Invalid(_("Say who they are, in at most %(n)s letters.", n=MOST_NAME), "name")
    with transaction():
        here().execute(insert(Reviewer).values(id=reviewer_id, organisation_id=organisation_id, name=name))
        audit.note("reviewer.add", actor.account_id or b"", reviewer_id)
    return reviewer_id


def end(actor: Actor, reviewer_id: bytes) -> None:
    """They get no link any more, and those they have open nothing. :raises NotFound, StepUpNeeded: as for `add`."""
    found = get_reviewer(reviewer_id)
    _require_admin(actor, found.organisation_id)
    with transaction():
        change = update(Reviewer).where(Reviewer.id == reviewer_id).values(ended_on=clock.today())
        here().execute(change.execution_options(synchronize_session=False))
        audit.note("reviewer.end", actor.account_id or b"", reviewer_id)


def make_link(actor: Actor, item_id: bytes, reviewer_id: bytes) -> str:
    """A link for one reviewer and one item, to be used once within three days; gives its secret.

    :raises NotFound: no such item or reviewer for this admin. :raises StepUpNeeded: give the code first.
    """
    item, reviewer = row(ITEM.where(CaseItem.id == item_id)), get_reviewer(reviewer_id)
    if item is None or item.decided or item.organisation_id != reviewer.organisation_id:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    _require_admin(actor, item.organisation_id)
    if not (_is_for_reviewers(item) and is_not_about(actor, item)):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction():
        here().execute(delete(ReviewPass).where(ReviewPass.ends_at < clock.now()))
        keep_pass(LINK, (hash_of(secret),), item_id, reviewer_id, LINK_LIVES)
        audit.note("reviewer.link", actor.account_id or b"", item_id)
    return secret


def _require_admin(actor: Actor, organisation_id: bytes) -> None:
    require(may_administer, actor, staff.get_staff(actor).of(organisation_id))
    require_step_up(actor)


def renewal() -> Pass:
    """How a rotation renews what opens an item."""
    return Pass(ReviewPass, ReviewPass.tag, rotation.renew_tagged(ReviewPass, lambda: [HOUSE]))
