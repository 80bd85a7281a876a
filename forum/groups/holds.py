"""What waits for a person: the choices of a group and of each board, and what each choice costs before it is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from sqlalchemy import select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _, ngettext
from forum.groups import costs, settings
from forum.groups.duty import current_turn
from forum.groups.queries import list_turns
from forum.models import Board, Conversation, ConversationKind, Group, Hold, Persona, Post, Role
from forum.policy import gate, record, terms
from forum.policy.actor import Actor
from forum.policy.gate import Situation, Verdict
from forum.policy.holding import chosen_by_team, decided_under, held_under
from forum.policy.permissions import may_facilitate, require
from forum.policy.terms import Terms

#: What the gate calls them.
CODES = {Hold.LINKS: "link", Hold.CONTACTS: "phone"}
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Spot:
    """The whole group, or one board, and what waits there by its own choice.

    :param board_id: None for the whole group. :param decided: what the group's rules decide there, not its team, with
        the sentence that says so.
    """

    board_id: bytes | None
    name: str
    holds: Hold
    decided: Mapping[Hold, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """What a choice would have meant lately: of the posts that were read through, how many, under how many names."""

    waiting: int
    names: int
    read: int


def list_spots(actor: Actor, scope: Scope) -> list[Spot]:
    """The choices of the group, then of its boards in their order. :raises NotFound, NotAllowed: no facilitator."""
    require(may_facilitate, actor, scope.group_id)
    group = row(select(Group.name, Group.holds, Group.hold_newcomers).where(Group.id == scope.group_id))
    assert group is not None
    chosen = chosen_by_team(group.holds, newcomers=group.hold_newcomers)
    here = terms.of_group(scope.group_id)
    decided = {bit: here.cite(key) for bit, key in decided_under(here).items()}
    whole = Spot(None, group.name, held_under(here, chosen), decided)
    in_use = (Board.group_id == scope.group_id, Board.retired_at.is_(None))
    found = rows(select(Board.id, Board.name, Board.holds).where(*in_use).order_by(Board.ord, Board.name))
    return [whole, *(Spot(b.id, b.name, Hold(b.holds)) for b in found)]


def labels() -> dict[Hold, str]:
    """What may wait, in words that end a sentence."""
    return {
        Hold.EVERYTHING: _("every post"),
        Hold.LINKS: _("posts with a link"),
        Hold.CONTACTS: _("posts with a phone number or a mail address"),
        Hold.NEWCOMERS: _("first posts of new people, and all posts under a hidden name"),
        Hold.UNSTAFFED: _("posts written while no one from the team is here"),
    }


def words_for_newcomers(here: Terms, card: Any) -> list[str]:
    """What of theirs waits, for people who look at a group from outside. :param card: with its choices."""
    held = held_under(here, chosen_by_team(card.holds, newcomers=card.hold_newcomers))
    if Hold.EVERYTHING in held:
        return [_("Someone from the team reads each post here before the group does.")]
    first = [_("Someone from the team reads your first post before the group does.")]
    if here.values["links"] == "none" and here.asks("links"):
        other = [_("Links cannot be posted here. The page tells you.")]
    elif Hold.LINKS in held:
        other = [_("A post with a link or a phone number waits for a person. The page tells you.")]
    else:
        other = [_("A post with a phone number waits for a person. The page tells you.")]
    return (first if Hold.NEWCOMERS in held else []) + (other if held & (Hold.LINKS | Hold.CONTACTS) else [])


def consequences(actor: Actor, scope: Scope, zone: str, wanted: dict[bytes | None, Hold]) -> list[str]:
    """What saving these choices does, in posts, names and hours; empty if it changes nothing.

    :param wanted: by board, None for the whole group. :raises NotFound, NotAllowed: no facilitator of this group.
    """
    said, words, starts = [], labels(), False
    for spot in list_spots(actor, scope):
        after = _wanted(spot, wanted)
        for hold, what in words.items():
            if hold in after and hold not in spot.holds:
                starts = True
                said += [_starts(spot, what), _cost_words(_count(scope, zone, spot.board_id, hold))]
            elif hold in spot.holds and hold not in after:
                said.append(_ends(spot, what))
    if starts:
        said.append(settings.wait_words(scope.group_id, zone))
    return said


def _wanted(spot: Spot, wanted: Mapping[bytes | None, Hold]) -> Hold:
    """What is kept: of what the rules decide nothing changes, whatever was sent."""
    decided = reduce(or_, spot.decided, Hold(0))
    return wanted.get(spot.board_id, spot.holds) & ~decided | spot.holds & decided


def _starts(spot: Spot, what: str) -> str:
    if spot.board_id is None:
        return _("In the whole group a person reads first: %(what)s.", what=what)
    return _("On the board “%(board)s” a person reads first: %(what)s.", board=spot.name, what=what)


def _ends(spot: Spot, what: str) -> str:
    if spot.board_id is None:
        return _("In the whole group these go out at once, if nothing else holds them: %(what)s.", what=what)
    return _(
        "On the board “%(board)s” these go out at once, if nothing else holds them: %(what)s.",
        board=spot.name,
        what=what,
    )


def _cost_words(cost: Cost) -> str:
    under = ngettext("under %(num)d name", "under %(num)d names", cost.names)
    return _(
        "Of the last %(read)s posts in 30 days, %(waiting)s would have waited, %(under)s.",
        read=cost.read,
        waiting=cost.waiting,
        under=under,
    )


def _count(scope: Scope, zone: str, board_id: bytes | None, hold: Hold) -> Cost:
    """How many of the latest posts would have waited for this, by the gate's own reading where it reads."""
    of_board = [] if board_id is None else [Conversation.board_id == board_id]
    found = rows(
        select(Post.id, Post.body, Post.persona_id, Post.mask_id, Post.written_at, Persona.role)
        .join(Conversation, Conversation.id == Post.conversation_id)
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .where(
            Conversation.group_id == scope.group_id,
            Conversation.kind != ConversationKind.TEAM,
            Post.written_at > clock.now() - costs.LOOKED_BACK,
            Post.body != "",
            *of_board,
        )
        .order_by(Post.id.desc())
        .limit(costs.MOST_READ)
    )
    waits = _question(scope, zone, hold)
    waiting = [post for post in found if waits(post)]
    return Cost(len(waiting), len({post.persona_id or post.mask_id for post in waiting}), len(found))


