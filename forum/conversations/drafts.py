"""Words not sent yet, kept for their writer alone: found by tag, sealed, and padded so that their size tells little.

One draft for each conversation, and one for each board's new topic. Gone once the words are posted.
"""

import json
from dataclasses import astuple, dataclass

from forum.base import tagged
from forum.base.errors import Invalid, NotFound
from forum.base.keyring import Scope
from forum.base.text import MAX_BODY
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.models import Draft
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import Denial

#: A draft's sealed size is a multiple of this: short thoughts all look alike.
BLOCK = 1_024
KIND = "draft"


@dataclass(frozen=True)
class Kept:
    """What somebody was writing, and how they meant to send it: a name meant to be hidden stays hidden.

    :param answers_id: the post they were answering; it may be gone by now.
    """

    body: str
    title: str = ""
    masked: bool = False
    lang: str = ""
    answers_id: int | None = None


@retrying
def keep_draft(actor: Actor, group_id: bytes, place_id: bytes, kept: Kept) -> None:
    """Keep what somebody is writing, instead of what they kept here before; nothing to keep forgets it.

    :param place_id: the conversation, or the board for a new topic.
    :raises NotFound: not a member. :raises Invalid: longer than a post may be.
    """
    membership = _member(actor, group_id)
    if len(kept.body) > MAX_BODY:
        raise Invalid(_("That is too long to keep. A text can have %(most)s characters.", most=MAX_BODY), "body")
    with transaction():
        if kept.body.strip() or kept.title.strip():
            tagged.keep(Draft, membership.scope, KIND, (membership.persona_id, place_id), _pack(kept))
        else:
            _forget(membership, place_id)


def find_draft(actor: Actor, group_id: bytes, place_id: bytes) -> Kept | None:
    """What this person kept here."""
    membership = _member(actor, group_id)
    value = tagged.find(Draft, membership.scope, KIND, (membership.persona_id, place_id))
    return _unpack(value) if value is not None else None


def discard_draft(actor: Actor, group_id: bytes, place_id: bytes) -> None:
    """The words were posted. In a transaction of its own: the one that wrote a masked post names nobody's draft."""
    if find_draft(actor, group_id, place_id) is not None:
        with transaction():
            _forget(_member(actor, group_id), place_id)


def _forget(membership: Membership, place_id: bytes) -> None:
    tagged.drop(Draft, membership.scope, KIND, (membership.persona_id, place_id))


def draft_tags(scope: Scope, persona_id: bytes, place_id: bytes) -> list[bytes]:
    """Where a draft is kept, for a query that reads it with something else."""
    return tagged.tags(scope, KIND, persona_id, place_id)


def open_draft(scope: Scope, tag: bytes, sealed: bytes) -> Kept:
    """What a draft read with something else says."""
    return _unpack(tagged.open_value(Draft, scope, tag, sealed))


def _member(actor: Actor, group_id: bytes) -> Membership:
    membership = actor.membership_in(group_id)
    if membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return membership


def _pack(kept: Kept) -> bytes:
    text = json.dumps(astuple(kept), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return text + b" " * (-len(text) % BLOCK)


def _unpack(value: bytes) -> Kept:
    return Kept(*json.loads(value.decode("utf-8", "surrogatepass")))
