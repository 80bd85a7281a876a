"""An item of the team's list that becomes a concern: by somebody's choice, or because nobody opened it in time."""

from typing import Any

from sqlalchemy import Row, select

from forum.base.db import row
from forum.base.keyring import Scope
from forum.models import Mask, Post
from forum.policy.members import get_scope
from moderation import evidence, not_for, reports, sight
from moderation.models import CaseItem, CaseKind, Target
from moderation.safeguarding import cases, chronology, concerns, responders, settings, words
from moderation.safeguarding.concerns import Raise, Raised
from moderation.safeguarding.models import Concern, EventKind, Kind, Origin
from moderation.safeguarding.responders import Responder

#: Whose items can become a concern: those that are about how somebody is.
REFERABLE = (CaseKind.WELFARE, CaseKind.REPORT, CaseKind.LIVE)


def can_refer(item: Any) -> bool:
    """Whether this item can become a concern now: where nobody is called, it would only be in one more list."""
    scope = get_scope(item.group_id) if item.kind in REFERABLE else None
    return scope is not None and settings.is_armed(scope.organisation_id)


def is_concern(scope: Scope, item_id: bytes) -> bool:
    """Whether an item became a concern. The caller asks who may see the item: whom the concern is kept from may not."""
    tags = words.once_tags(scope, words.once_of_item(item_id))
    return row(select(Concern.id).where(Concern.once_tag.in_(tags))) is not None


def refer(scope: Scope, item_id: bytes, said: str, by: Responder | None, origin: Origin) -> Raised:
    """Step: make a concern of an item, once. It takes along the words as they were, what was told, and whom it is kept from.

    :param said: by whoever does it. :param by: None: the program.
    """
    item = row(_ITEM.where(CaseItem.id == item_id))
    if item is None:
        raise LookupError("No such item.")
    kind, subject_id = _subject(item)
    told = _told(scope, item_id)
    raised = concerns.raise_here(
        Raise(
            scope,
            Kind.ADULT,
            origin,
            words.once_of_item(item_id),
            subject_kind=kind,
            subject_id=subject_id,
            said=said,
            involved=frozenset(not_for.list_named(scope, item_id) | _officers_in(scope, told)),
            copies=tuple(evidence.list_copies(scope, item_id)),
            place_id=_place(item) or b"",
            **_raiser(scope, item_id),
        )
    )
    case = cases.lock(raised.concern_id)
    if not raised.is_new:
        chronology.note(case, EventKind.TOLD_MORE, by, said, codes={"origin": origin})
        return raised
    for one in told:
        chronology.note(case, EventKind.SAID, None, one, codes={"origin": "report"})
    return raised


_ITEM = select(
    CaseItem.id,
    CaseItem.group_id,
    CaseItem.kind,
    CaseItem.target,
    CaseItem.about,
    CaseItem.post_id,
    CaseItem.outside_id,
)


def _subject(item: Row[Any]) -> tuple[str, bytes]:
    """Whom it is about, as far as its words showed it: an alias stays an alias."""
    post_id = sight.post_of(item)
    if post_id is not None:
        found = row(select(Post.persona_id, Post.mask_id).where(Post.id == post_id))
        return _face(found.persona_id, found.mask_id) if found else ("nobody", b"")
    if item.target is Target.PERSON and item.about is not None:
        is_mask = row(select(Mask.id).where(Mask.id == item.about)) is not None
        return ("mask" if is_mask else "persona", item.about)
    return "nobody", b""


def _face(persona_id: bytes | None, mask_id: bytes | None) -> tuple[str, bytes]:
    return ("persona", persona_id) if persona_id is not None else ("mask", mask_id or b"")


def _place(item: Row[Any]) -> bytes | None:
    post_id = sight.post_of(item)
    found = row(select(Post.conversation_id).where(Post.id == post_id)) if post_id is not None else None
    return found.conversation_id if found else None


def _raiser(scope: Scope, item_id: bytes) -> dict[str, Any]:
    """Who told, if it was one person: sealed, so that somebody can answer them, and shown to nobody."""
    tellers = reports.list_tellers(scope, item_id)
    return {"raiser_kind": "persona", "raiser_id": next(iter(tellers))} if len(tellers) == 1 else {}


def _officers_in(scope: Scope, told: list[str]) -> set[bytes]:
    """The officers whom members named. The team's list knows names of the group alone, and an officer may have none there."""
    return {officer for one in told for officer in responders.named_in(scope.organisation_id, one)}


def _told(scope: Scope, item_id: bytes) -> list[str]:
    return [one.words for said in reports.list_sayings(scope, item_id) for one in said if one.words]
