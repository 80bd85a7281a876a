"""Proposals and ballots come and go with the fifth schema; the version in force, and its clauses, stay as they were."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum.base import clock
from forum.base.db import db, rows
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.ground_rules import versions
from forum.ground_rules.patches import EDIT, Change, to_json
from forum.models import Charter, CharterProposal, Clause, Group, ProposalState
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures


def test_r14_proposals_go_with_the_fifth_schema_and_what_holds_stays(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        group = rows(sa.select(Group.id, Group.organisation_id).order_by(Group.id))[0]
        before = versions.get_in_force(group.id)
        held, clauses = _held(), _clauses()
        assert (before.is_material, before.summary, before.base_n) == (True, "", None)
        with transaction():
            patch = to_json((Change("be-kind", EDIT, {"body": "Write gently."}),))
            said = {"patch": patch, "summary": "Gently.", "rationale": "We are tired.", "state": ProposalState.DRAFT}
            place = {"id": new_ident(), "group_id": group.id, "base_id": before.id, "made_on": clock.today()}
            here().execute(sa.insert(CharterProposal).values(**said, **place, round=0))
    carried.migrate(program, "0004")
    with program.app_context():
        assert not {"charter_proposal", "charter_ballot", "floor"} & set(sa.inspect(db.engine).get_table_names())
    carried.migrate(program, "head")
    with program.app_context():
        assert rows(sa.select(CharterProposal.id)) == []
        assert (_held(), _clauses()) == (held, clauses)
        assert versions.get_in_force(group.id) == before


def _held() -> list[tuple[bytes, bytes]]:
    return sorted((one.group_id, one.version_id) for one in rows(sa.select(Charter.group_id, Charter.version_id)))


def _clauses() -> list[tuple[bytes, str, str]]:
    return sorted(
        (one.version_id, one.uid, one.body) for one in rows(sa.select(Clause.version_id, Clause.uid, Clause.body))
    )
