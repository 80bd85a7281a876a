"""Lines to the team and duty times, with something on each of their pages."""

from dataclasses import dataclass

from sqlalchemy import select

from forum.base.db import row
from forum.base.idents import new_ident, write_ident
from forum.conversations import outside, team
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.groups import rota_changes
from forum.groups.rota_changes import Hours
from forum.models import DutySlot, Post
from tests.world import GroupHere, Person, World


@dataclass(frozen=True)
class TeamStage:
    """What the pages of the line to the team and of duty times are about."""

    answered: bytes
    waiting: bytes
    report: bytes
    slot: bytes
    hidden_post: int


def set_team_stage(
    world: World,
    group: GroupHere,
    member: Person,
    other: Person,
    facilitator: Person,
    moderator: Person,
    topic: bytes,
    masked: int,
) -> TeamStage:
    """One line that was answered and reported, one under an alias that waits, and a turn that somebody would swap."""
    answered = _write(world, member, "I have a question about the rules.\n\n" + "Verylongword" * 8)
    with world.app.app_context():
        posting.submit_post(moderator.actor, answered, Words("Ask away. We are here.", seen=1), _token())
        report = outside.report_line(member.actor, answered, "They took long to answer.")
        mask = row(select(Post.mask_id).where(Post.id == masked))
        assert mask
    waiting = _write(world, other, "Please see https://example.org for what I mean.", mask.mask_id)
    with world.app.app_context():
        now = world.moment.at.date()
        rota_changes.add_slot(
            facilitator.actor, group.scope, now.weekday(), Hours("22:00", "23:00", moderator.persona_id)
        )
        slot = row(select(DutySlot.id).where(DutySlot.persona_id == moderator.persona_id))
        assert slot
        rota_changes.ask_swap(moderator.actor, group.scope, slot.id, now)
        rota_changes.set_other_day(facilitator.actor, group.scope, now.replace(day=now.day + 3), None)
        rota_changes.set_other_day(
            facilitator.actor, group.scope, now.replace(day=now.day + 4), Hours("23:00", "01:00")
        )
    hidden_post = world.reply(facilitator, topic, "I hide my name too.", masked=True)
    return TeamStage(answered, waiting, report, slot.id, hidden_post)


def _write(world: World, person: Person, body: str, mask_id: bytes | None = None) -> bytes:
    assert person.group
    with world.app.app_context():
        written = team.write_to_team(person.actor, person.group.scope, Words(body), _token(), mask_id)
    world.settle()
    return written.conversation_id


def _token() -> str:
    return write_ident(new_ident())
