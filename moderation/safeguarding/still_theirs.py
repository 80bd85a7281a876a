"""The last look before a call leaves: whether whoever it was written for may still be called about what is in it.

Between the writing and the sending somebody can lose their role, or turn out to be named. What is not theirs any more is
over, and whoever comes next is called at once: nobody in danger waits for a call that goes to the wrong person.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update

from forum.base.db import rows
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.base.transaction import here, transaction
from moderation.safeguarding import cases, channels, exclusions, paging, queries, responders, timers
from moderation.safeguarding.cases import Case
from moderation.safeguarding.channels import OUTSIDE
from moderation.safeguarding.models import Concern
from moderation.safeguarding.people_models import Call, CallState, ConcernPage, PageState


def settle(call: Row[Any]) -> Row[Any] | None:
    """A claimed call as it is to be made now; None if nothing is left of it."""
    if call.drill:
        return _settle_drill(call)
    pages = _pages_in(call)
    lost = pages if channels.find(call.responder_id, call.channel) is None else _lost(call.responder_id, pages)
    kept = [page for page in pages if page not in lost]
    if kept:
        call = _without(call, lost, kept)
    else:
        _end(call)
    _go_on(lost)
    return call if kept else None


def _settle_drill(call: Row[Any]) -> Row[Any] | None:
    in_office = {one.id for one in responders.of_organisation(call.organisation_id)}
    if call.responder_id in in_office and channels.find(call.responder_id, call.channel) is not None:
        return call
    _end(call)
    return None


def _pages_in(call: Row[Any]) -> list[Row[Any]]:
    """What is in it, the most urgent first."""
    in_it = (ConcernPage.call_id == call.id, ConcernPage.state == PageState.CALLED)
    order = (ConcernPage.urgent.desc(), ConcernPage.at, ConcernPage.id)
    return list(rows(select(*ConcernPage.__table__.columns).where(*in_it).order_by(*order)))


def _lost(who: bytes, pages: Sequence[Row[Any]]) -> list[Row[Any]]:
    """What must not reach them any more."""
    kept = _visible_to(who, [page.concern_id for page in pages])
    return [page for page in pages if page.concern_id not in kept]


def _visible_to(who: bytes, concern_ids: Sequence[bytes]) -> set[bytes]:
    """Together, for there may be a night's worth of them."""
    by_scope: dict[Scope, list[Case]] = defaultdict(list)
    for part in in_parts(sorted(set(concern_ids)), exclusions.ASKED_AT_ONCE):
        for case in cases.list_by(Concern.id.in_(part)):
            by_scope[case.scope].append(case)
    found = set()
    for scope, of_scope in by_scope.items():
        me = next((one for one in responders.all_of(scope) if one.id == who), None)
        found |= {case.id for case in queries.visible(me, of_scope)} if me else set()
    return found


def _end(call: Row[Any]) -> None:
    with transaction():
        paging.end_call(call.id)


def _without(call: Any, lost: Sequence[Row[Any]], kept: Sequence[Row[Any]]) -> Row[Any]:
    """The same call about what is left: a code that is not theirs is not said to them, and no count of it."""
    first, count = kept[0], len({page.concern_id for page in kept})
    if (call.code, call.count) == (first.code, count):
        return call
    values = {"code": first.code, "step": first.step, "urgent": first.urgent, "count": count}
    with transaction():
        paging.drop_pages([page.id for page in lost])
        change = update(Call).where(Call.id == call.id).values(**values).returning(*Call.__table__.columns)
        found = here().execute(change.execution_options(synchronize_session=False)).first()
    assert found is not None
    return found


def _go_on(lost: Sequence[Row[Any]]) -> None:
    """Whoever comes next is called: each concern in a transaction of its own."""
    for page in lost:
        if not other_way_works(page):
            with transaction():
                timers.hasten(page.concern_id, page.gen, page.step)


def other_way_works(page: Row[Any]) -> bool:
    """Whether another channel of the same person may still have carried it."""
    same = (
        ConcernPage.concern_id == page.concern_id,
        ConcernPage.gen == page.gen,
        ConcernPage.step == page.step,
        ConcernPage.responder_id == page.responder_id,
        ConcernPage.state != PageState.OVER,
        ConcernPage.channel.in_(OUTSIDE),
        ConcernPage.id != page.id,
    )
    found = select(Call.state).select_from(ConcernPage).outerjoin(Call, Call.id == ConcernPage.call_id)
    return any(other.state is not CallState.FAILED for other in rows(found.where(*same)))
