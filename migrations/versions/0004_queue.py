"""The queue: one table of what waits, leases, decisions with their exact effects and reasons.

Why: two lists hid from each other what waited, and two volunteers could work on the same thing without knowing.
Old code: goes on working; it opens items without a source and decides without a lease, which is what their defaults say.
Cost: columns with a fixed default, which neither database writes into each row, and empty tables.
Undo: drops them with what they hold; decisions stay, and what they put away stays away.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
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


# --- Items, leases, decisions and their effects. ---


def _columns() -> tuple[tuple[str, sa.Column], ...]:
    """Made anew each time: a column belongs to one table."""
    ident, nothing = sa.LargeBinary(length=16), sa.text("''")
    source = sa.Enum(
        "rule", "member", "team", "detector", "self", "outside", name="source", native_enum=False, length=20
    )
    return (
        ("case_item", sa.Column("claimed_by", ident, nullable=True)),
        ("case_item", sa.Column("claim_gen", sa.Integer(), server_default="0", nullable=False)),
        ("case_item", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True)),
        ("case_item", sa.Column("source", source, server_default="rule", nullable=False)),
        ("case_item", sa.Column("intensity", sa.SmallInteger(), server_default="0", nullable=False)),
        ("case_item", sa.Column("lang", sa.String(length=35), server_default=nothing, nullable=False)),
        ("case_item", sa.Column("screened", sa.Boolean(), server_default=sa.true(), nullable=False)),
        ("case_item", sa.Column("decision_id", ident, nullable=True)),
        ("decision", sa.Column("reverts_id", ident, nullable=True)),
        ("decision", sa.Column("bulk_id", ident, nullable=True)),
        ("decision", sa.Column("until_at", sa.DateTime(timezone=True), nullable=True)),
        ("decision", sa.Column("clause_uid", sa.String(length=40), server_default=nothing, nullable=False)),
        ("decision", sa.Column("rules_version", ident, nullable=True)),
        ("decision", sa.Column("statement", ident, nullable=True)),
        ("decision", sa.Column("shown_from", sa.DateTime(timezone=True), nullable=True)),
        ("decision", sa.Column("confirmed_by", ident, nullable=True)),
    )


def _queue_up() -> None:
    """What people told before keeps its times and words, and says now that people told it."""
    for table, column in _columns():
        op.add_column(table, column)
    op.execute("UPDATE case_item SET source = 'member' WHERE kind IN ('report', 'welfare')")
    op.create_table(
        "effect",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("decision_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("conversation_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_effect_decision_id_decision")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_effect_group_id_group")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_effect_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effect")),
        sqlite_with_rowid=False,
    )
    for column in ("decision_id", "post_id", "conversation_id"):
        op.create_index(op.f(f"ix_effect_{column}"), "effect", [column], unique=False)


def _queue_down() -> None:
    op.drop_table("effect")
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)


PARTS.append((_queue_up, _queue_down))
