"""The audit chain: ids, codes and salted digests, each link over the one before. Append-only by trigger.

It proves what was done, not what was said; text lies sealed in the evidence store (decisions.md §6).
"""

import enum
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, func, insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.hot import Hot
from forum.base.keyring import Purpose, the_keyring
from forum.base.transaction import write
from moderation.models import AuditEntry, AuditHead

GENESIS = "0" * 64
READ = "read"
#: Turning back to the same page within the hour says nothing new; nor does a second link among the latest entries.
READ_AGAIN, LOOKED_BACK = timedelta(hours=1), 500

#: What keeps the table append-only, by database. A test compares it with the database after every migration.
TRIGGERS = {
    "sqlite": {
        "audit_entry_no_update": (
            "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END"
        ),
        "audit_entry_no_delete": (
            "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END"
        ),
    },
    "postgresql": {
        "audit_entry_append_only": (
            "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry "
            "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()"
        ),
        "audit_entry_no_truncate": (
            "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"
        ),
    },
}
#: All that the program's own role may do with the chain on PostgreSQL. Who owns a table can put its triggers to sleep.
GRANTS = ("SELECT", "INSERT")
POSTGRES_FUNCTION = (
    "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION 'the audit chain is append-only'; END $$"
)


def digest(kind: str, ident: bytes) -> str:
    """Whom or what a link is about, for somebody who holds the keyring and already knows whom to look for."""
    key = the_keyring().active(Purpose.AUDIT).secret
    return hmac.digest(key, kind.encode() + b"\0" + ident, hashlib.sha256).hex()[:32]


def note(action: str, actor: bytes, subject: bytes, codes: str = "") -> None:
    """Step: one more link, in the transaction of what it is about.

    :param codes: rule ids and choices, never free text.
    """
    # Writers of the chain queue up at its head: a lock on the chain itself would need the right to change it.
    head, last = _HEAD.row({}), _LAST.row({})
    values = {
        "n": last.n + 1 if last else 1,
        "at": clock.now().replace(microsecond=0),
        "action": action,
        "actor": digest("persona", actor),
        "subject": digest("subject", subject),
        "codes": codes,
    }
    link = _link(values, last.link if last else GENESIS)
    write(_ADD, **values, link=link)
    write(_MOVE_HEAD if head else _FIRST_HEAD, n=values["n"], link=link, proof=_proof(values["n"], link))


_HEAD = Hot(select(AuditHead.n).with_for_update())
_LAST = Hot(select(AuditEntry.n, AuditEntry.link).order_by(AuditEntry.n.desc()).limit(1))
_ADD, _FIRST_HEAD, _MOVE_HEAD = insert(AuditEntry), insert(AuditHead), update(AuditHead)


def note_read(actor: bytes, subject: bytes) -> None:
    """Step: somebody reads sealed words. One link for each person, thing and hour, however often they turn back to it."""
    newest = select(func.max(AuditEntry.n)).scalar_subquery()
    same = (AuditEntry.actor == digest("persona", actor), AuditEntry.subject == digest("subject", subject))
    lately = (AuditEntry.n > newest - LOOKED_BACK, AuditEntry.at > clock.now() - READ_AGAIN)
    if row(select(AuditEntry.n).where(*lately, *same, AuditEntry.action == READ).limit(1)) is None:
        note(READ, actor, subject)


def _link(values: dict[str, object], before: str) -> str:
    key = the_keyring().active(Purpose.AUDIT).secret
    at = values["at"].isoformat()  # type: ignore[attr-defined]
    text = "\n".join(
        str(v) for v in (before, values["n"], at, values["action"], values["actor"], values["subject"], values["codes"])
    )
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


def _proof(n: object, link: str) -> str:
    """What nobody can say of a link without the keyring: that it was the last one."""
    key = the_keyring().active(Purpose.AUDIT).secret
    return hmac.digest(key, f"head\n{n}\n{link}".encode(), hashlib.sha256).hex()


class Wrong(enum.StrEnum):
    """What is wrong where the chain breaks."""

    CHANGED = "changed"  #: this entry, or the one before it, is not what was written
    MISSING = "missing"  #: an entry is gone from between two others
    CUT = "cut"  #: entries are gone from the end
    HEAD = "head"  #: the note about the last link was changed
    OTHER = "other"  #: it is whole, and not the chain of which a link was kept elsewhere


@dataclass(frozen=True)
class Break:
    """The first place that does not fit.

    :param n: the entry. :param at: when it says that it was written, and :param action: what it says; of one that is there.
    """

    n: int
    wrong: Wrong
    at: datetime | None = None
    action: str = ""


def find_break(kept: tuple[int, str] | None = None) -> Break | None:
    """The first place where the chain does not fit, or None if it is whole.

    :param kept: the number and the link that `read_head` gave at an earlier time, kept elsewhere.
    """
    before, n = GENESIS, 0
    links: dict[int, str] = {}
    for entry in _all():
        n += 1
        if entry.n != n:
            return Break(n, Wrong.MISSING)
        values = {c: getattr(entry, c) for c in ("n", "at", "action", "actor", "subject", "codes")}
        if entry.link != _link(values, before):
            return Break(n, Wrong.CHANGED, entry.at, entry.action)
        before = links[n] = entry.link
    return _break_at_end(n, links, kept)


def _break_at_end(last: int, links: dict[int, str], kept: tuple[int, str] | None) -> Break | None:
    head = row(select(AuditHead.n, AuditHead.link, AuditHead.proof))
    if head is not None and head.proof != _proof(head.n, head.link):
        return Break(last, Wrong.HEAD)
    for known in filter(None, ((head.n, head.link) if head else None, kept)):
        if known[0] > last:
            return Break(last + 1, Wrong.CUT)
        if links.get(known[0]) != known[1]:
            return Break(known[0], Wrong.OTHER)
    return None


def read_head() -> tuple[int, str] | None:
    """The last link with its number, to be kept where nobody of this machine reaches it; None before the first."""
    found = row(select(AuditEntry.n, AuditEntry.link).order_by(AuditEntry.n.desc()).limit(1))
    return (found.n, found.link) if found else None


def _all() -> list[Row]:
    table = AuditEntry.__table__
    return list(rows(select(*table.columns).order_by(AuditEntry.n)))
