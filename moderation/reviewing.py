"""What a reviewer does with the item that their link opens: read it, ask whoever asked, decide (moderation.md §1.8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, insert, select

from forum.base import clock, tagged
from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.idents import new_ident
from forum.base.keyring import HOUSE, Scope, the_keyring
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.models import Persona, Role, Standing
from forum.policy.actor import Actor, Membership
from moderation import appeal_ends, audit, evidence, threads
from moderation.appeal_models import ReviewPass
from moderation.decisions import Lost
from moderation.evidence import Copy
from moderation.models import CaseItem, Choice
from moderation.review_passes import (
    ITEM,
    LINK,
    SEAT,
    SEAT_LIVES,
    get_reviewer,
    hash_of,
    is_not_about,
    keep_pass,
)
from moderation.threads import Message

#: The face of all reviewers in one group: nobody's account leads there, and no member ever sees it.
FACE = "reviewers_face"


@dataclass(frozen=True)
class Here:
    """One item as its reviewer has it open."""

    item: Row
    scope: Scope
    reviewer_id: bytes
    copies: Sequence[Copy] = ()
    messages: Sequence[Message] = ()
    choices: Sequence[Choice] = ()


def find_link(actor: Actor, secret: str) -> Here:
    """What a link opens. :raises NotFound: it was used, has ended or never was, or the item names who asks: all alike."""
    return _open(actor, LINK, (hash_of(secret),))


@retrying
def begin(actor: Actor, secret: str) -> bytes:
    """Use a link: from now on this browser may read the item; gives it. :raises NotFound: as for `find_link`.

    :param actor: with the hash of their browser's cookie.
    """
    with transaction():
        found = find_link(actor, secret)
        tagged.drop(ReviewPass, HOUSE, LINK, (hash_of(secret),))
        tagged.drop(ReviewPass, HOUSE, SEAT, _seat(actor, found.item.id))
        keep_pass(SEAT, _seat(actor, found.item.id), found.item.id, found.reviewer_id, SEAT_LIVES)
        audit.note("reviewer.begin", found.reviewer_id, found.item.id)
    return bytes(found.item.id)


def get_here(actor: Actor, item_id: bytes) -> Here:
    """An item for the reviewer whose browser this is. Reading it is a link of the chain. :raises NotFound: none such."""
    found = _open(actor, SEAT, _seat(actor, item_id))
    with transaction():
        audit.note_read(found.reviewer_id, item_id)
    return Here(
        found.item,
        found.scope,
        found.reviewer_id,
        evidence.list_copies(found.scope, item_id),
        threads.list_messages(found.scope, item_id),
        () if found.item.decided else appeal_ends.choices_for(found.item),
    )


def _open(actor: Actor, kind: str, ids: tuple[bytes, ...]) -> Here:
    tags = tagged.tags(HOUSE, kind, *ids)
    valid = (ReviewPass.tag.in_(tags), ReviewPass.ends_at > clock.now())
    found = row(select(ReviewPass.tag, ReviewPass.sealed).where(*valid))
    value = tagged.open_value(ReviewPass, HOUSE, found.tag, found.sealed) if found else b""
    item = row(ITEM.where(CaseItem.id == value[:16])) if found else None
    if item is None or (kind == LINK and item.decided) or not is_not_about(actor, item):
        raise _opens_nothing()
    reviewer = get_reviewer(value[16:])
    return Here(item, Scope(item.organisation_id, item.group_id), reviewer.id)


def _opens_nothing() -> NotFound:
    return NotFound(_("This link does not work any more. Ask for a new one."))


def _seat(actor: Actor, item_id: bytes) -> tuple[bytes, bytes]:
    return actor.sign_in or b"", item_id


def answer(actor: Actor, item_id: bytes, typed: str) -> None:
    """Write to whoever asked. :raises NotFound: not their item. :raises Invalid, Lost: as for `appeal_ends.answer`."""
    words = threads.clean(typed)
    with transaction():
        found = _open(actor, SEAT, _seat(actor, item_id))
        if found.item.decided:
            raise Lost(_("This is decided already."))
        threads.add(found.scope, item_id, words, from_team=True)
        audit.note("thread.answer", found.reviewer_id, item_id)


@retrying
def conclude(actor: Actor, item_id: bytes, choice: Choice, version: int, typed: str) -> bytes:
    """Decide; gives the decision. :raises NotFound: not their item. Else as for `appeal_ends.conclude`."""
    words = threads.clean(typed)
    scope = _open(actor, SEAT, _seat(actor, item_id)).scope
    before = appeal_ends.prepare_words(scope, item_id)
    with transaction():
        post = appeal_ends.lock_post(item_id)
        found = _open(actor, SEAT, _seat(actor, item_id))
        item = appeal_ends.take(item_id, choice, version)
        return appeal_ends.end(_face(scope), found.reviewer_id, item, post, before, choice, words)


def _face(scope: Scope) -> Membership:
    """Step: as whom a reviewer's decision stands in the group's tables. It names none of them; the audit chain knows."""
    ring = the_keyring()
    tags = ring.tags(scope, FACE, b"")
    found = row(select(Persona.id).where(Persona.holder_tag.in_(tags)))
    persona_id = bytes(found.id) if found else new_ident()
    if found is None:
        names = {"name": "Reviewer", "skeleton": f"reviewer {persona_id.hex()}"}
        values = {"holder_tag": tags[0], "role": Role.MEMBER, "standing": Standing.LEFT, "key_id": ring.writing_id}
        here().execute(insert(Persona).values(id=persona_id, group_id=scope.group_id, **names, **values))
    return Membership(scope, persona_id, "", Role.MEMBER, Standing.LEFT, agreed=True, joined_on=None)
