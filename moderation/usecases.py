"""What the team does with a post when nothing waits: put it out of sight, bring it back, hold its author's next posts."""

from collections.abc import Callable
from dataclasses import dataclass

from forum.base.errors import Conflict, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import lifecycle, masks, restrictions
from forum.conversations.places import Place, find_place_of_post
from forum.conversations.prepare import prepare
from forum.models import ConversationKind, Post, PostState
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_look_after, require
from moderation import decisions, effects, evidence, impartial, queries, statements
from moderation.decisions import Verdict
from moderation.evidence import Copy
from moderation.models import Choice, Source
from moderation.permissions import CaseFacts, may_decide, may_hide
from moderation.statements import Statement


@dataclass(frozen=True)
class Decided:
    """What was done."""

    choice: Choice
    post_id: int


@retrying
def hide_post(actor: Actor, post_id: int, reason: str, clause_uid: str, seen: int | None = None) -> Decided:
    """Put a post out of sight; the author reads why.

    :param reason: 20 to 2 000 characters. :param clause_uid: the ground rule that it is about.
    :param seen: the post's `changed_in` as whoever decides saw it.
    :raises Invalid: no reason or rule. :raises NotFound, NotAllowed: not of the team, one's own words, not visible.
    :raises Conflict: its words changed since they were seen.
    """
    words = statements.clean_words(Choice.HIDE, reason)
    with transaction():
        post, membership = _lock_post(actor, post_id, may_hide)
        verdict = Verdict(Choice.HIDE, 0, words=words, clause_uid=clause_uid, seen=seen)
        decisions.record(membership, None, post, verdict)
    return Decided(Choice.HIDE, post_id)


def preview_hide(actor: Actor, post_id: int, reason: str, clause_uid: str) -> tuple[Statement, int]:
    """What the author would read, and the post's `changed_in`; nothing is decided. :raises: as for `hide_post`."""
    words = statements.clean_words(Choice.HIDE, reason)
    with transaction():
        post, _membership = _lock_post(actor, post_id, may_hide)
        statements.check_clause(post, clause_uid)
        return statements.make(post, Source.TEAM, Choice.HIDE, words, clause_uid, None), post.changed_in


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
        decision_id = decisions.record(membership, None, post, Verdict(Choice.RESTORE, 0))
        effects.lift_hidden(membership, post_id, decision_id)
        lifecycle.restore(post, ready, copy.title)
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
    """The words and reason of the last decision that put a post away, for the team. :raises NotFound: not of it."""
    require(may_look_after, actor, scope.group_id)
    kept = evidence.find_put_away(post_id)
    return evidence.open_copy(scope, kept) if kept else None


def hold_author(actor: Actor, post_id: int) -> Decided:
    """The next posts under the name or alias of this post wait for the team for 24 hours, and whoever wrote it is bound.

    What the team sees of it is that face alone: if a hold on an alias held the person's named posts too, two taps would
    show whose it is (docs/decisions/0051).
    """
    with transaction():
        post, membership = _lock_post(actor, post_id, may_decide)
        wearer = post.persona_id or masks.wearer_of(membership.scope, post.mask_id or b"")
        restrictions.hold_posts(membership.scope, post.mask_id or wearer, wearer)
        decisions.record(membership, None, post, Verdict(Choice.HOLD_AUTHOR, 0))
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
    impartial.require_impartial_about(now, scope, post_id)
    membership = now.membership_in(scope.group_id)
    assert membership is not None
    return post, membership
