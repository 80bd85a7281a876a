"""The audit chain: ids, codes and salted digests, each link over the one before. Append-only by trigger.

It proves what was done, not what was said; text lies sealed in the evidence store (decisions.md §6).
"""

import hashlib
import hmac

from sqlalchemy import Row, insert, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.keyring import Purpose, the_keyring
from forum.base.transaction import here
from moderation.models import AuditEntry

GENESIS = "0" * 64

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
    # Writers of the chain queue up at its first link.
    row(select(AuditEntry.n).where(AuditEntry.n == 1).with_for_update())
    last = row(select(AuditEntry.n, AuditEntry.link).order_by(AuditEntry.n.desc()).limit(1))
    values = {
        "n": last.n + 1 if last else 1,
        "at": clock.now().replace(microsecond=0),
        "action": action,
        "actor": digest("persona", actor),
        "subject": digest("subject", subject),
        "codes": codes,
    }
    here().execute(insert(AuditEntry).values(**values, link=_link(values, last.link if last else GENESIS)))


def _link(values: dict[str, object], before: str) -> str:
    key = the_keyring().active(Purpose.AUDIT).secret
    at = values["at"].isoformat()  # type: ignore[attr-defined]
    text = "\n".join(
        str(v) for v in (before, values["n"], at, values["action"], values["actor"], values["subject"], values["codes"])
    )
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


def first_break() -> int | None:
    """The number of the first link that does not fit, or None if the chain is whole."""
    before, expected = GENESIS, 1
    for entry in _all():
        values = {c: getattr(entry, c) for c in ("n", "at", "action", "actor", "subject", "codes")}
        if entry.n != expected or entry.link != _link(values, before):
            return expected
        before, expected = entry.link, expected + 1
    return None


def _all() -> list[Row]:
    table = AuditEntry.__table__
    return list(rows(select(*table.columns).order_by(AuditEntry.n)))
