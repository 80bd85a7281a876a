"""A topic's page: one shell for all readers who stand alike, filled with what is theirs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from forum.base.text import MAX_BODY
from forum.conversations import fragments
from forum.conversations.entrance import Entrance
from forum.conversations.fragments import Shown
from forum.conversations.usecases import Words
from forum.policy.permissions import ConversationFacts, may_post
from forum.web import forms, shells

TEMPLATE = "conversations/conversation.html"


def show(found: Entrance, page: int, answering: Shown | None, words: Words, first_waits: str | None) -> str:
    """The page as this reader may see it now.

    :param answering: the post they chose to answer. :param words: kept for later.
    :param first_waits: what waiting for a first post to be read means here, for whom it would wait.
    """
    posts, place = fragments.page_of(found, page), found.place
    waiting = fragments.waiting_of(found)
    last_seq = posts[-1].seq if posts else 0
    holes = {
        "posts": fragments.joined(posts, found.marker),
        "name": found.membership.name,
        "alias": found.alias or "",
        "marker": str(found.marker),
        "last_seq": str(last_seq),
        "token": forms.new_token(),
    }
    facts = {
        "place": place,
        "page": page,
        "any_posts": bool(posts),
        "any_unread": 0 < found.marker < last_seq,
        "to_mark": last_seq > found.marker,
        "may_post": may_post(found.actor, ConversationFacts(place.group_id, place.closed_at)) is None,
        "first_waits": first_waits,
    }

    def values(hole: Mapping[str, str]) -> dict[str, Any]:
        own = {"waiting": waiting, "answering": answering, "words": words, "kept": bool(words.body), "errors": []}
        return {
            **facts,
            **own,
            "most_letters": MAX_BODY,
            "me": replace(found.membership, name=hole["name"]),
            "alias": hole["alias"] if found.alias else None,
            "posts": Markup(hole["posts"]),  # noqa: S704 - fragments, or the mark that stands for them
            **{name: hole[name] for name in ("marker", "last_seq", "token")},
        }

    if waiting or answering or words.body:
        return shells.whole(TEMPLATE, holes, values)
    return shells.page(TEMPLATE, (found.alias is None, *facts.values()), holes, values)
