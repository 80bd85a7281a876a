"""Askings to open contact details, as those read them who may see the concern."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.conversations import masks
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from moderation.safeguarding import details, exclusions, queries, responders, words
from moderation.safeguarding.cases import Case
from moderation.safeguarding.key_models import DetailOpening, Stage, Way
from moderation.safeguarding.opening_rules import AGREED_FOR, Asked, unpacked
from moderation.safeguarding.responders import TIER, Responder

PLACE = "detail_opening"


@dataclass(frozen=True)
class Opening:
    """One asking, with its concern and whoever reads it."""

    id: bytes
    case: Case
    me: Responder
    way: Way
    stage: Stage
    asked_by: bytes
    agreed_by: bytes | None
    reviewed_by: bytes | None
    asked: Asked
    envelope: bytes | None
    until: datetime | None
    review_by: datetime | None

    @property
    def is_mine(self) -> bool:
        """Whether the reader asked for it, in whatever role."""
        return self.asked_by in responders.same_person(self.case.scope, self.me.id)

    @property
    def can_be_opened(self) -> bool:
        """Whether whoever asked may open it now, or look again."""
        now = clock.now()
        if self.stage is Stage.OPENED:
            return self.until is not None and now < self.until
        fresh = now - datetime.fromisoformat(self.asked.agreed_at) <= AGREED_FOR if self.asked.agreed_at else False
        return self.stage is Stage.AGREED and fresh

    @property
    def asker_name(self) -> str:
        """The name of whoever asked."""
        found = responders.get(self.case.scope, self.asked_by)
        return found.name if found else ""


def get(actor: Actor, opening_id: bytes) -> Opening:
    """One asking. :raises NotFound: none, or of a concern that the actor may not see: the two look the same."""
    found = row(_COLUMNS.where(DetailOpening.id == opening_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    case, me = queries.get(actor, found.concern_id)
    return read(case, me, found)


def list_of(case: Case, me: Responder) -> list[Opening]:
    """All askings about one concern, the last first. The caller asked who may see it."""
    found: Sequence[Row] = rows(_COLUMNS.where(DetailOpening.concern_id == case.id))
    opened = [read(case, me, one) for one in found]
    return sorted(opened, key=lambda one: one.asked.asked_at, reverse=True)


_COLUMNS = select(
    DetailOpening.id,
    DetailOpening.concern_id,
    DetailOpening.way,
    DetailOpening.stage,
    DetailOpening.asked_by,
    DetailOpening.agreed_by,
    DetailOpening.reviewed_by,
    DetailOpening.sealed,
    DetailOpening.envelope,
    DetailOpening.until,
    DetailOpening.review_by,
)


def read(case: Case, me: Responder, found: Row) -> Opening:
    """A row. Whoever calls asked who may see the concern."""
    sealed = words.open_with(words.open_inside(case).key, PLACE, found.id, found.sealed)
    stands = found.way, found.stage, found.asked_by, found.agreed_by, found.reviewed_by
    return Opening(
        found.id, case, me, *stands, unpacked(json.loads(sealed)), found.envelope, found.until, found.review_by
    )


def find_subject(case: Case) -> bytes | None:
    """The persona that a concern is about, under a hidden name too; None: nobody of the group, so nothing can be opened.

    The only way to somebody's details: there is no search by a name or a number.
    """
    inside = words.open_inside(case)
    if case.group_id is None:
        return None
    if inside.subject_kind == "mask":
        return inside.wearer_id or masks.wearer_of(case.scope, inside.subject_id)
    return inside.subject_id if inside.subject_kind == "persona" else None


def has_something(case: Case) -> bool:
    """Whether there is anything to open."""
    persona_id = find_subject(case)
    return persona_id is not None and details.has_details(case.scope, persona_id)


def who_could_agree(case: Case, me: Responder) -> list[Responder]:
    """Officers in office who may see this concern and are not the same person as whoever asks."""
    mine = responders.same_person(case.scope, me.id)
    officers = [one for one in responders.of_organisation(case.organisation_id) if one.role in TIER]
    return [one for one in exclusions.eligible(case, officers) if one.id not in mine]
