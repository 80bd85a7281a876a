"""Rehearsals: a call that says that it is none, to each officer, once a month or when one asks. It has to be answered.

A drill has rows, a code and words of its own, so that none is taken for real, and it never joins, delays or answers a call
that is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import NotAllowed
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.policy.actor import Actor
from moderation.safeguarding import channels, officers, paging, responders, settings
from moderation.safeguarding.people_models import CallSetting, ConcernPage, Drill, PageState

#: No code of a concern looks like it: those have four characters.
CODE = "DRILL"
#: After this long without an answer the page of readiness is red.
ANSWER_WITHIN = timedelta(hours=24)
#: Nobody rings a colleague's telephone over and over to see it ring.
PAUSE = timedelta(hours=1)
SHOWN = 24
#: A month's drill may begin a minute late.
LOOK_S = 60.0


@dataclass(frozen=True)
class Tried:
    """One person in one drill. :param seconds: until the answer; None: there is none."""

    id: bytes
    responder_id: bytes
    name: str
    begun_at: datetime
    seconds: int | None

    @property
    def is_late(self) -> bool:
        """Whether nobody answered in time."""
        return self.seconds is None and clock.now() - self.begun_at >= ANSWER_WITHIN


def work(_n: int) -> None:
    """What a worker beside the ticker does."""
    begin_due()
    with transaction():
        paging.purge()


def begin_due() -> int:
    """Begin what is due, for each organisation; gives how many began. Safe from any number of processes."""
    due = select(CallSetting.organisation_id).where(CallSetting.drill_at <= clock.now())
    begun = 0
    for found in rows(due):
        with transaction():
            begun += _begin_if_due(found.organisation_id)
    return begun


def _begin_if_due(organisation_id: bytes) -> bool:
    now = clock.now()
    mine = (CallSetting.organisation_id == organisation_id, CallSetting.drill_at <= now)
    found = row(select(CallSetting.drill_days).where(*mine).with_for_update())
    if found is None:
        return False
    begin_here(organisation_id, now, found.drill_days)
    return True


def begin(actor: Actor) -> None:
    """An officer asks for one now.

    :raises NotAllowed: calls are not on, or one began within the hour. :raises NotFound: no officer.
    """
    me = officers.get_officer(actor)
    now = clock.now()
    with transaction():
        known = settings.find(me.organisation_id)
        if known.armed_on is None:
            raise NotAllowed(_("Calls are not on yet. Try your own channel on the page “How you are called”."))
        last = row(
            select(Drill.begun_at)
            .where(Drill.organisation_id == me.organisation_id)
            .order_by(Drill.begun_at.desc())
            .limit(1)
        )
        if last is not None and now - last.begun_at < PAUSE:
            raise NotAllowed(_("A drill began within the last hour. Wait for its answers first."))
        begin_here(me.organisation_id, now, known.drill_days)


def begin_here(organisation_id: bytes, now: datetime, drill_days: int) -> None:
    """Step: call each officer, and set the next date."""
    for one in responders.of_organisation(organisation_id):
        drill_id = new_ident()
        here().execute(
            insert(Drill).values(
                id=drill_id, organisation_id=organisation_id, responder_id=one.id, begun_at=now, answered_at=None
            )
        )
        for channel in channels.kinds_of(one.id):
            here().execute(
                insert(ConcernPage).values(
                    id=new_ident(),
                    concern_id=drill_id,
                    gen=0,
                    step=0,
                    responder_id=one.id,
                    channel=channel,
                    state=PageState.WAITING,
                    code=CODE,
                    at=now,
                    repeat_minutes=0,
                    urgent=False,
                    drill=True,
                    organisation_id=organisation_id,
                )
            )
    settings.keep(organisation_id, drill_at=now + timedelta(days=drill_days))


def answer(actor: Actor) -> int:
    """Say that the drill came; gives how many were answered. It answers nothing that is real."""
    me = officers.get_officer(actor)
    with transaction():
        open_ones = (Drill.responder_id == me.id, Drill.answered_at.is_(None))
        answered = update(Drill).where(*open_ones).values(answered_at=clock.now()).returning(Drill.id)
        found = [r.id for r in here().execute(answered.execution_options(synchronize_session=False))]
        for drill_id in found:
            paging.stop(drill_id)
    return len(found)


def list_lately(organisation_id: bytes) -> list[Tried]:
    """The latest ones, newest first. The caller asked who may see them."""
    names = {seat.id: seat.name for seat in officers.list_seats(organisation_id)}
    found = rows(
        select(Drill.id, Drill.responder_id, Drill.begun_at, Drill.answered_at)
        .where(Drill.organisation_id == organisation_id)
        .order_by(Drill.begun_at.desc(), Drill.id)
        .limit(SHOWN)
    )
    return [Tried(r.id, r.responder_id, names.get(r.responder_id, ""), r.begun_at, _seconds(r)) for r in found]


def _seconds(found: object) -> int | None:
    begun, answered = found.begun_at, found.answered_at  # type: ignore[attr-defined]
    return int((answered - begun).total_seconds()) if answered is not None else None


def has_open(responder_id: bytes) -> bool:
    """Whether a drill waits for this person's answer."""
    waits = select(Drill.id).where(Drill.responder_id == responder_id, Drill.answered_at.is_(None))
    return row(waits.limit(1)) is not None
