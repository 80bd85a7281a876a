"""Boards: facilitators make, name, order and retire them, and say who may read, start and reply."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Row, func, insert, select, update

from forum.base import clock
from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _, ngettext
from forum.groups.queries import count_members
from forum.models import Board, Conversation
from forum.policy import audience
from forum.policy.actor import Actor
from forum.policy.permissions import Denial, may_facilitate, require

MOST_NAME, MOST_PURPOSE = 60, 200
#: A few questions. A longer form frightens whoever only wants to say that the day was bad.
MOST_TEMPLATE = 600
#: More than a phone's screen holds; past it nobody finds the right one at night.
MOST_BOARDS = 20
#: What the form offers. Any number of days would do; few are easier to choose between.
OFFERED = (audience.EVERYONE, 7, 30, 90, audience.TEAM)


@dataclass(frozen=True)
class Wanted:
    """A board as its facilitators want it; who may what as `forum.policy.audience` counts.

    :param searched: its words can be found by searching.
    :param template: what the form for a new topic begins with.
    """

    name: str
    purpose: str = ""
    readers: int = audience.EVERYONE
    starters: int = audience.EVERYONE
    repliers: int = audience.EVERYONE
    searched: bool = True
    template: str = ""


def list_all(actor: Actor, scope: Scope) -> Sequence[Row]:
    """Every board in its order, those retired last.

    :raises NotFound, NotAllowed: no facilitator of this group.
    """
    require(may_facilitate, actor, scope.group_id)
    return rows(_BOARDS.where(Board.group_id == scope.group_id).order_by(Board.retired_at.is_not(None), *_ORDER))


_ORDER = (Board.ord, Board.name)
_RIGHTS = (Board.readers, Board.starters, Board.repliers, Board.searched, Board.template)
_BOARDS = select(Board.id, Board.name, Board.purpose, Board.retired_at, Board.ord, *_RIGHTS)


def get_board(actor: Actor, scope: Scope, board_id: bytes) -> Row:
    """One board of this group.

    :raises NotFound, NotAllowed: no facilitator of this group, or no such board in it.
    """
    require(may_facilitate, actor, scope.group_id)
    found = row(_BOARDS.where(Board.group_id == scope.group_id, Board.id == board_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def check(wanted: Wanted) -> Wanted:
    """What was typed, tidied.

    :raises Invalid: no name or too long a one, or a choice that the form does not offer.
    """
    name, purpose = " ".join(wanted.name.split()), " ".join(wanted.purpose.split())
    if not 1 <= len(name) <= MOST_NAME:
        raise Invalid(_("Give the board a name of at most %(n)s letters.", n=MOST_NAME), "name")
    if len(purpose) > MOST_PURPOSE:
        raise Invalid(_("Say what it is for in at most %(n)s letters.", n=MOST_PURPOSE), "purpose")
    if not {wanted.readers, wanted.starters, wanted.repliers} <= set(OFFERED):
        raise Invalid(_("Choose one of the answers."), "readers")
    template = normalise(wanted.template).strip()
    if len(template) > MOST_TEMPLATE:
        raise Invalid(_("Make this shorter: at most %(n)s letters.", n=MOST_TEMPLATE), "template")
    return replace(wanted, name=name, purpose=purpose, template=template)


def consequences(actor: Actor, scope: Scope, board_id: bytes | None, wanted: Wanted) -> list[str]:
    """What saving this does, in people; empty if it changes nothing for anybody.

    :param board_id: None for a new board.
    """
    before = get_board(actor, scope, board_id) if board_id else None
    now, then = count_members(scope.group_id, wanted.readers), 0
    said = []
    if before is not None and before.readers != wanted.readers:
        then, topics = count_members(scope.group_id, before.readers), _count_topics(before.id)
        said.append(_("%(before)s people can read this board now. After this, %(after)s can.", before=then, after=now))
        if topics and now < then:
            said.append(
                ngettext(
                    "The others no longer see its %(num)d topic. They keep what they wrote and can take it back.",
                    "The others no longer see its %(num)d topics. They keep what they wrote and can take it back.",
                    topics,
                )
            )
    if before is None:
        said.append(ngettext("%(num)d person can read it.", "%(num)d people can read it.", now))
    for changed, one, other in (
        (before is None or before.starters != wanted.starters, "starters", wanted.starters),
        (before is None or before.repliers != wanted.repliers, "repliers", wanted.repliers),
    ):
        if changed and (before is not None or other != audience.EVERYONE):
            count = min(now, count_members(scope.group_id, other))
            said.append(_who_can(one, count))
    return [*said, *_about_searching(before, wanted)]


def _about_searching(before: Row | None, wanted: Wanted) -> list[str]:
    if wanted.searched is (before is None or before.searched):
        return []
    if wanted.searched:
        return [_("Those who can read it can then find its words by searching.")]
    return [_("Nobody finds its words by searching any more. They can still read it.")]


def _who_can(right: str, count: int) -> str:
    if right == "starters":
        return ngettext("%(num)d person can open topics.", "%(num)d people can open topics.", count)
    return ngettext("%(num)d person can reply.", "%(num)d people can reply.", count)


def _count_topics(board_id: bytes) -> int:
    found = row(select(func.count()).where(Conversation.board_id == board_id, Conversation.last_shown_seq > 0))
    return int(found[0]) if found else 0


def make_board(actor: Actor, scope: Scope, wanted: Wanted) -> bytes:
    """A new board, last in the order; gives its id.

    :raises NotFound, NotAllowed: no facilitator of this group. :raises Invalid: as `check`, or too many boards.
    """
    require(may_facilitate, actor, scope.group_id)
    clean, board_id = check(wanted), new_ident()
    with transaction():
        there = [b for b in list_all(actor, scope) if b.retired_at is None]
        if len(there) >= MOST_BOARDS:
            raise Invalid(_("A group has at most %(n)s boards. Retire one first.", n=MOST_BOARDS), "name")
        last = max((b.ord for b in there), default=-1) + 1
        here().execute(
            insert(Board).values(id=board_id, group_id=scope.group_id, ord=last, **_columns(clean), retired_at=None)
        )
    return board_id


def change_board(actor: Actor, scope: Scope, board_id: bytes, wanted: Wanted) -> None:
    """Another name, purpose or audience.

    :raises NotFound, NotAllowed, Invalid: as for making one, or no such board in this group.
    """
    clean = check(wanted)
    with transaction():
        _set(get_board(actor, scope, board_id), **_columns(clean))


def move_board(actor: Actor, scope: Scope, board_id: bytes, up: bool) -> None:
    """One place up or down among the boards that are in use. At the end nothing moves.

    :raises NotFound, NotAllowed: as for changing it.
    """
    with transaction():
        moving = get_board(actor, scope, board_id)
        order = [b for b in list_all(actor, scope) if b.retired_at is None]
        at = next((n for n, b in enumerate(order) if b.id == moving.id), None)
        if at is None:
            return
        to = max(0, min(len(order) - 1, at + (-1 if up else 1)))
        order.insert(to, order.pop(at))
        for n, board in enumerate(order):
            if board.ord != n:
                _set(board, ord=n)


def retire_board(actor: Actor, scope: Scope, board_id: bytes) -> None:
    """Nobody writes there any more; what was written is still read. Doing it twice changes nothing.

    :raises NotFound, NotAllowed: as for changing it.
    """
    with transaction():
        board = get_board(actor, scope, board_id)
        _set(board, retired_at=board.retired_at or clock.this_hour())


def bring_back_board(actor: Actor, scope: Scope, board_id: bytes) -> None:
    """Use a retired board again.

    :raises NotFound, NotAllowed: as for changing it.
    """
    with transaction():
        _set(get_board(actor, scope, board_id), retired_at=None)


def _columns(wanted: Wanted) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in wanted.__dataclass_fields__}


def _set(board: Row, **columns: object) -> None:
    here().execute(
        update(Board).where(Board.id == board.id).values(**columns).execution_options(synchronize_session=False)
    )
