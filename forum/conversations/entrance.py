"""The one query that opens a conversation: sign-in, membership, place, how far I read, my alias and what of mine waits.

Tags need the account, the group and the persona before the query can be asked. Those three facts never change while
they exist, so each process remembers them; whether they still exist is asked of the database every time.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, String, and_, bindparam, exists, literal_column, or_, select
from sqlalchemy.orm import aliased

from forum.base import clock
from forum.base.db import row
from forum.base.hot import Hot
from forum.base.keyring import Keyring, Scope, the_keyring
from forum.conversations import board_queries, choices, drafts, markers, masks, places
from forum.conversations.choices import NOTHING, Choices
from forum.conversations.drafts import Kept
from forum.conversations.places import Place
from forum.models import (
    Conversation,
    Draft,
    Group,
    Mask,
    Persona,
    Post,
    PostState,
    ReaderChoice,
    ReadMarker,
    Role,
    SignIn,
)
from forum.policy.actor import Actor, Membership
from forum.policy.audience import EVERYONE, TEAM, admits, includes
from forum.policy.holding import BrakeOn, brake_of
from forum.policy.members import NOT_IN, has_agreed, holder_tags, is_asked
from forum.policy.visibility import FOR_MEMBERS
from forum.web import sign_ins

#: Enough for every open tab of a large installation; a fact forgotten costs one more query.
REMEMBERED = 20_000

Key = TypeVar("Key")
Fact = TypeVar("Fact")


class Remembered(Generic[Key, Fact]):
    """Facts that never change, the least used forgotten first."""

    def __init__(self, learn: Callable[[Key], Fact | None]) -> None:
        self._learn = learn
        self._kept: OrderedDict[Key, Fact] = OrderedDict()

    def get(self, key: Key) -> Fact | None:
        """The fact, asked of the database the first time. What does not exist is not remembered."""
        fact = self._kept.get(key)
        if fact is None:
            fact = self._learn(key)
            if fact is None:
                return None
            self._kept[key] = fact
            if len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return fact

    def drop(self, key: Key) -> None:
        """Ask the database for this one next time."""
        self._kept.pop(key, None)

    def forget(self) -> None:
        """Begin anew (another database, another keyring)."""
        self._kept.clear()


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


def _learn_account(cookie_sha256: bytes) -> bytes | None:
    found = sign_ins.find(cookie_sha256)
    return found.account_id if found is not None else None


def _learn_scope(conversation_id: bytes) -> Scope | None:
    """A line to the team has an entrance of its own (forum.conversations.team): to this one it does not exist."""
    found = row(
        select(Group.organisation_id, Group.id)
        .join(Conversation, Conversation.group_id == Group.id)
        .where(Conversation.id == conversation_id, Conversation.kind.in_(FOR_MEMBERS))
    )
    return Scope(found.organisation_id, found.id) if found else None


def _learn_persona(key: tuple[bytes, Scope]) -> bytes | None:
    account_id, scope = key
    found = row(select(Persona.id).where(Persona.holder_tag.in_(holder_tags(account_id, scope))))
    return found.id if found else None


def _learn_board(board_id: bytes) -> Scope | None:
    found = board_queries.find_board(board_id)
    return Scope(found.organisation_id, found.group_id) if found else None


accounts = Remembered(_learn_account)
scopes = Remembered(_learn_scope)
boards = Remembered(_learn_board)
personas = Remembered(_learn_persona)


def forget_all() -> None:
    """Forget every fact: another database or keyring is in use."""
    for kept in (accounts, scopes, boards, personas):
        kept.forget()
    _places.clear()


_mine = aliased(Post)
_sent = aliased(Post)
_far, _born = aliased(Post), aliased(Mask)
_kept = aliased(Post)  #: held by the gate and never let through: only its author is told


def _two(column: Any, name: str) -> Any:
    """A tag under the active key or, during a rotation, the one before."""
    return or_(column == bindparam(f"{name}_1"), column == bindparam(f"{name}_2"))


_SENDING, _HELD, _HIDDEN = (
    literal_column(f"'{state}'", String) for state in (PostState.SENDING, PostState.HELD, PostState.HIDDEN)
)


def _is_waiting(post: Any) -> ColumnElement[bool]:
    """Written out as in the index of what waits: with values to fill in neither database would use it, and would read
    the whole conversation instead."""
    return post.state.in_([_SENDING, _HELD])


_SIGN_IN = (SignIn.account_id, SignIn.kind.label("device"), SignIn.ends_on, SignIn.last_end)
_PERSONA = (
    Persona.id.label("persona_id"),
    Persona.name.label("persona_name"),
    Persona.role,
    Persona.standing,
    Persona.agreed_version_id,
    Persona.joined_on,
)

_ENTER = Hot(
    places.join_place(
        select(
            *_SIGN_IN,
            *places.place_columns(),
            *_PERSONA,
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
    .join(Persona, and_(Persona.id == bindparam("persona"), _two(Persona.holder_tag, "holder")))
    .outerjoin(ReadMarker, _two(ReadMarker.tag, "marker"))
    .outerjoin(Draft, _two(Draft.tag, "draft"))
    .outerjoin(ReaderChoice, _two(ReaderChoice.tag, "choice"))
    .outerjoin(Mask, Mask.id == masks.own_mask_of(_two).scalar_subquery())
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
    known: "_Known"


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


def _open(known: "_Known", values: dict[str, Any]) -> Door | None:
    found = _ENTER.row({**values, "now": clock.now()})
    return Door(found, known) if found is not None and _is_in(found, known) else None


#: What a reader's next visit to a conversation is asked with: tags for the keyring that made them.
_places: OrderedDict[tuple[bytes | None, bytes], tuple[Keyring, "_Known", dict[str, Any]]] = OrderedDict()


def _prepare(cookie_sha256: bytes | None, conversation_id: bytes) -> tuple["_Known", dict[str, Any]] | None:
    key, ring = (cookie_sha256, conversation_id), the_keyring()
    kept = _places.get(key)
    if kept is not None and kept[0] is ring:
        return kept[1:]
    known = _known(cookie_sha256, scopes, conversation_id)
    if known is None:
        return None
    values = _values(known, conversation_id)
    _places[key] = ring, known, values
    if len(_places) > REMEMBERED:
        _places.popitem(last=False)
    return known, values


@dataclass(frozen=True)
class _Known:
    """The facts that tags are made of."""

    cookie: bytes
    account_id: bytes
    scope: Scope
    persona_id: bytes


def _known(cookie_sha256: bytes | None, where: Remembered[bytes, Scope], place_id: bytes) -> _Known | None:
    account_id = accounts.get(cookie_sha256) if cookie_sha256 else None
    scope = where.get(place_id) if account_id else None
    persona_id = personas.get((account_id, scope)) if account_id and scope else None
    if cookie_sha256 is None or account_id is None or scope is None or persona_id is None:
        return None
    return _Known(cookie_sha256, account_id, scope, persona_id)


def _is_in(found: Row[Any], known: _Known) -> bool:
    """Whether the sign-in lives, is still theirs, they are in the group (who left or waits to come in is not), and the
    board is one for them."""
    lives = clock.now() < min(found.ends_on, found.last_end)
    on_team = found.role is not Role.MEMBER
    for_them = admits(found.readers or EVERYONE, on_team=on_team, joined_on=found.joined_on)
    return lives and found.account_id == known.account_id and found.standing not in NOT_IN and for_them


def _values(known: _Known, conversation_id: bytes) -> dict[str, Any]:
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
        **_both(tags),
    }


def _both(tags: Mapping[str, list[bytes]]) -> dict[str, bytes]:
    """Each tag under its two names; the same one twice when no key is being rotated."""
    return {f"{name}_{n}": pair[min(n, len(pair)) - 1] for name, pair in tags.items() for n in (1, 2)}


def _membership(found: Row[Any], scope: Scope) -> Membership:
    name, role, standing = found.persona_name, found.role, found.standing
    agreed, asked = has_agreed(found), is_asked(found)
    return Membership(scope, found.persona_id, name, role, standing, agreed, found.joined_on, asked)


def read(door: Door) -> Entrance:
    """The conversation as its pages need it."""
    found, known = door.found, door.known
    scope, membership = known.scope, _membership(found, known.scope)
    return Entrance(
        sign_in=found,
        actor=Actor(found.account_id, known.cookie, {scope.group_id: membership}),
        membership=membership,
        place=places.read_place(found),
        marker=markers.open_marker(scope, found.marker_tag, found.marker) if found.marker else 0,
        draft=drafts.open_draft(scope, found.draft_tag, found.draft) if found.draft else None,
        alias=found.alias,
        waiting=found.waiting or found.kept_back or found.from_elsewhere,
        due=found.due,
        choices=_choices(found, scope),
        mask_id=found.mask_id,
    )


def _choices(found: Row[Any], scope: Scope) -> Choices:
    return choices.open_choices(scope, found.choice_tag, found.choice) if found.choice else NOTHING


@dataclass(frozen=True)
class BoardHere:
    """A board as its page shows it, alike for all who may do the same there.

    :param of_team: only the team opens topics. :param brake: one that the team pulled here, or in the whole group.
    """

    id: bytes
    name: str
    purpose: str
    group_address: str
    nation: str
    zone: str
    may_start: bool
    retired: bool
    of_team: bool
    brake: BrakeOn | None = None


@dataclass(frozen=True)
class BoardEntrance:
    """What a board's page needs to begin with."""

    sign_in: Row[Any]
    actor: Actor
    membership: Membership
    board: BoardHere
    choices: Choices


