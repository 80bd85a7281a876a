"""Belonging: what a reader chose, what a post says of itself, finding, following, leaving.

Why: people come back to boards that know how they like to read, and leave ones that do not let them go.
Old code: goes on working; it writes posts without notes and marks, which is what their defaults say.
Cost: empty tables, and columns with a fixed default, which neither database writes into each row.
Undo: drops them with what they hold.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
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


# --- What words say of themselves, and how a board or a topic is looked after. ---


def _columns() -> tuple[tuple[str, sa.Column], ...]:
    """Made anew each time: a column belongs to one table."""
    mark = sa.Enum("experience", "listening", name="postmark", native_enum=False, length=20)
    nothing, off, on = sa.text("''"), sa.false(), sa.true()
    return (
        ("post", sa.Column("notes", sa.Integer(), server_default="0", nullable=False)),
        ("post", sa.Column("mark", mark, nullable=True)),
        ("post", sa.Column("reacted", sa.SmallInteger(), server_default="0", nullable=False)),
        ("conversation", sa.Column("pinned", sa.Boolean(), server_default=off, nullable=False)),
        ("conversation", sa.Column("slow_minutes", sa.SmallInteger(), server_default="0", nullable=False)),
        ("conversation", sa.Column("names_only", sa.Boolean(), server_default=off, nullable=False)),
        ("board", sa.Column("template", sa.Text(), server_default=nothing, nullable=False)),
        ("board", sa.Column("searched", sa.Boolean(), server_default=on, nullable=False)),
        ("group", sa.Column("own_notes", sa.Text(), server_default=nothing, nullable=False)),
    )


def _words_up() -> None:
    for table, column in _columns():
        op.add_column(table, column)


def _words_down() -> None:
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)


PARTS.append((_words_up, _words_down))


# --- What readers chose: whom they blocked, which words they muted, how they like content notes. ---


def _choices_up() -> None:
    """A program of 0002 shows its readers everything, as it always did."""
    op.create_table(
        "reader_choice",
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_reader_choice")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_reader_choice_key_id"), "reader_choice", ["key_id"], unique=False)


def _choices_down() -> None:
    op.drop_table("reader_choice")


PARTS.append((_choices_up, _choices_down))
