"""What a team leaves in the tables of 0004: decisions with effects, appeals, notes, hand-overs, second looks, rounds."""

from typing import Any

import sqlalchemy as sa

from forum.base import clock, tagged
from forum.base.db import row
from forum.base.idents import new_ident
from forum.base.keyring import HOUSE
from forum.base.transaction import here, transaction
from forum.models import Role
from moderation import appeals, handover, notes, outsiders
from moderation import usecases as deciding
from moderation.appeal_models import Reviewer, ReviewPass
from moderation.hit_models import DetectorHit
from moderation.models import CaseItem, Decision
from moderation.notes import NoteKind
from moderation.round_models import LeftUnread, TeamRead
from moderation.shift_models import SecondLook
from tests.world import Person, World


def leave(world: World, author: Person, topic: bytes) -> None:
    """All of it, about one post of its author; somebody of the team had no part in the talk before."""
    assert author.group
    scope, moderator = author.group.scope, world.person(author.group, Role.MODERATOR, name="Long Owl")
    post = world.reply(author, topic, "Words that the team put away.")
    with world.app.app_context():
        deciding.hide_post(moderator.actor, post, "It named somebody. Please write it anew.", "be-kind")
    world.settle()
    with world.app.app_context():
        appeal = appeals.appeal(author.actor, post, "I named nobody.")
        item = row(sa.select(CaseItem.id).where(CaseItem.id != appeal).limit(1))
        decision = row(sa.select(Decision.id).where(Decision.post_id == post))
        assert item
        assert decision
        notes.write(moderator.actor, item.id, next(iter(NoteKind)), "Look again tomorrow.")
        handover.leave(moderator.actor, scope, "All is quiet.")
        outsiders.tell("A group about sleep", "Somebody writes about me there.")
        _by_hand(scope.organisation_id, scope.group_id, (appeal, decision.id, topic, post))


def _by_hand(organisation_id: bytes, group_id: bytes, about: tuple[bytes, bytes, bytes, int]) -> None:
    """Rows that need days, a second person or a round of their own."""
    appeal, decision, topic, post = about
    today, hour = clock.today(), clock.this_hour()
    link = tagged.sealed_row(ReviewPass, HOUSE, "review_link", (appeal,), b"a reviewer")
    added: list[tuple[Any, dict[str, Any]]] = [
        (Reviewer, {"id": new_ident(), "organisation_id": organisation_id, "name": "Ada"}),
        (ReviewPass, {**link, "item_id": appeal, "ends_at": clock.now()}),
        (DetectorHit, {"id": new_ident(), "group_id": group_id, "rule": "risk", "version": "1", "day": today}),
        (TeamRead, {"conversation_id": topic, "group_id": group_id, "feed_no": 1}),
        (LeftUnread, {"post_id": post, "group_id": group_id, "since_hour": hour}),
        (
            SecondLook,
            {"decision_id": decision, "group_id": group_id, "choice": "hide", "agreed": True, "looked_on": today},
        ),
    ]
    with transaction():
        for model, values in added:
            here().execute(sa.insert(model.__table__).values(**values))
