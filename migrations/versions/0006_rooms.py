"""Live rooms: their sessions, who holds their seats, how one runs, and what has to be followed up.

Why: a group meets live, in the same conversations as on its boards.
Old code: goes on working; it knows no conversation of kind room and shows none.
Cost: empty tables, and columns with a fixed default, which neither database writes into each row.
Undo: drops them with what they hold.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
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


# --- Rooms, their meetings, and everything that hangs on one. ---


def _rooms_up() -> None:
    ident = sa.LargeBinary(length=16)
    op.create_table(
        "room",
        sa.Column("id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.SmallInteger(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=True),
        sa.Column("weekday", sa.SmallInteger(), nullable=True),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("agenda", sa.Text(), nullable=False),
        sa.Column("sign_up", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("brake", sa.Enum("hold", "stop", name="brake", native_enum=False, length=20), nullable=True),
        sa.Column("brake_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("brake_words", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        *_to("room", group_id="group"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "meeting",
        sa.Column("id", ident, nullable=False),
        sa.Column("room_id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("conversation_id", ident, nullable=False),
        sa.Column("parent_id", ident, nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("theme", sa.String(length=100), nullable=False),
        sa.Column("prompt", sa.String(length=300), nullable=False),
        sa.Column("host_id", ident, nullable=True),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("step_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_no", sa.Integer(), nullable=False),
        sa.Column("slow_s", sa.SmallInteger(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("quiet_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("least_heard", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("clause_uid", sa.String(length=40), nullable=True),
        sa.Column("grace_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alone_reason", sa.String(length=20), nullable=False),
        sa.Column("retention", sa.String(length=20), nullable=False),
        sa.Column("emptied", sa.Boolean(), server_default=sa.false(), nullable=False),
        *_to("meeting", room_id="room", group_id="group", conversation_id="conversation", parent_id="meeting"),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_meeting_conversation_id")),
        sa.UniqueConstraint("room_id", "planned_at", name=op.f("uq_meeting_room_id_planned_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "room_seat",
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("persona_id", ident, nullable=False),
        sa.Column("duty", sa.String(length=20), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        *_to("room_seat", meeting_id="meeting", persona_id="persona"),
        sa.PrimaryKeyConstraint("meeting_id", "persona_id", name=op.f("pk_room_seat")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "room_guest",
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("tag", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        *_to("room_guest", meeting_id="meeting"),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_room_guest")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_up",
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("tag", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        *_to("sign_up", meeting_id="meeting"),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_sign_up")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hand",
        sa.Column("id", ident, nullable=False),
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("persona_id", ident, nullable=True),
        sa.Column("mask_id", ident, nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        *_to("hand", meeting_id="meeting", persona_id="persona", mask_id="mask"),
        sa.CheckConstraint("(persona_id IS NULL) <> (mask_id IS NULL)", name=op.f("ck_hand_one_face")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "signal",
        sa.Column("id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", ident, nullable=True),
        sa.Column("side_id", ident, nullable=True),
        sa.Column("line", sa.String(length=20), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        *_to("signal", group_id="group", meeting_id="meeting"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "follow_up",
        sa.Column("id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("meeting_id", ident, nullable=True),
        sa.Column("signal_id", ident, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("owner_id", ident, nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        *_to("follow_up", group_id="group", meeting_id="meeting", signal_id="signal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "room_note",
        sa.Column("id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("persona_id", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_to("room_note", group_id="group", meeting_id="meeting", persona_id="persona"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_note")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "summary",
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", ident, nullable=False),
        sa.Column("approved_by", ident, nullable=True),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        *_to("summary", meeting_id="meeting", author_id="persona"),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_summary")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "debrief",
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("tag", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        *_to("debrief", meeting_id="meeting"),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_debrief")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "check_in",
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("tag", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        *_to("check_in", meeting_id="meeting"),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_check_in")),
        sqlite_with_rowid=False,
    )
    for name, table, columns in _ROOMS_SOUGHT:
        op.create_index(name, table, columns)


_ROOMS_SOUGHT = (
    ("ix_room_group_id", "room", ["group_id"]),
    ("ix_meeting_group_state", "meeting", ["group_id", "state"]),
    ("ix_meeting_parent_id", "meeting", ["parent_id"]),
    ("ix_meeting_state_grace", "meeting", ["state", "grace_until"]),
    ("ix_room_guest_key_id", "room_guest", ["key_id"]),
    ("ix_room_guest_meeting_id", "room_guest", ["meeting_id"]),
    ("ix_sign_up_key_id", "sign_up", ["key_id"]),
    ("ix_sign_up_meeting_id", "sign_up", ["meeting_id"]),
    ("ix_hand_meeting_state", "hand", ["meeting_id", "state"]),
    ("ix_signal_group_id", "signal", ["group_id"]),
    ("ix_signal_key_id", "signal", ["key_id"]),
    ("ix_signal_meeting_state", "signal", ["meeting_id", "state"]),
    ("ix_follow_up_group_state", "follow_up", ["group_id", "state", "due_at"]),
    ("ix_follow_up_key_id", "follow_up", ["key_id"]),
    ("ix_follow_up_meeting_id", "follow_up", ["meeting_id"]),
    ("ix_follow_up_signal_id", "follow_up", ["signal_id"]),
    ("ix_room_note_key_id", "room_note", ["key_id"]),
    ("ix_room_note_meeting_id", "room_note", ["meeting_id"]),
    ("ix_debrief_key_id", "debrief", ["key_id"]),
    ("ix_debrief_meeting_id", "debrief", ["meeting_id"]),
    ("ix_check_in_key_id", "check_in", ["key_id"]),
    ("ix_check_in_meeting_id", "check_in", ["meeting_id"]),
)


def _to(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{there}.id"], name=op.f(f"fk_{table}_{column}_{there}"))
        for column, there in columns.items()
    ]


def _rooms_down() -> None:
    """The program before lets every member read any conversation and lets no words of rooms go: they go now. What waits for
    a person stays with whoever wrote it and with the team."""
    op.execute(f"DELETE FROM post_version WHERE post_id IN (SELECT id FROM post WHERE {_IN_ROOMS})")
    op.execute(f"UPDATE post SET body = '', html = '', state = 'withdrawn', faded = (1 = 1) WHERE {_IN_ROOMS}")
    for table in (
        "check_in",
        "debrief",
        "summary",
        "room_note",
        "follow_up",
        "signal",
        "hand",
        "sign_up",
        "room_guest",
        "room_seat",
        "meeting",
        "room",
    ):
        op.drop_table(table)


_IN_ROOMS = "state <> 'held' AND conversation_id IN (SELECT id FROM conversation WHERE kind = 'room')"

PARTS.append((_rooms_up, _rooms_down))


# --- Check-in cards: what somebody shows of how they are, for as long as a meeting lasts. ---


def _cards_up() -> None:
    ident = sa.LargeBinary(length=16)
    op.create_table(
        "room_card",
        sa.Column("meeting_id", ident, nullable=False),
        sa.Column("face_id", ident, nullable=False),
        sa.Column("card", sa.String(length=20), nullable=False),
        *_to("room_card", meeting_id="meeting"),
        sa.PrimaryKeyConstraint("meeting_id", "face_id", name=op.f("pk_room_card")),
        sqlite_with_rowid=False,
    )


def _cards_down() -> None:
    op.drop_table("room_card")


PARTS.append((_cards_up, _cards_down))
