"""The one way to decide about what waits: decision, effect, reasons and audit link are kept together or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, insert, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction, write
from forum.base.words import _
from forum.conversations import lifecycle, opening
from forum.models import Post, PostState
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial
from moderation import (
    audit,
    care,
    effects,
    evidence,
    hints,
    impartial,
    leases,
    merging,
    notes,
    proposals,
    reports,
    sight,
    statements,
)
from moderation.evidence import Copy
from moderation.models import TOLD, CaseItem, CaseKind, Choice, Decision, Source
from moderation.round_models import NoteKind
from moderation.safeguarding import referring, responders
from moderation.safeguarding.models import Origin
from moderation.statements import Statement

_OF_WORDS = (Choice.ASK_AUTHOR, Choice.FOLD, Choice.LIMIT)
_OF_POSTS = (Choice.LOOKED, *_OF_WORDS, Choice.HIDE, Choice.MOVE, Choice.LOCK)
_HELD = (Choice.RELEASE, Choice.KEEP_BACK, Choice.ASK_AUTHOR)
#: What each kind allows. A worry never ends because words were hidden or nobody did anything (moderation.md §1.6):
#: somebody speaks with the person, it becomes a concern, or it waits on: by itself, or with another worry about them.
CHOICES: Mapping[CaseKind, tuple[Choice, ...]] = {
    CaseKind.HOLD: _HELD,
    CaseKind.SPAM: _HELD,
    CaseKind.WELCOME: (Choice.WELCOMED,),
    CaseKind.REPORT: (*_OF_POSTS, Choice.REFER, Choice.MERGE),
    CaseKind.LIVE: (Choice.LOOKED, *_OF_WORDS, Choice.HIDE, Choice.REFER, Choice.MERGE),
    CaseKind.PRIVACY: (Choice.LOOKED, *_OF_WORDS, Choice.HIDE, Choice.MERGE),
    CaseKind.ILLEGAL: (Choice.LOOKED, *_OF_WORDS, Choice.TAKE_DOWN, Choice.MERGE),
    CaseKind.PROPOSED: (Choice.CONFIRM, Choice.DECLINE),
    CaseKind.WELFARE: (Choice.SPOKEN, Choice.KEPT_OPEN, Choice.REFER, *_OF_WORDS, Choice.MERGE),
}
#: Only where an item is about a post of a board.
NEEDS_POST = (*_OF_WORDS, Choice.HIDE, Choice.TAKE_DOWN, Choice.MOVE, Choice.LOCK)
#: Time to see that one chose the wrong thing before the author reads of it (moderation.md §1.8).
SHOWN_AFTER = timedelta(seconds=10)


def leaves_open(kind: CaseKind, choice: Choice) -> bool:
    """Whether the item waits on after this choice."""
    if kind is CaseKind.WELFARE:
        return choice not in (Choice.SPOKEN, Choice.REFER, Choice.MERGE)
    if choice is Choice.REFER:
        return True  # how somebody is was passed on; what they wrote still waits for a decision
    return choice is Choice.ASK_AUTHOR and kind in (CaseKind.HOLD, CaseKind.SPAM)


class Lost(Conflict):
    """Somebody decided this item first. Their decision stands, and what the second one typed is shown to them again."""


class Changed(Conflict):
    """What waits is not what this moderator read; it is still theirs to decide once they read it again."""


@dataclass(frozen=True)
class Verdict:
    """What a moderator chose.

    :param version: of the item as they saw it. :param gen: of the lease as they saw it; 0 before anybody took it.
    :param words: for the author if the choice is one of `statements.NEEDED_FOR`, else for the team.
    :param clause_uid: the ground rule it rests on, of the version that held for the words.
    :param seen: the post's `changed_in` as they saw it, where the version does not follow the words.
    :param board_id: where a topic moves. :param looked: whoever agrees to restrict a person looked first if they are well.
    :param bulk_id: shared by decisions that are made together. :param into: the item that this one is put together with.
    """

    choice: Choice
    version: int
    gen: int = 0
    words: str = ""
    clause_uid: str = ""
    seen: int | None = None
    board_id: bytes | None = None
    looked: bool = False
    bulk_id: bytes | None = None
    into: bytes | None = None


@retrying
def decide(actor: Actor, item_id: bytes, verdict: Verdict) -> bytes:
    """Decide about one item; gives the decision.

    :raises NotFound: none such for this person. :raises NotAllowed: their own words. :raises Invalid: words are missing.
    :raises Lost: somebody decided it meanwhile. :raises Changed: it is not what they read. :raises Conflict: it does not fit.
    """
    wanted = replace(verdict, words=statements.clean_words(verdict.choice, verdict.words))
    try:
        return _decide(actor, item_id, wanted)
    except Lost:
        _keep_typed(actor, item_id, wanted)
        raise


def _decide(actor: Actor, item_id: bytes, verdict: Verdict) -> bytes:
    with transaction():
        scope, post = _lock_post_of(item_id)
        now = actor_in(actor, scope)
        item, membership = _lock_item(now, item_id, verdict)
        decision_id = _answer_or_record(now, membership, item, post, verdict)
        if item.kind in TOLD and not leaves_open(item.kind, verdict.choice):
            reports.note_ended(item_id)
        care.note_ended(membership, item_id)
        hints.note_changed(item_id)
        return decision_id


def _answer_or_record(now: Actor, membership: Membership, item: Row, post: Post | None, verdict: Verdict) -> bytes:
    if item.kind is CaseKind.PROPOSED:
        return proposals.answer(item, membership, verdict.choice)
    if verdict.choice is Choice.MERGE:
        return merging.join(now, membership, item, verdict.into, verdict.words)
    if verdict.choice is Choice.REFER:
        referring.refer(membership.scope, item.id, verdict.words, responders.of(membership), Origin.REFERRED)
    return record(membership, item, post, verdict)


def preview(actor: Actor, item_id: bytes, verdict: Verdict) -> tuple[Statement, Row | None]:
    """What the author would read, with the rule it names; nothing is decided.

    :raises NotFound, Invalid, Conflict: as for `decide`.
    """
    item, _scope = sight.require_item(actor, item_id)
    impartial.require_impartial(actor, item)
    words = statements.clean_words(verdict.choice, verdict.words)
    post = statements.find_post(sight.post_of(item))
    if post is None or verdict.choice not in choices_for(item):
        raise Conflict(_("That does not fit what waits here."))
    statements.check_clause(post, verdict.clause_uid)
    until = clock.now() + effects.LOCKED_FOR if verdict.choice is Choice.LOCK else None
    source = row(select(CaseItem.source).where(CaseItem.id == item_id))
    made = statements.make(
        post, source.source if source else Source.TEAM, verdict.choice, words, verdict.clause_uid, until
    )
    return made, statements.find_clause(made)


def _keep_typed(actor: Actor, item_id: bytes, verdict: Verdict) -> None:
    """What somebody typed who came second is not lost: their colleagues read it as a note on the item."""
    scope = sight.find_scope(item_id)
    if not verdict.words or scope is None:
        return
    with transaction():
        now = actor_in(actor, scope)
        sight.require_item(now, item_id)
        notes.add(now.memberships[scope.group_id], item_id, NoteKind.NOTE, verdict.words)


def _lock_post_of(item_id: bytes) -> tuple[Scope, Post | None]:
    """The post of an item, locked before the item: an edit locks them in this order too, so neither waits for the other."""
    found = sight.find_where(item_id)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    scope, post_id = found
    return scope, lifecycle.lock_post(post_id) if post_id is not None else None


def _lock_item(now: Actor, item_id: bytes, verdict: Verdict) -> tuple[Row, Membership]:
    """The item, ours to decide: compared and set on its version, its lease and that it is open."""
    item, scope = sight.require_item(now, item_id, lock=True)
    impartial.require_impartial(now, item)
    membership = now.memberships[scope.group_id]
    _check(item, membership, verdict)
    if item.kind is CaseKind.PROPOSED:
        proposals.require_second(item, membership, verdict.choice, looked=verdict.looked)
    _take(item, verdict)
    return item, membership


def _check(item: Row, membership: Membership, verdict: Verdict) -> None:
    if item.decided:
        raise Lost(_("Someone of the team decided this while you were reading. Their decision stands."))
    if item.version != verdict.version:
        raise Changed(_("This changed while you were reading. Please read it again, then decide."))
    theirs = item.claimed_by != membership.persona_id and leases.is_live(item.claimed_by, item.lease_until)
    if item.claim_gen != verdict.gen or theirs:
        raise Changed(_("Somebody else of the team has taken this to look at. Nothing was changed."))
    if verdict.choice not in choices_for(item):
        raise Conflict(_("That does not fit what waits here."))


def choices_for(item: CaseItem | Row) -> list[Choice]:
    """What can be decided about an item."""
    allowed = CHOICES.get(item.kind, ())
    has_post = sight.post_of(item) is not None
    fits = [choice for choice in allowed if has_post or choice not in NEEDS_POST]
    return [choice for choice in fits if choice is not Choice.REFER or referring.can_refer(item)]


def _take(item: Row, verdict: Verdict) -> None:
    """Nobody else decides it from here on; the database compares once more, whatever was read before."""
    ended = not leaves_open(item.kind, verdict.choice)
    if write(_TAKE, item=item.id, seen=verdict.version, gen=verdict.gen, decided=ended).first() is None:
        raise Lost(_("Someone of the team decided this while you were reading. Their decision stands."))


_AS_SEEN = (CaseItem.version == bindparam("seen"), CaseItem.claim_gen == bindparam("gen"), CaseItem.decided.is_(False))
_TAKE = (
    update(CaseItem)
    .where(CaseItem.id == bindparam("item"), *_AS_SEEN)
    .values(version=CaseItem.version + 1)
    .returning(CaseItem.version)
)


def record(membership: Membership, item: CaseItem | Row | None, post: Post | None, verdict: Verdict) -> bytes:
    """Step: keep a decision with its sealed words, its effects and its link of the chain.

    :param item: none, if a post is looked after without anything waiting. :raises Invalid, Conflict: as for `decide`.
    """
    effects.check(post, verdict.choice, verdict.seen)
    touched = post if post is not None and _touches(item, verdict.choice) else None
    told = touched is not None and verdict.choice in statements.NEEDED_FOR
    version_id = statements.check_clause(touched, verdict.clause_uid) if told and touched is not None else None
    decision_id, now = new_ident(), clock.now()
    until = now + effects.LOCKED_FOR if verdict.choice is Choice.LOCK else None
    write(
        _ADD,
        id=decision_id,
        group_id=membership.scope.group_id,
        item_id=item.id if item is not None else None,
        post_id=touched.id if touched is not None else None,
        choice=verdict.choice,
        decided_by=membership.persona_id,
        decided_at=now,
        evidence_id=_keep(membership, item, touched, verdict),
        clause_uid=verdict.clause_uid if told else "",
        rules_version=version_id,
        statement=_state(membership, item, touched, verdict, until) if told else None,
        shown_from=now + SHOWN_AFTER if told else None,
        until_at=until,
        bulk_id=verdict.bulk_id,
    )
    if post is not None:  # also where the post's pages say nothing: what was folded until a look is opened
        _carry_out(membership, item, post, verdict, decision_id)
    audit.note(f"decide.{verdict.choice.value}", membership.persona_id, _subject(item, post), verdict.clause_uid)
    return decision_id


_ADD = insert(Decision)


def _touches(item: CaseItem | Row | None, choice: Choice) -> bool:
    """Whether the post's own pages tell of it. That somebody looked at a report says on no page that there was one, and
    that it became a concern says no page at all."""
    if choice is Choice.REFER:
        return False
    return item is None or item.kind not in TOLD or choice in statements.NEEDED_FOR


def _carry_out(
    membership: Membership, item: CaseItem | Row | None, post: Post, verdict: Verdict, decision_id: bytes
) -> None:
    ended = item is not None and not leaves_open(item.kind, verdict.choice)
    effects.apply(
        effects.Deed(decision_id, membership, verdict.choice, item, verdict.words, ended, verdict.board_id), post
    )


def _state(
    membership: Membership, item: CaseItem | Row | None, post: Post | None, verdict: Verdict, until: datetime | None
) -> bytes:
    assert post is not None
    source = item.source if item is not None else Source.TEAM
    made = statements.make(post, source, verdict.choice, verdict.words, verdict.clause_uid, until)
    return statements.keep(membership.scope, made)


def _subject(item: CaseItem | Row | None, post: Post | None) -> bytes:
    """What a link of the chain is about: the item of what somebody told, else the post."""
    if post is None or (item is not None and item.kind in TOLD):
        assert item is not None
        return item.id
    return post.id.to_bytes(8)


def _keep(membership: Membership, item: CaseItem | Row | None, touched: Post | None, verdict: Verdict) -> bytes | None:
    """Seal the words that are put away, or what was noted for the team."""
    scope = membership.scope
    if touched is not None and verdict.choice in effects.PUTS_AWAY:
        if touched.state is PostState.HIDDEN:
            return evidence.keep_again(touched.id)
        words = Copy(touched.body, touched.lang, verdict.words, opening.title_of(touched))
        return evidence.keep(scope, touched.id, words)
    if item is None or not verdict.words or verdict.choice in statements.NEEDED_FOR:
        return None
    return evidence.keep_for_item(scope, item.id, Copy("", "", verdict.words))
