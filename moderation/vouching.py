"""Vouching for somebody who lost every way back, and taking away words that somebody left behind.

Both are announced for a week to whoever still holds the name (forum.groups.vouching), and both are links of the audit
chain. A facilitator may do either once for a name: after an objection somebody else has to be convinced.
"""

import enum
from typing import Any

from sqlalchemy import select

from forum.accounts.second_factor import require_step_up
from forum.base import erasures, jobs
from forum.base.db import rows
from forum.base.errors import Invalid, NotAllowed
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import lifecycle
from forum.groups import people, vouching
from forum.groups.vouching import Deed, Stage
from forum.models import Conversation, ConversationKind, Post, PostState, Role, Standing
from forum.policy.actor import Actor
from forum.policy.members import get_scope
from forum.policy.permissions import may_facilitate, require
from moderation import audit

#: Posts taken back in one transaction: nobody who writes meanwhile waits longer than for one of their own.
BATCH = 20
_WITHDRAW = "withdraw_left"


class Why(enum.StrEnum):
    """Why words are taken away. A code, for it stands in the audit chain for good."""

    ASKED = "asked"  #: they asked from elsewhere and cannot sign in
    DIED = "died"
    DANGER = "danger"  #: somebody is in danger while the words stand there


@retrying
def vouch(actor: Actor, scope: Scope, lost: bytes, asker: bytes) -> None:
    """Say that whoever asks is who held the lost name: it becomes theirs after a week, unless somebody objects.

    :param lost: the persona to give back. :param asker: who asks now, a member under a new name.
    :raises NotFound, NotAllowed: no facilitator; about oneself; about somebody of the team; a second time for this name.
    :raises Conflict: one is running. :raises StepUpNeeded: the code of the second step first.
    """
    if lost == asker:
        raise Invalid(_("Choose the name that they lost."), "lost")
    by = _check(actor, scope, lost)
    _check_subject(actor, scope, asker, by)
    with transaction():
        vouching.start(scope, lost, Deed.GIVE_BACK, by, asker)
        audit.note("vouch.start", by, lost)


@retrying
def withdraw_left_words(actor: Actor, scope: Scope, persona_id: bytes, typed: str) -> None:
    """Have the named posts of somebody who cannot come back withdrawn after a week, unless they object.

    Posts under aliases stay: nobody here may know whose they are.

    :param typed: one of Why. :raises Invalid: another reason. Else as for `vouch`.
    """
    if typed not in {why.value for why in Why}:
        raise Invalid(_("Choose why their words are taken away."), "why")
    by = _check(actor, scope, persona_id)
    with transaction():
        vouching.start(scope, persona_id, Deed.TAKE_AWAY, by)
        audit.note("left_words.start", by, persona_id, typed)


def _check(actor: Actor, scope: Scope, persona_id: bytes) -> bytes:
    require(may_facilitate, actor, scope.group_id)
    by = actor.memberships[scope.group_id].persona_id
    _check_subject(actor, scope, persona_id, by)
    if vouching.did_before(scope, persona_id, by):
        raise NotAllowed(_("You did this for that name before. Somebody else of the team has to do it now."))
    require_step_up(actor)
    return by


def _check_subject(actor: Actor, scope: Scope, persona_id: bytes, by: bytes) -> None:
    found = people.get_person(actor, scope, persona_id)
    if persona_id == by:
        raise NotAllowed(_("You cannot do this for yourself. Somebody else of the team has to."))
    if found.role is not Role.MEMBER or found.standing is Standing.WAITING:
        raise NotAllowed(_("This works for members only, and not for the team."))


def stop(actor: Actor, scope: Scope, persona_id: bytes) -> None:
    """A facilitator thinks better of it, or another one knows more.

    :raises NotFound, NotAllowed: no facilitator, nobody by that id.
    """
    people.get_person(actor, scope, persona_id)
    with transaction():
        vouching.stop(scope, persona_id)
        audit.note("vouch.stop", actor.memberships[scope.group_id].persona_id, persona_id)


@jobs.step(vouching.SETTLE)
def _settle(payload: dict[str, Any]) -> None:
    scope = get_scope(bytes.fromhex(payload["group"]))
    persona_id = bytes.fromhex(payload["persona"])
    ended = vouching.settle(scope, persona_id, bytes.fromhex(payload["fence"])) if scope else None
    if ended is None:
        return
    audit.note("vouch.end", ended.by, persona_id, f"{ended.deed.name.lower()} {ended.stage.name.lower()}")
    if ended.deed is Deed.TAKE_AWAY and ended.stage is Stage.DONE:
        jobs.enqueue(_WITHDRAW, {"persona": persona_id.hex()})


@jobs.step(_WITHDRAW)
def _withdraw_left(payload: dict[str, Any]) -> None:
    """Some of the posts, and the rest in the next job."""
    persona_id = bytes.fromhex(payload["persona"])
    kinds = Conversation.kind.in_((ConversationKind.TOPIC, ConversationKind.ROOM))  # what the team read stays with it
    named = (Post.persona_id == persona_id, Post.state != PostState.WITHDRAWN, kinds)
    left = select(Post.id).join(Conversation, Conversation.id == Post.conversation_id).where(*named)
    found = [r.id for r in rows(left.order_by(Post.id).limit(BATCH))]
    for post_id in found:
        post = lifecycle.lock_post(post_id)
        if post is not None and post.state is not PostState.WITHDRAWN:
            lifecycle.withdraw(post)
            erasures.note("post", post_id.to_bytes(16))
    if len(found) == BATCH:
        jobs.enqueue(_WITHDRAW, payload)
