"""Who may do what with the audit chain in the database itself: the program adds to it, and nobody changes it.

Triggers hold against mistakes; who owns a table can put them to sleep. So on PostgreSQL the program runs as a role that
owns nothing (decisions.md on the four stores). SQLite has no roles: there the triggers and the chain itself have to do.
"""

from sqlalchemy import TextClause, bindparam, text

from forum.base.db import db, row
from forum.base.errors import Invalid, NotFound
from forum.base.transaction import here, transaction
from moderation.audit import GRANTS
from moderation.models import AuditEntry

_TABLE = AuditEntry.__tablename__
_NEVER = ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
_KNOWN = text("SELECT rolname FROM pg_roles WHERE rolname = :role").bindparams(bindparam("role"))
#: Membership in the owner's role is ownership. A superuser is above all of this.
_OWNS = text(
    "SELECT r.rolsuper OR pg_has_role(current_user, c.relowner, 'MEMBER') AS owns"
    " FROM pg_class c, pg_roles r WHERE c.oid = to_regclass(:table) AND r.rolname = current_user"
).bindparams(table=_TABLE)


def grant(role: str) -> None:
    """Let a role of PostgreSQL run the program: all of its tables, and of the audit chain only reading and adding.

    :raises Invalid: this is not PostgreSQL. :raises NotFound: there is no such role.
    """
    if db.engine.dialect.name != "postgresql":
        raise Invalid("SQLite has no roles. The triggers and the chain itself guard it there.")
    if row(_KNOWN.bindparams(role=role)) is None:
        raise NotFound(f"There is no role {role}. Make it first: CREATE ROLE … LOGIN.")
    name = db.engine.dialect.identifier_preparer.quote(role)
    with transaction():
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
            f"REVOKE ALL ON {_TABLE} FROM PUBLIC, {name}",
            f"GRANT {', '.join(GRANTS)} ON {_TABLE} TO {name}",
        ):
            here().execute(text(statement))


def examine() -> tuple[bool, str]:
    """For `flask doctor`: whether the role that the program runs as could change the chain, and what to do."""
    if db.engine.dialect.name != "postgresql":
        return True, "guarded by triggers; SQLite has no roles"
    owns = row(_OWNS)
    if owns is None or owns.owns:
        return False, "the program owns it and could change it; see `flask audit grant`"
    asked = [text(f"SELECT has_table_privilege('{_TABLE}', '{one}') AS may") for one in _NEVER]
    could = [one for one, question in zip(_NEVER, asked, strict=True) if _may(question)]
    return not could, f"the program may {', '.join(could)}; see `flask audit grant`" if could else "only grows"


def _may(question: TextClause) -> bool:
    found = row(question)
    return found is None or bool(found.may)
