"""Making the calls: what waits for one person goes in one message, sent at least once, tried again until it went or is over.

Claimed with a lease in a transaction, sent outside of any, and its end written in another. A crash between leaves a row that
is `sending`, and after its lease it is anybody's again, with the same id: a gateway or a mailbox keeps one of the two.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update

from forum.base import clock, failpoints, mail, offset
from forum.base.config import site_address, the_settings
from forum.base.db import row, rows
from forum.base.errors import origin
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _
from moderation.safeguarding import channels, gateway, still_theirs, timers
from moderation.safeguarding.channels import OUTSIDE
from moderation.safeguarding.people_models import Call, CallState, ChannelKind, ConcernPage, PageState

log = logging.getLogger(__name__)

#: Longer than a slow server may take, shorter than anybody in danger should wait for a worker that died.
LEASE = timedelta(seconds=45)
#: The first try failed: again this soon, then after twice as long, up to the longest. There is no last try.
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=15), timedelta(minutes=5)
#: People called in one pass over one channel; the next pass is a second later.
BATCH = 10


def send_all() -> int:
    """Make every call that is due, over every channel; gives how many were tried."""
    return sum(send_due(channel) for channel in OUTSIDE)


def send_due(channel: ChannelKind) -> int:
    """Make the calls over one channel; gives how many were tried. Safe from any number of processes at once.

    Each channel has a worker of its own, so that a silent mail server never keeps a telephone from ringing.
    """
    ready = _ready(channel)
    if not ready and not rows(select(Call.id).where(*_to_try(channel)).limit(1)):
        return 0
    with transaction():
        claimed = [*_claim_old(channel), *_begin_new(channel, ready)]
    if claimed:
        failpoints.reach("between call and sent")
    for one in claimed:
        _send_one(one)
    return len(claimed)


def _to_try(channel: ChannelKind) -> tuple[Any, ...]:
    died = (Call.state == CallState.SENDING) & (Call.lease_until < offset.for_leases())
    failed = (Call.state == CallState.FAILED) & (Call.retry_at <= clock.now())
    return Call.channel == channel, or_(died, failed)


def _claim_old(channel: ChannelKind) -> list[Row[Any]]:
    """Step: calls that were not taken, or whose worker died."""
    due = select(Call.id).where(*_to_try(channel)).order_by(Call.at).limit(BATCH).with_for_update(skip_locked=True)
    claim = (
        update(Call)
        .where(Call.id.in_(due.scalar_subquery()))
        .values(state=CallState.SENDING, lease_until=clock.now() + LEASE, attempts=Call.attempts + 1)
        .returning(*Call.__table__.columns)
    )
    return list(here().execute(claim.execution_options(synchronize_session=False)).all())


# --- Gathering: one message about everything that waits for one person ---


@dataclass(frozen=True)
class _Waits:
    """What waits for one person, counted: a night of five hundred concerns is a few lines of it."""

    urgent: bool
    repeat_minutes: int


def _ready(channel: ChannelKind) -> list[tuple[bytes, bool]]:
    """The people for whom something waits and who may be called by now, and whether it is a drill."""
    kinds = (ConcernPage.responder_id, ConcernPage.drill, ConcernPage.urgent)
    counted = select(*kinds, func.min(ConcernPage.repeat_minutes).label("least"), func.min(ConcernPage.at).label("at"))
    found = rows(counted.where(*_waiting(channel)).group_by(*kinds).order_by(func.min(ConcernPage.at)))
    by_person: dict[tuple[bytes, bool], list[_Waits]] = defaultdict(list)
    for r in found:
        by_person[r.responder_id, bool(r.drill)].append(_Waits(bool(r.urgent), r.least))
    last = _last_calls(channel, [who for who, _drill in by_person])
    now = clock.now()
    return [one for one, waits in by_person.items() if one[1] or may_call(waits, last.get(one[0], {}), now)][:BATCH]


def _waiting(channel: ChannelKind, *more: Any) -> tuple[Any, ...]:
    return ConcernPage.state == PageState.WAITING, ConcernPage.channel == channel, *more


def _begin_new(channel: ChannelKind, ready: list[tuple[bytes, bool]]) -> list[Row[Any]]:
    """Step: a call to each of them, unless another worker was quicker."""
    begun = [_begin(channel, who, drill, clock.now()) for who, drill in ready]
    wanted = [call_id for call_id in begun if call_id is not None]
    return list(rows(select(*Call.__table__.columns).where(Call.id.in_(wanted)))) if wanted else []


def may_call(pages: Sequence[Any], last: dict[bool, datetime], now: datetime) -> bool:
    """Whether somebody may be called again: no more often than the strictest of what waits says, life in danger excepted.

    Danger to life does not wait for the answer to a lesser call, only for the time since it last called itself.

    :param last: when they were last called, by whether that was for danger to life.
    """
    urgent = [page for page in pages if page.urgent]
    gap = timedelta(minutes=min(page.repeat_minutes for page in urgent or pages))
    before = [last[kind] for kind in ((True,) if urgent else (True, False)) if kind in last]
    return not before or now - max(before) >= gap


def _last_calls(channel: ChannelKind, people: list[bytes]) -> dict[bytes, dict[bool, datetime]]:
    if not people:
        return {}
    newest = (
        select(Call.responder_id, Call.urgent, func.max(Call.at).label("at"))
        .where(Call.responder_id.in_(people), Call.channel == channel, Call.drill.is_(False))
        .group_by(Call.responder_id, Call.urgent)
    )
    found: dict[bytes, dict[bool, datetime]] = defaultdict(dict)
    for r in rows(newest):
        found[r.responder_id][r.urgent] = r.at
    return found


def _begin(channel: ChannelKind, who: bytes, drill: bool, now: datetime) -> bytes | None:
    theirs = _waiting(channel, ConcernPage.responder_id == who, ConcernPage.drill.is_(drill))
    # Whoever locks the first of them makes the call; another worker waits here, and then finds none that waits.
    order = (ConcernPage.urgent.desc(), ConcernPage.at, ConcernPage.id)
    first = row(select(*ConcernPage.__table__.columns).where(*theirs).order_by(*order).limit(1).with_for_update())
    if first is None:
        return None
    call_id = new_ident()
    marked = update(ConcernPage).where(*theirs).values(state=PageState.CALLED, call_id=call_id)
    _change(marked)
    count = row(select(func.count(ConcernPage.concern_id.distinct())).where(ConcernPage.call_id == call_id))
    values = {
        "id": call_id,
        "responder_id": who,
        "organisation_id": first.organisation_id,
        "channel": channel,
        "state": CallState.SENDING,
        "code": first.code,
        "step": first.step,
        "count": count[0] if count else 1,
        "urgent": first.urgent,
        "drill": drill,
        "at": now,
        "lease_until": now + LEASE,
        "attempts": 1,
    }
    here().execute(insert(Call).values(values))
    return call_id


# --- Sending one ---


def _send_one(claimed: Row[Any]) -> None:
    call = still_theirs.settle(claimed)
    if call is None:
        return
    try:
        _hand_over(call)
    except OSError as error:
        log.warning("a call was not taken and is tried again channel=%s %s", call.channel, origin(error))
        _failed(call)
        return
    failpoints.reach("between sent and kept")
    with transaction():
        mine = (Call.id == call.id, Call.state == CallState.SENDING, Call.attempts == call.attempts)
        _change(update(Call).where(*mine).values(state=CallState.SENT, lease_until=None, retry_at=None))


def _hand_over(call: Row[Any]) -> None:
    way = channels.find(call.responder_id, call.channel)
    if way is None:
        raise OSError("the channel is gone")
    send_text(call.channel, way, Message(call.id.hex(), words_of(call), call.urgent, call.drill))


class Message:
    """What is sent. :param id: the same however often it is tried."""

    def __init__(self, ident: str, text: str, urgent: bool = False, drill: bool = False) -> None:
        self.id, self.text, self.urgent, self.drill = ident, text, urgent, drill


def send_text(channel: ChannelKind, way: channels.Way, message: Message) -> None:
    """Send a few words over a channel. Waits for another machine: never inside a transaction, never for a page.

    :raises OSError: it was not taken.
    """
    if channel is ChannelKind.HOOK:
        wanted = gateway.Request(message.id, way.to, message.text, message.urgent, message.drill)
        gateway.ask(way.address, way.secret, wanted)
        return
    settings = the_settings()
    if not settings.smtp_url:
        raise OSError("this site sends no mail")
    subject = _("A drill. Please answer.") if message.drill else _("Please look at the site")
    letter = mail.write(settings.mail_from, way.address, subject, message.text + "\n", message.id, clock.now())
    mail.send(mail.read_server(settings.smtp_url), letter)


def words_of(call: Any) -> str:
    """All that a call says: how many, a code that means nothing elsewhere, the step. No name, no group, no words."""
    link = f"{site_address()}/safeguarding/called"
    if call.drill:
        return _(
            "A DRILL, not real. Nobody is in danger. Code %(code)s. Sign in and answer it: %(link)s",
            code=call.code,
            link=link,
        )
    if call.count > 1:
        return _(
            "%(n)s concerns need you. The first has the code %(code)s, step %(step)s. Sign in and take it: %(link)s",
            n=call.count,
            code=call.code,
            step=_said(call.step),
            link=link,
        )
    return _(
        "A concern needs you. Code %(code)s, step %(step)s. Sign in and take it: %(link)s",
        code=call.code,
        step=_said(call.step),
        link=link,
    )


def _said(step: int) -> str:
    """Steps outside the ladder have no number of their own."""
    return str(step) if step < 1_000_000 else "!"


def _failed(call: Row[Any]) -> None:
    """Tried again later. The first time, if nothing else can reach this person either, the next step follows at once: each
    concern in a transaction of its own, for there may be a night's worth of them."""
    wait = min(FIRST_RETRY * 2 ** min(call.attempts - 1, 10), LONGEST_RETRY)
    mine = (Call.id == call.id, Call.state == CallState.SENDING, Call.attempts == call.attempts)
    values = {"state": CallState.FAILED, "lease_until": None, "retry_at": clock.now() + wait}
    with transaction():
        _change(update(Call).where(*mine).values(values))
    if call.drill or call.attempts > 1:
        return
    in_it = (ConcernPage.call_id == call.id, ConcernPage.state == PageState.CALLED)
    for page in rows(select(*ConcernPage.__table__.columns).where(*in_it)):
        if not still_theirs.other_way_works(page):
            with transaction():
                timers.hasten(page.concern_id, page.gen, page.step)
        time.sleep(0)  # a turn for everyone else


def _change(statement: Any) -> None:
    here().execute(statement.execution_options(synchronize_session=False))


#: What a worker beside the ticker does each second, one for each channel.
WORKERS: tuple[tuple[str, Callable[[int], None]], ...] = (
    ("calls-gateway", lambda _n: _work(ChannelKind.HOOK)),
    ("calls-mail", lambda _n: _work(ChannelKind.MAIL)),
)


def _work(channel: ChannelKind) -> None:
    send_due(channel)
