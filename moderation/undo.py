"""Taking a decision back: its exact effects and nothing else. For five minutes with one tap, later as a decision of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, insert, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import lifecycle
from forum.conversations.places import find_place_of_post
from forum.conversations.prepare import Meant, Prepared, prepare
from forum.models import Persona, Post
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in, get_scope
from forum.policy.permissions import Denial, may_look_after, require
from moderation import audit, effects, evidence, impartial, merging, queries, sight, statements
from moderation.evidence import Copy
from moderation.models import CaseItem, Choice, Decision
from moderation.statements import Statement

#: While a thumb's slip is still a slip, its owner takes it back without saying why (moderation.md §1.8).
ONE_TAP = timedelta(minutes=5)
MOST_WORDS = 2_000
_COLUMNS = (
    Decision.id,
    Decision.group_id,
    Decision.item_id,
    Decision.post_id,
    Decision.choice,
    Decision.decided_by,
    Decision.decided_at,
    Decision.evidence_id,
    Decision.statement,
    Decision.shown_from,
    Decision.reverts_id,
)
#: Somebody else decides about them once more; there is nothing to give back.
NOT_UNDONE = (Choice.RESTORE, Choice.DECLINE, Choice.UPHOLD, Choice.VARY, Choice.OVERTURN)


@dataclass(frozen=True)
class Found:
    """A decision for the team. :param one_tap: its maker needs no words. :param undone: it is taken back already.

    :param may: it can be taken back. :param words: what was said, for the author or the team.
    """

    row: Row
    by: str
    statement: Statement | None
    words: str
    one_tap: bool
    undone: bool
    may: bool


def find_group(decision_id: bytes) -> bytes | None:
    """Where a decision was made, to load the actor's membership; not a permission."""
    found = row(select(Decision.group_id).where(Decision.id == decision_id))
    return found.group_id if found else None


def get_decision(actor: Actor, decision_id: bytes) -> Found:
    """A decision with what can be done about it. :raises NotFound: none such for this person."""
    found, scope = _get(actor, decision_id)
    statement = statements.find(scope, found.statement) if found.statement else None
    copy = evidence.open_copy(scope, found.evidence_id) if found.evidence_id else None
    by = row(select(Persona.name).where(Persona.id == found.decided_by))
    words = statement.words if statement else copy.reason if copy else ""
    undone, own = _is_undone(decision_id), _is_own(actor, scope, found)
    may = not undone and not own and _can(found)
    return Found(found, by.name if by else "", statement, words, _one_tap(found, actor, clock.now()), undone, may)


def _get(actor: Actor, decision_id: bytes) -> tuple[Row, Scope]:
    """Whoever may see the item or, where nothing waited, the team."""
    found = row(select(*_COLUMNS).where(Decision.id == decision_id))
    scope = get_scope(found.group_id) if found is not None else None
    if found is None or scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_look_after, actor, scope.group_id)
    if found.item_id is not None:
        sight.require_item(actor, found.item_id)
    return found, scope


def _is_own(actor: Actor, scope: Scope, found: Row) -> bool:
    return found.post_id is not None and queries.is_mine(actor, scope.group_id, found.post_id)


def _is_undone(decision_id: bytes) -> bool:
    return row(select(Decision.id).where(Decision.reverts_id == decision_id)) is not None


def _one_tap(found: Row, actor: Actor, now: datetime) -> bool:
    mine = actor.memberships[found.group_id].persona_id == found.decided_by
    return mine and now < found.decided_at + ONE_TAP


def _can(found: Row) -> bool:
    """Later a post that was let through is put out of sight instead: people have read it and answered."""
    fresh = clock.now() < found.decided_at + ONE_TAP
    if found.reverts_id is not None or found.choice in NOT_UNDONE:
        return False
    if found.choice is Choice.MERGE:
        return True
    return bool(effects.of_decision(found.id)) or (fresh and found.item_id is not None)


@retrying
def revert(actor: Actor, decision_id: bytes, words: str) -> bytes:
    """Take a decision back; gives the decision that does.

    :param words: for the team: why. Whoever decided needs none for ONE_TAP. :raises Invalid: none, or too many.
    :raises NotFound: none such for this person. :raises Conflict: it is taken back already, or cannot be.
    """
    found, scope = _get(_now(actor, decision_id), decision_id)
    clean = words.strip()
    if len(clean) > MOST_WORDS:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_WORDS), "words")
    away = _words_of(scope, found)
    with transaction():
        post = lifecycle.lock_post(found.post_id) if found.post_id is not None else None
        now = _now(actor, decision_id)
        found, scope = _get(now, decision_id)
        _check(now, scope, found, clean)
        return carry_out(now.memberships[scope.group_id], found, post, clean, away, reopen=_waits_again(found))


