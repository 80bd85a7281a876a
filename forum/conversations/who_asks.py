"""Who asks for a conversation or a board: what each process remembers of them, and their part of the one query.

Tags need the account, the group and the persona before that query can be asked. Those three facts never change while
they exist, so they are remembered; whether they still exist is asked of the database every time.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, bindparam, or_, select

from forum.base import clock
from forum.base.db import row
from forum.base.keyring import Scope
from forum.conversations import board_queries, choices
from forum.conversations.choices import NOTHING, Choices
from forum.models import Conversation, Group, Persona, Role, SignIn
from forum.policy.actor import Membership
from forum.policy.audience import EVERYONE, admits
from forum.policy.members import NOT_IN, holder_tags, stand_with_rules
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


def forget() -> None:
    """Begin anew: another database or keyring is in use."""
    for kept in (accounts, scopes, boards, personas):
        kept.forget()


@dataclass(frozen=True)
class Known:
    """The facts that tags are made of."""

    cookie: bytes
    account_id: bytes
    scope: Scope
    persona_id: bytes


def know(cookie_sha256: bytes | None, where: Remembered[bytes, Scope], place_id: bytes) -> Known | None:
    """The facts about whoever holds this cookie. :param where: `scopes` or `boards`; `place_id`: one of them."""
    account_id = accounts.get(cookie_sha256) if cookie_sha256 else None
    scope = where.get(place_id) if account_id else None
    persona_id = personas.get((account_id, scope)) if account_id and scope else None
    if cookie_sha256 is None or account_id is None or scope is None or persona_id is None:
        return None
    return Known(cookie_sha256, account_id, scope, persona_id)


def is_in(found: Row[Any], known: Known) -> bool:
    """Whether the sign-in lives, is still theirs, they are in the group (who left or waits to come in is not), and the
    board is one for them."""
    lives = clock.now() < min(found.ends_on, found.last_end)
    on_team = found.role is not Role.MEMBER
    for_them = admits(found.readers or EVERYONE, on_team=on_team, joined_on=found.joined_on)
    return lives and found.account_id == known.account_id and found.standing not in NOT_IN and for_them


# --- Their part of the query ----------------------------------------------------------------------------------------

SIGN_IN = (SignIn.account_id, SignIn.kind.label("device"), SignIn.ends_on, SignIn.last_end)
PERSONA = (
    Persona.id.label("persona_id"),
    Persona.name.label("persona_name"),
    Persona.role,
    Persona.standing,
    Persona.agreed_version_id,
    Persona.joined_on,
)


def two(column: Any, name: str) -> Any:
    """A tag under the active key or, during a rotation, the one before."""
    return or_(column == bindparam(f"{name}_1"), column == bindparam(f"{name}_2"))


def both(tags: Mapping[str, list[bytes]]) -> dict[str, bytes]:
    """Each tag under its two names; the same one twice when no key is being rotated."""
    return {f"{name}_{n}": pair[min(n, len(pair)) - 1] for name, pair in tags.items() for n in (1, 2)}


def membership_of(found: Row[Any], scope: Scope) -> Membership:
    """Who they are in the group, as the query found them."""
    name, role, standing = found.persona_name, found.role, found.standing
    agreed, asked = stand_with_rules(found, scope, found.persona_id)
    return Membership(scope, found.persona_id, name, role, standing, agreed, found.joined_on, asked)


def choices_of(found: Row[Any], scope: Scope) -> Choices:
    """How they chose to read."""
    return choices.open_choices(scope, found.choice_tag, found.choice) if found.choice else NOTHING
