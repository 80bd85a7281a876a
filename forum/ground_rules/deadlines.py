"""What happens to ground rules when its time has come, whoever is there: each a job that can be done again after a crash."""

from forum.base import jobs
from forum.base.idents import read_ident
from forum.ground_rules import ballots, emergencies, proposals, versions, votes


@jobs.step(versions.JOB)
def bring_into_force(payload: jobs.Payload) -> None:
    """What the group agreed holds from now on, and what is still talked about is about it."""
    scope = versions.scope_in(payload)
    if versions.bring_what_is_due(scope):
        proposals.carry_open(scope)


@jobs.step(votes.CLOSE)
def close_vote(payload: jobs.Payload) -> None:
    """Count, and do what follows."""
    votes.close(versions.scope_in(payload), read_ident(payload["vote"]) or b"")


@jobs.step(votes.FORGET)
def forget_ballots(payload: jobs.Payload) -> None:
    """The result has stood long enough: nothing leads from a member to a choice any more (C5)."""
    ballots.forget(read_ident(payload["vote"]) or b"")


@jobs.step(emergencies.JOB)
def end_emergency(payload: jobs.Payload) -> None:
    """What a facilitator put in force alone ends, unless the group kept it."""
    scope = versions.scope_in(payload)
    emergencies.lapse(scope, payload["clause"])
