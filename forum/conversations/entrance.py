"""The one query that opens a conversation: sign-in, membership, place, how far I read, my alias and what of mine waits."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, String, and_, bindparam, exists, literal_column, or_, select
from sqlalchemy.orm import aliased

from forum.base import clock
from forum.base.hot import Hot
from forum.base.keyring import Keyring, the_keyring
from forum.conversations import choices, drafts, markers, masks, places, who_asks
from forum.conversations.choices import Choices
from forum.conversations.drafts import Kept
from forum.conversations.places import Place
from forum.conversations.who_asks import (
    PERSONA,
    REMEMBERED,
    SIGN_IN,
    Known,
    both,
    choices_of,
    is_in,
    know,
    membership_of,
    personas,
    scopes,
    two,
)
from forum.models import (
    Conversation,
    ConversationKind,
    Draft,
    Mask,
    Persona,
    Post,
    PostState,
    ReaderChoice,
    ReadMarker,
    SignIn,
)
from forum.policy import room_rules
from forum.policy.actor import Actor, Membership
from forum.policy.members import holder_tags


@dataclass(frozen=True)
class Entrance:
    """What a conversation's pages need to begin with.

    :param marker: how far this member read. :param draft: words they kept for later.
    :param alias: their name here when they hide it, if they did before.
    :param waiting: something of theirs is sending or held. :param due: a sent post should be published now.
    :param choices: how they chose to read. :param mask_id: the mask behind `alias`: their own words are never put away.
    """

    sign_in: Row[Any]
    actor: Actor
    membership: Membership
    place: Place
    marker: int
    draft: Kept | None
    alias: str | None
    waiting: bool
    due: bool
    choices: Choices
    mask_id: bytes | None


def forget_all() -> None:
    """Forget every fact: another database or keyring is in use."""
    who_asks.forget()
    _places.clear()


_mine = aliased(Post)
_sent = aliased(Post)
_far, _born = aliased(Post), aliased(Mask)
_kept = aliased(Post)  #: held by the gate and never let through: only its author is told

_SENDING, _HELD, _HIDDEN = (
    literal_column(f"'{state}'", String) for state in (PostState.SENDING, PostState.HELD, PostState.HIDDEN)
)


def _is_waiting(post: Any) -> ColumnElement[bool]:
    """Written out as in the index of what waits: with values to fill in neither database would use it, and would read
    the whole conversation instead."""
    return post.state.in_([_SENDING, _HELD])


_ENTER = Hot(
    places.join_place(
        select(
            *SIGN_IN,
            *places.place_columns(),
            *PERSONA,
            ReadMarker.tag.label("marker_tag"),
            ReadMarker.sealed.label("marker"),
            Draft.tag.label("draft_tag"),
            Draft.sealed.label("draft"),
            ReaderChoice.tag.label("choice_tag"),
            ReaderChoice.sealed.label("choice"),
            Mask.alias,
            Mask.id.label("mask_id"),
            exists(
                select(_mine.id).where(
                    _mine.conversation_id == bindparam("conversation"),
                    _is_waiting(_mine),
                    or_(_mine.persona_id == bindparam("persona"), _mine.mask_id == Mask.id),
                )
            ).label("waiting"),
            exists(
                select(_kept.id).where(
                    _kept.conversation_id == bindparam("conversation"),
                    _kept.changed_in == 0,
                    _kept.state == _HIDDEN,
                    or_(_kept.persona_id == bindparam("persona"), _kept.mask_id == Mask.id),
                )
            ).label("kept_back"),
            exists(  # words that wait under an alias born in another topic; whose they are is asked when there are some
                select(_far.id)
                .join(_born, _born.id == _far.mask_id)
                .where(
                    _far.conversation_id == bindparam("conversation"),
                    _is_waiting(_far),
                    _born.conversation_id != bindparam("conversation"),
                )
            ).label("from_elsewhere"),
            exists(
                select(_sent.id).where(
                    _sent.conversation_id == bindparam("conversation"),
                    _is_waiting(_sent),
                    _sent.state == _SENDING,
                    _sent.due_at <= bindparam("now"),
                )
            ).label("due"),
        ).select_from(Conversation)
    )
    .join(SignIn, SignIn.cookie_sha256 == bindparam("cookie"))
    .join(Persona, and_(Persona.id == bindparam("persona"), two(Persona.holder_tag, "holder")))
    .outerjoin(ReadMarker, two(ReadMarker.tag, "marker"))
    .outerjoin(Draft, two(Draft.tag, "draft"))
    .outerjoin(ReaderChoice, two(ReaderChoice.tag, "choice"))
    .outerjoin(Mask, Mask.id == masks.own_mask_of(two).scalar_subquery())
    .where(Conversation.id == bindparam("conversation"))
)


def enter(cookie_sha256: bytes | None, conversation_id: bytes) -> Entrance | None:
    """Open a conversation for whoever holds this cookie; None for a stranger, whatever the reason.

    One query when this process knows the cookie, the conversation and the persona; up to three more when it does not.
    """
    door = look(cookie_sha256, conversation_id)
    return read(door) if door else None


@dataclass(frozen=True, slots=True)
class Door:
    """A conversation that is open to whoever asked, before anything is made of it.

    :param found: what the one query gave; see `Entrance`.
    """

    found: Row[Any]
    known: Known


def look(cookie_sha256: bytes | None, conversation_id: bytes) -> Door | None:
    """Whether a conversation is open for whoever holds this cookie: all that `enter` asks."""
    place = _prepare(cookie_sha256, conversation_id)
    if place is None:
        return None
    door = _open(*place)
    if door is not None:
        return door
    # What was remembered may be why: a face can move to a sign-in of its own, and its holder come in with another.
    _places.pop((cookie_sha256, conversation_id), None)
    personas.drop((place[0].account_id, place[0].scope))
    again = _prepare(cookie_sha256, conversation_id)
    return _open(*again) if again and again[0].persona_id != place[0].persona_id else None


def _open(known: Known, values: dict[str, Any]) -> Door | None:
    found = _ENTER.row({**values, "now": clock.now()})
    return Door(found, known) if found is not None and is_in(found, known) and _is_let_in(found, known) else None


def _is_let_in(found: Row[Any], known: Known) -> bool:
    """A live room is for those who came through its doorway, and for the team."""
    if found.kind is not ConversationKind.ROOM:
        return True
    member = membership_of(found, known.scope)
    return member.on_team or room_rules.may_enter(member, found.conversation_id)


#: What a reader's next visit to a conversation is asked with: tags for the keyring that made them.
_places: OrderedDict[tuple[bytes | None, bytes], tuple[Keyring, Known, dict[str, Any]]] = OrderedDict()


def _prepare(cookie_sha256: bytes | None, conversation_id: bytes) -> tuple[Known, dict[str, Any]] | None:
    key, ring = (cookie_sha256, conversation_id), the_keyring()
    kept = _places.get(key)
    if kept is not None and kept[0] is ring:
        return kept[1:]
    known = know(cookie_sha256, scopes, conversation_id)
    if known is None:
        return None
    values = _values(known, conversation_id)
    _places[key] = ring, known, values
    if len(_places) > REMEMBERED:
        _places.popitem(last=False)
    return known, values


def _values(known: Known, conversation_id: bytes) -> dict[str, Any]:
    scope, persona_id = known.scope, known.persona_id
    tags = {
        "holder": holder_tags(known.account_id, scope),
        "marker": markers.marker_tags(scope, persona_id, conversation_id),
        "draft": drafts.draft_tags(scope, persona_id, conversation_id),
        "choice": choices.choice_tags(scope, persona_id),
        "mask": masks.owner_tags(scope, persona_id, conversation_id),
    }
    return {
        "cookie": known.cookie,
        "conversation": conversation_id,
        "persona": persona_id,
        **both(tags),
    }


def _rooms(found: Row[Any]) -> frozenset[bytes]:
    """Whose door is open is in."""
    return frozenset({found.conversation_id}) if found.kind is ConversationKind.ROOM else frozenset()


def read(door: Door) -> Entrance:
    """The conversation as its pages need it."""
    found, known = door.found, door.known
    scope, membership = known.scope, membership_of(found, known.scope)
    return Entrance(
        sign_in=found,
        actor=Actor(found.account_id, known.cookie, {scope.group_id: membership}, rooms=_rooms(found)),
        membership=membership,
        place=places.read_place(found),
        marker=markers.open_marker(scope, found.marker_tag, found.marker) if found.marker else 0,
        draft=drafts.open_draft(scope, found.draft_tag, found.draft) if found.draft else None,
        alias=found.alias,
        waiting=found.waiting or found.kept_back or found.from_elsewhere,
        due=found.due,
        choices=choices_of(found, scope),
        mask_id=found.mask_id,
    )
