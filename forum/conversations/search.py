"""Finding words in a group again: the index is asked on the reader's boards only, and the rules for each row it gives.

Found are only posts that this member may read at this moment, newest first. Nothing is counted, and nobody's name is
looked at: whose words they are is found out for what is shown, as on any other page.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import aliased

from forum.base import clock
from forum.base.db import read_engine
from forum.base.errors import NotFound, TooMany
from forum.base.hot import Hot
from forum.base.words import _
from forum.conversations import choices, filtering, full_text, masks
from forum.conversations.choices import Choices, Treatment
from forum.conversations.search_index import END, mark_of
from forum.conversations.search_words import Part, Query, closeness, own_words, words_of
from forum.models import Board, Conversation, Group, Mask, Persona, Post, PostSearch, ReaderChoice
from forum.models.conversations import PostId
from forum.policy.actor import Actor, Membership
from forum.policy.audience import includes
from forum.policy.permissions import Denial
from forum.policy.visibility import on_boards_for, visible_on_boards

#: A title is its first post's.
Opener = aliased(Post)

#: On one page of results.
PAGE = 20
#: How often one search looks a stretch further back. All that the index gives is the reader's to see, save posts of a
#: topic that was moved seconds ago, so once is enough as a rule; no search looks at more than a thousand rows.
MOST_LOOKS = 10
#: Among how many of the newest the best are chosen, and how much of each is compared.
BEST_OF, COMPARED_LETTERS = 100, 2_000

#: Somebody who looks for a thing tries a dozen ways. Copying a group by its words would take thousands.
MOST_SEARCHES, WITHIN = 40, timedelta(minutes=10)
#: Who searched lately, in memory only: how often, never what for. 1 MB.
MOST_SEARCHERS = 5_000


class Order(StrEnum):
    """How results are laid out."""

    NEWEST = "newest"
    BEST = "best"  #: the best of the newest BEST_OF


@dataclass(frozen=True)
class Hit:
    """A post that was found.

    :param away: why its words are kept from this reader, who chose so; `title_away`: why its topic's title is.
    """

    post: Row[Any]
    away: Treatment | None
    title_away: bool


@dataclass(frozen=True)
class Results:
    """One page.

    :param more_before: the id of the last one, if there may be older ones. :param left_out: some are not shown, because
        of what this reader chose.
    """

    hits: Sequence[Hit]
    more_before: int | None
    left_out: bool


@dataclass(frozen=True)
class Boards:
    """The boards of a group for one reader.

    :param searched: whose words they can find, in their order; `closed`: which are not for them, or left out by the group.
    """

    searched: Sequence[Row]
    closed: Sequence[bytes]


def list_boards(actor: Actor, group_id: bytes) -> Boards:
    """Where this member can search, also on boards that nobody writes on any more.

    :raises NotFound: not a member.
    """
    membership = _membership(actor, group_id)
    found = _BOARDS.rows({"group": group_id})
    searched = [board for board in found if board.searched and includes(board.readers, membership)]
    return Boards(searched, [board.id for board in found if board not in searched])


_BOARDS = Hot(
    select(Board.id, Board.name, Board.readers, Board.searched)
    .where(Board.group_id == bindparam("group"))
    .order_by(Board.retired_at.is_not(None), Board.ord, Board.name)
)


def _membership(actor: Actor, group_id: bytes) -> Membership:
    membership = actor.membership_in(group_id)
    if membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return membership


def find(
    actor: Actor,
    group_id: bytes,
    query: Query,
    *,
    board: bytes | None = None,
    order: Order = Order.NEWEST,
    before: int = END,
) -> Results:
    """Posts of a group in which all that was looked for stands.

    :param board: this one only. :param before: of a page before; see `Results`.
    :raises NotFound: not a member.
    """
    membership = _membership(actor, group_id)
    looked_for = in_words(query, mark_of(board or group_id), list_boards(actor, group_id).closed)
    found = _look(membership, looked_for, before, BEST_OF if order is Order.BEST else PAGE + 1)
    more = order is Order.NEWEST and len(found) > PAGE
    shown = _best(query, found) if order is Order.BEST else _by_time(found[:PAGE])
    hits = _treated(membership, shown)
    kept = [hit for hit in hits if hit.away in (None, Treatment.NOTE)]
    return Results(kept, found[PAGE - 1].id if more else None, len(kept) < len(hits))


def _look(membership: Membership, looked_for: str, before: int, limit: int) -> list[Row]:
    """The newest posts, at most `limit`. Once is enough, unless many rows of the index are of topics that just moved."""
    found: list[Row] = []
    for _again in range(MOST_LOOKS):
        rows_of_index = candidates(looked_for, before, limit)
        found += posts_of(rows_of_index, membership, limit - len(found))
        if len(found) == limit or len(rows_of_index) < limit:
            break
        before = rows_of_index[-1]
    return found


# --- The question to the index, and the question of who may read: each in the words of the database at work. -----

SQLITE, POSTGRES = "sqlite", "postgresql"


def candidates(looked_for: str, before: int, limit: int) -> list[int]:
    """The ids of the newest rows of the index, newest first.

    :param looked_for: of `in_words`.
    """
    try:
        found = _CANDIDATES[_database()].rows({"looked_for": looked_for, "before": before, "limit": limit})
    except DatabaseError as error:
        full_text.bear_reading(error)
    return [r.post_id for r in found]


def posts_of(ids: Sequence[int], membership: Membership | None, limit: int) -> Sequence[Row]:
    """Those of these posts that a member may read now, newest first, with what a page shows of them.

    :param membership: None asks nobody's permission, to compare what that costs.
    """
    if not ids:
        return []
    given = {"ids": json.dumps(ids) if _database() == SQLITE else ids, "limit": limit}
    if membership is None:
        return _ANY[_database()].rows(given)
    return _PERMITTED[_database()].rows(given | on_boards_for(membership))


def in_words(query: Query, home: str = "", closed: Sequence[bytes] = ()) -> str:
    """A query as the index takes it. A word of ours holds letters, digits and vowel signs, and stands in quotes: no sign
    of what was typed is left.

    :param home: the mark of the group or board to look in. :param closed: boards to leave out.
    """
    say = _SAID[_database()]
    wanted = [say(part) for part in (*query.parts, *([Part((home,), whole=True)] if home else []))]
    shut = [say(Part((mark_of(board),), whole=True)) for board in closed]
    if _database() == SQLITE:
        return f"({' AND '.join(wanted)})" + "".join(f" NOT {one}" for one in shut)
    return " & ".join([*wanted, *(f"!{one}" for one in shut)])


def _for_sqlite(part: Part) -> str:
    return f'("{" ".join(part.words)}"{"" if part.whole else " *"})'


def _for_postgres(part: Part) -> str:
    words = " <-> ".join(f"'{word}'" for word in part.words)
    return f"({words}{'' if part.whole else ':*'})"


_SAID = {SQLITE: _for_sqlite, POSTGRES: _for_postgres}


def _candidates(database: str) -> Select:
    if database == SQLITE:
        found = select(literal_column("rowid", PostId).label("post_id")).select_from(text("post_search_fts"))
        found = found.where(text("post_search_fts MATCH :looked_for AND rowid < :before"))
    else:
        found = select(PostSearch.post_id).where(PostSearch.post_id < bindparam("before"))
        found = found.where(text("words @@ CAST(:looked_for AS tsquery)"))
    return found.order_by(text("post_id DESC")).limit(bindparam("limit"))


def _posts(database: str, *, permitted: bool) -> Select:
    if database == SQLITE:
        given = func.json_each(bindparam("ids", type_=String)).table_valued(column("value", PostId))
        among: ColumnElement[bool] = Post.id.in_(select(given.c.value))
    else:
        among = Post.id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    asked = (
        select(*_COLUMNS)
        .where(among)
        .join(Conversation, Conversation.id == Post.conversation_id)
        .join(Board, Board.id == Conversation.board_id)
        .join(Group, Group.id == Conversation.group_id)
        .join(Opener, and_(Opener.conversation_id == Conversation.id, Opener.seq == 1))
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .outerjoin(Mask, Mask.id == Post.mask_id)
        .order_by(Post.id.desc())
        .limit(bindparam("limit"))
    )
    return asked.where(Board.searched, visible_on_boards()) if permitted else asked


_COLUMNS = (
    Post.id,
    Post.conversation_id,
    Post.seq,
    Post.body,
    Post.lang,
    Post.notes,
    Post.persona_id,
    Post.mask_id,
    Post.written_at,
    func.coalesce(Persona.name, Mask.alias).label("author"),
    Persona.role,
    Conversation.title,
    Conversation.lang.label("title_lang"),
    func.coalesce(Opener.persona_id, Opener.mask_id).label("opened_by"),
    Opener.notes.label("opener_notes"),
    Board.name.label("board_name"),
    Group.own_notes,
)

#: Planned anew each time: a common word is quickest found from the newest post backwards, a rare one by its own list.
_CANDIDATES = {name: Hot(_candidates(name), anew=True) for name in (SQLITE, POSTGRES)}
_PERMITTED = {name: Hot(_posts(name, permitted=True)) for name in (SQLITE, POSTGRES)}
_ANY = {name: Hot(_posts(name, permitted=False)) for name in (SQLITE, POSTGRES)}


def _database() -> str:
    return read_engine().dialect.name


# --- What is made of it ------------------------------------------------------------------------------------------


def _by_time(found: Sequence[Row]) -> list[Row]:
    """Ids tell the hour and nothing finer; within it by the time that each post's page shows."""
    return sorted(found, key=lambda post: (clock.floor_hour(post.written_at), post.written_at), reverse=True)


