"""What somebody can tell the team about, as it is this moment: the words, what stands around them, and whom they name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Row, func, select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.conversations import masks, opening, places, queries, voice
from forum.conversations.places import Place
from forum.models import Mask, Persona, Post, PostState, PostVersion
from forum.policy.actor import Actor
from forum.policy.members import NOT_IN, writer_in
from moderation import not_for
from moderation.evidence import Copy
from moderation.models import Target

#: Posts before and after that go along: what an answer means depends on what it answers.
AROUND = 2
#: Earlier words of the post that go along; its author may erase them while somebody looks.
EARLIER = 5


@dataclass(frozen=True)
class Told:
    """One target.

    :param about: its id in 16 bytes: of the post, the persona, the mask or the group.
    :param names: personas that wrote it or are named in it. Never to be shown: an alias may be among them.
    :param conversation_id: where it stands, if it stands in one.
    """

    scope: Scope
    target: Target
    about: bytes
    copy: Copy
    names: frozenset[bytes] = frozenset()
    conversation_id: bytes | None = None


def of_post(actor: Actor, post_id: int) -> Told:
    """A post that the actor can see. :raises NotFound: none such for them."""
    found, place, authors = _look(actor, post_id)
    names = frozenset({*authors, *named_in(place.scope, f"{found.body}\n{_title(post_id)}", place.id)})
    return Told(place.scope, Target.POST, post_id.to_bytes(16), _copy(found, place), names, place.id)


def of_topic(actor: Actor, conversation_id: bytes) -> Told:
    """A whole topic that the actor can read: with its first words that can be seen, and who wrote those.

    :raises NotFound: none such for them.
    """
    seen = (Post.conversation_id == conversation_id, Post.state == PostState.VISIBLE)
    first = row(select(Post.id).where(*seen).order_by(Post.seq).limit(1))
    told = of_post(actor, first.id if first else 0)
    return replace(told, target=Target.TOPIC)


def of_author(actor: Actor, post_id: int) -> Told:
    """Whoever wrote a post that the actor can see: their name, or their alias and nobody behind it."""
    found, place, authors = _look(actor, post_id)
    face = row(select(func.coalesce(Post.mask_id, Post.persona_id).label("id")).where(Post.id == post_id))
    assert face is not None
    return Told(place.scope, Target.PERSON, face.id, _copy(found, place), authors, place.id)


def of_group(card: Row) -> Told:
    """A group's page. It is the team's own words, so nobody of the team judges what is told about it."""
    said = "\n\n".join(
        text for text in (card.name, card.benefits, card.who_for, card.expect, card.facilitators) if text
    )
    return Told(Scope(card.organisation_id, card.id), Target.GROUP, card.id, Copy(said, "en", "", author=card.name))


def _look(actor: Actor, post_id: int) -> tuple[Row, Place, frozenset[bytes]]:
    scope = places.find_group_of_post(post_id)
    found, place, _own = queries.get_row(writer_in(actor, scope) if scope else actor, post_id)
    written = row(select(Post.persona_id, Post.mask_id).where(Post.id == post_id))
    assert written is not None
    return found, place, _authors(place.scope, written)


def _authors(scope: Scope, written: Row) -> frozenset[bytes]:
    """Who answers for the words: of what the team said as a team all of them, so that none of them judges it."""
    if voice.is_voice(scope, written.persona_id):
        return frozenset({written.persona_id, *not_for.team_of(scope)})
    return frozenset({written.persona_id or masks.wearer_of(scope, written.mask_id)})


def _title(post_id: int) -> str:
    post = row(select(Post.seq, Post.conversation_id).where(Post.id == post_id))
    return opening.title_of(post) if post else ""  # type: ignore[arg-type]  # the two columns are all it reads


def _copy(found: Row, place: Place) -> Copy:
    earlier = rows(
        select(PostVersion.body).where(PostVersion.post_id == found.id).order_by(PostVersion.n.desc()).limit(EARLIER)
    )
    said = tuple(_said(r, r.id == found.id) for r in _around(found, place))
    words = tuple(version.body for version in earlier)
    return Copy(found.body, found.lang, "", _title(found.id), author=found.author, around=said, earlier=words)


def _around(found: Row, place: Place) -> list[Row]:
    """The words with what the group can read before and after them, in their places."""
    posts = (
        select(Post.id, Post.seq, Post.body, Post.written_at, func.coalesce(Persona.name, Mask.alias).label("author"))
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .outerjoin(Mask, Mask.id == Post.mask_id)
        .where(Post.conversation_id == place.id)
    )
    seen = posts.where(Post.state == PostState.VISIBLE).limit(AROUND)
    before = rows(seen.where(Post.seq < found.seq).order_by(Post.seq.desc()))
    after = rows(seen.where(Post.seq > found.seq).order_by(Post.seq))
    return [*before[::-1], *rows(posts.where(Post.id == found.id)), *after]


def _said(found: Row, told: bool) -> tuple[str, str, str, bool]:
    """Hours only: an alias is not known by its minutes."""
    return found.author, f"{clock.floor_hour(found.written_at):%Y-%m-%d %H:00} UTC", found.body, told


def named_in(scope: Scope, text: str, conversation_id: bytes | None = None) -> set[bytes]:
    """The personas of a group that a text names, by their names or by their aliases in one conversation."""
    people = rows(
        select(Persona.id, Persona.name).where(Persona.group_id == scope.group_id, Persona.standing.not_in(NOT_IN))
    )
    found = {one.id for one in _in(text, people)}
    if conversation_id is not None:
        writing = select(Post.mask_id).where(Post.conversation_id == conversation_id, Post.mask_id.is_not(None))
        worn = rows(select(Mask.id, Mask.alias.label("name")).where(Mask.id.in_(writing)))
        found |= {masks.wearer_of(scope, one.id) for one in _in(text, worn)}
    return found


def _in(text: str, people: Iterable[Row]) -> list[Row]:
    folded = text.casefold()
    return [one for one in people if re.search(rf"(?<!\w){re.escape(one.name.casefold())}(?!\w)", folded)]
