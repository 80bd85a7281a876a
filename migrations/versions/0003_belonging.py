"""Belonging: what a reader chose, what a post says of itself, finding, following, leaving.

Why: people come back to boards that know how they like to read, and leave ones that do not let them go.
Old code: goes on working; it writes posts without notes and marks, which is what their defaults say.
Cost: empty tables, and columns with a fixed default, which neither database writes into each row.
Undo: drops them with what they hold.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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


# --- Leaving: words that can still come back, words that go at their own hour, who left, copies to take along. ---


def _tagged_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
    )


def _leaving_up() -> None:
    """A program of 0002 neither fills nor reads these; what waits in them waits for one that does."""
    for table, until in (("put_away", True), ("farewell", False), ("copy", True)):
        columns = [sa.Column("until_on", sa.Date(), nullable=False)] if until else []
        key = sa.PrimaryKeyConstraint("tag", name=op.f(f"pk_{table}"))
        op.create_table(table, *_tagged_columns(), *columns, key, sqlite_with_rowid=False)
        op.create_index(op.f(f"ix_{table}_key_id"), table, ["key_id"], unique=False)
        if until:
            op.create_index(op.f(f"ix_{table}_until_on"), table, ["until_on"], unique=False)
    op.create_table(
        "errand",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_errand_group_id_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_errand_key_id"), "errand", ["key_id"], unique=False)
    op.create_index(op.f("ix_errand_group_id"), "errand", ["group_id"], unique=False)


def _leaving_down() -> None:
    for table in ("errand", "copy", "farewell", "put_away"):
        op.drop_table(table)


PARTS.append((_leaving_up, _leaving_down))


# --- What somebody told the team: it may be about a person or the group's page, and not only about a post. ---

_LOOSE = ("case_item", "evidence", "decision")


def _told_up() -> None:
    """A program of 0002 joins cases to posts, so it shows none of these; it writes its own as before."""
    for table in _LOOSE:
        _let_be_null(table, "post_id")
    target = sa.Enum("post", "person", "group", name="target", native_enum=False, length=20)
    op.add_column("case_item", sa.Column("target", target, nullable=True))
    op.add_column("case_item", sa.Column("about", sa.LargeBinary(length=16), nullable=True))
    op.add_column("case_item", sa.Column("outside_id", sa.LargeBinary(length=16), nullable=True))
    op.create_index("ix_case_item_about", "case_item", ["about", "kind", "round"], unique=True)
    op.add_column("evidence", sa.Column("item_id", sa.LargeBinary(length=16), nullable=True))
    op.create_index(op.f("ix_evidence_item_id"), "evidence", ["item_id"], unique=False)
    for table in ("report", "case_not_for"):
        op.create_table(
            table,
            *_tagged_columns(),
            sa.Column("item_id", sa.LargeBinary(length=16), nullable=False),
            sa.ForeignKeyConstraint(["item_id"], ["case_item.id"], name=op.f(f"fk_{table}_item_id_case_item")),
            sa.PrimaryKeyConstraint("tag", name=op.f(f"pk_{table}")),
            sqlite_with_rowid=False,
        )
        for column in ("key_id", "item_id"):
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _told_down() -> None:
    """What was told goes; what was decided about posts stays."""
    for table in ("case_not_for", "report"):
        op.drop_table(table)
    op.execute("UPDATE decision SET item_id = NULL WHERE item_id IN (SELECT id FROM case_item WHERE post_id IS NULL)")
    for table in reversed(_LOOSE):
        op.execute(f"DELETE FROM {table} WHERE post_id IS NULL")
    op.drop_index(op.f("ix_evidence_item_id"), table_name="evidence")
    op.drop_column("evidence", "item_id")
    op.drop_index("ix_case_item_about", table_name="case_item")
    for column in ("outside_id", "about", "target"):
        op.drop_column("case_item", column)
    for table in _LOOSE:
        _let_be_null(table, "post_id", null=False)


def _let_be_null(table: str, column: str, *, null: bool = True) -> None:
    """SQLite cannot change a column: the table is made anew from its own words, with its rows and indexes.

    Rows of other tables lead here all the while; whether they still do is looked at when the migration is kept.
    """
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, column, nullable=null, existing_type=sa.BigInteger())
        return
    there = op.get_bind().exec_driver_sql("SELECT type, sql FROM sqlite_master WHERE tbl_name = ?", (table,)).all()
    made = next(sql for kind, sql in there if kind == "table")
    strict, loose = f"{column} BIGINT NOT NULL", f"{column} BIGINT"
    changed = made.replace(strict, loose) if null else made.replace(f"{loose},", f"{strict},")
    if changed == made:
        raise RuntimeError(f"{table} is not the table that the first migration made")
    for statement in (
        "PRAGMA defer_foreign_keys = ON",
        f"CREATE TABLE {table}_kept AS SELECT * FROM {table}",
        f"DROP TABLE {table}",
        changed,
        f"INSERT INTO {table} SELECT * FROM {table}_kept",
        f"DROP TABLE {table}_kept",
        *(sql for kind, sql in there if kind == "index" and sql),
    ):
        op.get_bind().exec_driver_sql(statement)


PARTS.append((_told_up, _told_down))


# --- Search: the words that a group can see, in a table of their own. ---

#: `ascii` splits at spaces and folds nothing more: the words come folded, alike for both databases. Words of three
#: letters are where looking for a beginning starts; with them kept apart that costs as little as a whole word.
_FTS = (
    "CREATE VIRTUAL TABLE post_search_fts USING fts5("
    "words, content='post_search', content_rowid='post_id', tokenize='ascii', prefix='3', columnsize=0)",
    "CREATE TRIGGER post_search_put AFTER INSERT ON post_search BEGIN "
    "INSERT INTO post_search_fts(rowid, words) VALUES (new.post_id, new.words); END",
    "CREATE TRIGGER post_search_drop AFTER DELETE ON post_search BEGIN "
    "INSERT INTO post_search_fts(post_search_fts, rowid, words) VALUES ('delete', old.post_id, old.words); END",
)


def _search_up() -> None:
    """Empty: the program fills it within its first minutes, a hundred posts at a time, and finds more from minute to
    minute. What a program of 0002 writes or takes back meanwhile the nightly upkeep puts right."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "post_search",
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=8), nullable=False),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_search")),
    )
    if sqlite:
        for statement in _FTS:
            op.execute(statement)
    else:
        op.execute("CREATE INDEX ix_post_search_words ON post_search USING gin (words) WITH (fastupdate = off)")


