"""What follows an opening by the clock: what was boxed to a facilitator goes, and whoever must look at it is called."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from forum.base import clock, jobs
from forum.base.db import row
from forum.base.transaction import here
from moderation.safeguarding import cases, chronology, exclusions, paging, responders
from moderation.safeguarding.key_models import DetailOpening
from moderation.safeguarding.models import EventKind
from moderation.safeguarding.opening_rules import AGREED_FOR, LOOKED_AT_FOR
from moderation.safeguarding.responders import TIER

LOOK, FORGET = "look_at_opening", "forget_envelope"
#: As long as nobody looked at it, somebody is called each day.
AGAIN = timedelta(hours=24)


def forget_later(opening_id: bytes) -> None:
    """Step: have the box of a facilitator thrown away once it can be looked at no more."""
    jobs.enqueue(FORGET, {"opening": opening_id.hex()}, clock.now() + AGREED_FOR + LOOKED_AT_FOR)


def look_later(opening_id: bytes, moment: datetime) -> None:
    """Step: have the other officers called then, unless one of them looked at it."""
    jobs.enqueue(LOOK, {"opening": opening_id.hex()}, moment)


@jobs.step(FORGET)
def forget_envelope(payload: jobs.Payload) -> None:
    """What was boxed to a facilitator goes."""
    gone = update(DetailOpening).where(DetailOpening.id == bytes.fromhex(payload["opening"])).values(envelope=None)
    here().execute(gone.execution_options(synchronize_session=False))


@jobs.step(LOOK)
def call_for_review(payload: jobs.Payload) -> None:
    """Nobody looked at what one person opened alone: the other officers are called, today and every day."""
    opening_id = bytes.fromhex(payload["opening"])
    found = row(
        select(DetailOpening.concern_id, DetailOpening.asked_by, DetailOpening.review_by).where(
            DetailOpening.id == opening_id
        )
    )
    if found is None or found.review_by is None:
        return
    case = cases.lock(found.concern_id)
    asked = responders.same_person(case.scope, found.asked_by)
    officers = [one for one in responders.of_organisation(case.organisation_id) if one.role in TIER]
    others = [one for one in exclusions.eligible(case, officers) if one.id not in asked]
    kind, codes = paging.call_now(case, others, clock.now())
    chronology.note(case, EventKind(kind), None, codes={**codes, "why": "review"})
    look_later(opening_id, clock.now() + AGAIN)
