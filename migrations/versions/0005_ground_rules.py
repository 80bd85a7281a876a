"""Ground rules: versions that a group decided, the floor below them, and what they bind.

Why: a group had one set of rules, handed down; now it contracts its own, and each version says what it changed and why.
Old code: goes on working; it reads the version in force and knows nothing of the time of grace, so that whoever has not
agreed yet is asked at once.
Cost: columns with a fixed default, which neither database writes into each row, and empty tables.
Undo: drops them with what they hold; the version in force stays in force.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
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


# --- Versions, the floor below them, agreements. ---


def _columns() -> tuple[tuple[str, sa.Column], ...]:
    """Made anew each time: a column belongs to one table."""
    nothing = sa.text("''")
    return (
        ("charter", sa.Column("grace_until", sa.DateTime(timezone=True), nullable=True)),
        ("charter_version", sa.Column("base_n", sa.SmallInteger(), nullable=True)),
        ("charter_version", sa.Column("summary", sa.Text(), server_default=nothing, nullable=False)),
        ("charter_version", sa.Column("is_material", sa.Boolean(), server_default=sa.true(), nullable=False)),
        ("charter_version", sa.Column("proposal_id", sa.LargeBinary(length=16), nullable=True)),
        ("charter_version", sa.Column("until_at", sa.DateTime(timezone=True), nullable=True)),
        ("clause", sa.Column("easy", sa.Text(), server_default=nothing, nullable=False)),
        ("clause", sa.Column("origin", sa.String(length=20), server_default=nothing, nullable=False)),
        ("agreement", sa.Column("withdrawn_on", sa.Date(), nullable=True)),
    )


def _versions_up() -> None:
    for table, column in _columns():
        op.add_column(table, column)
    op.create_table(
        "floor",
        sa.Column("organisation_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_floor_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "key", name=op.f("pk_floor")),
        sqlite_with_rowid=False,
    )


def _versions_down() -> None:
    op.execute("UPDATE charter_version SET status = 'superseded' WHERE status = 'adopted'")
    op.drop_table("floor")
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)


PARTS.append((_versions_up, _versions_down))


# --- What binds: a mark of the floor that holds. ---


def _bindings_up() -> None:
    op.add_column("organisation", sa.Column("floor_id", sa.LargeBinary(length=16), nullable=True))


def _bindings_down() -> None:
    op.drop_column("organisation", "floor_id")


PARTS.append((_bindings_up, _bindings_down))
