"""What moderation gives the forum: the gate, the queue's ears, pages and commands; and safeguarding with it."""

from flask import Flask

from forum.base import rotation
from forum.leaving import held
from forum.policy import asking, gate, kept, record, stepping_away
from moderation import (
    appeal_views,
    asks,
    audit,
    cli,
    decision_views,
    evidence,
    handover,
    health_views,
    item_views,
    leases,
    not_for,
    note_views,
    notes,
    outsider_views,
    outsiders,
    own,
    own_copy,
    own_place_views,
    people_views,
    queue_views,
    report_views,
    reports,
    reviewer_views,
    reviewers,
    round_views,
    second_look_views,
    shift_views,
    threads,
    together_views,
    transparency_views,
    views,
    vouching_views,
)
from moderation import kept as what_is_kept
from moderation.gate import ModerationGate
from moderation.safeguarding import wiring as safeguarding

VIEWS = (
    views,
    decision_views,
    together_views,
    queue_views,
    item_views,
    note_views,
    people_views,
    report_views,
    appeal_views,
    own_place_views,
    reviewer_views,
    outsider_views,
    round_views,
    shift_views,
    health_views,
    transparency_views,
    second_look_views,
    vouching_views,
)


def plug() -> None:
    """Fill the forum's ports, and have what is sealed here renewed and told to its owner."""
    gate.plug(ModerationGate())
    record.plug(audit.note)
    kept.plug(what_is_kept.list_kept)
    asking.plug(asks.Desk())
    stepping_away.plug(leases.Hands())
    for part in (evidence, not_for, notes, reports, threads, reviewers, outsiders, own, handover):
        rotation.register(part.renewal())
    held.add_chapter("told_the_team", what_is_kept.held)
    held.add_chapter("decided_about_you", own_copy.decided)
    held.add_chapter("asked_the_team_again", own_copy.asked)
    held.add_chapter("as_a_moderator", own.held)
    safeguarding.plug()


def add_to(app: Flask) -> None:
    """Its pages and commands."""
    for part in VIEWS:
        app.register_blueprint(part.bp)
    cli.register(app)
    safeguarding.add_to(app)
