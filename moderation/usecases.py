"""What the team decides. Decision, effect, sealed reasons and audit link are kept together or not at all."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import insert, select

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import lifecycle, masks, restrictions
from forum.conversations.places import Place, find_group_of_post, find_place_of_post
from forum.conversations.prepare import prepare
from forum.models import ConversationKind, Post, PostState
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_look_after, require
from moderation import audit, evidence, queries
from moderation.evidence import Copy
from moderation.models import CaseItem, CaseKind, Choice, Decision
from moderation.permissions import CaseFacts, may_decide, may_hide

MOST_REASON = 2_000


@dataclass(frozen=True)
class Decided:
    """What was done."""

    choice: Choice
    post_id: int


@retrying
def release_post(actor: Actor, item_id: bytes, version: int) -> Decided:
    """Let the group see a held post.

    :param version: the case as the moderator saw it.
    :raises Conflict: somebody decided it meanwhile; their decision stands. :raises NotAllowed: one's own words.
    """
    return _decide_case(actor, item_id, version, Choice.RELEASE, "", _release)


@retrying
def keep_back(actor: Actor, item_id: bytes, version: int, reason: str) -> Decided:
    """Keep a held post out of the group. Its author gets the words back with the reason.

    :param reason: 1 to 2 000 characters, in words that the author will read.
    :raises Invalid: no reason. :raises Conflict, NotAllowed: as for `release_post`.
    """
    return _decide_case(actor, item_id, version, Choice.KEEP_BACK, _reason(reason), _keep_back)


@retrying
def mark_welcomed(actor: Actor, item_id: bytes, version: int) -> Decided:
    """Somebody's first words were read and welcomed."""
    return _decide_case(actor, item_id, version, Choice.WELCOMED, "", _nothing)


def _reason(typed: str) -> str:
    clean = typed.strip()
    if not clean:
        raise Invalid(_("Write one sentence for the author: why, and what they could do."), "reason")
    if len(clean) > MOST_REASON:
        raise Invalid(_("Make the reason shorter: at most %(n)s characters.", n=MOST_REASON), "reason")
    return clean


def _decide_case(
    actor: Actor, item_id: bytes, version: int, choice: Choice, reason: str, effect: Callable[[Post], None]
) -> Decided:
    with transaction():
        post = _lock_post_of(item_id)
        case, membership = _lock_case(actor, item_id, version, choice)
        kept = _copy(membership.scope, post, reason) if choice is Choice.KEEP_BACK else None
        effect(post)
        _record(membership, case.id, post.id, choice, kept)
        return Decided(choice, post.id)


def _lock_post_of(item_id: bytes) -> Post:
    """The post of a case, locked before the case: an edit locks them in this order too, so neither waits for the other."""
    found = row(select(CaseItem.post_id).where(CaseItem.id == item_id))
    post = lifecycle.lock_post(found.post_id) if found else None
    if post is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return post


def _lock_case(actor: Actor, item_id: bytes, version: int, choice: Choice) -> tuple[CaseItem, Membership]:
    """The case, ours to decide: a second moderator finds the version moved on."""
    case = here().get(CaseItem, item_id, with_for_update=True)
    place = find_group_of_post(case.post_id) if case and case.post_id is not None else None
    if case is None or case.post_id is None or place is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    now = actor_in(actor, place)
    mine = queries.is_mine(now, case.group_id, case.post_id)
    state = queries.get_case(now, item_id)[0].state
    if case.decided:
        raise Conflict(_("Someone of the team decided this while you were reading. Their decision stands."))
    if case.version != version:
        raise Conflict(_("The author changed these words while you were reading. Please read them again."))
    require(may_decide, now, CaseFacts(case.group_id, mine, state))
    if (case.kind is CaseKind.WELCOME) is not (choice is Choice.WELCOMED):
        raise Conflict(_("That does not fit what waits here."))
    case.decided, case.version = True, case.version + 1
    here().flush()
    membership = now.membership_in(case.group_id)
    assert membership is not None
    return case, membership


def _release(post: Post) -> None:
    """A post that its author took back meanwhile stays taken back."""
    if post.state is PostState.HELD:
        lifecycle.publish(post.id, post.conversation_id, "release")
        lifecycle.settle_author(post.id)


def _keep_back(post: Post) -> None:
    if post.state is PostState.HELD:
        lifecycle.hide(post)


def _nothing(post: Post) -> None:
    """A welcome changes nothing about the post."""


