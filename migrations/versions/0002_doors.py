"""Doors: who may come in and who looks after what, ways back, the line to the team, help from inside.

Why: a group exists because somebody could set it up, people could come in, and those who lost their key came back.
Old code: goes on working; new columns have defaults that open nothing.
Cost: empty tables, and columns with a fixed default, which neither database writes into each row.
Undo: drops them with what they hold.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Each part brings its tables and takes them away again.
PARTS: list[tuple[Callable[[], None], Callable[[], None]]] = []


def upgrade() -> None:
    for up, _down in PARTS:
        up()


def downgrade() -> None:
    for _up, down in reversed(PARTS):
        down()


# --- Coming in twice, and names that were given up: rows that are gone after minutes, and after a month. ---


def _arrivals_up() -> None:
    for name, when in (
        ("arrival", sa.Column("ends_hour", sa.DateTime(timezone=True), nullable=False)),
        ("given_up_name", sa.Column("day", sa.Date(), nullable=False)),
    ):
        op.create_table(
            name,
            when,
            sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
            sa.Column("sealed", sa.LargeBinary(), nullable=False),
            sa.Column("key_id", sa.String(length=16), nullable=False),
            sa.PrimaryKeyConstraint("tag", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
        for column in (when.name, "key_id"):
            op.create_index(op.f(f"ix_{name}_{column}"), name, [column], unique=False)


def _arrivals_down() -> None:
    op.drop_table("given_up_name")
    op.drop_table("arrival")


PARTS.append((_arrivals_up, _arrivals_down))
