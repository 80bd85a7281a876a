"""What the table of routes needs of appeals, complaints and reviewers."""

from typing import Any

from sqlalchemy import insert

from forum.base.idents import new_ident, new_post_id
from forum.base.transaction import here, transaction
from forum.conversations import restrictions
from forum.models import Role
from forum.policy import guard
from moderation import appeals, decisions, outsiders, proposals, report_targets, reports, usecases
from moderation.appeal_models import Reviewer
from moderation.decisions import Verdict
from moderation.models import CaseKind, Choice
from moderation.reports import Saying
from tests.world import GroupHere, Person, World

Things = tuple[dict[str, Any], dict[str, Any]]
WHY = "It named somebody. Please write it anew."


def appeal_thing(world: World, endpoint: str, group: GroupHere, author: Person, warden: Person) -> Things | None:
    """The thing of one line and one that never was; None for pages of other packages."""
    package, _dot, name = endpoint.partition(".")
    if package == "own_place" and name != "show_mine":
        return {"decision_id": _paused(world, group, author)}, {"decision_id": new_ident()}
    if endpoint == "outsiders.mark_handled":
        return {"report_id": _told_from_outside(world)}, {"report_id": new_ident()}
    if package not in ("appeals", "reviewers"):
        return None
    if endpoint == "reviewers.end":
        return {"reviewer_id": _reviewer_of(world, group)}, {"reviewer_id": new_ident()}
    if name in ("show_complaint", "complain"):
        return {"item_id": _decided_report_of(world, group, author, warden)}, {"item_id": new_ident()}
    post = world.reply(author, world.topic(author), "Words that somebody put away.")
    with world.app.app_context():
        usecases.hide_post(warden.actor, post, WHY, "be-kind")
        world.moment.go(seconds=11)
        if name in ("show_appeal", "appeal", "show_question", "ask"):
            return {"post_id": post}, {"post_id": new_post_id()}
        return {"item_id": appeals.appeal(author.actor, post, "That was my cat.")}, {"item_id": new_ident()}


def _paused(world: World, group: GroupHere, author: Person) -> bytes:
    post = world.reply(author, world.topic(author), "Words that hurt somebody.")
    owl, robin = world.person(group, Role.MODERATOR), world.person(group, Role.FACILITATOR)
    with world.app.app_context():
        item = proposals.propose(owl.actor, post, Choice.PAUSE_POSTING, 2, WHY, "be-kind")
        asked, guard._guard = guard._guard, guard._Unguarded()  # another address may have made a concern about them
        try:
            decision = decisions.decide(robin.actor, item, Verdict(Choice.CONFIRM, 0, looked=True))
        finally:
            guard.plug(asked)
        with transaction():  # only its page is wanted: its person goes on to write for other lines
            restrictions.end(group.scope, author.persona_id, decision)
    world.moment.go(seconds=11)
    return decision


def _told_from_outside(world: World) -> bytes:
    with world.app.app_context():
        return outsiders.get_told(outsiders.tell("", "It is about me.")).id


def _reviewer_of(world: World, group: GroupHere) -> bytes:
    ident = new_ident()
    with world.app.app_context(), transaction():
        values = {"id": ident, "organisation_id": group.scope.organisation_id, "name": "Priya, trustee"}
        here().execute(insert(Reviewer).values(**values))
    return ident


def _decided_report_of(world: World, group: GroupHere, teller: Person, warden: Person) -> bytes:
    other = world.person(group)
    post = world.reply(other, world.topic(other), "Words of somebody.")
    with world.app.app_context():
        item = reports.tell(teller.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
        decisions.decide(warden.actor, item, Verdict(Choice.LOOKED, 0))
    return item