_ENTER_BOARD = Hot(
    board_queries.join_board(
        select(
            *_SIGN_IN,
            *board_queries.board_columns(),
            *_PERSONA,
            ReaderChoice.tag.label("choice_tag"),
            ReaderChoice.sealed.label("choice"),
        )
    )
    .join(SignIn, SignIn.cookie_sha256 == bindparam("cookie"))
    .join(Persona, and_(Persona.id == bindparam("persona"), _two(Persona.holder_tag, "holder")))
    .outerjoin(ReaderChoice, _two(ReaderChoice.tag, "choice"))
)


def enter_board(cookie_sha256: bytes | None, board_id: bytes) -> BoardEntrance | None:
    """Open a board as `enter` opens a conversation."""
    known = _known(cookie_sha256, boards, board_id)
    if known is None:
        return None
    holder, choice = holder_tags(known.account_id, known.scope), choices.choice_tags(known.scope, known.persona_id)
    values = {"cookie": known.cookie, "board": board_id, "persona": known.persona_id}
    found = _ENTER_BOARD.row({**values, **_both({"holder": holder, "choice": choice})})
    if found is None or not _is_in(found, known):
        return None
    membership = _membership(found, known.scope)
    actor = Actor(found.account_id, known.cookie, {known.scope.group_id: membership})
    retired = found.retired_at is not None
    brake = brake_of(found)
    may_start = not retired and not (brake and brake.stops) and includes(found.starters, membership)
    words = (found.id, found.name, found.purpose, found.group_address, found.nation, found.zone)
    here = BoardHere(*words, may_start=may_start, retired=retired, of_team=found.starters == TEAM, brake=brake)
    return BoardEntrance(found, actor, membership, here, _choices(found, known.scope))
