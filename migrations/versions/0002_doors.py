"""Doors: who may come in and who looks after what, ways back, the line to the team, help from inside.

Why: a group exists because somebody could set it up, people could come in, and those who lost their key came back.
Old code: goes on working; new columns have defaults that open nothing.
Cost: empty tables, and columns with a fixed default, which neither database writes into each row.
Undo: drops them with what they hold.
"""

from collections.abc import Callable
from datetime import UTC, datetime

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


# --- Ways in: who learns of a group, invitations, removals asked for, unusual reading. ---


def _ways_in_up() -> None:
    """A program of 0001 shows every group as listed, and knows no waiting people: it answers them with an error."""
    listing = sa.Enum("listed", "by_name", "unlisted", name="listing", native_enum=False, length=20)
    op.add_column("group", sa.Column("listing", listing, server_default="listed", nullable=False))
    for name, *columns in (
        (
            "invitation",
            sa.Column("id", sa.LargeBinary(length=16), nullable=False),
            sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
            sa.Column("uses_left", sa.SmallInteger(), nullable=False),
            sa.Column("ends_on", sa.Date(), nullable=False),
            sa.Column("revoked", sa.Boolean(), nullable=False),
            sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_invitation_group_id_group")),
            sa.UniqueConstraint("id", name=op.f("uq_invitation_id")),
        ),
        ("held_invitation", sa.Column("day", sa.Date(), nullable=False)),
        (
            "proposed_removal",
            sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
            sa.Column("day", sa.Date(), nullable=False),
            sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_proposed_removal_group_id_group")),
        ),
    ):
        op.create_table(
            name,
            *columns,
            sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
            sa.Column("sealed", sa.LargeBinary(), nullable=False),
            sa.Column("key_id", sa.String(length=16), nullable=False),
            sa.PrimaryKeyConstraint("tag", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
        op.create_index(op.f(f"ix_{name}_key_id"), name, ["key_id"], unique=False)
    op.create_table(
        "unusual_reading",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_unusual_reading_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unusual_reading")),
        sqlite_with_rowid=False,
    )
    for table, column in _WAYS_IN_INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


_WAYS_IN_INDEXES = (
    ("invitation", "group_id"),
    ("held_invitation", "day"),
    ("proposed_removal", "group_id"),
    ("unusual_reading", "group_id"),
    ("unusual_reading", "day"),
)


def _ways_in_down() -> None:
    """The older program knows two positions of a door and nobody who waits. What it would not know is shut, and who
    waited is out. It lists every group: take the name from a hidden one before you go back."""
    op.execute(sa.text("""UPDATE "group" SET door = 'shut' WHERE door IN ('request', 'invitation')"""))
    op.execute(sa.text("""UPDATE "group" SET door = 'shut' WHERE listing = 'unlisted'"""))
    op.execute(sa.text("UPDATE persona SET standing = 'left' WHERE standing = 'waiting'"))
    for name in ("unusual_reading", "proposed_removal", "held_invitation", "invitation"):
        op.drop_table(name)
    op.drop_column("group", "listing")


PARTS.append((_ways_in_up, _ways_in_down))


# --- Setting up: staff, second factors, links that work once, boards that say who may. ---


def _staff_up() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("organisation_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_staff_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_staff_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("account_id", "organisation_id", name=op.f("uq_staff_account_id_organisation_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_staff_account_id"), "staff", ["account_id"], unique=False)
    for name, *others in (
        ("second_factor",),
        ("proof", sa.Column("day", sa.Date(), nullable=False)),
        (
            "one_time_link",
            sa.Column("purpose", sa.String(length=20), nullable=False),
            sa.Column("organisation_id", sa.LargeBinary(length=16), nullable=True),
            sa.Column("group_id", sa.LargeBinary(length=16), nullable=True),
            sa.Column("role", sa.String(length=20), nullable=True),
            sa.Column("made_by", sa.LargeBinary(length=16), nullable=True),
            sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
            sa.ForeignKeyConstraint(
                ["organisation_id"], ["organisation.id"], name=op.f("fk_one_time_link_organisation_id_organisation")
            ),
            sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_one_time_link_group_id_group")),
        ),
    ):
        op.create_table(
            name,
            *others,
            sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
            sa.Column("sealed", sa.LargeBinary(), nullable=False),
            sa.Column("key_id", sa.String(length=16), nullable=False),
            sa.PrimaryKeyConstraint("tag", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
        op.create_index(op.f(f"ix_{name}_key_id"), name, ["key_id"], unique=False)
    op.create_index(op.f("ix_proof_day"), "proof", ["day"], unique=False)
    for column in ("group_id", "ends_at"):
        op.create_index(op.f(f"ix_one_time_link_{column}"), "one_time_link", [column], unique=False)


def _staff_down() -> None:
    for name in ("one_time_link", "proof", "second_factor", "staff"):
        op.drop_table(name)


PARTS.append((_staff_up, _staff_down))


def _setting_up_up() -> None:
    op.create_table(
        "setup_step",
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_setup_step_group_id_group")),
        sa.PrimaryKeyConstraint("group_id", "step", name=op.f("pk_setup_step")),
        sqlite_with_rowid=False,
    )
    op.add_column("group", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    # People are in these groups already: they are open. Since when nobody wrote down, so all say the same moment.
    op.execute(
        sa.text('UPDATE "group" SET opened_at = :then').bindparams(
            sa.bindparam("then", datetime(2026, 1, 1, tzinfo=UTC), sa.DateTime(timezone=True))
        )
    )
    op.add_column("persona", sa.Column("joined_on", sa.Date(), nullable=True))
    for column in ("readers", "starters", "repliers"):
        op.add_column("board", sa.Column(column, sa.SmallInteger(), server_default="0", nullable=False))


def _setting_up_down() -> None:
    for column in ("readers", "starters", "repliers"):
        op.drop_column("board", column)
    op.drop_column("persona", "joined_on")
    op.drop_column("group", "opened_at")
    op.drop_table("setup_step")


PARTS.append((_setting_up_up, _setting_up_down))


# --- Ways back: which kind each is, numbers that let in the next device, and what the team vouched for. ---


def _ways_back_up() -> None:
    kinds = sa.Enum("earlier", "words", "card", "name", name="wayback", native_enum=False, length=20)
    op.add_column("credential", sa.Column("kind", kinds, server_default="earlier", nullable=False))
    for name in ("device_code", "vouch"):
        op.create_table(
            name,
            sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
            sa.Column("sealed", sa.LargeBinary(), nullable=False),
            sa.Column("key_id", sa.String(length=16), nullable=False),
            sa.PrimaryKeyConstraint("tag", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
        op.create_index(op.f(f"ix_{name}_key_id"), name, ["key_id"], unique=False)
    op.create_index(
        "ix_conversation_group_latest", "conversation", ["group_id", "last_activity_hour", "id"], unique=False
    )


def _ways_back_down() -> None:
    op.drop_index("ix_conversation_group_latest", "conversation")
    op.drop_table("vouch")
    op.drop_table("device_code")
    op.drop_column("credential", "kind")


PARTS.append((_ways_back_up, _ways_back_down))


# --- The line to the team, reports to somebody outside it, and whose turn it is. ---


def _team_up() -> None:
    for table in ("duty_slot", "duty_exception"):
        op.add_column(table, sa.Column("persona_id", sa.LargeBinary(length=16), nullable=True))
    op.create_table(
        "duty_swap",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("slot_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.LargeBinary(length=16), nullable=False),
        sa.Column("taken_by", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["duty_slot.id"], name=op.f("fk_duty_swap_slot_id_duty_slot"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["persona.id"], name=op.f("fk_duty_swap_asked_by_persona")),
        sa.ForeignKeyConstraint(["taken_by"], ["persona.id"], name=op.f("fk_duty_swap_taken_by_persona")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_swap")),
        sa.UniqueConstraint("slot_id", "day", name=op.f("uq_duty_swap_slot_id_day")),
        sqlite_with_rowid=False,
    )
    for column in ("asked_by", "taken_by"):
        op.create_index(op.f(f"ix_duty_swap_{column}"), "duty_swap", [column], unique=False)
    op.create_table(
        "team_line",
        sa.Column("conversation_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("asked_seq", sa.Integer(), nullable=False),
        sa.Column("answered_seq", sa.Integer(), nullable=False),
        sa.Column("answer_seq", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", sa.String(length=200), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_team_line_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_team_line_group_id_group")),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_team_line")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_team_line_conversation_id")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_team_line_waiting", "team_line", ["group_id", "due_at"], unique=False)
    op.create_index(op.f("ix_team_line_key_id"), "team_line", ["key_id"], unique=False)
    op.create_table(
        "outside_report",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("organisation_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("handled_on", sa.Date(), nullable=True),
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_outside_report_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_outside_report_group_id_group")),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_outside_report")),
        sa.UniqueConstraint("id", name=op.f("uq_outside_report_id")),
        sqlite_with_rowid=False,
    )
    for column in ("organisation_id", "key_id"):
        op.create_index(op.f(f"ix_outside_report_{column}"), "outside_report", [column], unique=False)


def _team_down() -> None:
    op.drop_table("outside_report")
    op.drop_table("team_line")
    # Without its line nobody knows whose such a conversation is, and the program of 0001 would let every member read it.
    lines = "(SELECT id FROM conversation WHERE kind = 'team')"
    posts = f"(SELECT id FROM post WHERE conversation_id IN {lines})"
    for table in ("resend", "post_version", "post_event"):
        op.execute(f"DELETE FROM {table} WHERE post_id IN {posts}")
    op.execute(f"DELETE FROM post WHERE conversation_id IN {lines}")
    op.execute("DELETE FROM conversation WHERE kind = 'team'")
    op.drop_table("duty_swap")
    for table in ("duty_exception", "duty_slot"):
        op.drop_column(table, "persona_id")


PARTS.append((_team_up, _team_down))


# --- Before joining: example conversations; and what people say about pages. ---


def _before_up() -> None:
    op.create_table(
        "example",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ord", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_example_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_example")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_example_group_id"), "example", ["group_id"], unique=False)
    op.create_table(
        "example_post",
        sa.Column("example_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ord", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["example_id"], ["example.id"], name=op.f("fk_example_post_example_id_example"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("example_id", "ord", name=op.f("pk_example_post")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("route", sa.String(length=60), nullable=False),
        sa.Column(
            "rating", sa.Enum("good", "hard", "wrong", name="rating", native_enum=False, length=20), nullable=False
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sqlite_with_rowid=False,
    )
    for column in ("day", "key_id"):
        op.create_index(op.f(f"ix_feedback_{column}"), "feedback", [column], unique=False)


def _before_down() -> None:
    for table in ("feedback", "example_post", "example"):
        op.drop_table(table)


PARTS.append((_before_up, _before_down))
