"""Finding words in a group again: one question to the database for each search, with what permits inside it.

Found are only posts that this member may read at this moment, newest first. Nothing is counted, and nobody's name is
looked at: whose words they are is found out for what is shown, as on any other page.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, Subquery, and_, func, literal_column, select, text
from sqlalchemy.orm import aliased

from forum.base import clock
from forum.base.db import read_engine, rows
from forum.base.errors import NotFound, TooMany
from forum.base.words import _
from forum.conversations import choices, masks
from forum.conversations.choices import Choices, Treatment
from forum.conversations.search_index import END, place_mark
from forum.conversations.search_words import Part, Query, closeness, own_words, words_of
from forum.models import Board, Conversation, Group, Mask, Persona, Post, PostSearch, PostState
from forum.policy.actor import Actor, Membership
from forum.policy.audience import includes
from forum.policy.permissions import Denial
from forum.policy.visibility import visible_to

#: A title is its first post's.
Opener = aliased(Post)

#: On one page of results.
PAGE = 20
#: The newest rows of the index that one search looks at. All of them are the reader's to see, save those of a topic
#: that was moved seconds ago, so a page of results is found in the first few.
MOST_LOOKED_AT = 1_000
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


def list_boards(actor: Actor, group_id: bytes) -> Sequence[Row]:
    """The boards whose words this member can find: open and closed ones, without those that a group left out.

    :raises NotFound: not a member.
    """
    membership = actor.membership_in(group_id)
    if membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    found = rows(
        select(Board.id, Board.name, Board.readers)
        .where(Board.group_id == group_id, Board.searched)
        .order_by(Board.retired_at.is_not(None), Board.ord, Board.name)
    )
    return [board for board in found if includes(board.readers, membership)]


def find(
    actor: Actor, group_id: bytes, query: Query, boards: Sequence[bytes], order: Order = Order.NEWEST, before: int = END
) -> Results:
    """Posts of a group in which all that was looked for stands.

    :param boards: of `list_boards`, one or all; others give nothing. :param before: of a page before; see `Results`.
    :raises NotFound: not a member.
    """
    membership = actor.membership_in(group_id)
    if membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    limit = BEST_OF if order is Order.BEST else PAGE + 1
    found = rows(_visible(actor, group_id, query, boards, before, limit)) if boards else []
    more = order is Order.NEWEST and len(found) > PAGE
    shown = _best(query, found) if order is Order.BEST else _by_time(found[:PAGE])
    hits = _treated(membership, shown)
    kept = [hit for hit in hits if hit.away in (None, Treatment.NOTE)]
    return Results(kept, found[PAGE - 1].id if more else None, len(kept) < len(hits))


def _visible(
    actor: Actor, group_id: bytes, query: Query, boards: Sequence[bytes], before: int, limit: int
) -> Select[Any]:
    """The one question. The index looks at the reader's boards only; the rules are asked of each row all the same."""
    hits = _candidates(query, boards, before)
    return (
        select(*_COLUMNS)
        .select_from(hits)
        .join(Post, Post.id == hits.c.post_id)
        .join(Conversation, Conversation.id == Post.conversation_id)
        .join(Board, Board.id == Conversation.board_id)
        .join(Group, Group.id == Conversation.group_id)
        .join(Opener, and_(Opener.conversation_id == Conversation.id, Opener.seq == 1))
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .outerjoin(Mask, Mask.id == Post.mask_id)
        .where(
            Conversation.group_id == group_id,
            Board.searched,
            Board.id.in_(boards),
            Post.state == PostState.VISIBLE,
            visible_to(actor),
        )
        .order_by(hits.c.post_id.desc())
        .limit(limit)
    )


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


def _candidates(query: Query, boards: Sequence[bytes], before: int) -> Subquery:
    """The newest rows of the index, in each database's own words."""
    marks = [Part((place_mark(board),), whole=True) for board in boards]
    if read_engine().dialect.name == "sqlite":
        post_id: Any = literal_column("rowid")
        asked = text("post_search_fts MATCH :looked_for").bindparams(looked_for=_for_sqlite(query, marks))
        found = select(post_id.label("post_id")).select_from(text("post_search_fts"))
    else:
        post_id = PostSearch.post_id
        asked = text("words @@ CAST(:looked_for AS tsquery)").bindparams(looked_for=_for_postgres(query, marks))
        found = select(post_id.label("post_id"))
    return found.where(asked, post_id < before).order_by(post_id.desc()).limit(MOST_LOOKED_AT).subquery("hits")


def _for_sqlite(query: Query, marks: Sequence[Part]) -> str:
    """As FTS5 reads it. Our words hold letters, digits and vowel signs, each phrase stands in quotes: no sign is left."""

    def said(part: Part) -> str:
        return f'"{" ".join(part.words)}"{"" if part.whole else " *"}'

    return " AND ".join([f"({' OR '.join(map(said, marks))})", *map(said, query.parts)])


def _for_postgres(query: Query, marks: Sequence[Part]) -> str:
    """As PostgreSQL reads a tsquery. The same holds: each word stands in quotes and has none in it."""

    def said(part: Part) -> str:
        together = " <-> ".join(f"'{word}'" for word in part.words)
        return f"({together}{'' if part.whole else ':*'})"

    return " & ".join([f"({' | '.join(map(said, marks))})", *map(said, query.parts)])


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
    chosen = choices.find(membership)
    if not chosen.any_for_reading and not any(post.notes for post in found):
        return [Hit(post, None, title_away=False) for post in found]
    mine = _mine(membership, found)
    return [Hit(post, _away(chosen, post, mine), title_away=_title_away(chosen, post, mine)) for post in found]


def _away(chosen: Choices, post: Row, mine: frozenset[bytes]) -> Treatment | None:
    by = post.persona_id or post.mask_id
    if by in mine:
        return Treatment.NOTE if post.notes & ~chosen.expanded else None
    return chosen.treat(by, post.notes, post.body)


def _title_away(chosen: Choices, post: Row, mine: frozenset[bytes]) -> bool:
    """A title is put away as the words under it are; it is not folded, for nothing would be left to unfold."""
    if post.opened_by in mine:
        return False
    return chosen.treat(post.opened_by, post.opener_notes, post.title) not in (None, Treatment.NOTE)


def _mine(membership: Membership, found: Sequence[Row]) -> frozenset[bytes]:
    """The reader's own name here and their aliases in these conversations, found by tag."""
    places = {post.conversation_id for post in found}
    tags = [tag for place in places for tag in masks.owner_tags(membership.scope, membership.persona_id, place)]
    worn = rows(masks.own_mask_id(tags)) if tags else []
    return frozenset({membership.persona_id, *(mask.mask_id for mask in worn)})


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
