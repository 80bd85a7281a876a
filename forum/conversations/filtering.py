"""How one reader sees a page: the fragments that all share, each in the look that this reader chose. Asks nobody anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from html import unescape
from re import compile as pattern
from typing import Any

from markupsafe import Markup

from forum.conversations import choices, fragments, masks
from forum.conversations.choices import Choices, Treatment
from forum.conversations.entrance import Entrance
from forum.conversations.fragments import Fragment, Look, Opener, Page, Shown
from forum.conversations.places import Place
from forum.policy.actor import Membership

#: Texts made ready for comparing, kept for the readers who come after; some 10 MB.
READ_KEPT = 5_000
#: Readers with choices of one page; each view is a list of twenty places.
VIEWS_KEPT = 200

_TAG = pattern(r"<[^>]*>")


@dataclass(frozen=True)
class Seen:
    """A page as one reader sees it. :param title_away: why its title is kept from them; None to show it."""

    posts: Sequence[Fragment]
    title_away: Treatment | None


def see(found: Entrance, page: Page) -> Seen:
    """The page as this reader chose to see it."""
    view = kept(found, page)
    if view is None:
        posts = [fragments.seen(one, look_of(found, one.post)) for one in page.posts]
        view = Seen(posts, _title_away(found, page.opener))
        if len(page.views) >= VIEWS_KEPT:
            page.views.clear()
        page.views[_key(found)] = view
    return view


def kept(found: Entrance, page: Page) -> Seen | None:
    """The same if memory has it."""
    if not found.choices.any_for_reading:
        return Seen(page.posts, None)
    view: Seen | None = page.views.get(_key(found))
    return view


def _key(found: Entrance) -> Any:
    return found.membership.persona_id, found.mask_id, found.choices, found.place.title


def looking(found: Entrance) -> Callable[[Shown], Look]:
    """How this reader sees any post of this conversation."""
    return partial(look_of, found)


def look_of(found: Entrance, post: Shown) -> Look:
    """How this reader sees one post. Their own words stay open to them, whatever they muted."""
    mine = (found.membership.persona_id, found.mask_id)
    return look_with(found.choices, post, lambda by: by in mine)


def look_alone(membership: Membership | None, place: Place, post: Shown, own: bool) -> Look:
    """How a reader sees a post on a page of its own. :param own: they wrote it."""
    if membership is None:
        return fragments.usual_look(post)
    mask = masks.find_mask(place.scope, membership.persona_id, place.id) if post.quote else None
    mine = {membership.persona_id, *([mask.id] if mask else []), *([post.by] if own else [])}
    return look_with(choices.find(membership), post, mine.__contains__)


def look_with(chosen: Choices, post: Shown, is_mine: Callable[[bytes], bool]) -> Look:
    """How somebody who chose so sees one post."""
    words = _treat(chosen, post.by, post.notes, post.html, is_mine)
    quote = post.quote and _treat(chosen, post.quote.by, post.quote.notes, post.quote.excerpt, is_mine)
    return Look(words, quote or None)


def of_own(chosen: Choices, notes: int) -> Treatment | None:
    """How somebody's own words stand before them: folded as for the others, and never put away."""
    return Treatment.NOTE if notes & ~chosen.expanded else None


def _treat(chosen: Choices, by: bytes, notes: int, text: str, is_mine: Callable[[bytes], bool]) -> Treatment | None:
    if is_mine(by):
        return of_own(chosen, notes)
    first = chosen.treat(by, notes)
    if first in (Treatment.BLOCKED, Treatment.HIDDEN) or not chosen.words:
        return first
    said = _read(text) if isinstance(text, Markup) else choices.plain(text)
    return Treatment.WORD if chosen.finds_in(said) else first


def _title_away(found: Entrance, opener: Opener | None) -> Treatment | None:
    """A title is kept away as the words under it are; folding it would leave nothing to unfold."""
    if opener is None or opener.by in (found.membership.persona_id, found.mask_id):
        return None
    return away(found.choices.treat(opener.by, opener.notes, found.place.title))


def away(treatment: Treatment | None) -> Treatment | None:
    """The same where nothing can be folded."""
    return None if treatment is Treatment.NOTE else treatment


@lru_cache(maxsize=READ_KEPT)
def _read(html: Markup) -> str:
    """What is read of our own HTML, for comparing."""
    return choices.plain(unescape(_TAG.sub("", html)))
