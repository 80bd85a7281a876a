"""The one query that opens a board: sign-in, membership, what may be done there, and how its reader chose to read."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, bindparam, select

from forum.base.hot import Hot
from forum.conversations import board_queries, choices
from forum.conversations.choices import Choices
from forum.conversations.who_asks import PERSONA, SIGN_IN, boards, both, choices_of, is_in, know, membership_of, two
from forum.models import Persona, ReaderChoice, SignIn
from forum.policy.actor import Actor, Membership
from forum.policy.audience import TEAM, includes
from forum.policy.holding import BrakeOn, brake_of
from forum.policy.members import holder_tags


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


_ENTER = Hot(
    board_queries.join_board(
        select(
            *SIGN_IN,
            *board_queries.board_columns(),
            *PERSONA,
            ReaderChoice.tag.label("choice_tag"),
            ReaderChoice.sealed.label("choice"),
        )
    )
    .join(SignIn, SignIn.cookie_sha256 == bindparam("cookie"))
    .join(Persona, and_(Persona.id == bindparam("persona"), two(Persona.holder_tag, "holder")))
    .outerjoin(ReaderChoice, two(ReaderChoice.tag, "choice"))
)


def enter(cookie_sha256: bytes | None, board_id: bytes) -> BoardEntrance | None:
    """Open a board for whoever holds this cookie; None for a stranger, whatever the reason."""
    known = know(cookie_sha256, boards, board_id)
    if known is None:
        return None
    holder, choice = holder_tags(known.account_id, known.scope), choices.choice_tags(known.scope, known.persona_id)
    values = {"cookie": known.cookie, "board": board_id, "persona": known.persona_id}
    found = _ENTER.row({**values, **both({"holder": holder, "choice": choice})})
    if found is None or not is_in(found, known):
        return None
    membership = membership_of(found, known.scope)
    actor = Actor(found.account_id, known.cookie, {known.scope.group_id: membership})
    retired = found.retired_at is not None
    brake = brake_of(found)
    may_start = not retired and not (brake and brake.stops) and includes(found.starters, membership)
    words = (found.id, found.name, found.purpose, found.group_address, found.nation, found.zone)
    here = BoardHere(*words, may_start=may_start, retired=retired, of_team=found.starters == TEAM, brake=brake)
    return BoardEntrance(found, actor, membership, here, choices_of(found, known.scope))
