"""A topic's page: one shell for all readers who stand alike, filled with what is theirs."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from forum.base.idents import write_ident
from forum.base.text import MAX_BODY
from forum.content.notes import classes_of
from forum.conversations import filtering, fragments, history, places
from forum.conversations.entrance import Entrance
from forum.conversations.filtering import Seen
from forum.conversations.fragments import Fragment, Page, Shown
from forum.conversations.prepare import Words
from forum.groups import brakes
from forum.models import PostMark
from forum.policy.permissions import may_post
from forum.web import forms, shells
from forum.web.language import spoken
from forum.web.shells import Reader

TEMPLATE = "conversations/conversation.html"


def show(found: Entrance, page: int, answering: Shown | None, words: Words, first_waits: str | None) -> str:
    """The page as this reader may see it now.

    :param answering: the post they chose to answer. :param words: kept for later.
    :param first_waits: what waiting for a first post to be read means here, for whom it would wait.
    """
    shared = fragments.page_of(found, page)
    seen, waiting = filtering.see(found, shared), fragments.waiting_of(found)
    posts, facts = seen.posts, _facts(found, shared, seen, page, first_waits)
    ready = Markup(fragments.joined(posts, found.marker, spoken()).decode())  # noqa: S704 - Jinja made it
    holes = {**_holes(found, posts), "posts": ready}

    def values(hole: Mapping[str, str]) -> dict[str, Any]:
        own = {"waiting": waiting, "answering": answering, "words": words, "kept": bool(words.body), "errors": []}
        draft = found.draft
        return {
            **facts,
            **own,
            "draft": draft,
            "classes": classes_of(found.place.own_notes),
            "most_letters": MAX_BODY,
            "me": replace(found.membership, name=hole["name"]),
            "alias": hole["alias"] if found.alias else None,
            "posts": Markup(hole["posts"]),  # noqa: S704 - fragments, or the mark that stands for them
            **{name: hole[name] for name in ("marker", "last_seq", "token")},
        }

    if waiting or answering or words.body:
        return shells.whole(TEMPLATE, holes, values)
    return shells.page(TEMPLATE, _key(found, facts), holes, values)


def kept(found: Entrance, page: int, reader: Reader) -> bytes | None:
    """The same page from memory, for a reader with nothing of their own to show on it; None if memory has it not."""
    shared = fragments.kept_page(found, page, reader.spoken)
    seen = filtering.kept(found, shared) if shared else None
    if shared is None or seen is None or found.waiting or found.draft:
        return None
    facts = _facts(found, shared, seen, page, None)
    ready = fragments.joined(seen.posts, found.marker, reader.spoken)
    return shells.kept(TEMPLATE, _key(found, facts), {**_holes(found, seen.posts), "posts": ready}, reader)


def _holes(found: Entrance, posts: Sequence[Fragment]) -> dict[str, str]:
    return {
        "name": found.membership.name,
        "alias": found.alias or "",
        "marker": str(found.marker),
        "last_seq": str(_last_seq(posts)),
        # Words kept with one form and sent with it may be sent again with the next: they are one post (J8).
        "token": (found.draft.token if found.draft else "") or forms.new_token(),
    }


def _facts(found: Entrance, shared: Page, seen: Seen, page: int, first_waits: str | None) -> dict[str, Any]:
    place, last_seq = found.place, _last_seq(seen.posts)
    why_not = may_post(found.actor, places.facts_here(place))
    return {
        "place": place,
        "page": page,
        "first": (page - 1) * places.PAGE + 1,
        "per_page": places.PAGE,
        "any_posts": bool(seen.posts),
        "any_unread": 0 < found.marker < last_seq,
        "to_mark": last_seq > found.marker,
        "may_post": why_not is None,
        "why_not": why_not.name if why_not else "",
        "first_waits": first_waits,
        "on_team": found.membership.on_team,
        "away": _away(found),
        "title_away": seen.title_away,
        "braked": tuple(brakes.sentences(place.brake, place.zone)),
        "listening": shared.opener is not None and shared.opener.mark is PostMark.LISTENING,
    }


def _away(found: Entrance) -> tuple[tuple[str, int], ...]:
    """Where posts of this topic went: the other topic's address, and from which place on. Only a topic that the team
    changed is asked for it."""
    place = found.place
    went = history.list_away(place.id) if place.tended else []
    return tuple((write_ident(one.other_id), one.first if place.last_shown_seq else 0) for one in went)


def _last_seq(posts: Sequence[Fragment]) -> int:
    return posts[-1].seq if posts else 0


def _key(found: Entrance, facts: Mapping[str, Any]) -> Hashable:
    return (found.alias is None, *facts.values())