def _best(query: Query, found: Sequence[Row]) -> list[Row]:
    """The closest first, the newer of two that are as close. Each is judged by itself: no count of others' words helps."""

    def near(post: Row) -> int:
        title = post.title if post.seq == 1 else ""
        return closeness(query, title, words_of(own_words(post.body[:COMPARED_LETTERS])))

    return sorted(found, key=near, reverse=True)[:PAGE]


def _treated(membership: Membership, found: Sequence[Row]) -> list[Hit]:
    """Each with what this reader chose about such words. Their own stay open to them."""
    chosen = _chosen(membership)
    if not chosen.any_for_reading and not any(post.notes for post in found):
        return [Hit(post, None, title_away=False) for post in found]
    places = {post.conversation_id for post in found}
    mine = masks.own_faces(membership.scope, membership.persona_id, places)
    return [Hit(post, _away(chosen, post, mine), title_away=_title_away(chosen, post, mine)) for post in found]


def _chosen(membership: Membership) -> Choices:
    tags = choices.choice_tags(membership.scope, membership.persona_id)
    found = _CHOICE.row({"tag": tags[0], "tag_before": tags[-1]})
    return choices.open_choices(membership.scope, found.tag, found.sealed) if found else choices.NOTHING


_CHOICE = Hot(
    select(ReaderChoice.tag, ReaderChoice.sealed).where(
        ReaderChoice.tag.in_([bindparam("tag"), bindparam("tag_before")])
    )
)


