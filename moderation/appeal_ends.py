"""What comes of an appeal, a complaint or a question: words for whoever asked, and what was decided holds, changes or goes.

Decided by one of the team who had no part in it, or by a reviewer of the organisation if nobody of the team may.
"""

from collections.abc import Sequence
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
from forum.conversations.prepare import Prepared, prepare
from forum.ground_rules import clearer as clearer_rules
from forum.ground_rules import proposals, versions
from forum.ground_rules.patches import Rule
from forum.ground_rules.proposals import Wish
from forum.models import ConversationKind, Post
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial
from moderation import appeals, audit, care, effects, evidence, impartial, leases, not_for, reports, sight, threads
from moderation.decisions import Changed, Lost, Verdict
from moderation.models import CaseItem, CaseKind, Choice, Decision, Target

CHOICES = {
    CaseKind.APPEAL: (Choice.UPHOLD, Choice.VARY, Choice.OVERTURN),
    CaseKind.COMPLAINT: (Choice.UPHOLD, Choice.OVERTURN),
    CaseKind.SELF: (Choice.ANSWERED,),
}
#: Instead of these the words can stay and be one tap away.
CAN_BE_MILDER = (*effects.PUTS_AWAY, Choice.LIMIT)


@dataclass(frozen=True)
class Before:
    """What an appeal is about. :param words: as they were, ready to come back; None if nothing has to. :param post: its id."""

    decision: Row
    words: Prepared | None = None
    title: str = ""


def choices_for(item: Row | CaseItem) -> Sequence[Choice]:
    """What can be decided about an item of these kinds."""
    allowed = CHOICES.get(item.kind, ())
    if item.kind is not CaseKind.APPEAL:
        return allowed
    decision = _decision(item.decision_id)
    milder = decision is not None and decision.choice in CAN_BE_MILDER
    return tuple(one for one in allowed if milder or one is not Choice.VARY)


def _decision(decision_id: bytes | None) -> Row | None:
    return row(select(*Decision.__table__.columns).where(Decision.id == decision_id)) if decision_id else None


@retrying
def conclude(actor: Actor, item_id: bytes, verdict: Verdict, clearer: str = "") -> bytes:
    """Decide about an appeal, a complaint or a question, with words for whoever asked; gives the decision.

    :param clearer: what the rule behind an undone decision should say; kept as a draft for the group, in the same instant.

    :raises NotFound: none such for this person: whoever decided first is one of those. :raises NotAllowed: they took part.
    :raises Invalid: no words. :raises Lost, Changed, Conflict: as for `moderation.decisions.decide`.
    """
    words, before = threads.clean(verdict.words), _prepare(actor, item_id)
    wish = _wish(actor, item_id, verdict.choice, clearer, before) if clearer.strip() else None
    with transaction():
        post = _lock_post(item_id)
        now, scope = _here(actor, item_id)
        item = _lock(item_id)
        seen, _scope = sight.require_item(now, item_id)
        impartial.require_impartial(now, seen)
        me = now.memberships[scope.group_id]
        if item.claimed_by != me.persona_id and leases.is_live(item.claimed_by, item.lease_until):
            raise Changed(_("Somebody else of the team has taken this to look at. Nothing was changed."))
        _take(item, verdict.choice, verdict.version, verdict.gen)
        decision_id = end(me, me.persona_id, item, post, before, verdict.choice, words)
        care.note_ended(me, item_id)
        if wish is not None:
            versions.lock(scope.group_id)
            proposals.draft(now, scope, wish)
        return decision_id


def find_unclear(actor: Actor, scope: Scope, item: Row) -> Rule | None:
    """The rule that a decision rests on, if whoever looks again may propose to make it clearer."""
    decision = _decision(item.decision_id) if item.kind is CaseKind.APPEAL else None
    return clearer_rules.find_rule(actor, scope, decision.clause_uid) if decision else None


def _wish(actor: Actor, item_id: bytes, choice: Choice, clearer: str, before: Before | None) -> Wish:
    """Outside the transaction: the draft, ready to be kept. :raises Invalid: nothing is undone, or other words."""
    now, scope = _here(actor, item_id)
    if choice is not Choice.OVERTURN or before is None:
        raise Invalid(_("A rule was unclear only if you undo the decision. Else please leave this empty."), "clearer")
    return clearer_rules.prepare(now, scope, before.decision.clause_uid, clearer, "clearer")


def answer(actor: Actor, item_id: bytes, typed: str) -> None:
    """Write to whoever asked, and go on looking. :raises NotFound, NotAllowed, Invalid, Conflict: as for `conclude`."""
    words = threads.clean(typed)
    with transaction():
        now, scope = _here(actor, item_id)
        seen, _scope = sight.require_item(now, item_id)
        impartial.require_impartial(now, seen)
        if seen.decided or seen.kind not in threads.KINDS:
            raise Lost(_("Someone of the team decided this while you were reading. Their decision stands."))
        threads.add(scope, item_id, words, from_team=True)
        audit.note("thread.answer", now.memberships[scope.group_id].persona_id, item_id)


