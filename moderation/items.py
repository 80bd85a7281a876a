"""What waits for the team: by when each kind gets a first look, and the one way to open an item."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.groups.duty import current_turn, next_turn
from forum.groups.queries import list_turns
from forum.models import Group, Post
from moderation import hints, not_for
from moderation.models import CaseItem, CaseKind, Source, Target

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Promise:
    """How long the first look at a kind may take.

    :param staffed: while somebody of the team is here. :param unstaffed: while nobody is; None: as long as `staffed`,
    from when somebody next comes.
    """

    staffed: timedelta
    unstaffed: timedelta | None = None


#: moderation.md §1.2. What nobody need hurry for waits until somebody comes; what may hurt a person does not.
PROMISES = {
    CaseKind.WELFARE: Promise(15 * MINUTE, 30 * MINUTE),
    CaseKind.PRIVACY: Promise(30 * MINUTE, 4 * HOUR),
    CaseKind.LIVE: Promise(2 * MINUTE, 2 * MINUTE),
    CaseKind.REPORT: Promise(4 * HOUR),
    CaseKind.HOLD: Promise(2 * HOUR),
    CaseKind.WELCOME: Promise(2 * HOUR),
    CaseKind.SPAM: Promise(DAY, DAY),
    CaseKind.ILLEGAL: Promise(HOUR, 4 * HOUR),
    CaseKind.APPEAL: Promise(3 * DAY, 3 * DAY),
    CaseKind.COMPLAINT: Promise(3 * DAY, 3 * DAY),
    CaseKind.SELF: Promise(DAY, DAY),
    CaseKind.ASK: Promise(4 * HOUR),
    CaseKind.PROPOSED: Promise(4 * HOUR),
}
#: What the gate opens with the post itself: found by `post_id`. All others are found by `about`.
OF_POSTS = (CaseKind.HOLD, CaseKind.WELCOME, CaseKind.SPAM)
#: Opened as the words are written: a due time to the minute would tell when a masked post was.
WITH_THE_WORDS = (Source.RULE, Source.DETECTOR)
#: Of what is due within the hour the hour alone would say that it is late already.
QUARTER_MINUTES = 15


def open_item(
    scope: Scope,
    kind: CaseKind,
    *,
    about: bytes | int,
    source: Source,
    target: Target | None = None,
    reasons: Iterable[str] = (),
    lang: str = "",
    intensity: int = 0,
    screened: bool = True,
    decision_id: bytes | None = None,
    names: Iterable[bytes] = (),
) -> bytes:
    """Step: the open item of this kind about this target, or a new one. Its use case is `retrying`.

    :param about: the post's id, a persona, a mask, a group, a line or a decision. :param reasons: codes, never what was found.
    :param intensity: 0 to 3. :param screened: a detector knows the language. :param names: personas that must not see it.
    """
    item_id = find_open(scope, kind, about) or new_item(
        scope,
        kind,
        about=about,
        source=source,
        target=target,
        reasons=reasons,
        lang=lang,
        intensity=intensity,
        screened=screened,
        decision_id=decision_id,
    )
    not_for.keep_from(scope, item_id, names)
    return item_id


def find_open(scope: Scope, kind: CaseKind, about: bytes | int) -> bytes | None:
    """The open item that something new joins. What is kept from one of the team stays by itself."""
    waits = (*_about(kind, about), CaseItem.decided.is_(False))
    found = [r.id for r in rows(select(CaseItem.id).where(*waits).order_by(CaseItem.round))]
    apart = not_for.list_alone(scope, found) if kind not in OF_POSTS else set()
    return next((one for one in found if one not in apart), None)


def new_item(
    scope: Scope,
    kind: CaseKind,
    *,
    about: bytes | int,
    source: Source,
    target: Target | None = None,
    reasons: Iterable[str] = (),
    **facts: object,
) -> bytes:
    """Step: a new item, whether or not one is open. :param facts: other columns of the item, see `open_item`."""
    before = row(select(func.count().label("n")).where(*_about(kind, about)))
    item_id, due_at = new_ident(), due(scope, kind)
    if kind in OF_POSTS and not facts.get("lang"):
        facts["lang"] = _lang_of(_number(about))
    here().execute(
        insert(CaseItem).values(
            id=item_id,
            group_id=scope.group_id,
            post_id=_number(about) if kind in OF_POSTS else None,
            kind=kind,
            round=before.n if before else 0,
            reasons=",".join(reasons),
            opened_hour=clock.this_hour(),
            due_at=_coarse(due_at, kind) if source in WITH_THE_WORDS else due_at,
            decided=False,
            version=0,
            target=target,
            about=None if kind in OF_POSTS else _ident(about),
            source=source,
            **facts,
        )
    )
    hints.note_changed(item_id)
    return item_id


def _lang_of(post_id: int) -> str:
    """The language that the words are in, as far as their author said it: whoever reads it finds them."""
    found = row(select(Post.lang).where(Post.id == post_id))
    return found.lang if found else ""


def _about(kind: CaseKind, about: bytes | int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    where = CaseItem.post_id == _number(about) if kind in OF_POSTS else CaseItem.about == _ident(about)
    return where, CaseItem.kind == kind


def _number(about: bytes | int) -> int:
    return about if isinstance(about, int) else int.from_bytes(about)


def _ident(about: bytes | int) -> bytes:
    return about if isinstance(about, bytes) else about.to_bytes(16)


# --- By when --------------------------------------------------------------------------------------------------------


def due(scope: Scope, kind: CaseKind) -> datetime:
    """By when the first look at a new item of this kind is due, to the minute."""
    now = clock.now().replace(second=0, microsecond=0)
    group = row(select(Group.zone).where(Group.id == scope.group_id))
    turns = list_turns(scope.group_id, group.zone, now) if group else []
    promise = PROMISES[kind]
    if current_turn(turns, now):
        return now + promise.staffed
    if promise.unstaffed is not None:
        return now + promise.unstaffed
    coming = next_turn(turns, now)
    return (coming.starts if coming else now) + promise.staffed  # nobody comes: it grows late, and does not hide


def _coarse(due_at: datetime, kind: CaseKind) -> datetime:
    promise = PROMISES[kind]
    if (promise.unstaffed or promise.staffed) >= HOUR and promise.staffed >= HOUR:
        return clock.floor_hour(due_at)
    return due_at.replace(minute=due_at.minute // QUARTER_MINUTES * QUARTER_MINUTES)


def pull_forward(item_id: bytes) -> None:
    """Step: a second person told the same, so half of the time that is left will do.

    Only ever once for an item, and never to before now: a crowd of accounts pushes nobody else's concern away.
    """
    item = row(select(CaseItem.due_at).where(CaseItem.id == item_id))
    now = clock.now().replace(second=0, microsecond=0)
    if item is not None and item.due_at > now:
        sooner = update(CaseItem).where(CaseItem.id == item_id).values(due_at=now + (item.due_at - now) / 2)
        here().execute(sooner.execution_options(synchronize_session=False))
