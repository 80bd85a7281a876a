"""Coming back to a group: what is new since somebody's last reading, and saying where they want to read on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Row, func, select

from forum.base import tagged, text
from forum.base.db import rows
from forum.base.errors import NotFound
from forum.base.transaction import retrying, transaction
from forum.content.notes import names_of
from forum.conversations import board_queries, choices, filtering, markers, places, queries, shelves, titles
from forum.conversations.choices import Choices, Treatment
from forum.conversations.places import Place
from forum.models import Conversation, ConversationKind, Group, Mask, Persona, Post, PostState, ReadMarker
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import Denial, may_read, require

#: The newest topics that are looked at, and that one tap marks as read: more than anybody wants to catch up with.
MOST_TOPICS = 300
#: Topics on the page. Who was away for long reads these, or says that they have caught up.
SHOWN = 25
#: Letters of the first new words of a topic.
EXCERPT = 160


@dataclass(frozen=True)
class News:
    """A topic with words that this reader has not read.

    :param opened: they have read in it before. :param why: how its words are kept from them, if so.
    :param notes: what its first new words are about.
    """

    id: bytes
    title: str
    lang: str
    pinned: bool
    opened: bool
    author: str
    masked: bool
    excerpt: str
    excerpt_lang: str
    notes: Sequence[str]
    why: Treatment | None
    followed: bool = False


@dataclass(frozen=True)
class OnBoard:
    """A board with its news. :param new: it was not there when this reader last caught up."""

    board: Row
    new: bool
    topics: Sequence[News]


def list_news(actor: Actor, group_id: bytes) -> tuple[Sequence[OnBoard], bool]:
    """What is new on each board: what they follow first, then what is pinned, then the latest; and if there is more.

    Six queries, whatever happened, and one for who put words away. One's own words count like those of others: else a hidden name would show.
    """
    boards, membership = board_queries.list_boards(actor, group_id), _member(actor, group_id)
    unread, read = _unread(membership, [board.id for board in boards])
    chosen, followed = choices.find(membership), set(shelves.list_followed(membership))
    unread = sorted(unread, key=lambda topic: topic.id not in followed)
    first = _first_words([(topic.id, read.get(topic.id, 0)) for topic in unread[:SHOWN]])
    away = titles.put_away(membership, chosen, {topic.id: topic.title for topic in unread[:SHOWN]})
    known = {one for one in chosen.boards_seen.split() if one}
    found = [
        OnBoard(
            board,
            bool(known) and _short(board.id) not in known,
            [
                replace(
                    _news(topic, topic.id in read, first[topic.id], chosen, membership, topic.id in away),
                    followed=topic.id in followed,
                )
                for topic in unread[:SHOWN]
                if topic.board_id == board.id and topic.id in first
            ],
        )
        for board in boards
    ]
    return [one for one in found if one.topics or one.new], len(unread) > SHOWN


@retrying
def mark_unread(actor: Actor, post_id: int) -> Place:
    """Let a conversation count as unread from one of its posts on.

    :raises NotFound: none such, or not for this actor.
    """
    found, place, _own = queries.get_row(actor, post_id)
    if place.kind is ConversationKind.TEAM:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_read, actor, places.facts_here(place))
    membership = _member(actor, place.group_id)
    with transaction():
        if markers.find_marker(membership, place.id) >= found.seq:
            markers.put_markers(membership, {place.id: found.seq - 1})
    return place


@retrying
def mark_read(actor: Actor, group_id: bytes, board_ids: Sequence[bytes]) -> dict[bytes, int]:
    """Mark the newest topics of these boards as read to their end. Gives how far those were read that it changed.

    :param board_ids: boards that the actor may read.
    """
    membership = _member(actor, group_id)
    unread, read = _unread(membership, board_ids)
    with transaction():
        markers.put_markers(membership, {topic.id: topic.last_shown_seq for topic in unread})
    return {topic.id: read.get(topic.id, 0) for topic in unread}


@retrying
def put_back(actor: Actor, group_id: bytes, board_ids: Sequence[bytes], seqs: Mapping[bytes, int]) -> None:
    """Undo `mark_read`: nothing that was not read then counts as read now.

    :param seqs: what `mark_read` gave; of topics elsewhere nothing is taken.
    """
    membership = _member(actor, group_id)
    here = {topic.id for topic in _newest(membership, board_ids)}
    with transaction():
        now = _read_to(membership, [one for one in seqs if one in here])
        markers.put_markers(membership, {one: seqs[one] for one, seq in now.items() if seqs[one] < seq})


def note_caught_up(actor: Actor, group_id: bytes, board_ids: Sequence[bytes]) -> None:
    """Remember which boards there were, so that later ones are shown as new."""
    seen = " ".join(sorted(_short(board_id) for board_id in board_ids))
    choices.keep(actor, group_id, lambda chosen: replace(chosen, boards_seen=seen))


def _member(actor: Actor, group_id: bytes) -> Membership:
    membership = actor.membership_in(group_id)
    if membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return membership


def _short(board_id: bytes) -> str:
    """Enough to tell the boards of one group apart."""
    return board_id.hex()[:8]


def _unread(membership: Membership, board_ids: Sequence[bytes]) -> tuple[list[Row], dict[bytes, int]]:
    """The newest topics with something new, and how far all of the newest were read."""
    topics = _newest(membership, board_ids)
    read = _read_to(membership, [topic.id for topic in topics])
    unread = [topic for topic in topics if topic.last_shown_seq > read.get(topic.id, 0)]
    return sorted(unread, key=lambda topic: not topic.pinned), read


def _newest(membership: Membership, board_ids: Sequence[bytes]) -> Sequence[Row]:
    """The topics of these boards, latest activity first."""
    columns = (Conversation.id, Conversation.board_id, Conversation.title, Conversation.lang, Conversation.pinned)
    here = (Conversation.group_id == membership.scope.group_id, Conversation.board_id.in_(board_ids))
    return rows(
        select(*columns, Conversation.last_shown_seq)
        .where(*here, Conversation.last_shown_seq > 0)
        .order_by(Conversation.last_activity_hour.desc(), Conversation.id.desc())
        .limit(MOST_TOPICS)
    )


def _read_to(membership: Membership, conversation_ids: Sequence[bytes]) -> dict[bytes, int]:
    wanted = {one: (membership.persona_id, one) for one in conversation_ids}
    found = tagged.find_many(ReadMarker, membership.scope, markers.KIND, wanted)
    return {one: int.from_bytes(value) for one, value in found.items()}


def _first_words(read: Sequence[tuple[bytes, int]]) -> dict[bytes, Row]:
    """The first post after each of these places that the group can see, by conversation; in one query."""
    firsts = [
        select(Post.id)
        .where(Post.conversation_id == conversation_id, Post.seq > seq, Post.state == PostState.VISIBLE)
        .order_by(Post.seq)
        .limit(1)
        .scalar_subquery()
        for conversation_id, seq in read
    ]
    author = func.coalesce(Persona.name, Mask.alias).label("author")
    words = (Post.conversation_id, Post.body, Post.lang, Post.notes, Post.persona_id, Post.mask_id, author)
    found = rows(
        select(*words, Group.own_notes)
        .join(Conversation, Conversation.id == Post.conversation_id)
        .join(Group, Group.id == Conversation.group_id)
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .outerjoin(Mask, Mask.id == Post.mask_id)
        .where(Post.id.in_(firsts))
    )
    return {post.conversation_id: post for post in found}


def _news(topic: Row, opened: bool, post: Row, chosen: Choices, membership: Membership, away: bool) -> News:
    mine = post.persona_id == membership.persona_id
    excerpt = text.excerpt(post.body, EXCERPT)
    by = post.persona_id or post.mask_id
    why = filtering.of_own(chosen, post.notes) if mine else chosen.treat(by, post.notes, post.body)
    return News(
        id=topic.id,
        title="" if away else topic.title,
        lang=topic.lang,
        pinned=topic.pinned,
        opened=opened,
        author="" if filtering.away(why) else post.author,
        masked=post.mask_id is not None,
        excerpt="" if why else excerpt,
        excerpt_lang=post.lang,
        notes=names_of(post.notes, post.own_notes),
        why=why,
    )
