"""Two items about the same: one is put together with the other, where the deciding goes on. Nothing of it is lost.

Only with one that is open, of the same kind and about the same person, post or topic: so a worry ends in another worry
and never in a report, and nothing that was folded stays so for good. Whom an item names sees it no more than before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Invalid
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.base.words import _
from forum.models import Post
from forum.policy.actor import Actor, Membership
from moderation import audit, evidence, hints, sight
from moderation.evidence import Copy
from moderation.models import TOLD, CaseItem, CaseKind, Choice, Decision, Target

KINDS = (*TOLD, CaseKind.PRIVACY)
#: Far more than are ever open about one person at once.
MOST_LOOKED = 500


@dataclass(frozen=True)
class Other:
    """An item that another one can be put together with, or was. :param opened: its hour."""

    id: bytes
    kind: CaseKind
    target: Target | None
    opened: datetime


def list_others(actor: Actor, scope: Scope, item: Row) -> list[Other]:
    """The open items that this one can be put together with, the oldest promise first. The caller may see the item."""
    if item.kind not in KINDS:
        return []
    open_now = (CaseItem.group_id == scope.group_id, CaseItem.kind == item.kind, CaseItem.decided.is_(False))
    wanted = select(*sight.COLUMNS, CaseItem.opened_hour).where(*open_now, CaseItem.id != item.id)
    found = rows(wanted.where(CaseItem.outside_id.is_(None)).order_by(CaseItem.due_at, CaseItem.id).limit(MOST_LOOKED))
    about = _subjects([item, *found])
    same = [one for one in found if about[one.id] & about[item.id]]
    hidden = sight.hidden(actor, scope, same) if same else set()
    return [_other(one) for one in same if one.id not in hidden]


def _other(one: Row) -> Other:
    return Other(one.id, one.kind, one.target, one.opened_hour)


def _subjects(items: Sequence[Row]) -> dict[bytes, set[bytes]]:
    """What each is about: the name or alias on the words, and of a report the topic as well."""
    of_post = {item.id: post_id for item in items if (post_id := sight.post_of(item)) is not None}
    face = func.coalesce(Post.mask_id, Post.persona_id).label("face")
    found = (
        rows(select(Post.id, face, Post.conversation_id).where(Post.id.in_(set(of_post.values())))) if of_post else []
    )
    posts = {one.id: {one.face, one.conversation_id} for one in found}
    return {item.id: _subject(item, posts.get(of_post.get(item.id, 0), set())) for item in items}


def _subject(item: Row, post: set[bytes]) -> set[bytes]:
    return post or ({item.about} if item.about else set())


def join(actor: Actor, membership: Membership, item: Row, into: bytes | None, words: str) -> bytes:
    """Step: the item ends in another one, which is due as soon as either was; gives the decision.

    :param item: taken by whoever decides. :param words: for the team, or empty. :raises Invalid: no such other item.
    """
    if into not in {one.id for one in list_others(actor, membership.scope, item)}:
        raise Invalid(_("Choose what you put it together with."), "into")
    other = here().get(CaseItem, into, with_for_update=True)
    if other is None or other.decided:
        raise Invalid(_("Choose what you put it together with."), "into")
    decision_id, scope = new_ident(), membership.scope
    values = {"id": decision_id, "group_id": scope.group_id, "item_id": item.id, "choice": Choice.MERGE}
    noted = evidence.keep_for_item(scope, item.id, Copy("", "", words)) if words else None
    here().execute(
        insert(Decision).values(**values, decided_by=membership.persona_id, decided_at=clock.now(), evidence_id=noted)
    )
    _write(item.id, merged_into=other.id)
    mine = row(select(CaseItem.due_at).where(CaseItem.id == item.id))
    sooner = min(other.due_at, mine.due_at if mine else other.due_at)
    _write(other.id, due_at=sooner, version=CaseItem.version + 1)
    hints.note_changed(other.id)
    audit.note("decide.merge", membership.persona_id, item.id)
    return decision_id


def part(item_id: bytes) -> None:
    """Step: the inverse: it stands by itself again. What others decided about the other one holds."""
    _write(item_id, merged_into=None)


def _write(item_id: bytes, **values: object) -> None:
    change = update(CaseItem).where(CaseItem.id == item_id).values(**values)
    here().execute(change.execution_options(synchronize_session=False))


def end_of(item_id: bytes) -> bytes:
    """The item in which what was told about this one is decided: itself, or what it was put together with, to the end."""
    seen = [item_id]
    while found := row(select(CaseItem.merged_into).where(CaseItem.id == seen[-1], CaseItem.merged_into.is_not(None))):
        if found.merged_into in seen:
            break
        seen.append(found.merged_into)
    return seen[-1]


def list_joined(actor: Actor, scope: Scope, item_id: bytes) -> list[Other]:
    """What was put together with an item, as far as this person may see it."""
    into = (CaseItem.merged_into == item_id, CaseItem.group_id == scope.group_id)
    found = rows(select(*sight.COLUMNS, CaseItem.opened_hour).where(*into).order_by(CaseItem.opened_hour, CaseItem.id))
    hidden = sight.hidden(actor, scope, found) if found else set()
    return [_other(one) for one in found if one.id not in hidden]


def find_into(actor: Actor, scope: Scope, item_id: bytes) -> Other | None:
    """What an item was put together with, if this person may see that."""
    into = select(CaseItem.merged_into).where(CaseItem.id == item_id).scalar_subquery()
    found = row(select(*sight.COLUMNS, CaseItem.opened_hour).where(CaseItem.id == into))
    return _other(found) if found is not None and not sight.hidden(actor, scope, [found]) else None