def _search_down() -> None:
    op.execute("DROP TABLE IF EXISTS post_search_fts")
    op.drop_table("post_search")


PARTS.append((_search_up, _search_down))


# --- What one member puts aside: conversations they follow, posts they want to find again. ---


def _shelves_up() -> None:
    for table in ("follow", "bookmark"):
        key = sa.PrimaryKeyConstraint("tag", name=op.f(f"pk_{table}"))
        op.create_table(table, *_tagged_columns(), key, sqlite_with_rowid=False)
        op.create_index(op.f(f"ix_{table}_key_id"), table, ["key_id"], unique=False)


def _shelves_down() -> None:
    for table in ("bookmark", "follow"):
        op.drop_table(table)


PARTS.append((_shelves_up, _shelves_down))


# --- Looking after a board: what the team changed in a topic and why, and where posts came from. ---


def _tending_up() -> None:
    """A program of 0002 shows a topic with the posts that it has now; it knows of no pin and no slow topic."""
    op.add_column("conversation", sa.Column("tended", sa.Boolean(), server_default=sa.false(), nullable=False))
    first = ["board_id", "pinned", "last_activity_hour", "id"]
    op.create_index("ix_conversation_board_first", "conversation", first, unique=False)
    ident, number = sa.LargeBinary(length=16), sa.Integer()
    op.create_table(
        "conversation_event",
        sa.Column("id", ident, nullable=False),
        sa.Column("conversation_id", ident, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by", ident, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("feed_no", number, nullable=False),
        sa.Column("before", sa.SmallInteger(), nullable=False),
        sa.Column("other_id", ident, nullable=True),
        sa.Column("first_seq", number, nullable=False),
        sa.Column("last_seq", number, nullable=False),
        sa.Column("shifted", number, nullable=False),
        sa.Column("twin_id", ident, nullable=True),
        sa.Column("undone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_conversation_event_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["by"], ["persona.id"], name=op.f("fk_conversation_event_by_persona")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_event")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_conversation_event_conversation_id"), "conversation_event", ["conversation_id"], unique=False
    )
    op.create_table(
        "conversation_origin",
        *(sa.Column(name, ident, nullable=False) for name in ("conversation_id", "origin_id")),
        *(
            sa.ForeignKeyConstraint(
                [name], ["conversation.id"], name=op.f(f"fk_conversation_origin_{name}_conversation")
            )
            for name in ("conversation_id", "origin_id")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "origin_id", name=op.f("pk_conversation_origin")),
        sqlite_with_rowid=False,
    )


def _tending_down() -> None:
    """Posts stay where they are."""
    op.drop_table("conversation_origin")
    op.drop_table("conversation_event")
    op.drop_index("ix_conversation_board_first", table_name="conversation")
    op.drop_column("conversation", "tended")


PARTS.append((_tending_up, _tending_down))


# --- Mentions by name, as the words themselves say them. ---


def _mentions_up() -> None:
    """A program of 0002 writes none: what names somebody in its words is a mention once it is edited."""
    op.create_table(
        "mention",
        sa.Column("persona_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("fk_mention_persona_id_persona")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_mention_post_id_post")),
        sa.PrimaryKeyConstraint("persona_id", "post_id", name=op.f("pk_mention")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_mention_post_id"), "mention", ["post_id"], unique=False)


def _mentions_down() -> None:
    op.drop_table("mention")


PARTS.append((_mentions_up, _mentions_down))


# --- Where short mails go that say no more than that something is new. ---


def _mail_up() -> None:
    """A program of 0002 sends no mail."""
    op.create_table(
        "mail_address",
        *_tagged_columns(),
        sa.Column("group_id", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_mail_address_group_id_group")),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_mail_address")),
        sqlite_with_rowid=False,
    )
    for column in ("key_id", "group_id"):
        op.create_index(op.f(f"ix_mail_address_{column}"), "mail_address", [column], unique=False)


def _mail_down() -> None:
    op.drop_table("mail_address")


PARTS.append((_mail_up, _mail_down))


# --- Belonging: what people say of themselves, who welcomes newcomers, quiet answers to posts. ---


def _belonging_up() -> None:
    """A program of 0002 shows none of these."""
    ident = sa.LargeBinary(length=16)
    op.create_table(
        "persona_page",
        sa.Column("persona_id", ident, nullable=False),
        sa.Column("offers", sa.Text(), nullable=False),
        sa.Column("would_like", sa.Text(), nullable=False),
        sa.Column("languages", sa.String(length=100), nullable=False),
        sa.Column("lived", sa.String(length=200), nullable=False),
        sa.Column("awake", sa.SmallInteger(), nullable=False),
        sa.Column("shows_new", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("fk_persona_page_persona_id_persona")),
        sa.PrimaryKeyConstraint("persona_id", name=op.f("pk_persona_page")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "welcomer",
        sa.Column("persona_id", ident, nullable=False),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("fk_welcomer_persona_id_persona")),
        sa.PrimaryKeyConstraint("persona_id", name=op.f("pk_welcomer")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reaction",
        *_tagged_columns(),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_reaction_post_id_post")),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_reaction")),
        sqlite_with_rowid=False,
    )
    for column in ("key_id", "post_id"):
        op.create_index(op.f(f"ix_reaction_{column}"), "reaction", [column], unique=False)

    op.add_column("conversation", sa.Column("polled", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "poll",
        sa.Column("id", ident, nullable=False),
        sa.Column("conversation_id", ident, nullable=False),
        sa.Column("question", sa.String(length=200), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_poll_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_poll_conversation_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll_answer",
        *_tagged_columns(),
        sa.Column("poll_id", ident, nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_poll_answer_poll_id_poll")),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_poll_answer")),
        sqlite_with_rowid=False,
    )
    for column in ("key_id", "poll_id"):
        op.create_index(op.f(f"ix_poll_answer_{column}"), "poll_answer", [column], unique=False)


def _belonging_down() -> None:
    for table in ("poll_answer", "poll"):
        op.drop_table(table)
    op.drop_column("conversation", "polled")
    for table in ("reaction", "welcomer", "persona_page"):
        op.drop_table(table)


PARTS.append((_belonging_up, _belonging_down))