def _question(scope: Scope, zone: str, hold: Hold) -> Callable[[Any], bool]:
    """Whether a post would have waited for this choice alone."""
    if hold in CODES:
        return lambda post: CODES[hold] in _read(scope, hold, post).reasons
    if hold is Hold.NEWCOMERS:
        firsts = costs.list_first_posts(scope.group_id)
        return lambda post: not _by_team(post) and (post.mask_id is not None or post.id in firsts)
    if hold is Hold.UNSTAFFED:
        now = clock.now()
        turns = list_turns(scope.group_id, zone, now)
        return lambda post: not _by_team(post) and current_turn(turns, _in_coming_week(post.written_at, now)) is None
    return lambda post: not _by_team(post)


def _read(scope: Scope, hold: Hold, post: Any) -> Verdict:
    situation = Situation(scope.group_id, holds=hold, by_team=_by_team(post))
    return gate.decide(gate.screen(post.body, frozenset()), situation)


def _by_team(post: Any) -> bool:
    """What the team says under its own names does not wait."""
    return post.role not in (None, Role.MEMBER)


def _in_coming_week(written_at: datetime, now: datetime) -> datetime:
    """The same hour of the week, from now on: past duty times are not kept, and a week is like the one before."""
    weeks = -((written_at - now) // WEEK)
    return written_at + weeks * WEEK


def save(actor: Actor, scope: Scope, wanted: dict[bytes | None, Hold]) -> None:
    """Keep the choices.

    :param wanted: as in `consequences`; boards of other groups are left out. :raises NotFound, NotAllowed: as there.
    """
    me = actor.membership_in(scope.group_id)
    with transaction():
        for spot in list_spots(actor, scope):
            after = _wanted(spot, wanted)
            if after != spot.holds and me is not None:
                _keep(scope, spot.board_id, after)
                record.note("group.holds", me.persona_id, spot.board_id or scope.group_id, f"holds:{int(after)}")


def _keep(scope: Scope, board_id: bytes | None, after: Hold) -> None:
    if board_id is not None:
        change = update(Board).where(Board.id == board_id).values(holds=int(after))
    else:
        newcomers = Hold.NEWCOMERS in after
        values = {"holds": int(after & ~Hold.NEWCOMERS), "hold_newcomers": newcomers}
        change = update(Group).where(Group.id == scope.group_id).values(**values)
    here().execute(change.execution_options(synchronize_session=False))
