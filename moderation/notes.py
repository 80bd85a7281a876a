"""What the team says to each other about one item: notes, a question to a colleague, an answer.

Whoever asks keeps the lease, and the clock of the item goes on. A question goes to everybody of the team who may see
the item, never to one by name: who is not on such a list would be whom the item names. There are no notes on people.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from forum.base import clock, jobs, rotation
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Persona
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in, get_scope
from forum.policy.permissions import Denial
from moderation import evidence, sight
from moderation.models import CaseItem, Decision
from moderation.round_models import CaseNote, NoteKind

PLACE = "case_note"
MOST_WORDS = 2_000
#: A page of an item shows them all; whoever writes more has a conversation, and the team has other places for that.
MOST_NOTES = 100
#: How often the notes of what is still open are asked about again.
AGAIN = timedelta(days=30)


@dataclass(frozen=True)
class Note:
    """One note as the team reads it. :param by: the name its writer has now. :param mine: the reader wrote it."""

    kind: NoteKind
    by: str
    mine: bool
    at: datetime
    words: str


def list_notes(actor: Actor, item_id: bytes) -> list[Note]:
    """What was noted about an item, the first first. :raises NotFound: no such item for this person."""
    _item, scope = sight.require_item(actor, item_id)
    me = actor.memberships[scope.group_id]
    columns = (CaseNote.id, CaseNote.kind, CaseNote.written_by, CaseNote.written_at, CaseNote.sealed, Persona.name)
    found = rows(
        select(*columns)
        .join(Persona, Persona.id == CaseNote.written_by)
        .where(CaseNote.item_id == item_id)
        .order_by(CaseNote.written_at, CaseNote.id)
        .limit(MOST_NOTES)
    )
    return [
        Note(r.kind, r.name, r.written_by == me.persona_id, r.written_at, _unseal(scope, r.id, r.sealed)) for r in found
    ]


def list_asking(item_ids: Collection[bytes]) -> set[bytes]:
    """Those of the items on which somebody's question has no answer yet. The caller asks who may see the items."""
    wanted = select(CaseNote.item_id, CaseNote.kind).where(
        CaseNote.item_id.in_(list(item_ids)), CaseNote.kind != NoteKind.NOTE
    )
    last = {r.item_id: r.kind for r in rows(wanted.order_by(CaseNote.written_at, CaseNote.id))} if item_ids else {}
    return {item_id for item_id, kind in last.items() if kind is NoteKind.ASK}


def write(actor: Actor, item_id: bytes, kind: NoteKind, words: str) -> bytes:
    """Write a note, ask a colleague or answer one; nothing else about the item changes.

    :param words: 1 to 2 000 characters. :raises Invalid: none, too many, or too many notes.
    :raises NotFound: no such item for this person.
    """
    clean = clean_words(words)
    with transaction():
        scope = sight.find_scope(item_id)
        if scope is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        now = actor_in(actor, scope)
        sight.require_item(now, item_id)
        return add(now.memberships[scope.group_id], item_id, kind, clean)


def clean_words(typed: str) -> str:
    """What was typed, without space around it. :raises Invalid: nothing, or too long."""
    clean = typed.strip()
    if not clean:
        raise Invalid(_("Write a few words for your colleagues."), "note_words")
    if len(clean) > MOST_WORDS:
        raise Invalid(_("Make the note shorter: at most %(n)s characters.", n=MOST_WORDS), "note_words")
    return clean


def add(membership: Membership, item_id: bytes, kind: NoteKind, words: str) -> bytes:
    """Step: keep a note by somebody who may see the item. :raises Invalid: there are too many."""
    if len(rows(select(CaseNote.id).where(CaseNote.item_id == item_id).limit(MOST_NOTES))) == MOST_NOTES:
        raise Invalid(
            _("There are as many notes here as one can read. Please decide, or talk to each other."), "note_words"
        )
    note_id, ring, scope = new_ident(), the_keyring(), membership.scope
    here().execute(
        insert(CaseNote).values(
            id=note_id,
            item_id=item_id,
            group_id=scope.group_id,
            kind=kind,
            written_by=membership.persona_id,
            written_at=clock.now(),
            sealed=ring.seal(scope, PLACE, note_id, json.dumps(words, ensure_ascii=False).encode()),
            key_id=ring.writing_id,
        )
    )
    _purge_after(clock.now() + evidence.KEPT)
    return note_id


def _unseal(scope: Scope, note_id: bytes, sealed: bytes) -> str:
    return str(json.loads(the_keyring().unseal(scope, PLACE, note_id, sealed)))


# --- How long they are kept -----------------------------------------------------------------------------------------


def _purge_after(moment: datetime) -> None:
    day = clock.floor_hour(moment).replace(hour=0) + timedelta(days=1)
    jobs.enqueue("purge_notes", {}, day, dedupe_key=f"purge_notes:{day.date()}")


@jobs.step("purge_notes")
def purge(_payload: jobs.Payload) -> None:
    """Notes go once somebody can no longer disagree with what was decided. What is open keeps its own."""
    before = clock.now() - evidence.KEPT
    fresh = select(Decision.item_id).where(Decision.item_id.is_not(None), Decision.decided_at >= before)
    old = (CaseNote.written_at < before, CaseItem.decided.is_(True), CaseItem.id.not_in(fresh))
    gone = select(CaseNote.id).join(CaseItem, CaseItem.id == CaseNote.item_id).where(*old)
    here().execute(delete(CaseNote).where(CaseNote.id.in_(gone)).execution_options(synchronize_session=False))
    if row(select(CaseNote.id).where(CaseNote.written_at < before).limit(1)) is not None:
        _purge_after(clock.now() + AGAIN)


def renewal() -> Pass:
    """How a rotation renews notes."""
    return Pass(CaseNote, CaseNote.id, rotation.renew_sealed(CaseNote, get_scope))
