"""The queue: one table of what waits, leases, decisions with their exact effects and reasons.

Why: two lists hid from each other what waited, and two volunteers could work on the same thing without knowing.
Old code: goes on working; it opens items without a source and decides without a lease, which is what their defaults say.
Cost: columns with a fixed default, which neither database writes into each row, and empty tables.
Undo: drops them with what they hold; decisions stay, and what they put away stays away.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

from forum.base import clock

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
    _say_it_in_earlier_words()
    op.drop_table("effect")
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)


def _say_it_in_earlier_words() -> None:
    """The program before reads only the kinds and choices that it knows: with one more its pages break for everyone.

    What waits goes on waiting. It knows nothing of proposals either, which it would show to whom they name. What exactly
    was decided the audit chain still says.
    """
    rounds = "round = round + 1000"  # a post may wait for two reasons, and has one item of each kind and round
    op.execute(f"UPDATE case_item SET kind = 'hold', {rounds} WHERE kind = 'spam' AND post_id IS NOT NULL")
    op.execute("UPDATE case_item SET post_id = NULL WHERE kind NOT IN ('hold', 'welcome', 'report', 'welfare')")
    op.execute("UPDATE decision SET choice = 'hide' WHERE choice = 'take_down'")
    known = "'release', 'keep_back', 'hide', 'restore', 'welcomed', 'hold_author', 'looked', 'spoken', 'kept_open'"
    op.execute(f"UPDATE decision SET choice = 'looked' WHERE choice NOT IN ({known})")


PARTS.append((_queue_up, _queue_down))


# --- Appeals, audit, outside: the head of the chain. ---


def _appeals_up() -> None:
    """The head is written with the next link; until then the chain has none, which `flask audit verify` takes as it is."""
    ident = sa.LargeBinary(length=16)
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_audit_head")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "appeal_word",
        sa.Column("id", ident, nullable=False),
        sa.Column("item_id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("from_team", sa.Boolean(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_appeal_word_group_id_group")),
        sa.ForeignKeyConstraint(["item_id"], ["case_item.id"], name=op.f("fk_appeal_word_item_id_case_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_word")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reviewer",
        sa.Column("id", ident, nullable=False),
        sa.Column("organisation_id", ident, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_reviewer_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewer")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_pass",
        sa.Column("item_id", ident, nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tag", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["case_item.id"], name=op.f("fk_review_pass_item_id_case_item")),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_review_pass")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outsider_report",
        sa.Column("id", ident, nullable=False),
        sa.Column("organisation_id", ident, nullable=True),
        sa.Column("item_id", ident, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("handled_on", sa.Date(), nullable=True),
        sa.Column("tag", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["case_item.id"], name=op.f("fk_outsider_report_item_id_case_item")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_outsider_report_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_outsider_report")),
        sa.UniqueConstraint("id", name=op.f("uq_outsider_report_id")),
        sqlite_with_rowid=False,
    )
    for table, column in _APPEAL_INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


_APPEAL_INDEXES = (
    ("appeal_word", "item_id"),
    ("appeal_word", "key_id"),
    ("reviewer", "organisation_id"),
    ("review_pass", "item_id"),
    ("review_pass", "ends_at"),
    ("review_pass", "key_id"),
    ("outsider_report", "organisation_id"),
    ("outsider_report", "key_id"),
)


def _appeals_down() -> None:
    for table in ("outsider_report", "review_pass", "reviewer", "appeal_word", "audit_head"):
        op.drop_table(table)


PARTS.append((_appeals_up, _appeals_down))


# --- What the team read together, and what it says to each other about an item. ---


def _rounds_up() -> None:
    """What is older than a week counts as read: a team that begins its rounds today begins with this week."""
    ident, post = sa.LargeBinary(length=16), sa.BigInteger()
    op.create_table(
        "team_read",
        sa.Column("conversation_id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("feed_no", sa.Integer(), nullable=False),
        sa.Column("taken_by", ident, nullable=True),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_team_read_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_team_read_group_id_group")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_team_read")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_team_read_group_id"), "team_read", ["group_id"], unique=False)
    op.create_table(
        "left_unread",
        sa.Column("post_id", post, autoincrement=False, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("since_hour", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_left_unread_post_id_post")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_left_unread_group_id_group")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_left_unread")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_left_unread_group_id"), "left_unread", ["group_id"], unique=False)
    op.create_table(
        "case_note",
        sa.Column("id", ident, nullable=False),
        sa.Column("item_id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column(
            "kind", sa.Enum("note", "ask", "answer", name="notekind", native_enum=False, length=20), nullable=False
        ),
        sa.Column("written_by", ident, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["case_item.id"], name=op.f("fk_case_note_item_id_case_item")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_case_note_group_id_group")),
        sa.ForeignKeyConstraint(["written_by"], ["persona.id"], name=op.f("fk_case_note_written_by_persona")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_note")),
        sqlite_with_rowid=False,
    )
    for column in ("item_id", "key_id"):
        op.create_index(op.f(f"ix_case_note_{column}"), "case_note", [column], unique=False)
    _count_as_read(clock.now() - timedelta(days=7))


def _count_as_read(before: datetime) -> None:
    """Step: how far each conversation went before then."""
    read = sa.text(
        "INSERT INTO team_read (conversation_id, group_id, feed_no)"
        " SELECT e.conversation_id, c.group_id, max(e.feed_no) FROM post_event e"
        " JOIN conversation c ON c.id = e.conversation_id"
        " WHERE e.hour < :before AND c.kind <> 'team' GROUP BY e.conversation_id, c.group_id"
    ).bindparams(sa.bindparam("before", before, type_=sa.DateTime(timezone=True)))
    op.execute(read)


def _rounds_down() -> None:
    for table in ("case_note", "left_unread", "team_read"):
        op.drop_table(table)


PARTS.append((_rounds_up, _rounds_down))


# --- Leases. ---


def _leases_up() -> None:
    """Since when somebody looks at an item: an hour later it is free again, however often they asked for more time."""
    op.add_column("case_item", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))


def _leases_down() -> None:
    op.drop_column("case_item", "claimed_at")


PARTS.append((_leases_up, _leases_down))


# --- Two items about the same. ---


def _merging_up() -> None:
    """What is there stands by itself. The program before does not ask: it reads such an item as decided."""
    op.add_column("case_item", sa.Column("merged_into", sa.LargeBinary(length=16), nullable=True))
    op.create_index(op.f("ix_case_item_merged_into"), "case_item", ["merged_into"], unique=False)


def _merging_down() -> None:
    """Who reads what was decided finds it on the other item, as before. Nothing that waits is lost: it stands there."""
    op.drop_index(op.f("ix_case_item_merged_into"), "case_item")
    op.drop_column("case_item", "merged_into")


PARTS.append((_merging_up, _merging_down))


# --- People who moderate. ---


def _shifts_up() -> None:
    """When an item was first looked at is not known of those that are there; nobody has said what they are about."""
    ident = sa.LargeBinary(length=16)
    op.add_column("case_item", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_item", sa.Column("topics", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "moderator_own",
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_moderator_own")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_moderator_own_key_id"), "moderator_own", ["key_id"], unique=False)
    op.create_table(
        "hand_over",
        sa.Column("id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_hand_over_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
        sqlite_with_rowid=False,
    )
    for column in ("group_id", "day", "key_id"):
        op.create_index(op.f(f"ix_hand_over_{column}"), "hand_over", [column], unique=False)
    op.create_table(
        "second_look",
        sa.Column("decision_id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("choice", sa.String(length=20), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_second_look_decision_id_decision")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_second_look_group_id_group")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_second_look")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_second_look_group_id"), "second_look", ["group_id"], unique=False)


def _shifts_down() -> None:
    for table in ("second_look", "hand_over", "moderator_own"):
        op.drop_table(table)
    for column in ("topics", "looked_at"):
        op.drop_column("case_item", column)


PARTS.append((_shifts_up, _shifts_down))


# --- What waits, and brakes. ---


def _holding() -> tuple[tuple[str, sa.Column], ...]:
    """6: links and contact details, which waited in every group before."""
    brake = sa.Enum("hold", "stop", name="brake", native_enum=False, length=20)
    found: list[tuple[str, sa.Column]] = []
    for table, usual in (("group", "6"), ("board", "0")):
        found += [
            (table, sa.Column("holds", sa.SmallInteger(), server_default=usual, nullable=False)),
            (table, sa.Column("brake", brake, nullable=True)),
            (table, sa.Column("brake_until", sa.DateTime(timezone=True), nullable=True)),
            (table, sa.Column("brake_words", sa.String(length=200), server_default=sa.text("''"), nullable=False)),
        ]
    return tuple(found)


def _holding_up() -> None:
    """Every group holds what it held; no brake is on."""
    for table, column in _holding():
        op.add_column(table, column)


def _holding_down() -> None:
    """Groups go back to what all of them held before: links and contact details. Nobody's words are touched."""
    for table, column in reversed(_holding()):
        op.drop_column(table, column.name)


PARTS.append((_holding_up, _holding_down))


# --- What detectors found. ---


def _detectors_up() -> None:
    """Names of rules, days and items: no post, no person and no word."""
    ident = sa.LargeBinary(length=16)
    op.create_table(
        "detector_hit",
        sa.Column("id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=False),
        sa.Column("item_id", ident, nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_detector_hit_group_id_group")),
        sa.ForeignKeyConstraint(["item_id"], ["case_item.id"], name=op.f("fk_detector_hit_item_id_case_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detector_hit")),
        sqlite_with_rowid=False,
    )
    for column in ("group_id", "item_id", "day"):
        op.create_index(op.f(f"ix_detector_hit_{column}"), "detector_hit", [column], unique=False)


def _detectors_down() -> None:
    op.drop_table("detector_hit")


PARTS.append((_detectors_up, _detectors_down))
