"""What reports may do before a person has looked: fold words so that they are one tap away, and nothing else, ever.

At night nobody may be there to hide a cruel post, and a crowd may want to silence somebody. So it takes three people who
have been here for a while and did not come together; the words stay, whoever wrote them is free to write, and the first
person of the team who looks lifts it. Words of somebody whom others worry about are never folded by numbers (M11).
"""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.content.notes import Fold
from forum.conversations import lifecycle, masks
from forum.groups.queries import is_staffed
from forum.models import Group, Persona, Post, PostState
from forum.policy.audience import days_here
from forum.policy.members import NOT_IN
from moderation import audit, evidence
from moderation.models import TOLD, CaseItem, CaseKind, Target
from moderation.report_targets import Told

#: moderation.md §1.2. Two friends in a quarrel are not enough, and three members at night are.
LEAST = 3
#: Whoever wants to silence somebody must have prepared for longer than a quarrel lasts.
OLD_ENOUGH = timedelta(days=7)
#: Until then people who came in the same week count as one: they may be one, with many sign-ins.
ALIKE_UNTIL = timedelta(days=28)
#: Items about words, and why these may be folded until somebody has looked. A worry is about a person and folds nothing.
FOLDS = {
    CaseKind.PRIVACY: Fold.PRIVACY,
    CaseKind.ILLEGAL: Fold.ILLEGAL,
    CaseKind.REPORT: Fold.REPORTED,
    CaseKind.LIVE: Fold.REPORTED,
}
#: Those that people open by what they say.
OF_WORDS = tuple(kind for kind in FOLDS if kind in TOLD)
#: Who acts where nobody does: in the record alone.
RULE = b"rule"
#: Reports of a post that were looked at; older ones say nothing about the words as they are.
MOST_LOOKED = 5


def prepare(told: Told, kind: CaseKind) -> Post | None:
    """Step: lock what a report may fold, before its item is locked, as an edit and a decision do.

    A worry about a person lifts at once what numbers folded of theirs: their words must be found.
    """
    if kind is CaseKind.WELFARE and told.target is Target.PERSON:
        _open_words_of(told.about)
    if kind in OF_WORDS and told.target is Target.POST:
        return lifecycle.lock_post(int.from_bytes(told.about))
    return None


def _open_words_of(face: bytes) -> None:
    written = (Post.persona_id == face) | (Post.mask_id == face)
    folded = Post.notes.bitwise_and(int(Fold.REPORTED)) != 0
    for found in rows(select(Post.id).where(written, folded).order_by(Post.conversation_id, Post.id)):
        post = lifecycle.lock_post(found.id)
        if post is not None:
            lifecycle.unfold(post, Fold.REPORTED)


def weigh(told: Told, kind: CaseKind, item_id: bytes, post: Post | None, tellers: Collection[bytes]) -> None:
    """Step: fold a post if what was told is enough for that until a person looks.

    :param post: what `prepare` locked. :param tellers: personas that told the team, this time or before.
    """
    if post is None or post.state is not PostState.VISIBLE:
        return
    why = Fold.ILLEGAL if kind is CaseKind.ILLEGAL else Fold.REPORTED
    if post.notes & why or not _is_enough(told.scope, why, post, tellers):
        return
    lifecycle.fold(post, why)
    audit.note("fold.illegal" if why is Fold.ILLEGAL else "fold.reported", RULE, item_id)


def _is_enough(scope: Scope, why: Fold, post: Post, tellers: Collection[bytes]) -> bool:
    known = _count_known(scope, set(tellers) - {_author_of(scope, post)})
    if not known or _was_looked_at(scope, post):
        return False
    if _is_worried_about(post):
        return False  # whatever is said about it: words of somebody at risk have to be found
    return why is Fold.ILLEGAL or (known >= LEAST and not _is_staffed(scope))


def _author_of(scope: Scope, post: Post) -> bytes:
    return post.persona_id or masks.wearer_of(scope, post.mask_id or b"")


def _count_known(scope: Scope, personas: Collection[bytes]) -> int:
    """How many of them are in the group for long enough; of those who came in one week not long ago, one."""
    here = (Persona.id.in_(list(personas)), Persona.group_id == scope.group_id, Persona.standing.not_in(NOT_IN))
    joined = [r.joined_on for r in rows(select(Persona.joined_on).where(*here))]
    long_here = [on for on in joined if on is None or days_here(on) >= ALIKE_UNTIL.days]
    newer = {on for on in joined if on is not None and OLD_ENOUGH.days <= days_here(on) < ALIKE_UNTIL.days}
    return len(long_here) + len(newer)


def _was_looked_at(scope: Scope, post: Post) -> bool:
    """Whether a person looked at these very words before and left them: then it takes a person to fold them."""
    about = (CaseItem.about == post.id.to_bytes(16), CaseItem.kind.in_(OF_WORDS))
    ended = select(CaseItem.id).where(*about, CaseItem.decided, CaseItem.outside_id.is_(None))
    for item in rows(ended.order_by(CaseItem.round.desc()).limit(MOST_LOOKED)):
        copies = evidence.list_copies(scope, item.id)
        if copies and copies[-1].body == post.body:
            return True
    return False


def _is_staffed(scope: Scope) -> bool:
    group = row(select(Group.zone).where(Group.id == scope.group_id))
    return group is not None and is_staffed(scope.group_id, group.zone)


def _is_worried_about(post: Post) -> bool:
    """Whether a worry is open about the words, or about the name or alias that they stand under."""
    about = (post.id.to_bytes(16), post.persona_id or post.mask_id)
    worry = (CaseItem.about.in_(about), CaseItem.kind == CaseKind.WELFARE, CaseItem.decided.is_(False))
    return row(select(CaseItem.id).where(*worry).limit(1)) is not None
