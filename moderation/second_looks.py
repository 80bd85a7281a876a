"""A second look at a sample of decisions by somebody who is not told what was decided. It changes nothing.

Which decisions are looked at again follows from the keyring, so nobody can decide more kindly where they are watched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, insert, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.keyring import Scope, the_keyring
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.models import Post, PostState
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_look_after, require
from moderation import audit, care, evidence, sight
from moderation.evidence import Copy
from moderation.impartial import may_judge
from moderation.models import CaseItem, CaseKind, Choice, Decision
from moderation.outcomes import OUTCOMES
from moderation.shift_models import SecondLook

#: One of so many: enough to see a drift in a busy group, little enough to be done.
ONE_OF = 8
#: Older ones nobody remembers, and their words may be gone.
SPAN = timedelta(days=28)
MOST_LOOKED = 1_000
#: What is judged by reading words. A worry, an appeal and the law have second people of their own.
KINDS = (CaseKind.HOLD, CaseKind.REPORT, CaseKind.LIVE, CaseKind.SPAM, CaseKind.PRIVACY)
#: What the second person can say; each stands for its outcome.
ANSWERS = {
    CaseKind.HOLD: (Choice.RELEASE, Choice.ASK_AUTHOR, Choice.KEEP_BACK),
    CaseKind.SPAM: (Choice.RELEASE, Choice.ASK_AUTHOR, Choice.KEEP_BACK),
    CaseKind.REPORT: (Choice.LOOKED, Choice.ASK_AUTHOR, Choice.FOLD, Choice.HIDE),
    CaseKind.LIVE: (Choice.LOOKED, Choice.ASK_AUTHOR, Choice.FOLD, Choice.HIDE),
    CaseKind.PRIVACY: (Choice.LOOKED, Choice.ASK_AUTHOR, Choice.FOLD, Choice.HIDE),
}


@dataclass(frozen=True)
class Blind:
    """A decision as the second person gets it: what it was about, and nothing of what was decided or by whom."""

    decision_id: bytes
    kind: CaseKind
    reasons: str
    words: str
    lang: str
    answers: Sequence[Choice]


@dataclass(frozen=True)
class Compared:
    """What two people came to. :param agreed: to the same outcome."""

    first: Choice
    second: Choice
    agreed: bool


def find_next(actor: Actor, scope: Scope) -> Blind | None:
    """The oldest decision of the sample that this person can look at. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    return next((blind for one in _waiting(actor, scope) if (blind := _blind(scope, one))), None)


def count_waiting(actor: Actor, scope: Scope) -> int:
    """How many wait that this person can look at. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    return len(_waiting(actor, scope))


@retrying
def answer(actor: Actor, scope: Scope, decision_id: bytes, typed: str) -> None:
    """Say what one would have decided; the decision stays as it is.

    :param typed: a choice as a form says it. :raises Invalid: none of those offered.
    :raises NotFound: not of the sample, or not for this person. :raises Conflict: somebody else has looked meanwhile.
    """
    with transaction():
        now = actor_in(actor, scope)
        require(may_look_after, now, scope.group_id)
        if row(select(SecondLook.decision_id).where(SecondLook.decision_id == decision_id)):
            raise Conflict(_("Somebody else of the team has looked at this one. Thank you all the same."))
        one = next((found for found in _waiting(now, scope) if found.decision == decision_id), None)
        if one is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        choice = next((choice for choice in ANSWERS[one.kind] if choice.value == typed), None)
        if choice is None:
            raise Invalid(_("Choose what you would have done."), "choice")
        _keep(now.memberships[scope.group_id], one, choice)


def _keep(membership: Membership, one: Row, choice: Choice) -> None:
    group_id, agreed = membership.scope.group_id, OUTCOMES[choice] == OUTCOMES[one.choice]
    values: dict[str, Any] = {"decision_id": one.decision, "group_id": group_id, "choice": choice, "agreed": agreed}
    here().execute(insert(SecondLook).values(**values, looked_on=clock.today()))
    care.note_read(membership, one.id)
    audit.note("look.second", membership.persona_id, one.decision, choice.value)


def find_compared(actor: Actor, scope: Scope, decision_id: bytes) -> Compared | None:
    """What was decided and what the second person said, for whoever may see the thing. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    wanted = (
        select(*sight.COLUMNS, Decision.choice, SecondLook.choice.label("second"), SecondLook.agreed)
        .join(Decision, Decision.item_id == CaseItem.id)
        .join(SecondLook, SecondLook.decision_id == Decision.id)
    )
    one = row(wanted.where(Decision.id == decision_id, Decision.group_id == scope.group_id))
    if one is None or sight.hidden(actor, scope, [one]):
        return None
    return Compared(one.choice, one.second, one.agreed)


def is_sampled(scope: Scope, decision_id: bytes) -> bool:
    """Whether a decision is of those that are looked at again."""
    tag = the_keyring().tags(scope, "second_look", decision_id)[0]
    return tag[0] % ONE_OF == 0


def _waiting(actor: Actor, scope: Scope) -> list[Row]:
    """Of the sample, what nobody has looked at again, without one's own decisions and what one may not judge."""
    me = actor.memberships[scope.group_id].persona_id
    wanted = (
        select(*sight.COLUMNS, CaseItem.reasons, CaseItem.decision_id, Decision.id.label("decision"), Decision.choice)
        .add_columns(Decision.evidence_id)
        .join(Decision, Decision.item_id == CaseItem.id)
        .outerjoin(SecondLook, SecondLook.decision_id == Decision.id)
        .where(Decision.group_id == scope.group_id, Decision.decided_at >= clock.now() - SPAN)
        .where(Decision.choice.in_(list(OUTCOMES)), Decision.decided_by != me, CaseItem.kind.in_(KINDS))
        .where(SecondLook.decision_id.is_(None), CaseItem.outside_id.is_(None), Decision.reverts_id.is_(None))
        .order_by(Decision.decided_at, Decision.id)
        .limit(MOST_LOOKED)
    )
    found = [one for one in rows(wanted) if is_sampled(scope, one.decision)]
    hidden = sight.hidden(actor, scope, found)
    return [one for one in found if one.id not in hidden and may_judge(actor, one) is None]


def _blind(scope: Scope, one: Row) -> Blind | None:
    """The words as the first person judged them; None if they are gone."""
    copy = _words(scope, one)
    if copy is None or not copy.body:
        return None
    return Blind(one.decision, one.kind, one.reasons, copy.body, copy.lang, ANSWERS[one.kind])


def _words(scope: Scope, one: Row) -> Copy | None:
    kept = evidence.open_copy(scope, one.evidence_id) if one.evidence_id else None
    if kept is not None and kept.body:
        return kept
    copies = evidence.list_copies(scope, one.id)
    return copies[-1] if copies else _still_there(sight.post_of(one))


def _still_there(post_id: int | None) -> Copy | None:
    """The post as everyone can read it now."""
    if post_id is None:
        return None
    post = row(select(Post.body, Post.lang).where(Post.id == post_id, Post.state == PostState.VISIBLE))
    return Copy(post.body, post.lang, "") if post else None
