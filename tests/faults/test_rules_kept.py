"""R1, C4: a machine that dies while a decision is counted or comes into force has done it wholly, or does it later, once."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from forum.base.db import rows
from forum.base.transaction import here, transaction
from forum.ground_rules import versions, votes
from forum.models import Charter, CharterVersion, Job, ProposalState, VersionStatus, VoteResult
from tests.conftest import Database
from tests.faults.conftest import RealClock, environment_of
from tests.faults.site import ROOT
from tests.forum.ground_rules.contracting import Council
from tests.world import World

pytestmark = pytest.mark.faults

KILLED = -9
#: Of a run of what is due: claiming it is the first transaction, each job is one of its own.
PLACES = ("before commit:2", "after commit:2")
AT_NIGHT = ("before commit:1", "after commit:1", "between lease and done:1")


def run_jobs(app: Flask, database: Database, folder: Path, **armed: str) -> int:
    """What an operator, or the ticker, does: all that is due, in a process of its own."""
    with transaction():
        here().execute(update(Job).values(lease_until=None))  # the thirty seconds of a dead worker's lease are over
    flask = [str(Path(sys.executable).parent / "flask"), "--app", "wsgi", "jobs", "--run"]
    env = {**environment_of(app, database.url, folder), **armed, "PATH": "/usr/bin:/bin"}
    return subprocess.run(flask, cwd=ROOT, env=env, capture_output=True, timeout=60, check=False).returncode


def count(what: Any, *where: Any) -> int:
    return int(rows(select(func.count()).select_from(what).where(*where))[0][0])


def half_done(council: Council, proposal: bytes) -> list[str]:
    """What is there of a decision without the rest of it."""
    vote = votes.list_of(proposal)[0]
    parts = {
        "state": council.get(proposal).state is ProposalState.ADOPTED,
        "version": count(CharterVersion, CharterVersion.proposal_id == proposal) == 1,
        "tallies": vote.tallies == {"agree": 3},
        "forget": count(Job, Job.kind == votes.FORGET) == 1,
    }
    closed = vote.result is VoteResult.ADOPTED
    return [name for name, there in parts.items() if there is not closed]


def holds(council: Council) -> list[str]:
    """Whether exactly one version says that it holds, and the charter says the same one."""
    marked = (VersionStatus.PROVISIONAL, VersionStatus.IN_FORCE)
    here_ = CharterVersion.group_id == council.group_id
    found = rows(select(CharterVersion.id).where(here_, CharterVersion.status.in_(marked)))
    charter = rows(select(Charter.version_id).where(Charter.group_id == council.group_id))
    return [] if [one.id for one in found] == [one.version_id for one in charter] else ["two hold"]


@pytest.fixture
def council(app: Flask, real_clock: RealClock) -> Any:
    real_clock.behind = timedelta(days=30)
    with app.app_context():
        yield Council(World(app, real_clock))


@pytest.mark.both
@pytest.mark.parametrize("place", [*PLACES, *(pytest.param(one, marks=pytest.mark.nightly) for one in AT_NIGHT)])
def test_r1_c4_a_decision_is_counted_wholly_and_once_whenever_the_machine_dies(
    council: Council, app: Flask, database: Database, tmp_path: Path, real_clock: RealClock, place: str
) -> None:
    proposal = council.deciding()
    council.choose(proposal, "agree", "agree", "agree")
    real_clock.behind = timedelta()
    assert run_jobs(app, database, tmp_path, FORUM_FAILPOINT=place) == KILLED
    assert half_done(council, proposal) + holds(council) == []
    assert run_jobs(app, database, tmp_path) == 0
    assert votes.list_of(proposal)[0].result is VoteResult.ADOPTED
    assert half_done(council, proposal) + holds(council) == []
    assert council.rules.n == 1  # two days from now


@pytest.mark.parametrize("place", PLACES)
def test_r1_c1_a_version_comes_into_force_wholly_and_once_whenever_the_machine_dies(
    council: Council, app: Flask, database: Database, tmp_path: Path, real_clock: RealClock, place: str
) -> None:
    with transaction():
        versions.lock(council.group_id)
        base = council.rules
        at = real_clock.at + timedelta(hours=48)
        made = versions.adopt(council.group.scope, base.id, base.rules[1:], "Else.", True, None, at)
    real_clock.behind = timedelta()
    assert run_jobs(app, database, tmp_path, FORUM_FAILPOINT=place) == KILLED
    assert holds(council) == []
    assert (council.rules.id == made) is place.startswith("after")
    assert run_jobs(app, database, tmp_path) == 0
    assert (council.rules.id, holds(council)) == (made, [])
    assert count(Job, Job.kind == versions.JOB) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_r1_the_checker_notices_half_a_decision(council: Council, app: Flask) -> None:
    """The twin: the result is kept, and what follows is lost."""
    proposal = council.deciding()
    council.choose(proposal, "agree", "agree", "agree")
    vote = votes.find_open(proposal)
    assert vote
    with transaction():
        votes._put(vote.id, result=VoteResult.ADOPTED)
    assert half_done(council, proposal) == ["state", "version", "tallies", "forget"]
