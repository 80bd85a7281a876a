"""A stretch of the reading round as its reader sees it: topic by topic, their own choices for reading kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row

from forum.base.idents import write_ident
from forum.base.keyring import Scope
from forum.conversations import choices, filtering, fragments, masks, queries, titles
from forum.conversations.choices import Choices, Treatment
from forum.conversations.fragments import Shown
from forum.policy.actor import Actor, Membership
from moderation.rounds import New


@dataclass(frozen=True)
class Read:
    """One post of a stretch. :param why: how its words are kept from this reader, by their own choice; None to show them."""

    post: Shown
    late: bool
    why: Treatment | None

    @property
    def away(self) -> bool:
        """The words are not on the page, so whoever marks the page as read has not read them."""
        return filtering.away(self.why) is not None


@dataclass(frozen=True)
class Topic:
    """The posts of a stretch that stand in one conversation. :param title: empty if this reader put it away."""

    id: bytes
    title: str
    lang: str
    posts: Sequence[Read]


def show(actor: Actor, scope: Scope, zone: str, stretch: Sequence[New]) -> list[Topic]:
    """The posts of a stretch by topic, in the order of the stretch. What nobody can read any more is left out.

    :param actor: somebody of the team.
    """
    found = {r.id: r for r in queries.list_chosen(actor, [new.post_id for new in stretch])}
    me = actor.memberships[scope.group_id]
    chosen, places = choices.find(me), {r.conversation_id for r in found.values()}
    mine = masks.own_faces(scope, me.persona_id, places) if chosen.any_for_reading else frozenset({me.persona_id})
    topics: dict[bytes, list[Read]] = {}
    for new in stretch:
        if new.post_id in found:
            one = found[new.post_id]
            topics.setdefault(one.conversation_id, []).append(_read(one, zone, chosen, mine, late=new.late))
    return _with_titles(me, chosen, topics, found)


def _read(found: Row, zone: str, chosen: Choices, mine: frozenset[bytes], *, late: bool) -> Read:
    post = fragments.shown(found, zone)
    return Read(post, late, filtering.look_with(chosen, post, mine.__contains__).words)


def _with_titles(
    me: Membership, chosen: Choices, topics: dict[bytes, list[Read]], found: dict[int, Row]
) -> list[Topic]:
    named = {r.conversation_id: (r.title, r.title_lang) for r in found.values()}
    away = titles.put_away(me, chosen, {one: named[one][0] for one in topics})
    return [Topic(one, "" if one in away else named[one][0], named[one][1], posts) for one, posts in topics.items()]


def marks_of(stretch: Sequence[New]) -> str:
    """How far each conversation goes on this page, for its form: `id.number id.number`."""
    upto: dict[bytes, int] = {}
    for new in stretch:
        upto[new.source] = max(upto.get(new.source, 0), new.feed_no)
    return " ".join(f"{write_ident(source)}.{feed}" for source, feed in upto.items())
