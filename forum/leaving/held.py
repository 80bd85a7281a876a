"""What is held about one persona, put together for its owner: their own words and choices, and never anybody else's.

Titles that others gave, names of others and words that others wrote are left out; a board is named, for the team named it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, select

from forum.base.db import row, rows
from forum.base.idents import write_post_id
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.conversations import choices, drafts, masks, put_away, shelves
from forum.models import (
    Agreement,
    Board,
    CharterVersion,
    Conversation,
    ConversationKind,
    Group,
    Persona,
    Post,
    PostState,
    PostVersion,
)
from forum.policy import answered, kept
from forum.policy.actor import Actor
from forum.policy.members import get_membership_of

#: A chapter of the copy that another part of the program writes.
Chapter = Callable[[Scope, bytes], Any]
_chapters: dict[str, Chapter] = {}

#: Bound values in one question, twice as many during a rotation.
PLACES_AT_ONCE = 200


def add_chapter(name: str, chapter: Chapter) -> None:
    """Have what `chapter` gives stand in each copy: a persona's own facts in JSON's types."""
    _chapters[name] = chapter


def gather(scope: Scope, persona_id: bytes) -> dict[str, Any]:
    """Everything, in JSON's types. For a job; nobody waits for it."""
    worn = {mask.id: mask.alias for mask in masks.list_worn(scope, persona_id)}
    posts = _posts(persona_id, list(worn))
    ids = [r.id for r in posts]
    held = {
        "you": _you(scope, persona_id),
        "agreements": [*_agreements(persona_id), *_agreed_lately(scope, persona_id)],
        "posts": [_post(r, worn) for r in posts if r.state is not PostState.WITHDRAWN],
        "taken_back": [
            {"post": write_post_id(i), "words": words, "can_come_back_until": until.isoformat()}
            for i, words, until in put_away.open_copies(scope, ids)
        ],
        "empty_places": sum(r.state is PostState.WITHDRAWN for r in posts),
        "drafts": _drafts(scope, persona_id, ids),
        "choices": _choices(scope, persona_id),
        "sealed_evidence": _evidence(scope, ids),
    }
    return {**held, **{name: chapter(scope, persona_id) for name, chapter in _chapters.items()}}


def _you(scope: Scope, persona_id: bytes) -> dict[str, Any]:
    found = row(
        select(Persona.name, Persona.role, Persona.standing, Persona.joined_on, Group.name.label("group"))
        .join(Group, Group.id == Persona.group_id)
        .where(Persona.id == persona_id, Persona.group_id == scope.group_id)
    )
    if found is None:
        raise LookupError("A copy for nobody: the database was changed by hand.")
    joined = found.joined_on.isoformat() if found.joined_on else None
    return {
        "group": found.group,
        "name": found.name,
        "role": found.role.value,
        "standing": found.standing.value,
        "joined_in_the_week_of": joined,
    }


def _agreements(persona_id: bytes) -> list[dict[str, Any]]:
    found = rows(
        select(CharterVersion.n, Agreement.agreed_on, Agreement.locale, Agreement.method)
        .join(Agreement, Agreement.version_id == CharterVersion.id)
        .where(Agreement.persona_id == persona_id)
        .order_by(CharterVersion.n)
    )
    return [
        {"ground_rules": r.n, "agreed_on": r.agreed_on.isoformat(), "language": r.locale, "how": r.method}
        for r in found
    ]


def _agreed_lately(scope: Scope, persona_id: bytes) -> list[dict[str, Any]]:
    """What stands in no table before Monday."""
    one = answered.find(scope, persona_id)
    version = row(select(CharterVersion.n).where(CharterVersion.id == one.version_id)) if one else None
    if one is None or version is None:
        return []
    return [{"ground_rules": version.n, "agreed_on": one.week.isoformat(), "language": one.locale, "how": one.method}]


