"""Words that go both ways about one item, sealed: an appeal, a complaint, a question about one's own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from forum.base import clock, jobs, rotation
from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid
from forum.base.idents import new_ident
from forum.base.keyring import Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here
from forum.base.words import _
from forum.policy.members import get_scope
from moderation import evidence
from moderation.appeal_models import AppealWord
from moderation.models import CaseItem, CaseKind

#: Whoever asked and whoever looks write to each other about these.
KINDS = (CaseKind.APPEAL, CaseKind.COMPLAINT, CaseKind.SELF)
PLACE = "appeal_word"
#: Four pages; whoever reads it may know nothing yet.
MOST_WORDS = 5_000
#: Of one item. A talk that is longer than this is for the line to the team.
MOST_MESSAGES = 50
#: Sealed sizes are a multiple of this many bytes, so that they tell little of how much was said.
BLOCK = 512


@dataclass(frozen=True)
class Message:
    """What one side said, and in which hour."""

    from_team: bool
    hour: datetime
    words: str


def clean(typed: str) -> str:
    """What was typed, as it is kept. :raises Invalid: nothing, or too long."""
    words = normalise(typed).strip()
    if not words:
        raise Invalid(_("Write a few words first."), "words")
    if len(words) > MOST_WORDS:
        raise Invalid(_("That is too long. Please say it in %(most)s characters.", most=MOST_WORDS), "words")
    return words


def add(scope: Scope, item_id: bytes, words: str, *, from_team: bool) -> None:
    """Step: one more message. :param words: from `clean`. :raises Conflict: too many."""
    before = row(select(func.count().label("n")).where(AppealWord.item_id == item_id))
    n = (before.n if before else 0) + 1
    if n > MOST_MESSAGES:
        raise Conflict(_("There is no more room here. Please write to the team instead."))
    word_id, ring = new_ident(), the_keyring()
    value = words.encode()
    sealed = ring.seal(scope, PLACE, word_id, value + b"\0" * (-len(value) % BLOCK))
    facts = {"item_id": item_id, "group_id": scope.group_id, "n": n, "from_team": from_team}
    here().execute(
        insert(AppealWord).values(id=word_id, hour=clock.this_hour(), sealed=sealed, key_id=ring.writing_id, **facts)
    )


def list_messages(scope: Scope, item_id: bytes) -> Sequence[Message]:
    """All of them in their order; the caller asks who may know."""
    found = rows(select(*AppealWord.__table__.columns).where(AppealWord.item_id == item_id).order_by(AppealWord.n))
    return [Message(one.from_team, one.hour, _open(scope, one)) for one in found]


def _open(scope: Scope, found: Any) -> str:
    return the_keyring().unseal(scope, PLACE, found.id, found.sealed).rstrip(b"\0").decode()


def note_changed(item_id: bytes) -> None:
    """Step: whoever looks at the item has not read the newest words yet, so they do not decide over them."""
    moved = update(CaseItem).where(CaseItem.id == item_id).values(version=CaseItem.version + 1)
    here().execute(moved.execution_options(synchronize_session=False))


def note_ended(item_id: bytes) -> None:
    """Step: it is decided. The words are kept while somebody can disagree, and no longer."""
    evidence.keep_longer(item_id)
    for forget in ("forget_thread", "forget_report"):
        jobs.enqueue(forget, {"item": item_id.hex()}, clock.now() + evidence.KEPT)


@jobs.step("forget_thread")
def _forget(payload: jobs.Payload) -> None:
    gone = delete(AppealWord).where(AppealWord.item_id == bytes.fromhex(payload["item"]))
    here().execute(gone.execution_options(synchronize_session=False))


def renewal() -> Pass:
    """How a rotation renews these words."""
    return Pass(AppealWord, AppealWord.id, rotation.renew_sealed(AppealWord, get_scope))
