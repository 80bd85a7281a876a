"""People of the team in the states that the pages of a shift show."""

from typing import TYPE_CHECKING

from sqlalchemy import insert

from forum.base import clock
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.models import Role
from moderation import handover, own, own_choices, report_targets, reports, second_looks
from moderation.models import CaseKind, Choice, Decision
from moderation.reports import Saying
from tests.world import Person

if TYPE_CHECKING:
    from tests.browser.screens import Stage


def tired(stage: "Stage") -> Person:
    """A moderator who took three heavy ones in a row, with a buddy and notes from the last shift."""
    person, scope = stage.world.person(stage.group, Role.MODERATOR), stage.group.scope
    now = clock.now()
    with stage.world.app.app_context():
        own_choices.ask_buddy(person.actor, scope, write_ident(stage.facilitator.persona_id))
        own_choices.answer_buddy(stage.facilitator.actor, scope, person.persona_id, yes=True)
        own_choices.ask_buddy(stage.facilitator.actor, scope, write_ident(person.persona_id))
        handover.leave(stage.moderator.actor, scope, "It was loud until ten.\n\nThe link of the clinic is fine.")
        heavy = {"day": now.date().toordinal(), "heavy": 4, "in_row": 3, "last_minute": int(now.timestamp()) // 60}
        own.keep(person.actor, scope, lambda mine: own.Own(buddy=mine.buddy, talks=(1,), supervision_on=1, **heavy))
    return person


def second(stage: "Stage") -> Person:
    """A facilitator for whom a decision waits to be looked at again."""
    author, scope = stage.world.person(stage.group), stage.group.scope
    post = stage.world.reply(author, stage.world.topic(author), "Somebody should tell you what you are.")
    decision_id = next(one for one in iter(new_ident, b"") if second_looks.is_sampled(scope, one))
    with stage.world.app.app_context():
        item = reports.tell(stage.other.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
        with transaction():
            values = {"id": decision_id, "group_id": scope.group_id, "item_id": item, "choice": Choice.LOOKED}
            by = {"decided_by": stage.moderator.persona_id, "decided_at": clock.now()}
            here().execute(insert(Decision).values(**values, **by))
    return stage.facilitator