def _now(actor: Actor, decision_id: bytes) -> Actor:
    group_id = find_group(decision_id)
    scope = get_scope(group_id) if group_id else None
    return actor_in(actor, scope) if scope else actor


def _waits_again(found: Row) -> bool:
    """A removal was asked for on the page of a person, and never waited in the list. What was put together with another
    item by mistake waits again whenever that is found out."""
    return found.choice is Choice.MERGE or (_is_fresh(found) and found.choice is not Choice.REMOVE)


def _is_fresh(found: Row) -> bool:
    return clock.now() < found.decided_at + ONE_TAP


def _words_of(scope: Scope, found: Row) -> tuple[Copy, Prepared] | None:
    """The words that come back, rendered before anything is locked."""
    copy = evidence.open_copy(scope, found.evidence_id) if found.evidence_id and found.post_id else None
    place = find_place_of_post(found.post_id) if copy is not None else None
    if copy is None or place is None or not copy.body:
        return None
    return copy, prepare(copy.body, copy.lang or "en", place.kind, frozenset())


def _check(actor: Actor, scope: Scope, found: Row, words: str) -> None:
    here().execute(select(Decision.id).where(Decision.id == found.id).with_for_update())
    if _is_own(actor, scope, found):
        raise NotAllowed(str(Denial.OWN_WORDS.value))
    if found.post_id is not None:
        require(_may_judge, actor, (scope, found.post_id))
    if _is_undone(found.id) or not _can(found):
        raise Conflict(_("It is taken back already, or it stays as it is. Nothing was changed."))
    if not words and not _one_tap(found, actor, clock.now()):
        raise Invalid(_("Say in one sentence why it is taken back. The team reads it."), "words")


def _may_judge(actor: Actor, subject: tuple[Scope, int]) -> Denial | None:
    return impartial.may_judge_post(actor, *subject)


def carry_out(
    by: Membership, found: Row, post: Post | None, words: str, away: tuple[Copy, Prepared] | None, *, reopen: bool
) -> bytes:
    """Step: lift the effects of one decision, and make the post what the others leave of it.

    :param found: the decision's columns. :param away: its sealed words, rendered. :param reopen: its item waits again.
    """
    inverse_id = _record(by, found, words)
    refold = effects.folded_until_looked(found.id) if reopen else None
    effects.lift(by, effects.of_decision(found.id), inverse_id, words or _("Taken back."))
    if reopen and found.item_id is not None:
        _reopen(found)
        merging.part(found.item_id)
    if post is not None and (refold is not None or found.choice in (*effects.KINDS, Choice.RELEASE)):
        copy, ready = away or (None, None)
        effects.settle(post, _as_it_was(ready, post) if ready else None, copy.title if copy else "", refold)
    return inverse_id


def _as_it_was(ready: Prepared, post: Post) -> Prepared:
    return Prepared(ready.body, ready.html, ready.renderer, ready.lang, ready.findings, Meant(post.notes, post.mark))


def _reopen(found: Row) -> None:
    """Its item waits again, unless somebody decided about it once more since."""
    later = (Decision.item_id == found.item_id, Decision.decided_at > found.decided_at, Decision.id != found.id)
    if row(select(Decision.id).where(*later, Decision.reverts_id.is_(None))) is not None:
        return
    values = {"decided": False, "version": CaseItem.version + 1, "claimed_by": None, "lease_until": None}
    change = update(CaseItem).where(CaseItem.id == found.item_id).values(**values)
    here().execute(change.execution_options(synchronize_session=False))


def _record(by: Membership, found: Row, words: str) -> bytes:
    inverse_id = new_ident()
    kept = evidence.keep_for_item(by.scope, found.item_id, Copy("", "", words)) if words and found.item_id else None
    here().execute(
        insert(Decision).values(
            id=inverse_id,
            group_id=by.scope.group_id,
            item_id=found.item_id,
            post_id=found.post_id,
            choice=Choice.RESTORE,
            decided_by=by.persona_id,
            decided_at=clock.now(),
            evidence_id=kept,
            reverts_id=found.id,
        )
    )
    subject = found.item_id or (found.post_id or 0).to_bytes(8)
    audit.note("decide.undo", by.persona_id, subject, found.choice.value)
    return inverse_id
