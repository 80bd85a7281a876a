"""What happens to ground rules when its time has come, whoever is there: each a job that can be done again after a crash."""

from forum.base import jobs
from forum.ground_rules import versions


@jobs.step(versions.JOB)
def bring_into_force(payload: jobs.Payload) -> None:
    """What the group agreed holds from now on."""
    versions.bring_what_is_due(versions.scope_in(payload))
