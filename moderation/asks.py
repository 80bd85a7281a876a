"""Lines to the team as items of the queue: taken to answer like anything else, ended by an answer and never by age.

The text stays where it is (forum.conversations.team). The owner of a line finds no trace of its item, also if they are
of the team and write under an alias.
"""

from collections.abc import Sequence

from sqlalchemy import Row, bindparam, insert, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.hot import Hot
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import lines, masks
from forum.conversations.lines import Line
from forum.models import Conversation, Persona, TeamLine
from forum.policy.actor import Actor, Membership
from forum.policy.asking import About, Waits
from forum.policy.members import get_scope
from moderation import about_mine, audit, items, leases
from moderation.models import CaseItem, CaseKind, Choice, Decision, Source


class Desk:
    """The forum's port, filled."""

    def note_waiting(self, conversation_id: bytes) -> None:
        """Open an item, or have the open one read anew: what stands there now is not what somebody read."""
        if line := _find_waiting(conversation_id):
            _open(line)

    def require_free(self, member: Membership, conversation_id: bytes) -> None:
        """Two answers at once would not know of each other."""
        item = _find_item(conversation_id, lock=True)
        if item is not None and _is_of_another(item, member):
            raise Invalid(
                _(
                    "A colleague has taken this to answer. Your words are still here. Talk to each other, or take it over."
                )
            )

    def note_answered(self, member: Membership, conversation_id: bytes) -> None:
        """End the item if nothing waits any more."""
        item = _find_item(conversation_id, lock=True)
        if item is not None and _find_waiting(conversation_id) is None:
            _end(item, member)

    def find(self, member: Membership, conversation_id: bytes) -> Waits | None:
        """Where it waits, and who has taken it."""
        item = _find_item(conversation_id)
        if item is None:
            return None
        live = leases.is_live(item.claimed_by, item.lease_until)
        return Waits(item.id, (item.looks or "") if live else "", live and item.claimed_by == member.persona_id)

    def list_about(self, actor: Actor, scope: Scope) -> Sequence[About]:
        """What the team decided about the actor's words, and what they asked about them."""
        return about_mine.list_for(actor, scope)


def _find_waiting(conversation_id: bytes) -> Line | None:
    """The line, if words of its owner that the team can read wait for an answer."""
    found = row(
        select(TeamLine.group_id, Conversation.last_shown_seq)
        .join(Conversation, Conversation.id == TeamLine.conversation_id)
        .where(TeamLine.conversation_id == conversation_id)
    )
    scope = get_scope(found.group_id) if found else None
    if found is None or scope is None:
        return None
    line = lines.get_line(scope, conversation_id)
    return line if line.waits and found.last_shown_seq > line.answered_seq else None


def _open(line: Line) -> None:
    """Step: the item of a line that waits, with the promise that the line shows to its owner."""
    scope = get_scope(line.group_id)
    if scope is None:
        raise LookupError("A line without a group: the database was changed by hand.")
    item_id = items.open_item(
        scope,
        CaseKind.ASK,
        about=line.conversation_id,
        source=Source.MEMBER,
        reasons=line.marks,
        names=[_owner(scope, line)],
    )
    change = update(CaseItem).where(CaseItem.id == item_id)
    values = {"due_at": line.due_at, "reasons": ",".join(line.marks), "version": CaseItem.version + 1}
    here().execute(change.values(**values).execution_options(synchronize_session=False))


def _owner(scope: Scope, line: Line) -> bytes:
    """Whose line it is; of an alias known in memory alone."""
    return masks.wearer_of(scope, line.face.id) if line.face.masked else line.face.id


def _find_item(conversation_id: bytes, *, lock: bool = False) -> Row | None:
    wanted = (CaseItem.about == conversation_id, CaseItem.kind == CaseKind.ASK, CaseItem.decided.is_(False))
    if lock:
        row(select(CaseItem.id).where(*wanted).with_for_update())
    columns = (CaseItem.id, CaseItem.claimed_by, CaseItem.lease_until, Persona.name.label("looks"))
    return row(select(*columns).outerjoin(Persona, Persona.id == CaseItem.claimed_by).where(*wanted))


def _is_of_another(item: Row, member: Membership) -> bool:
    return leases.is_live(item.claimed_by, item.lease_until) and item.claimed_by != member.persona_id


def _end(item: Row, member: Membership) -> None:
    ended = {"decided": True, "version": CaseItem.version + 1, "claimed_by": None, "lease_until": None}
    change = update(CaseItem).where(CaseItem.id == item.id).values(**ended)
    here().execute(change.execution_options(synchronize_session=False))
    here().execute(
        insert(Decision).values(
            id=new_ident(),
            group_id=member.scope.group_id,
            item_id=item.id,
            choice=Choice.ANSWERED,
            decided_by=member.persona_id,
            decided_at=clock.now(),
        )
    )
    audit.note(f"decide.{Choice.ANSWERED.value}", member.persona_id, item.id)


@retrying
def bring_in(scope: Scope) -> None:
    """Lines that waited before there was one queue come into it with the promise they had, when the team next looks.

    Also what a program of the schema before wrote meanwhile. Keys are needed for it, so no migration can do it.
    """
    outside = _OUTSIDE.rows({"group": scope.group_id})
    if not (found := [line for r in outside if (line := _find_waiting(r.conversation_id))]):
        return
    with transaction():
        for line in sorted(found, key=lambda one: one.conversation_id):
            _open(line)


_THERE = select(CaseItem.about).where(CaseItem.kind == CaseKind.ASK, CaseItem.decided.is_(False))
_WAITS = (TeamLine.group_id == bindparam("group"), TeamLine.asked_seq > TeamLine.answered_seq)
_OUTSIDE = Hot(select(TeamLine.conversation_id).where(*_WAITS, TeamLine.conversation_id.not_in(_THERE)))
