"""Posts that go from one conversation to another, with all that belongs to them. Steps; nothing here asks who may.

A post keeps its id, its author and its words, and gets a new place. A mask stays the mask of the conversation where it
was born and goes along with its posts; whoever writes on under an alias gets a new one (decisions.md §3).
"""

from sqlalchemy import case, func, insert, select, update

from forum.accounts.names import offer_alias
from forum.base import jobs, tagged
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid
from forum.base.keyring import Scope
from forum.base.transaction import here
from forum.base.words import _
from forum.conversations import drafts, feed, markers, masks, search_index, shelves
from forum.conversations.history import Moved
from forum.models import Conversation, ConversationOrigin, Draft, Mask, Persona, Post, PostState, ReadMarker
from forum.policy.members import NOT_IN, get_scope

#: Places that go in one step; others who write meanwhile wait for it.
MOST_PLACES = 2_000
#: People whose places are looked up at once.
READERS_AT_ONCE = 200


def append(source_id: bytes, target_id: bytes, first: int) -> Moved | None:
    """Let the posts from a place on go to the end of another conversation; None if there are none.

    :raises Invalid: too many at once.
    """
    bounds = _bounds(source_id, first)
    if bounds is None:
        return None
    start = row(select(Conversation.next_seq).where(Conversation.id == target_id))
    assert start is not None
    shifted = start.next_seq - bounds[0]
    carry(source_id, target_id, Moved(bounds[0], bounds[1], 0), shifted, followed=True)
    return Moved(start.next_seq, bounds[1] + shifted, shifted)


def take_back(target_id: bytes, source_id: bytes, moved: Moved) -> None:
    """Let what is left of them go back to the places they had.

    :raises Conflict: somebody stands there now.
    """
    first, last = moved.first - moved.shifted, moved.last - moved.shifted
    taken = select(Post.id).where(Post.conversation_id == source_id, Post.seq.between(first, last)).limit(1)
    if row(taken) is not None:
        raise Conflict(_("This cannot be undone any more: other posts stand there now."))
    carry(target_id, source_id, moved, -moved.shifted)


def _bounds(conversation_id: bytes, first: int) -> tuple[int, int] | None:
    found = row(
        select(func.min(Post.seq).label("first"), func.max(Post.seq).label("last")).where(
            Post.conversation_id == conversation_id, Post.seq >= first
        )
    )
    if found is None or found.first is None:
        return None
    if found.last - found.first >= MOST_PLACES:
        raise Invalid(_("That is too much at once. Choose a later post, or a shorter topic."))
    return int(found.first), int(found.last)


def carry(source_id: bytes, target_id: bytes, moved: Moved, shifted: int, *, followed: bool = False) -> None:
    """Let the posts at these places of `source_id` go to places that are higher by `shifted` in `target_id`.

    :param followed: whoever follows the source follows the target from now on, too.
    """
    here_now = (Post.conversation_id == source_id, Post.seq.between(moved.first, moved.last))
    found = rows(select(Post.id, Post.state, Post.mask_id).where(*here_now).order_by(Post.seq))
    if not found:
        return
    _tell_aliases_apart({one.mask_id for one in found if one.mask_id}, target_id)
    shown = sum(one.state is PostState.VISIBLE for one in found)
    feed_no = feed.note_change(target_id, found[0].id, "move", shown=shown)
    here().execute(
        update(Post)
        .where(*here_now)
        .values(
            conversation_id=target_id,
            seq=Post.seq + shifted,
            changed_in=case((Post.changed_in > 0, feed_no), else_=0),
        )
        .execution_options(synchronize_session=False)
    )
    feed.note_change(source_id, found[0].id, "move", shown=-shown)
    for conversation_id in (source_id, target_id):
        _count_anew(conversation_id)
    feed.touch_quotes_across(target_id)
    _know_origins(target_id, source_id)
    search_index.note_moved(target_id)
    _carry_readers_soon(source_id, target_id, Moved(moved.first, moved.last, shifted), followed)


def _count_anew(conversation_id: bytes) -> None:
    """The next place never goes back; the last shown one does when posts went."""
    stands = select(func.max(Post.seq)).where(Post.conversation_id == conversation_id)
    last, shown = here().scalar(stands) or 0, here().scalar(stands.where(Post.changed_in > 0)) or 0
    higher = case((Conversation.next_seq > last, Conversation.next_seq), else_=last + 1)
    change = update(Conversation).where(Conversation.id == conversation_id)
    values = {"last_shown_seq": shown, "next_seq": higher}
    here().execute(change.values(values).execution_options(synchronize_session=False))


