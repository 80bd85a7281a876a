"""Keys and sealed details come and go with the seventh schema; what older rows hold stays."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum.base import clock, tagged
from forum.base.db import db, rows
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.models import Group, Persona
from moderation.safeguarding import boxes, details
from moderation.safeguarding.key_models import ContactDetail, SafeKey
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures

TABLES = {"safe_key", "key_holder", "key_share", "contact_detail", "detail_opening", "opening_told", "record_export"}


def test_r14_sealed_details_go_with_the_seventh_schema_and_people_stay(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        group = rows(sa.select(Group.id, Group.organisation_id).order_by(Group.id))[0]
        scope, people = Scope(group.organisation_id, group.id), _people()
        key, pair = new_ident(), boxes.new_pair()
        with transaction():
            made = {
                "id": key,
                "organisation_id": scope.organisation_id,
                "public": pair.public,
                "made_on": clock.today(),
            }
            here().execute(sa.insert(SafeKey).values(**made, active=True, stale=False))
            tagged.keep(ContactDetail, scope, details.KIND, (people[0][0],), key + boxes.seal(pair.public, b"a number"))
        assert details.has_details(scope, people[0][0])
    carried.migrate(program, "0006")
    with program.app_context():
        assert not TABLES & set(sa.inspect(db.engine).get_table_names())
        assert _people() == people
    carried.migrate(program, "head")
    with program.app_context():
        assert not details.has_details(scope, people[0][0])
        assert _people() == people


def _people() -> list[tuple[bytes, str]]:
    return sorted((one.id, one.name) for one in rows(sa.select(Persona.id, Persona.name)))
