"""R15: an upgrade that is cut short leaves the database as it was, and the same command finishes it."""

import pytest
import sqlalchemy as sa

from forum.base.db import db
from tests.migrations import carried
from tests.migrations.test_migrations import Empty, app, differences, empty

__all__ = ["app", "empty"]
#: The newest migration that has landed before, and statements of the next ones at which the power goes.
BEFORE = "0005"
CUT_AT = (40, pytest.param(1, marks=pytest.mark.nightly), pytest.param(90, marks=pytest.mark.nightly))


class PowerCut(BaseException):
    """Nothing that a migration could catch."""


def cut_after(engine: sa.Engine, statements: int) -> None:
    """Let so many statements change the schema, and none after them."""
    left = [statements]

    @sa.event.listens_for(engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE")):
            left[0] -= 1
            if left[0] < 0:
                sa.event.remove(engine, "before_cursor_execute", count)
                raise PowerCut


@pytest.mark.parametrize("statements", CUT_AT)
def test_r15_an_upgrade_that_was_cut_short_is_finished_by_the_same_command(empty: Empty, statements: int) -> None:
    made = empty.program(BEFORE)
    carried.migrate(made, BEFORE)
    with made.app_context():
        carried.put_in(db.engine, carried.fixture(BEFORE)["tables"])
        names = list(carried.fixture(BEFORE)["tables"])
        before = carried.counts(db.engine, names)
        cut_after(db.engine, statements)
    with pytest.raises(PowerCut):
        carried.migrate(made, "head")
    with made.app_context():
        db.engine.dispose()
        assert carried.counts(db.engine, names) == before
    carried.migrate(made, "head")
    assert differences(made) == []
    with made.app_context():
        after = carried.counts(db.engine, names)
    assert {name: after[name] for name in ("post", "persona", "account")} == {
        name: before[name] for name in ("post", "persona", "account")
    }
    carried.close(made)