def _know_origins(target_id: bytes, source_id: bytes) -> None:
    """Masks of the source, and of where it had posts from, may write in the target now."""
    known = set(masks.list_origins(target_id))
    for origin in {source_id, *masks.list_origins(source_id)} - known - {target_id}:
        here().execute(insert(ConversationOrigin).values(conversation_id=target_id, origin_id=origin))


def _tell_aliases_apart(coming: set[bytes], target_id: bytes) -> None:
    """Two people must not stand under one alias in one conversation: of two, the one that comes gets another."""
    there = select(Post.mask_id).where(Post.conversation_id == target_id, Post.mask_id.is_not(None))
    known = rows(select(Mask.id, Mask.alias).where(Mask.id.in_(there) | (Mask.conversation_id == target_id)))
    taken = {mask.alias for mask in known if mask.id not in coming}
    for mask in rows(select(Mask.id, Mask.alias, Mask.conversation_id).where(Mask.id.in_(coming))):
        if mask.alias in taken:
            born_with = rows(select(Mask.alias).where(Mask.conversation_id == mask.conversation_id))
            alias = offer_alias(taken | {r.alias for r in born_with})
            change = update(Mask).where(Mask.id == mask.id).values(alias=alias)
            here().execute(change.execution_options(synchronize_session=False))
            taken.add(alias)
        taken.add(mask.alias)


# --- How far people read, and what they were writing ----------------------------------------------------------------


def _carry_readers_soon(source_id: bytes, target_id: bytes, moved: Moved, followed: bool) -> None:
    places = {"from": source_id.hex(), "to": target_id.hex(), "first": moved.first, "last": moved.last}
    jobs.enqueue("carry_readers", places | {"shifted": moved.shifted, "followed": followed, "after": ""})


@jobs.step("carry_readers")
def _carry_readers(payload: jobs.Payload) -> None:
    """Whoever read posts where they were has read them where they are, if they read all that stands before them there.

    Found by tag, some people at a time; nobody learns who read what.
    """
    source_id, target_id = bytes.fromhex(payload["from"]), bytes.fromhex(payload["to"])
    group = row(select(Conversation.group_id).where(Conversation.id == target_id))
    scope = get_scope(group.group_id) if group else None
    if scope is None:
        return
    people = _next_readers(scope, bytes.fromhex(payload["after"]))
    moved = Moved(payload["first"], payload["last"], payload["shifted"])
    _carry_markers(scope, people, source_id, target_id, moved)
    _carry_drafts(scope, people, source_id, target_id)
    if payload["followed"]:
        shelves.follow_along(scope, people, source_id, target_id)
    if len(people) == READERS_AT_ONCE:
        jobs.enqueue("carry_readers", {**payload, "after": people[-1].hex()})


def _next_readers(scope: Scope, after: bytes) -> list[bytes]:
    here_now = (Persona.group_id == scope.group_id, Persona.standing.not_in(NOT_IN), Persona.id > after)
    return [r.id for r in rows(select(Persona.id).where(*here_now).order_by(Persona.id).limit(READERS_AT_ONCE))]


def _carry_markers(scope: Scope, people: list[bytes], source_id: bytes, target_id: bytes, moved: Moved) -> None:
    before, there = _markers(scope, people, source_id), _markers(scope, people, target_id)
    begins = moved.first + moved.shifted
    older = select(func.max(Post.seq)).where(Post.conversation_id == target_id, Post.seq < begins, Post.changed_in > 0)
    all_before = here().scalar(older) or 0
    for persona_id, read in before.items():
        upto = min(read, moved.last) + moved.shifted
        now = there.get(persona_id, 0)
        if read >= moved.first and all_before <= now < upto:
            tagged.keep(ReadMarker, scope, markers.KIND, (persona_id, target_id), upto.to_bytes(8))


def _markers(scope: Scope, people: list[bytes], conversation_id: bytes) -> dict[bytes, int]:
    found = tagged.find_many(ReadMarker, scope, markers.KIND, {one: (one, conversation_id) for one in people})
    return {persona_id: int.from_bytes(value) for persona_id, value in found.items()}


def _carry_drafts(scope: Scope, people: list[bytes], source_id: bytes, target_id: bytes) -> None:
    """Words not sent yet go along when nothing is left of the topic they were for: nobody would look for them there."""
    left = row(select(Post.id).where(Post.conversation_id == source_id).limit(1))
    if left is not None:
        return
    kept = tagged.find_many(Draft, scope, drafts.KIND, {one: (one, source_id) for one in people})
    taken = tagged.find_many(Draft, scope, drafts.KIND, {one: (one, target_id) for one in people})
    for persona_id, value in kept.items():
        if persona_id not in taken:
            tagged.drop(Draft, scope, drafts.KIND, (persona_id, source_id))
            tagged.keep(Draft, scope, drafts.KIND, (persona_id, target_id), value)
