"""Everything the foundation keeps: accounts, groups, rules, conversations, masks, jobs, cases, evidence, audit.

Why: the first schema. What could not be changed later is decided in docs/decisions: tags and seals instead of columns
that name people, random ids, places and feed numbers.
Old code: there is none.
Cost: empty tables.
Undo: drops everything; only for development.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# On SQLite a table keeps a hidden number for each row, counted in the order of writing: with it the named posts before
# and after a masked one say to the minute when it was written. So tables lie in the order of their random keys instead
# (sqlite_with_rowid=False), and a post's id is its row's number. On PostgreSQL `flask upkeep nightly` does the same.
POST_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: The audit chain is append-only by the database itself; moderation/audit.py holds the same list for the test that compares.
APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END",
        "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the audit chain is append-only'; END $$",
        "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
        "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_entry",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("codes", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("ck_audit_entry_from_one")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "draft",
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_draft")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_draft_key_id"), "draft", ["key_id"], unique=False)
    op.create_table(
        "ended_feed",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_feed")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ended_feed_at", "ended_feed", ["at"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_job_dedupe_key")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_job_due_at"), "job", ["due_at"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("nation", sa.String(length=20), nullable=False),
        sa.Column("complaints", sa.Text(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "read_marker",
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_read_marker")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_read_marker_key_id"), "read_marker", ["key_id"], unique=False)
    op.create_table(
        "restriction",
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_restriction")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_restriction_key_id"), "restriction", ["key_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_seat")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_seat_key_id"), "seat", ["key_id"], unique=False)
    op.create_table(
        "credential",
        sa.Column("lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("verifier", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_credential_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lookup", name=op.f("pk_credential")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_credential_account_id"), "credential", ["account_id"], unique=False)
    op.create_table(
        "group",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("organisation_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("benefits", sa.Text(), nullable=False),
        sa.Column("who_for", sa.Text(), nullable=False),
        sa.Column("expect", sa.Text(), nullable=False),
        sa.Column("hours", sa.String(length=200), nullable=False),
        sa.Column("facilitators", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("door", sa.Enum("open", "shut", name="door", native_enum=False, length=20), nullable=False),
        sa.Column("hold_newcomers", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_group_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group")),
        sa.UniqueConstraint("address", name=op.f("uq_group_address")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_group_organisation_id"), "group", ["organisation_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("cookie_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column(
            "kind", sa.Enum("visitor", "own", "shared", name="signinkind", native_enum=False, length=20), nullable=False
        ),
        sa.Column("name", sa.String(length=40), nullable=True),
        sa.Column("ends_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_end", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cookie_sha256", name=op.f("pk_sign_in")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sign_in_account_id"), "sign_in", ["account_id"], unique=False)
    op.create_index(op.f("ix_sign_in_ends_on"), "sign_in", ["ends_on"], unique=False)
    op.create_table(
        "board",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ord", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_board_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_board_group_id"), "board", ["group_id"], unique=False)
    op.create_table(
        "charter_version",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("provisional", "in_force", "superseded", name="versionstatus", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_charter_version_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter_version")),
        sa.UniqueConstraint("group_id", "n", name=op.f("uq_charter_version_group_id_n")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "duty_exception",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_duty_exception_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_exception")),
        sa.UniqueConstraint("group_id", "day", "starts", name=op.f("uq_duty_exception_group_id_day_starts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "duty_slot",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_duty_slot_weekday")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_duty_slot_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_slot")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_duty_slot_group_id"), "duty_slot", ["group_id"], unique=False)
    op.create_table(
        "charter",
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("version_id", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_charter_group_id_group")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["charter_version.id"], name=op.f("fk_charter_version_id_charter_version")
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_charter")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "clause",
        sa.Column("version_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("uid", sa.String(length=40), nullable=False),
        sa.Column("ord", sa.SmallInteger(), nullable=False),
        sa.Column("heading", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("given", "value", "practice", "enforced", name="clausekind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("binding_key", sa.String(length=40), nullable=True),
        sa.Column("binding_value", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["charter_version.id"], name=op.f("fk_clause_version_id_charter_version")
        ),
        sa.PrimaryKeyConstraint("version_id", "uid", name=op.f("pk_clause")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("board_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("topic", "room", "team", "private", name="conversationkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_seq", sa.Integer(), nullable=False),
        sa.Column("feed_no", sa.Integer(), nullable=False),
        sa.Column("shown_posts", sa.Integer(), nullable=False),
        sa.Column("last_shown_seq", sa.Integer(), nullable=False),
        sa.Column("last_activity_hour", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'topic') = (board_id IS NOT NULL)", name=op.f("ck_conversation_topic_has_board")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_conversation_board_id_board")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_conversation_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_conversation_board_latest", "conversation", ["board_id", "last_activity_hour", "id"], unique=False
    )
    op.create_index(op.f("ix_conversation_group_id"), "conversation", ["group_id"], unique=False)
    op.create_table(
        "persona",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("holder_tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("skeleton", sa.String(length=60), nullable=False),
        sa.Column(
            "role",
            sa.Enum("member", "facilitator", "moderator", name="role", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "standing",
            sa.Enum("newcomer", "settled", "left", name="standing", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("agreed_version_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreed_version_id"], ["charter_version.id"], name=op.f("fk_persona_agreed_version_id_charter_version")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_persona_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persona")),
        sa.UniqueConstraint("group_id", "skeleton", name=op.f("uq_persona_group_id_skeleton")),
        sa.UniqueConstraint("holder_tag", name=op.f("uq_persona_holder_tag")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_persona_key_id"), "persona", ["key_id"], unique=False)
    op.create_table(
        "agreement",
        sa.Column("persona_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("version_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("acknowledged", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["persona_id"], ["persona.id"], name=op.f("fk_agreement_persona_id_persona"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["charter_version.id"], name=op.f("fk_agreement_version_id_charter_version")
        ),
        sa.PrimaryKeyConstraint("persona_id", "version_id", name=op.f("pk_agreement")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mask",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("conversation_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("alias", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_mask_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mask")),
        sa.UniqueConstraint("conversation_id", "alias", name=op.f("uq_mask_conversation_id_alias")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mask_owner",
        sa.Column("owner_tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("mask_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["mask_id"], ["mask.id"], name=op.f("fk_mask_owner_mask_id_mask")),
        sa.PrimaryKeyConstraint("owner_tag", name=op.f("pk_mask_owner")),
        sa.UniqueConstraint("mask_id", name=op.f("uq_mask_owner_mask_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_mask_owner_key_id"), "mask_owner", ["key_id"], unique=False)
    op.create_table(
        "post",
        sa.Column("id", POST_ID, autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("changed_in", sa.Integer(), nullable=False),
        sa.Column("persona_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("mask_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "sending", "held", "visible", "hidden", "withdrawn", name="poststate", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("renderer", sa.String(length=20), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("answers_id", sa.BigInteger(), nullable=True),
        sa.Column("charter_version_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(persona_id IS NULL) <> (mask_id IS NULL)", name=op.f("ck_post_one_author")),
        sa.ForeignKeyConstraint(["answers_id"], ["post.id"], name=op.f("fk_post_answers_id_post")),
        sa.ForeignKeyConstraint(
            ["charter_version_id"], ["charter_version.id"], name=op.f("fk_post_charter_version_id_charter_version")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_post_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["mask_id"], ["mask.id"], name=op.f("fk_post_mask_id_mask")),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("fk_post_persona_id_persona")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("conversation_id", "seq", name=op.f("uq_post_conversation_id_seq")),
    )
    op.create_index("ix_post_answers", "post", ["answers_id"], unique=False)
    op.create_index("ix_post_conversation_changed", "post", ["conversation_id", "changed_in"], unique=False)
    op.create_index(op.f("ix_post_mask_id"), "post", ["mask_id"], unique=False)
    op.create_index(op.f("ix_post_persona_id"), "post", ["persona_id"], unique=False)
    op.create_index(
        "ix_post_waiting",
        "post",
        ["conversation_id", "state", "due_at", "persona_id", "mask_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('sending', 'held')"),
        sqlite_where=sa.text("state IN ('sending', 'held')"),
    )
    op.create_table(
        "case_item",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Enum("hold", "welcome", name="casekind", native_enum=False, length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.String(length=200), nullable=False),
        sa.Column("opened_hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_case_item_group_id_group")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_case_item_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_item")),
        sa.UniqueConstraint("post_id", "kind", "round", name=op.f("uq_case_item_post_id_kind_round")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_item_open", "case_item", ["group_id", "decided", "due_at"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_evidence_group_id_group")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_evidence_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_evidence_key_id"), "evidence", ["key_id"], unique=False)
    op.create_index(op.f("ix_evidence_post_id"), "evidence", ["post_id"], unique=False)
    op.create_table(
        "post_event",
        sa.Column("conversation_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("feed_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_post_event_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_event_post_id_post")),
        sa.PrimaryKeyConstraint("conversation_id", "feed_no", name=op.f("pk_post_event")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "post_version",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("replaced_hour", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_version_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_version")),
        sa.UniqueConstraint("post_id", "n", name=op.f("uq_post_version_post_id_n")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resend",
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_resend_post_id_post")),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_resend")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_resend_day"), "resend", ["day"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("item_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "choice",
            sa.Enum(
                "release",
                "keep_back",
                "hide",
                "restore",
                "welcomed",
                "hold_author",
                name="choice",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("decided_by", sa.LargeBinary(length=16), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence_id", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["persona.id"], name=op.f("fk_decision_decided_by_persona")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_decision_evidence_id_evidence")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_decision_group_id_group")),
        sa.ForeignKeyConstraint(["item_id"], ["case_item.id"], name=op.f("fk_decision_item_id_case_item")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_decision_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_decision_item_id"), "decision", ["item_id"], unique=False)
    op.create_index(op.f("ix_decision_post_id"), "decision", ["post_id"], unique=False)
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_refuse() CASCADE")
    op.drop_index(op.f("ix_decision_post_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_item_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_resend_day"), table_name="resend")
    op.drop_table("resend")
    op.drop_table("post_version")
    op.drop_table("post_event")
    op.drop_index(op.f("ix_evidence_post_id"), table_name="evidence")
    op.drop_index(op.f("ix_evidence_key_id"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_index("ix_case_item_open", table_name="case_item")
    op.drop_table("case_item")
    op.drop_index(
        "ix_post_waiting",
        table_name="post",
        postgresql_where=sa.text("state IN ('sending', 'held')"),
        sqlite_where=sa.text("state IN ('sending', 'held')"),
    )
    op.drop_index(op.f("ix_post_persona_id"), table_name="post")
    op.drop_index(op.f("ix_post_mask_id"), table_name="post")
    op.drop_index("ix_post_conversation_changed", table_name="post")
    op.drop_index("ix_post_answers", table_name="post")
    op.drop_table("post")
    op.drop_index(op.f("ix_mask_owner_key_id"), table_name="mask_owner")
    op.drop_table("mask_owner")
    op.drop_table("mask")
    op.drop_table("agreement")
    op.drop_index(op.f("ix_persona_key_id"), table_name="persona")
    op.drop_table("persona")
    op.drop_index(op.f("ix_conversation_group_id"), table_name="conversation")
    op.drop_index("ix_conversation_board_latest", table_name="conversation")
    op.drop_table("conversation")
    op.drop_table("clause")
    op.drop_table("charter")
    op.drop_index(op.f("ix_duty_slot_group_id"), table_name="duty_slot")
    op.drop_table("duty_slot")
    op.drop_table("duty_exception")
    op.drop_table("charter_version")
    op.drop_index(op.f("ix_board_group_id"), table_name="board")
    op.drop_table("board")
    op.drop_index(op.f("ix_sign_in_ends_on"), table_name="sign_in")
    op.drop_index(op.f("ix_sign_in_account_id"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index(op.f("ix_group_organisation_id"), table_name="group")
    op.drop_table("group")
    op.drop_index(op.f("ix_credential_account_id"), table_name="credential")
    op.drop_table("credential")
    op.drop_index(op.f("ix_seat_key_id"), table_name="seat")
    op.drop_table("seat")
    op.drop_index(op.f("ix_restriction_key_id"), table_name="restriction")
    op.drop_table("restriction")
    op.drop_index(op.f("ix_read_marker_key_id"), table_name="read_marker")
    op.drop_table("read_marker")
    op.drop_table("organisation")
    op.drop_index(op.f("ix_job_due_at"), table_name="job")
    op.drop_table("job")
    op.drop_index("ix_ended_feed_at", table_name="ended_feed")
    op.drop_table("ended_feed")
    op.drop_index(op.f("ix_draft_key_id"), table_name="draft")
    op.drop_table("draft")
    op.drop_table("audit_entry")
    op.drop_table("account")
