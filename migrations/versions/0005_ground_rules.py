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


# --- What binds: a mark of the floor that holds, and how long words are kept. ---


def _bindings_up() -> None:
    op.add_column("organisation", sa.Column("floor_id", sa.LargeBinary(length=16), nullable=True))
    op.add_column("post", sa.Column("faded", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "promise",
        sa.Column("subject_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("subject_id", "days", name=op.f("pk_promise")),
        sqlite_with_rowid=False,
    )


def _bindings_down() -> None:
    op.drop_table("promise")
    op.drop_column("post", "faded")
    op.drop_column("organisation", "floor_id")


PARTS.append((_bindings_up, _bindings_down))


# --- Proposals, deciding about them, objections. ---


def _contracting_up() -> None:
    ident, nothing = sa.LargeBinary(length=16), sa.text("''")
    op.create_table(
        "charter_proposal",
        sa.Column("id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("base_id", ident, nullable=False),
        sa.Column("patch", sa.Text(), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("is_material", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("author_id", ident, nullable=True),
        sa.Column("second_id", ident, nullable=True),
        sa.Column("conversation_id", ident, nullable=True),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("discussed_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conflicts", sa.Text(), server_default=nothing, nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        *_to("charter_proposal", group_id="group", base_id="charter_version", author_id="persona", second_id="persona"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter_proposal")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_charter_proposal_group_state", "charter_proposal", ["group_id", "state"])
    op.create_table(
        "charter_call",
        sa.Column("tag", ident, nullable=False),
        sa.Column("proposal_id", ident, nullable=False),
        *_to("charter_call", proposal_id="charter_proposal"),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_charter_call")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "charter_vote",
        sa.Column("id", ident, nullable=False),
        sa.Column("proposal_id", ident, nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("quorum", sa.SmallInteger(), nullable=False),
        sa.Column("electors", sa.SmallInteger(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("tallies", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        *_to("charter_vote", proposal_id="charter_proposal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter_vote")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "charter_ballot",
        sa.Column("tag", ident, nullable=False),
        sa.Column("vote_id", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        *_to("charter_ballot", vote_id="charter_vote"),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_charter_ballot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "charter_objection",
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("vote_id", ident, nullable=False),
        sa.Column("clause_uid", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        *_to("charter_objection", vote_id="charter_vote"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_charter_objection")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "clause_remark",
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("proposal_id", ident, nullable=False),
        sa.Column("clause_uid", sa.String(length=40), nullable=False),
        *_to("clause_remark", proposal_id="charter_proposal"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_clause_remark")),
        sqlite_with_rowid=False,
    )
    for table, column in _SOUGHT:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


_SOUGHT = (
    ("charter_call", "proposal_id"),
    ("charter_vote", "proposal_id"),
    ("charter_ballot", "vote_id"),
    ("charter_ballot", "key_id"),
    ("charter_objection", "vote_id"),
    ("clause_remark", "proposal_id"),
)


def _to(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{there}.id"], name=op.f(f"fk_{table}_{column}_{there}"))
        for column, there in columns.items()
    ]


def _contracting_down() -> None:
    for table in (
        "clause_remark",
        "charter_objection",
        "charter_ballot",
        "charter_vote",
        "charter_call",
        "charter_proposal",
    ):
        op.drop_table(table)


PARTS.append((_contracting_up, _contracting_down))
