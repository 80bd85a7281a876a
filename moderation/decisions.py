"""The one way to decide about what waits: decision, effect, reasons and audit link are kept together or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import lifecycle
from forum.models import Post
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial
from moderation import audit, effects, evidence, leases, reports, sight
from moderation.evidence import Copy
from moderation.models import TOLD, CaseItem, CaseKind, Choice, Decision, Target

MOST_WORDS = 2_000
#: What each kind allows. A worry never ends because words were hidden or nobody did anything (moderation.md §1.6):
#: somebody speaks with the person, or it waits on.
CHOICES: Mapping[CaseKind, tuple[Choice, ...]] = {
    CaseKind.HOLD: (Choice.RELEASE, Choice.KEEP_BACK),
    CaseKind.WELCOME: (Choice.WELCOMED,),
    CaseKind.REPORT: (Choice.LOOKED, Choice.HIDE),
    CaseKind.WELFARE: (Choice.SPOKEN, Choice.KEPT_OPEN),
}
#: The item waits on after these.
LEAVES_OPEN = (Choice.KEPT_OPEN,)
#: Somebody reads what they cannot do any more, so they also read why.
FOR_AUTHOR = (Choice.KEEP_BACK, Choice.HIDE)


class Lost(Conflict):
    """Somebody decided this item first. Their decision stands, and what the second one typed is shown to them again."""


class Changed(Conflict):
    """What waits is not what this moderator read; it is still theirs to decide once they read it again."""


@dataclass(frozen=True)
class Verdict:
    """What a moderator chose.

    :param version: of the item as they saw it. :param gen: of the lease as they saw it; 0 before anybody took it.
    :param words: for the author if the choice takes something away, else for the team. At most MOST_WORDS characters.
    :param seen: the post's `changed_in` as they saw it, where the version does not follow the words.
    """

    choice: Choice
    version: int
    gen: int = 0
    words: str = ""
    clause_uid: str = ""
    until: datetime | None = None
    seen: int | None = None


@retrying
def decide(actor: Actor, item_id: bytes, verdict: Verdict) -> bytes:
    """Decide about one item; gives the decision.

    :raises NotFound: none such for this person. :raises NotAllowed: their own words. :raises Invalid: words are missing.
    :raises Lost: somebody decided it meanwhile. :raises Changed: it is not what they read. :raises Conflict: it does not fit.
    """
    wanted = replace(verdict, words=clean_words(verdict.choice, verdict.words))
    with transaction():
        post = _lock_post_of(item_id)
        item, membership = _lock_item(actor, item_id, wanted)
        decision_id = record(membership, item, post, wanted)
        if wanted.choice not in LEAVES_OPEN and item.kind in TOLD:
            reports.note_ended(item_id)
        return decision_id


def clean_words(choice: Choice, typed: str) -> str:
    """What was typed, without space around it. :raises Invalid: too long, or nothing where words are needed."""
    clean = typed.strip()
    if not clean and choice in FOR_AUTHOR:
        raise Invalid(_("Write one sentence for the author: why, and what they could do."), "words")
    if not clean and choice is Choice.SPOKEN:
        raise Invalid(_("Write one sentence for the team: how they are, and what you agreed."), "words")
    if len(clean) > MOST_WORDS:
        raise Invalid(_("Make it shorter: at most %(n)s characters.", n=MOST_WORDS), "words")
    return clean


def _lock_post_of(item_id: bytes) -> Post | None:
    """The post of an item, locked before the item: an edit locks them in this order too, so neither waits for the other."""
    item = row(select(CaseItem.post_id, CaseItem.target, CaseItem.about).where(CaseItem.id == item_id))
    if item is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    post_id = item.post_id
    if post_id is None and item.target is Target.POST:
        post_id = int.from_bytes(item.about)
    return lifecycle.lock_post(post_id) if post_id is not None else None


def _lock_item(actor: Actor, item_id: bytes, verdict: Verdict) -> tuple[CaseItem, Membership]:
    """The item, ours to decide: compared and set on its version, its lease and that it is open."""
    item = here().get(CaseItem, item_id, with_for_update=True)
    scope = sight.find_scope(item_id)
    if item is None or scope is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    now = actor_in(actor, scope)
    sight.require_item(now, item_id)
    membership = now.memberships[scope.group_id]
    _check(item, membership, verdict)
    _take(item, verdict)
    return item, membership


def _check(item: CaseItem, membership: Membership, verdict: Verdict) -> None:
    if item.decided:
        raise Lost(_("Someone of the team decided this while you were reading. Their decision stands."))
    if item.version != verdict.version:
        raise Changed(_("This changed while you were reading. Please read it again, then decide."))
    theirs = item.claimed_by != membership.persona_id and leases.is_live(item.claimed_by, item.lease_until)
    if item.claim_gen != verdict.gen or theirs:
        raise Changed(_("Somebody else of the team has taken this to look at. Nothing was changed."))
    if verdict.choice not in CHOICES.get(item.kind, ()):
        raise Conflict(_("That does not fit what waits here."))


def _take(item: CaseItem, verdict: Verdict) -> None:
    """Nobody else decides it from here on; the database compares once more, whatever was read before."""
    ended = verdict.choice not in LEAVES_OPEN
    as_seen = (CaseItem.version == verdict.version, CaseItem.claim_gen == verdict.gen, CaseItem.decided.is_(False))
    change = update(CaseItem).where(CaseItem.id == item.id, *as_seen)
    taken = change.values(decided=ended, version=CaseItem.version + 1).returning(CaseItem.version)
    if here().execute(taken.execution_options(synchronize_session=False)).first() is None:
        raise Lost(_("Someone of the team decided this while you were reading. Their decision stands."))


def record(membership: Membership, item: CaseItem | None, post: Post | None, verdict: Verdict) -> bytes:
    """Step: keep a decision with its sealed words, its effects and its link of the chain.

    :param item: none, if a post is looked after without anything waiting.
    """
    scope, decision_id = membership.scope, new_ident()
    effects.check(item, post, verdict.choice, verdict.seen)
    touched = post if post is not None and effects.touches(item, verdict.choice) else None
    kept = _keep(membership, item, touched, verdict)
    here().execute(
        insert(Decision).values(
            id=decision_id,
            group_id=scope.group_id,
            item_id=item.id if item is not None else None,
            post_id=touched.id if touched is not None else None,
            choice=verdict.choice,
            decided_by=membership.persona_id,
            decided_at=clock.now(),
            evidence_id=kept,
        )
    )
    if touched is not None:
        effects.apply(scope, decision_id, touched, verdict.choice)
    subject = item.id if item is not None and item.kind in TOLD else None
    audit.note(f"decide.{verdict.choice.value}", membership.persona_id, subject or _subject(item, post))
    return decision_id


def _subject(item: CaseItem | None, post: Post | None) -> bytes:
    assert post is not None or item is not None
    return post.id.to_bytes(8) if post is not None else item.id  # type: ignore[union-attr]


def _keep(membership: Membership, item: CaseItem | None, touched: Post | None, verdict: Verdict) -> bytes | None:
    """Seal the words that are put away, or what was noted for the team."""
    scope = membership.scope
    if touched is not None and verdict.choice in FOR_AUTHOR:
        words = Copy(touched.body, touched.lang, verdict.words, lifecycle.title_of(touched))
        return evidence.keep(scope, touched.id, words)
    if item is None or not verdict.words:
        return None
    return evidence.keep_for_item(scope, item.id, Copy("", "", verdict.words))
