"""The rows behind cookies: begin one, end one, keep one alive. No address and no user agent is ever written.

An end is written in steps (half a month on one's own device, five minutes on a shared one), because a finer one would
say when somebody was here (decisions.md §2).
"""

import hashlib
import logging
import math
import secrets
import threading
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from forum.base import broadcast, clock
from forum.base.db import rows
from forum.base.errors import Busy, origin
from forum.base.hot import Hot
from forum.base.idents import new_ident
from forum.base.transaction import after_commit, here, transaction
from forum.models import EndedFeed, SignIn, SignInKind

log = logging.getLogger(__name__)

#: A form left open while somebody puts a child to bed.
VISIT = timedelta(hours=2)
#: A shared phone: as long as writing a post takes, no longer.
SHARED_IDLE = timedelta(minutes=20)
SHARED_LONGEST = timedelta(hours=12)
OWN_LONGEST = timedelta(days=180)
#: An admin's: a meeting's length, a working day at most (security.md S19).
STAFF_IDLE = timedelta(minutes=30)
STAFF_LONGEST = timedelta(hours=12)
#: How long each kind lives without use; one's own goes by half months.
IDLE = {SignInKind.VISITOR: VISIT, SignInKind.SHARED: SHARED_IDLE, SignInKind.STAFF: STAFF_IDLE}
STEP_S = 300
#: Other processes read the feed once a second; a minute bears a slow one.
FEED_KEPT = timedelta(minutes=5)

_touched: dict[bytes, datetime] = {}
_touching = threading.Lock()


def new_secret() -> str:
    """What goes into a cookie: 128 random bits, 22 characters."""
    return secrets.token_urlsafe(16)


def hash_of(secret: str) -> bytes:
    """What is kept of a cookie: useless as one."""
    return hashlib.sha256(secret.encode()).digest()


def ends_on(kind: SignInKind) -> datetime:
    """When a session that is used now ends if it is not used again."""
    now = clock.now()
    if kind is SignInKind.OWN:
        return clock.half_month_end(now)
    return _next_step(now + IDLE[kind])


def idle_s(kind: SignInKind | None) -> int:
    """Seconds that a sign-in lives at least without use, where that is so short that its page asks before (X15); else 0."""
    return int(IDLE[kind].total_seconds()) if kind in (SignInKind.SHARED, SignInKind.STAFF) else 0


def left_s(found: Row) -> tuple[int, int]:
    """Seconds that a sign-in from `find`, used now, lives on without use, and however much it is used."""
    most = found.last_end - clock.now()
    return int(min(ends_on(found.device) - clock.now(), most).total_seconds()), int(most.total_seconds())


def _next_step(moment: datetime) -> datetime:
    return datetime.fromtimestamp(math.ceil(moment.timestamp() / STEP_S) * STEP_S, UTC)


def last_end(kind: SignInKind) -> datetime:
    """When a session that begins now ends however much it is used (ASVS 7.3.2)."""
    longest = {
        SignInKind.OWN: OWN_LONGEST,
        SignInKind.SHARED: SHARED_LONGEST,
        SignInKind.STAFF: STAFF_LONGEST,
        SignInKind.VISITOR: VISIT,
    }[kind]
    if kind is SignInKind.OWN:
        return clock.half_month_end(clock.now() + longest - timedelta(days=30))
    return _next_step(clock.now() + longest)


def find(cookie_sha256: bytes) -> Row | None:
    """The live sign-in of a cookie, or None."""
    found = cast("Row | None", _FIND.row({"cookie": cookie_sha256}))
    return found if found is not None and clock.now() < min(found.ends_on, found.last_end) else None


_FIND = Hot(
    select(SignIn.account_id, SignIn.kind.label("device"), SignIn.ends_on, SignIn.last_end).where(
        SignIn.cookie_sha256 == bindparam("cookie")
    )
)


def begin(secret: str, kind: SignInKind, account_id: bytes | None = None) -> None:
    """Step: a new session for this cookie."""
    here().execute(
        insert(SignIn).values(
            cookie_sha256=hash_of(secret),
            account_id=account_id,
            kind=kind,
            ends_on=ends_on(kind),
            last_end=last_end(kind),
        )
    )


def end(cookie_sha256: bytes) -> None:
    """Step: the session is over, on every process and in every open socket within a second."""
    here().execute(delete(SignIn).where(SignIn.cookie_sha256 == cookie_sha256))
    with _touching:
        _touched.pop(cookie_sha256, None)
    announce_end(f"sign-in:{cookie_sha256.hex()}")


def announce_end(room: str) -> None:
    """Step: have every process close the sockets in a live room."""
    here().execute(insert(EndedFeed).values(id=new_ident(), what=room, at=clock.now()))
    after_commit(lambda: broadcast.hang_up(room))


def list_of(account_id: bytes) -> list[Row]:
    """The devices of an account, for their owner."""
    found = rows(
        select(SignIn.cookie_sha256, SignIn.kind.label("device"), SignIn.name, SignIn.ends_on, SignIn.last_end).where(
            SignIn.account_id == account_id
        )
    )
    return [device for device in found if clock.now() < min(device.ends_on, device.last_end)]


def end_all_of(account_id: bytes) -> None:
    """Step: every device of an account is signed out, also one whose time was over."""
    for r in rows(select(SignIn.cookie_sha256).where(SignIn.account_id == account_id)):
        end(r.cookie_sha256)


def is_noted(kind: SignInKind, stored_end: datetime) -> bool:
    """Whether `touch` would write nothing now."""
    return kind is SignInKind.OWN or ends_on(kind) <= stored_end


def touch(cookie_sha256: bytes, kind: SignInKind, stored_end: datetime) -> None:
    """The session is in use. Shared ones are kept alive at once; own ones in one weekly batch, so no day shows."""
    wanted = ends_on(kind)
    if wanted <= stored_end:
        return
    if kind is SignInKind.OWN:
        with _touching:
            _touched[cookie_sha256] = wanted
        return
    try:
        with transaction():
            _keep_alive({cookie_sha256: wanted})
    except (Busy, DBAPIError) as error:  # the page is ready, and the next one tries again
        log.warning("a sign-in was not kept alive %s", origin(error))


def flush_touched() -> int:
    """Keep alive the own devices used since the last batch. Called weekly and when the process stops."""
    global _touched
    with _touching:
        batch, _touched = _touched, {}
    if batch:
        with transaction():
            _keep_alive(batch)
    return len(batch)


def _keep_alive(batch: dict[bytes, datetime]) -> None:
    for cookie_sha256, wanted in sorted(batch.items()):
        here().execute(
            update(SignIn)
            .where(SignIn.cookie_sha256 == cookie_sha256)
            .values(ends_on=wanted)
            .execution_options(synchronize_session=False)
        )


def purge() -> None:
    """Remove sessions that are over, and what was announced minutes ago."""
    now = clock.now()
    if not rows(select(SignIn.cookie_sha256).where(SignIn.ends_on <= now).limit(1)) and not rows(
        select(EndedFeed.id).where(EndedFeed.at < now - FEED_KEPT).limit(1)
    ):
        return
    with transaction():
        here().execute(delete(SignIn).where(SignIn.ends_on <= now))
        here().execute(delete(EndedFeed).where(EndedFeed.at < now - FEED_KEPT))
