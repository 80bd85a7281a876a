"""What an item is about, for its page: the words as they were, the words as they are, what people said."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from sqlalchemy import Row, func, select

from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.keyring import Scope
from forum.conversations import fragments, queries
from forum.ground_rules.queries import find_rules
from forum.models import Conversation, ConversationKind, Mask, Persona, Post, PostState
from moderation import evidence, reports, sight, threads
from moderation.models import Target

if TYPE_CHECKING:
    from moderation.item_page import ItemHere


def facts(here: "ItemHere") -> Mapping[str, Any]:
    """Values for `item_evidence.html`.

    waiting: of what the gate opened, the post. topic: of a report about a whole topic, its id. live: of anything else about a post, the post as it stands now; `seen`: its
    number if it can be hidden from here. told: what each person said, without who. name: that stands on the words, or "".
    """
    item, scope = here.item, here.scope
    copies = evidence.list_copies(scope, item.id)
    waiting = _waiting(item.post_id) if item.post_id is not None else None
    live, seen = _live(here)
    return {
        "waiting": waiting,
        "topic": _topic(item),
        "html": Markup(waiting.html) if waiting is not None else "",  # noqa: S704 - sanitised when it was written
        "copies": copies,
        "live": live,
        "seen": seen if seen is not None else (waiting.changed_in if waiting is not None else None),
        "told": reports.list_sayings(scope, item.id) if item.kind not in threads.KINDS else [],
        "headings": _headings(scope),
        "name": waiting.author if waiting is not None else (copies[0].author if copies else ""),
    }


_POST = (
    select(
        Post.html,
        Post.lang,
        Post.state,
        Post.changed_in,
        Conversation.id.label("conversation_id"),
        Conversation.title,
        func.coalesce(Persona.name, Mask.alias).label("author"),
    )
    .join(Conversation, Conversation.id == Post.conversation_id)
    .outerjoin(Persona, Persona.id == Post.persona_id)
    .outerjoin(Mask, Mask.id == Post.mask_id)
)


def _waiting(post_id: int) -> Row[Any] | None:
    return row(_POST.where(Post.id == post_id))


def _live(here: "ItemHere") -> tuple[fragments.Shown | None, int | None]:
    """The post as it stands now, and its number if it can be hidden. None on a board that is not for this moderator."""
    post_id = sight.post_of(here.item)
    if here.item.target not in sight.OF_A_POST or post_id is None:
        return None, None
    try:
        found, place, _own = queries.get_row(here.actor, post_id)
    except NotFound:
        return None, None
    can_hide = found.state is PostState.VISIBLE and place.kind is not ConversationKind.TEAM
    return fragments.shown(found, place.zone, to_team=True), found.changed_in if can_hide else None


def _topic(item: Row[Any]) -> bytes | None:
    """The topic that a report is about, to read all of it."""
    post_id = sight.post_of(item) if item.target is Target.TOPIC else None
    found = row(select(Post.conversation_id).where(Post.id == post_id)) if post_id is not None else None
    return bytes(found.conversation_id) if found else None


def _headings(scope: Scope) -> Mapping[str, str]:
    rules = find_rules(scope.group_id)
    return {clause.uid: clause.heading for clause in rules.clauses} if rules else {}
