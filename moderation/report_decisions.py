"""What the team decides about what it was told. Decision, effect, sealed words and audit link are kept together or not at all."""

from dataclasses import dataclass

from sqlalchemy import Row, insert, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import lifecycle, places
from forum.models import ConversationKind, Post, PostState
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, require
from moderation import audit, evidence, report_queries, reports
from moderation.evidence import Copy
from moderation.models import CaseItem, CaseKind, Choice, Decision, Target
from moderation.permissions import may_decide_report

MOST_NOTE = 2_000
#: A worry never ends because words were hidden or nobody did anything: somebody speaks with the person, or it waits on.
CHOICES = {CaseKind.REPORT: (Choice.LOOKED, Choice.HIDE), CaseKind.WELFARE: (Choice.SPOKEN, Choice.KEPT_OPEN)}


@dataclass(frozen=True)
class Verdict:
    """What a moderator chose.

    :param version: of the item as they saw it. :param note: words for the author if the post is hidden, else for the team.
    :param seen: the post's `changed_in` as they saw it, if they hide it.
    """

    choice: Choice
    version: int
    note: str = ""
    seen: int = 0


@retrying
def decide(actor: Actor, item_id: bytes, verdict: Verdict) -> None:
    """Decide about a report or a worry.

    :raises NotFound: none such for this person. :raises NotAllowed: decided already.
    :raises Invalid: no words where some are needed. :raises Conflict: it changed meanwhile, or the choice does not fit.
    """
    note = _note(verdict)
    with transaction():
        post = _lock_post(item_id) if verdict.choice is Choice.HIDE else None
        item, now = _lock(actor, item_id, verdict)
        scope = Scope(item.organisation_id, item.group_id)
        kept = _hide(scope, post, note, verdict.seen) if post is not None else _keep_note(scope, item_id, note)
        membership = now.memberships[scope.group_id]
        here().execute(
            insert(Decision).values(
                id=new_ident(),
                group_id=scope.group_id,
                item_id=item_id,
                post_id=post.id if post is not None else None,
                choice=verdict.choice,
                decided_by=membership.persona_id,
                decided_at=clock.now(),
                evidence_id=kept,
            )
        )
        audit.note(f"decide.{verdict.choice.value}", membership.persona_id, item_id)


def _note(verdict: Verdict) -> str:
    clean = verdict.note.strip()
    if verdict.choice is Choice.HIDE and not clean:
        raise Invalid(_("Write one sentence for the author: why, and what they could do."), "note")
    if verdict.choice is Choice.SPOKEN and not clean:
        raise Invalid(_("Write one sentence for the team: how they are, and what you agreed."), "note")
    if len(clean) > MOST_NOTE:
        raise Invalid(_("Make the note shorter: at most %(n)s characters.", n=MOST_NOTE), "note")
    return clean


def _lock_post(item_id: bytes) -> Post:
    """The post of an item, locked before the item, as an edit and a case of the gate do."""
    item = row(select(CaseItem.about, CaseItem.target).where(CaseItem.id == item_id))
    if item is None or item.target is not Target.POST:
        raise Conflict(_("That does not fit what waits here."))
    post = lifecycle.lock_post(int.from_bytes(item.about))
    if post is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return post


def _lock(actor: Actor, item_id: bytes, verdict: Verdict) -> tuple[Row, Actor]:
    """The item, ours to decide: a second moderator finds that it moved on."""
    scope = report_queries.find_scope(item_id)
    case = here().get(CaseItem, item_id, with_for_update=True)
    if case is None or scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    now = actor_in(actor, scope)
    item, facts = report_queries.get_item(now, item_id)
    require(may_decide_report, now, facts)
    if case.version != verdict.version:
        raise Conflict(_("This changed while you were reading. Please read it again, then decide."))
    if verdict.choice not in CHOICES[case.kind]:
        raise Conflict(_("That does not fit what waits here."))
    ended = verdict.choice is not Choice.KEPT_OPEN
    change = update(CaseItem).where(CaseItem.id == item_id).values(decided=ended, version=CaseItem.version + 1)
    here().execute(change.execution_options(synchronize_session=False))
    if ended:
        reports.note_ended(item_id)
    return item, now


def _hide(scope: Scope, post: Post, note: str, seen: int) -> bytes:
    place = places.find_place_of_post(post.id)
    if post.state is not PostState.VISIBLE or place is None or place.kind is ConversationKind.TEAM:
        raise Conflict(_("That does not fit what waits here."))
    if post.changed_in != seen:
        raise Conflict(_("The author changed these words while you were reading. Please read them again."))
    kept = evidence.keep(scope, post.id, Copy(post.body, post.lang, note, lifecycle.title_of(post)))
    lifecycle.hide(post)
    return kept


def _keep_note(scope: Scope, item_id: bytes, note: str) -> bytes | None:
    return evidence.keep_for_item(scope, item_id, Copy("", "", note)) if note else None