def _here(actor: Actor, item_id: bytes) -> tuple[Actor, Scope]:
    scope = sight.find_scope(item_id)
    if scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return actor_in(actor, scope), scope


def _prepare(actor: Actor, item_id: bytes) -> Before | None:
    now, scope = _here(actor, item_id)
    sight.require_item(now, item_id)
    return prepare_words(scope, item_id)


def prepare_words(scope: Scope, item_id: bytes) -> Before | None:
    """Outside the transaction: the words that an appeal may bring back. The caller asks who may know."""
    item = row(select(CaseItem.kind, CaseItem.decision_id).where(CaseItem.id == item_id))
    decision = _decision(item.decision_id) if item else None
    if item is None or decision is None or item.kind is not CaseKind.APPEAL:
        return None
    copy = evidence.open_copy(scope, decision.evidence_id) if decision.evidence_id else None
    if copy is None or decision.choice not in effects.PUTS_AWAY:
        return Before(decision)
    place = places.find_place_of_post(decision.post_id)
    kind = place.kind if place else ConversationKind.TOPIC
    return Before(decision, prepare(copy.body, copy.lang or "en", kind, frozenset()), copy.title)


def _lock_post(item_id: bytes) -> Post | None:
    """Locked before the item, in the order of an edit, so that neither waits for the other."""
    item = row(select(CaseItem.target, CaseItem.about).where(CaseItem.id == item_id))
    if item is None or item.target is not Target.POST:
        return None
    return lifecycle.lock_post(int.from_bytes(item.about))


def _lock(item_id: bytes) -> CaseItem:
    item = here().get(CaseItem, item_id, with_for_update=True)
    if item is None or item.kind not in threads.KINDS:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return item


def take(item_id: bytes, choice: Choice, version: int) -> CaseItem:
    """Step: an item for a reviewer, decided from here on. :raises Lost, Changed, Conflict: as for `conclude`."""
    item = _lock(item_id)
    _take(item, choice, version, item.claim_gen)
    return item


def lock_post(item_id: bytes) -> Post | None:
    """Step: the post that an item is about, before the item is taken."""
    return _lock_post(item_id)


def _take(item: CaseItem, choice: Choice, version: int, gen: int) -> None:
    if item.decided:
        raise Lost(_("Someone of the team decided this while you were reading. Their decision stands."))
    if (item.version, item.claim_gen) != (version, gen):
        raise Changed(_("This changed while you were reading. Please read it again, then decide."))
    if choice not in choices_for(item):
        raise Conflict(_("That does not fit what waits here."))
    as_seen = (CaseItem.version == version, CaseItem.claim_gen == gen, CaseItem.decided.is_(False))
    change = update(CaseItem).where(CaseItem.id == item.id, *as_seen)
    taken = change.values(decided=True, version=CaseItem.version + 1).returning(CaseItem.version)
    if here().execute(taken.execution_options(synchronize_session=False)).first() is None:
        raise Lost(_("Someone of the team decided this while you were reading. Their decision stands."))


def end(
    by: Membership, who: bytes, item: CaseItem, post: Post | None, before: Before | None, choice: Choice, words: str
) -> bytes:
    """Step: the words, the decision, its effect and its link of the chain.

    :param by: whose decision the tables say it is. :param who: whose the chain says it is: a persona, or a reviewer.
    """
    decision_id, changes = new_ident(), choice in (Choice.OVERTURN, Choice.VARY)
    undone = before if changes and item.kind is CaseKind.APPEAL else None
    here().execute(
        insert(Decision).values(
            id=decision_id,
            group_id=by.scope.group_id,
            item_id=item.id,
            # That it stands says on no page of the post that anybody asked.
            post_id=post.id if undone is not None and post is not None else None,
            choice=choice,
            decided_by=by.persona_id,
            decided_at=clock.now(),
            reverts_id=undone.decision.id if undone is not None else None,
        )
    )
    threads.add(by.scope, item.id, words, from_team=True)
    if undone is not None:
        _give_back(by, post, undone, choice, decision_id)
    if changes and item.kind is CaseKind.COMPLAINT:
        _look_again(by.scope, item.id)
    threads.note_ended(item.id)
    audit.note(f"decide.{choice.value}", who, item.id)
    return decision_id


def _give_back(by: Membership, post: Post | None, before: Before, choice: Choice, decision_id: bytes) -> None:
    """Everything is as it was, but for what others decided; or the words are one tap away instead.

    :param post: None: it was about somebody's place in the group.
    """
    left = effects.of_decision(before.decision.id)
    if not left:
        raise Conflict(_("This was undone already, so nothing was changed."))
    effects.lift(by, left, decision_id, _("The team looked again."))
    if post is None:
        return
    effects.settle(post, before.words, before.title)
    if choice is Choice.VARY:
        here().refresh(post)
        effects.apply(effects.Deed(decision_id, by, Choice.FOLD, None), post)


def _look_again(scope: Scope, item_id: bytes) -> None:
    """What was told waits anew, and not for whoever decided it before."""
    if told_id := appeals.told_of(scope, item_id):
        not_for.keep_from(scope, told_id, appeals.who_decided_about(told_id))
        reports.look_again(scope, told_id)