def _posts(persona_id: bytes, mask_ids: list[bytes]) -> Sequence[Row]:
    return rows(
        select(
            Post.id,
            Post.seq,
            Post.state,
            Post.mask_id,
            Post.body,
            Post.lang,
            Post.written_at,
            Post.notes,
            Post.mark,
            Conversation.title,
            Conversation.kind,
            Board.name.label("board"),
        )
        .join(Conversation, Conversation.id == Post.conversation_id)
        .outerjoin(Board, Board.id == Conversation.board_id)
        .where((Post.persona_id == persona_id) | Post.mask_id.in_(mask_ids))
        .order_by(Post.written_at, Post.id)
    )


def _post(found: Row, worn: dict[bytes, str]) -> dict[str, Any]:
    return {
        "post": write_post_id(found.id),
        "written_at": found.written_at.isoformat(),
        "name_hidden": found.mask_id is not None,
        "hidden_name": worn.get(found.mask_id, "") if found.mask_id else "",
        "where": "to the team" if found.kind is ConversationKind.TEAM else found.board or "",
        "title": found.title if found.seq == 1 else "",
        "state": found.state.value,
        "language": found.lang,
        "words": found.body,
        "notes": found.notes,
        "mark": found.mark.value if found.mark else "",
        "earlier_words": [r.body for r in rows(_VERSIONS.where(PostVersion.post_id == found.id))],
    }


_VERSIONS = select(PostVersion.body).order_by(PostVersion.n)


def _drafts(scope: Scope, persona_id: bytes, post_ids: list[int]) -> list[dict[str, str]]:
    """What they kept for later, wherever in the group it may be: on boards, in conversations, about own posts."""
    membership = get_membership_of(scope, persona_id)
    actor = Actor(memberships={scope.group_id: membership}) if membership else Actor()
    if membership is None:
        return []
    found = []
    for some in in_parts(all_places(scope, persona_id, post_ids), PLACES_AT_ONCE):
        for draft in drafts.find_drafts(actor, scope.group_id, list(some)).values():
            found += [{"title": one.title, "words": one.body} for one in (draft, *draft.others)]
    return found


def all_places(scope: Scope, persona_id: bytes, post_ids: Sequence[int]) -> list[bytes]:
    """Where a persona may have something of theirs under a tag: boards, conversations, own posts, first words to the team."""
    boards = rows(select(Board.id).where(Board.group_id == scope.group_id))
    topics = rows(select(Conversation.id).where(Conversation.group_id == scope.group_id))
    faces = [persona_id, *(mask.id for mask in masks.list_worn(scope, persona_id))]
    return [*(r.id for r in (*boards, *topics)), *faces, *map(drafts.place_of_post, post_ids)]


def own_posts(scope: Scope, persona_id: bytes) -> list[int]:
    """Everything that a persona wrote, under their name and under each alias. For themselves, and for taking it away."""
    worn = [mask.id for mask in masks.list_worn(scope, persona_id)]
    return [r.id for r in rows(select(Post.id).where((Post.persona_id == persona_id) | Post.mask_id.in_(worn)))]


def _choices(scope: Scope, persona_id: bytes) -> dict[str, Any]:
    """How they like to read. Whom they blocked is a number here: the names are other people's."""
    membership = get_membership_of(scope, persona_id)
    chosen = choices.find(membership)
    return {
        "topics_followed": len(shelves.list_followed(membership)) if membership else 0,
        "posts_marked": [write_post_id(one) for one in shelves.list_bookmarks(membership)] if membership else [],
        "muted_words": list(chosen.words),
        "notes_open": chosen.expanded,
        "notes_hidden": chosen.hidden,
        "people_blocked": len(chosen.blocked),
    }


def _evidence(scope: Scope, post_ids: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "post": write_post_id(one.post_id),
            "kept_until": one.until_on.isoformat(),
            "why": "the team decided about it" if one.decided else "it waited for the team",
            "words": one.body,
        }
        for one in kept.list_kept(scope, post_ids)
    ]
