"""What an author learns of decisions about their words: asked for by post, never written to where an alias could be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.models import CharterVersion, PostState
from moderation import evidence, statements
from moderation.evidence import Copy
from moderation.models import Decision
from moderation.statements import Statement


@dataclass(frozen=True)
class Told:
    """One decision as its author reads it. :param undone: the team took it back. :param clause: the rule, as it was."""

    id: bytes
    statement: Statement
    clause: Row | None
    undone: bool


def list_for(scope: Scope, post_id: int) -> Sequence[Told]:
    """What was decided about a post, the latest first. The caller asks whether it is the reader's own.

    What was undone before it was shown was never there for them.
    """
    said = (Decision.post_id == post_id, Decision.group_id == scope.group_id, Decision.statement.is_not(None))
    found = rows(
        select(Decision.id, Decision.statement, Decision.shown_from)
        .where(*said, Decision.shown_from <= clock.now())
        .order_by(Decision.decided_at.desc(), Decision.id)
    )
    taken_back = {r.reverts_id: r.decided_at for r in _reverts(post_id)}
    seen = [one for one in found if one.id not in taken_back or taken_back[one.id] >= one.shown_from]
    return [told for one in seen if (told := _told(scope, one, one.id in taken_back)) is not None]


def _reverts(post_id: int) -> Sequence[Row]:
    undone = (Decision.post_id == post_id, Decision.reverts_id.is_not(None))
    return rows(select(Decision.reverts_id, Decision.decided_at).where(*undone))


def _told(scope: Scope, one: Row, undone: bool) -> Told | None:
    statement = statements.find(scope, one.statement)
    if statement is None:
        return None
    return Told(one.id, statement, statements.find_clause(statement), undone)


def find_away(scope: Scope, post: Row) -> Copy | None:
    """The words of a post that the team put out of sight, for its author to copy."""
    if post.state is not PostState.HIDDEN or _is_forbidden(post.id):
        return None
    kept = evidence.find_put_away(post.id)
    return evidence.open_copy(scope, kept) if kept else None


def find_group_of_rules(version_id: bytes) -> bytes | None:
    """The group of a version of ground rules; not a permission."""
    found = row(select(CharterVersion.group_id).where(CharterVersion.id == version_id))
    return found.group_id if found else None


def _is_forbidden(post_id: int) -> bool:
    found = row(select(evidence.taken_down(post_id)))
    return bool(found and found[0])