@retrying
def hide_post(actor: Actor, post_id: int, reason: str) -> Decided:
    """Put a post out of sight; the author reads why.

    :raises Invalid: no reason. :raises NotFound, NotAllowed: not of the team, one's own words, not visible.
    """
    clean = _reason(reason)
    with transaction():
        post, membership = _lock_post(actor, post_id, may_hide)
        kept = _copy(membership.scope, post, clean)
        lifecycle.hide(post)
        _record(membership, None, post_id, Choice.HIDE, kept)
    return Decided(Choice.HIDE, post_id)


def restore_post(actor: Actor, post_id: int) -> Decided:
    """Undo hiding or keeping back: the words come back from the sealed copy.

    :raises Conflict: the post is not hidden, or other words were hidden meanwhile. :raises NotFound, NotAllowed: as for `hide_post`.
    """
    place, copy = _hidden_copy(actor, post_id)
    ready = prepare(copy.body, copy.lang or "en", place.kind, frozenset())
    with transaction():
        post, membership = _lock_post(actor, post_id, may_decide)
        if post.state is not PostState.HIDDEN:
            raise Conflict(_("This post is not out of sight, so nothing was changed."))
        if find_copy(actor, membership.scope, post_id) != copy:
            raise Conflict(_("Someone of the team decided this while you were reading. Their decision stands."))
        lifecycle.restore(post, ready, copy.title)
        _record(membership, None, post_id, Choice.RESTORE, None)
    return Decided(Choice.RESTORE, post_id)


def _hidden_copy(actor: Actor, post_id: int) -> tuple[Place, Copy]:
    """The sealed words of a post that is out of sight, for somebody who may bring them back."""
    place = find_place_of_post(post_id)
    if place is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    now = actor_in(actor, place.scope)
    require(may_look_after, now, place.group_id)
    copy = find_copy(now, place.scope, post_id)
    if copy is None:
        raise Conflict(_("This post is not out of sight, so nothing was changed."))
    return place, copy


def find_copy(actor: Actor, scope: Scope, post_id: int) -> Copy | None:
    """The words and reason of the last decision that put a post away; the caller asks who may know."""
    for decision in queries.list_decisions(actor, scope.group_id, post_id):
        if decision.evidence_id:
            return evidence.open_copy(scope, decision.evidence_id)
    return None


def hold_author(actor: Actor, post_id: int) -> Decided:
    """The next posts under the name or alias of this post wait for the team for 24 hours, and whoever wrote it is bound.

    What the team sees of it is that face alone: if a hold on an alias held the person's named posts too, two taps would
    show whose it is (docs/decisions/0051).
    """
    with transaction():
        post, membership = _lock_post(actor, post_id, may_decide)
        wearer = post.persona_id or masks.wearer_of(membership.scope, post.mask_id or b"")
        restrictions.hold_posts(membership.scope, post.mask_id or wearer, wearer)
        _record(membership, None, post_id, Choice.HOLD_AUTHOR, None)
    return Decided(Choice.HOLD_AUTHOR, post_id)


def _lock_post(actor: Actor, post_id: int, rule: Callable[..., Denial | None]) -> tuple[Post, Membership]:
    """The post, locked. What somebody wrote to the team is never the team's to put away: it may be about the team."""
    place = find_place_of_post(post_id)
    post = lifecycle.lock_post(post_id) if place else None
    if post is None or place is None or place.kind is ConversationKind.TEAM:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    scope = place.scope
    now = actor_in(actor, scope)
    require(rule, now, CaseFacts(scope.group_id, queries.is_mine(now, scope.group_id, post_id), post.state))
    membership = now.membership_in(scope.group_id)
    assert membership is not None
    return post, membership


def _copy(scope: Scope, post: Post, reason: str) -> bytes:
    return evidence.keep(scope, post.id, Copy(post.body, post.lang, reason, lifecycle.title_of(post)))


def _record(membership: Membership, item_id: bytes | None, post_id: int, choice: Choice, kept: bytes | None) -> None:
    here().execute(
        insert(Decision).values(
            id=new_ident(),
            group_id=membership.scope.group_id,
            item_id=item_id,
            post_id=post_id,
            choice=choice,
            decided_by=membership.persona_id,
            decided_at=clock.now(),
            evidence_id=kept,
        )
    )
    audit.note(f"decide.{choice.value}", membership.persona_id, post_id.to_bytes(8))