def _away(chosen: Choices, post: Row, mine: frozenset[bytes]) -> Treatment | None:
    by = post.persona_id or post.mask_id
    if by in mine:
        return filtering.of_own(chosen, post.notes)
    return chosen.treat(by, post.notes, post.body)


def _title_away(chosen: Choices, post: Row, mine: frozenset[bytes]) -> bool:
    """A title is put away as the words under it are; it is not folded, for nothing would be left to unfold."""
    if post.opened_by in mine:
        return False
    return filtering.away(chosen.treat(post.opened_by, post.opener_notes, post.title)) is not None


# --- Not too much at once ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Searcher:
    """One sign-in, for a while."""

    ends: datetime
    searches: int = 0


_searchers: OrderedDict[bytes, _Searcher] = OrderedDict()


def check_pace(sign_in_hash: bytes) -> None:
    """Count a search of this sign-in.

    :raises TooMany: with the seconds to wait.
    """
    now = clock.now()
    searcher = _searchers.get(sign_in_hash)
    if searcher is None or now >= searcher.ends:
        _searchers.pop(sign_in_hash, None)
        searcher = _searchers[sign_in_hash] = _Searcher(now + WITHIN)
        if len(_searchers) > MOST_SEARCHERS:
            _searchers.popitem(last=False)
    if searcher.searches >= MOST_SEARCHES:
        wait = int((searcher.ends - now).total_seconds()) + 1
        raise TooMany(_("You have searched very often just now. Wait some minutes, then try again."), wait)
    searcher.searches += 1


def forget() -> None:
    """Begin anew (another database)."""
    _searchers.clear()
