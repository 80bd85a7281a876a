"""Safeguarding: concerns about people, who is called about them, what is sealed, and the record of it all.

Why: a worry about a person was an item among others; now it has its own roles, clock, calls, record and retention.
Old code: goes on working; it knows none of these tables.
Cost: empty tables, and columns with a fixed default, which neither database writes into each row.
Undo: drops them with what they hold. Export the records before you go back.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
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


# --- Who is called, how and when: officers, their shifts and channels, pages, calls, drills. ---


def _people_up() -> None:
    ident, at, short = sa.LargeBinary(length=16), sa.DateTime(timezone=True), sa.String(length=20)

    def table(name: str, *columns: sa.Column | sa.Constraint, key: tuple[str, ...] = ("id",)) -> None:
        op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")), sqlite_with_rowid=False)

    def needs(name: str, kind: sa.types.TypeEngine) -> sa.Column:
        return sa.Column(name, kind, nullable=False)

    def to(name: str, column: str, there: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
        called = op.f(f"fk_{name}_{column}_{there}")
        return sa.ForeignKeyConstraint([column], [f"{there}.id"], name=called, ondelete=ondelete)

    table(
        "officer",
        needs("id", ident),
        needs("organisation_id", ident),
        sa.Column("account_id", ident, nullable=True),
        needs("role", short),
        needs("name", sa.String(length=60)),
        needs("standing", short),
        sa.Column("agreed_by", ident, nullable=True),
        sa.Column("end_by", ident, nullable=True),
        to("officer", "organisation_id", "organisation"),
        to("officer", "account_id", "account", "SET NULL"),
        sa.UniqueConstraint("account_id", name=op.f("uq_officer_account_id")),
    )
    table(
        "call_setting",
        needs("organisation_id", ident),
        sa.Column("armed_on", sa.Date(), nullable=True),
        needs("zone", sa.String(length=40)),
        needs("holidays", short),
        needs("drill_days", sa.SmallInteger()),
        sa.Column("drill_at", at, nullable=True),
        to("call_setting", "organisation_id", "organisation"),
        key=("organisation_id",),
    )
    table(
        "call_channel",
        needs("tag", ident),
        needs("sealed", sa.LargeBinary()),
        needs("key_id", sa.String(length=16)),
        key=("tag",),
    )
    table(
        "concern_page",
        needs("id", ident),
        needs("concern_id", ident),
        needs("gen", sa.Integer()),
        needs("step", sa.Integer()),
        needs("responder_id", ident),
        needs("channel", short),
        needs("state", short),
        needs("code", sa.String(length=8)),
        needs("at", at),
        needs("repeat_minutes", sa.Integer()),
        needs("urgent", sa.Boolean()),
        needs("drill", sa.Boolean()),
        needs("organisation_id", ident),
        sa.Column("call_id", ident, nullable=True),
        sa.UniqueConstraint(
            "concern_id",
            "gen",
            "step",
            "responder_id",
            "channel",
            name=op.f("uq_concern_page_concern_id_gen_step_responder_id_channel"),
        ),
    )
    table(
        "responder_call",
        needs("id", ident),
        needs("responder_id", ident),
        needs("organisation_id", ident),
        needs("channel", short),
        needs("state", short),
        needs("code", sa.String(length=8)),
        needs("step", sa.Integer()),
        needs("count", sa.Integer()),
        needs("urgent", sa.Boolean()),
        needs("drill", sa.Boolean()),
        needs("at", at),
        sa.Column("lease_until", at, nullable=True),
        sa.Column("retry_at", at, nullable=True),
        needs("attempts", sa.Integer()),
    )
    table(
        "call_drill",
        needs("id", ident),
        needs("organisation_id", ident),
        needs("responder_id", ident),
        needs("begun_at", at),
        sa.Column("answered_at", at, nullable=True),
        to("call_drill", "organisation_id", "organisation"),
    )
    table(
        "tier_slot",
        needs("id", ident),
        needs("organisation_id", ident),
        needs("weekday", sa.SmallInteger()),
        needs("starts", sa.String(length=5)),
        needs("ends", sa.String(length=5)),
        needs("officer_id", ident),
        sa.CheckConstraint("weekday BETWEEN 0 AND 7", name=op.f("ck_tier_slot_weekday")),
        to("tier_slot", "organisation_id", "organisation"),
        to("tier_slot", "officer_id", "officer"),
    )
    table(
        "tier_day",
        needs("id", ident),
        needs("organisation_id", ident),
        needs("day", sa.Date()),
        needs("starts", sa.String(length=5)),
        needs("ends", sa.String(length=5)),
        sa.Column("officer_id", ident, nullable=True),
        to("tier_day", "organisation_id", "organisation"),
        to("tier_day", "officer_id", "officer"),
        sa.UniqueConstraint("organisation_id", "day", "starts", name=op.f("uq_tier_day_organisation_id_day_starts")),
    )
    table(
        "tier_swap",
        needs("id", ident),
        needs("slot_id", ident),
        needs("day", sa.Date()),
        needs("asked_by", ident),
        sa.Column("taken_by", ident, nullable=True),
        to("tier_swap", "slot_id", "tier_slot"),
        sa.UniqueConstraint("slot_id", "day", name=op.f("uq_tier_swap_slot_id_day")),
    )
    table(
        "factor_reset",
        needs("officer_id", ident),
        needs("first_by", ident),
        sa.Column("second_by", ident, nullable=True),
        sa.Column("ready_at", at, nullable=True),
        to("factor_reset", "officer_id", "officer"),
        key=("officer_id",),
    )
    for name, columns in _PEOPLE_SOUGHT:
        op.create_index(f"ix_{name}_{'_'.join(columns)}", name, list(columns))


_PEOPLE_SOUGHT = (
    ("officer", ("organisation_id",)),
    ("call_setting", ("drill_at",)),
    ("call_channel", ("key_id",)),
    ("call_drill", ("organisation_id",)),
    ("concern_page", ("state", "channel")),
    ("concern_page", ("responder_id", "state")),
    ("concern_page", ("call_id",)),
    ("responder_call", ("responder_id", "channel")),
    ("responder_call", ("state",)),
    ("tier_slot", ("organisation_id",)),
)


def _people_down() -> None:
    op.execute("DELETE FROM one_time_link WHERE purpose = 'officer'")
    for name in (
        "factor_reset",
        "tier_swap",
        "tier_day",
        "tier_slot",
        "call_drill",
        "responder_call",
        "concern_page",
        "call_channel",
        "call_setting",
        "officer",
    ):
        op.drop_table(name)


PARTS.append((_people_up, _people_down))


# --- Concerns: what they hold, whom they must not reach, their chronology. ---

#: A chronology is not rewritten, and goes only with a concern that two people deleted.
_KEPT = ("concern_event", "concern_copy")
_REFUSED = "the record of a concern is append-only"


def _concerns_up() -> None:
    ident, moment = sa.LargeBinary(length=16), sa.DateTime(timezone=True)
    op.create_table(
        "concern",
        sa.Column("id", ident, nullable=False),
        sa.Column("organisation_id", ident, nullable=False),
        sa.Column("group_id", ident, nullable=True),
        sa.Column("code", sa.String(length=4), nullable=False),
        *(sa.Column(name, sa.String(length=20), nullable=False) for name in ("kind", "origin", "level", "state")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("gen", "version", "step")),
        *(sa.Column(name, ident, nullable=True) for name in ("owner_id", "offered_to", "proposed_by")),
        sa.Column("timer", sa.String(length=20), nullable=True),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("clocks", sa.Text(), nullable=False),
        sa.Column("armed_at", moment, nullable=True),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("raised_hour", moment, nullable=False),
        sa.Column("subject_tag", ident, nullable=True),
        sa.Column("once_tag", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in _CONCERN_FLAGS),
        sa.Column("outcome", sa.String(length=30), nullable=True),
        sa.Column("merged_into", ident, nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=True),
        sa.Column("legal_hold", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(due_at IS NULL) = (state IN ('closed', 'merged'))", name=op.f("ck_concern_armed")),
        sa.CheckConstraint("(timer IS NULL) = (due_at IS NULL)", name=op.f("ck_concern_timer_of_due")),
        *_links("concern", organisation_id="organisation", group_id="group"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern")),
        sa.UniqueConstraint("organisation_id", "code", name=op.f("uq_concern_organisation_id_code")),
        sa.UniqueConstraint("once_tag", name=op.f("uq_concern_once_tag")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "concern_not_for",
        sa.Column("tag", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("concern_id", ident, nullable=False),
        *_links("concern_not_for", concern_id="concern"),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_concern_not_for")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "concern_event",
        sa.Column("concern_id", ident, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("hour", moment, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("ck_concern_event_from_one")),
        *_links("concern_event", concern_id="concern"),
        sa.PrimaryKeyConstraint("concern_id", "n", name=op.f("pk_concern_event")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "concern_copy",
        sa.Column("id", ident, nullable=False),
        sa.Column("concern_id", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        *_links("concern_copy", concern_id="concern"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_copy")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "safeguarding_policy",
        sa.Column("organisation_id", ident, nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        *_links("safeguarding_policy", organisation_id="organisation"),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_safeguarding_policy")),
        sqlite_with_rowid=False,
    )
    for table, column in _CONCERNS_SOUGHT:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    _keep_concerns()


_CONCERN_FLAGS = (
    "do_not_write",
    "spoken",
    "wants_no_action",
    "ever_high",
    "identity_opened",
    "looked_at",
    "promise_unmet",
)
_CONCERNS_SOUGHT = (
    *(
        ("concern", one)
        for one in ("group_id", "owner_id", "due_at", "armed_at", "subject_tag", "key_id", "merged_into")
    ),
    ("concern_not_for", "key_id"),
    ("concern_not_for", "concern_id"),
    ("concern_copy", "concern_id"),
)


def _keep_concerns() -> None:
    """The database itself refuses to rewrite a chronology, and to delete it before its concern was deleted."""
    there = "(SELECT gone_on FROM concern WHERE id = OLD.concern_id) IS NULL"
    if op.get_bind().dialect.name == "sqlite":
        for table in _KEPT:
            refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
            op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN {there} {refuse}")
        return
    op.execute(
        "CREATE FUNCTION concern_record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' AND NOT ({there}) THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION concern_record_refuse()"
        )


def _concerns_down() -> None:
    for table in ("safeguarding_policy", "concern_copy", "concern_event", "concern_not_for", "concern"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION concern_record_refuse()")


def _links(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{there}.id"], name=op.f(f"fk_{table}_{column}_{there}"))
        for column, there in columns.items()
    ]


PARTS.append((_concerns_up, _concerns_down))


# --- Keys of responders, sealed contact details, who opened them, exports and deletions of records. ---


def _sealed_up() -> None:
    ident, at, box = sa.LargeBinary(length=16), sa.DateTime(timezone=True), sa.LargeBinary()
    short, day, number, flag = sa.String(length=20), sa.Date(), sa.Integer(), sa.Boolean()
    key = {"public": sa.LargeBinary(length=32)}
    under = {"key_id": sa.String(length=16)}

    def table(name: str, needed: dict[str, sa.types.TypeEngine], *others: sa.Column, by: tuple[str, ...]) -> None:
        op.create_table(
            name,
            *(sa.Column(column, kind, nullable=False) for column, kind in needed.items()),
            *others,
            *_links(name, **_SEALED_LINKS.get(name, {})),
            sa.PrimaryKeyConstraint(*by, name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
        for owner, column in _SEALED_SOUGHT:
            if owner == name:
                op.create_index(op.f(f"ix_{name}_{column}"), name, [column])

    table(
        "safe_key",
        {"id": ident, "organisation_id": ident, **key, "active": flag, "stale": flag, "made_on": day},
        by=_ID,
    )
    table(
        "key_holder",
        {
            "responder_id": ident,
            "organisation_id": ident,
            **key,
            "wrapped": box,
            "salt": sa.LargeBinary(length=16),
            "passes": number,
            "memory_kib": number,
            "made_on": day,
        },
        sa.Column("group_id", ident, nullable=True),
        sa.Column("checked_on", day, nullable=True),
        by=("responder_id",),
    )
    table(
        "key_share",
        {"safe_key_id": ident, "responder_id": ident, "box": box, **under},
        sa.Column("other_half", box, nullable=True),
        by=("safe_key_id", "responder_id"),
    )
    table("contact_detail", {"tag": ident, "sealed": box, **under}, by=("tag",))
    table(
        "detail_opening",
        {"id": ident, "concern_id": ident, "way": short, "stage": short, "asked_by": ident, "sealed": box},
        sa.Column("agreed_by", ident, nullable=True),
        sa.Column("reviewed_by", ident, nullable=True),
        sa.Column("envelope", box, nullable=True),
        sa.Column("until", at, nullable=True),
        sa.Column("review_by", at, nullable=True),
        by=_ID,
    )
    table(
        "opening_told",
        {"opening_id": ident, "inbox": ident, "sealed": box, **under, "seen": flag},
        sa.Column("shown_from", at, nullable=True),
        by=("opening_id",),
    )
    table("record_export", {"id": ident, "concern_id": ident, "cut_off": number, "sealed": box}, by=_ID)
    table(
        "concern_deletion",
        {"concern_id": ident, "proposed_by": ident, "preview": sa.String(length=64)},
        by=("concern_id",),
    )
    table(
        "concern_tombstone",
        {
            "concern_id": ident,
            "code": sa.String(length=4),
            "outcome": sa.String(length=30),
            "raised_on": day,
            "closed_on": day,
            "gone_on": day,
            "digest": sa.String(length=64),
        },
        by=("concern_id",),
    )


_ID = ("id",)
_SEALED_LINKS = {
    "safe_key": {"organisation_id": "organisation"},
    "key_holder": {"organisation_id": "organisation"},
    "detail_opening": {"concern_id": "concern"},
    "record_export": {"concern_id": "concern"},
    "concern_deletion": {"concern_id": "concern"},
    "concern_tombstone": {"concern_id": "concern"},
    "key_share": {"safe_key_id": "safe_key"},
}
_SEALED_SOUGHT = (
    ("safe_key", "organisation_id"),
    ("key_holder", "organisation_id"),
    ("key_share", "key_id"),
    ("contact_detail", "key_id"),
    ("detail_opening", "concern_id"),
    ("detail_opening", "review_by"),
    ("opening_told", "inbox"),
    ("opening_told", "key_id"),
    ("record_export", "concern_id"),
)


def _sealed_down() -> None:
    for name in (
        "concern_tombstone",
        "concern_deletion",
        "record_export",
        "opening_told",
        "detail_opening",
        "contact_detail",
        "key_share",
        "key_holder",
        "safe_key",
    ):
        op.drop_table(name)


PARTS.append((_sealed_up, _sealed_down))


# --- What the person and whoever looks after them say to each other. ---


def _talk_up() -> None:
    ident = sa.LargeBinary(length=16)
    op.create_table(
        "concern_talk",
        sa.Column("tag", ident, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("id", ident, nullable=False),
        sa.Column("concern_id", ident, nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        *_links("concern_talk", concern_id="concern"),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_concern_talk")),
        sa.UniqueConstraint("id", name=op.f("uq_concern_talk_id")),
        sa.UniqueConstraint("concern_id", name=op.f("uq_concern_talk_concern_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "concern_word",
        sa.Column("concern_id", ident, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        *_links("concern_word", concern_id="concern"),
        sa.PrimaryKeyConstraint("concern_id", "n", name=op.f("pk_concern_word")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_concern_talk_key_id"), "concern_talk", ["key_id"])


def _talk_down() -> None:
    op.drop_table("concern_word")
    op.drop_table("concern_talk")


PARTS.append((_talk_up, _talk_down))


# --- That people were called about an item of the queue that nobody looked at in time. ---


def _item_calls_up() -> None:
    op.create_table(
        "item_call",
        sa.Column("item_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("step", sa.SmallInteger(), autoincrement=False, nullable=False),
        *_links("item_call", item_id="case_item"),
        sa.PrimaryKeyConstraint("item_id", "step", name=op.f("pk_item_call")),
        sqlite_with_rowid=False,
    )


def _item_calls_down() -> None:
    op.drop_table("item_call")


PARTS.append((_item_calls_up, _item_calls_down))
