"""What a moderator sets for themselves: what they do not take, who is there for them, when somebody listens to them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select

from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.idents import read_ident
from forum.base.keyring import Scope
from forum.base.words import _
from forum.content.notes import classes_of, offered
from forum.groups import rota
from forum.models import Group
from forum.policy.actor import Actor
from forum.policy.permissions import may_look_after, require
from moderation import care, own, tongues
from moderation.own import Own

#: Weeks between two talks with whoever supervises; 0: no reminder.
WEEKS = (0, 2, 4, 6, 8, 12)


@dataclass(frozen=True)
class Buddies:
    """Who is there for whom, as one moderator may know it.

    :param mine: the name of whoever they asked; `agreed`: who said yes.
    :param asked_me: personas with names that ask them, `of_mine`: whom they said yes to.
    """

    mine: str
    agreed: bool
    asked_me: tuple[tuple[bytes, str], ...]
    of_mine: tuple[tuple[bytes, str], ...]


def choose_topics(actor: Actor, scope: Scope, away: Iterable[int], today: Iterable[int]) -> Own:
    """What they do not take: until they say otherwise, and today. Private: nobody else is shown it.

    :param away: bits of note classes; those that the group has not are left out. :raises NotFound: not of the team.
    """
    group = row(select(Group.own_notes).where(Group.id == scope.group_id))
    known = group.own_notes if group else ""
    never, not_today = (offered(sum(1 << bit for bit in set(bits)), known) for bits in (away, today))
    day = care.now_in(scope).day
    return own.keep(
        actor, scope, lambda mine: replace(mine, away=never, away_today=not_today, away_on=day if not_today else 0)
    )


def choose_langs(actor: Actor, scope: Scope, typed: Iterable[str]) -> Own:
    """Which languages they read. Colleagues learn that somebody reads it, and not who.

    :raises Invalid: too many. :raises NotFound: not of the team.
    """
    chosen = tongues.clean(typed)
    return own.keep(actor, scope, lambda mine: replace(mine, langs=chosen))


def list_classes(scope: Scope) -> list[tuple[int, object, bool]]:
    """What can be chosen: the bit of each class, its words, and whether they are the group's own."""
    group = row(select(Group.own_notes).where(Group.id == scope.group_id))
    return [(one.bit, one.name, one.own) for one in classes_of(group.own_notes if group else "")]


@dataclass(frozen=True)
class ForItem:
    """What the page of an item says about reading it. :param topics: mask of note classes. :param heaviness: 1 to 3."""

    heaviness: int
    topics: int
    classes: list[tuple[int, object, bool]]


def of_item(scope: Scope, item_id: bytes) -> ForItem:
    """How heavy an item is, and what it is about; the caller asks who may know."""
    topics, heaviness = care.topics_of(item_id)
    return ForItem(heaviness, topics, list_classes(scope))


# --- Buddies --------------------------------------------------------------------------------------------------------


def ask_buddy(actor: Actor, scope: Scope, typed: str) -> None:
    """Ask somebody of the team to be there after heavy ones; an empty text takes it back.

    :param typed: a persona as a form names it. :raises Invalid: nobody of the team, or oneself. :raises NotFound: not of the team.
    """
    require(may_look_after, actor, scope.group_id)
    wanted, me = read_ident(typed) if typed else None, actor.memberships[scope.group_id].persona_id
    if typed and (wanted is None or wanted == me or wanted not in rota.list_team(scope)):
        raise Invalid(_("Choose somebody of the team."), "buddy")
    own.keep(actor, scope, lambda mine: replace(mine, buddy=wanted.hex() if wanted else ""))


def answer_buddy(actor: Actor, scope: Scope, persona_id: bytes, *, yes: bool) -> None:
    """Say yes to whoever asked, or not any more. :raises NotFound: not of the team."""

    def answered(mine: Own) -> Own:
        others = tuple(one for one in mine.buddy_of if one != persona_id.hex())
        return replace(mine, buddy_of=(*others, persona_id.hex()) if yes else others)

    require(may_look_after, actor, scope.group_id)
    asks = own.find_of(scope, [persona_id]).get(persona_id, own.NOTHING).buddy
    if yes and asks != actor.memberships[scope.group_id].persona_id.hex():
        return  # they took it back meanwhile
    own.keep(actor, scope, answered)


def find_buddies(actor: Actor, scope: Scope) -> Buddies:
    """Who is there for whom, for this moderator alone. :raises NotFound: not of the team."""
    require(may_look_after, actor, scope.group_id)
    me, team = actor.memberships[scope.group_id].persona_id, rota.list_team(scope)
    said = own.find_of(scope, list(team))
    mine = said.get(me, own.NOTHING)
    asking = [(one, team[one]) for one, theirs in said.items() if one != me and theirs.buddy == me.hex()]
    chosen = bytes.fromhex(mine.buddy)
    yes = chosen in said and me.hex() in said[chosen].buddy_of
    return Buddies(
        mine=team.get(chosen, ""),
        agreed=yes,
        asked_me=tuple(one for one in asking if one[0].hex() not in mine.buddy_of),
        of_mine=tuple(one for one in asking if one[0].hex() in mine.buddy_of),
    )


# --- Talking about it -----------------------------------------------------------------------------------------------


def end_talk(actor: Actor, scope: Scope) -> None:
    """They talked about the heavy ones, or need not; nobody asks which. :raises NotFound: not of the team."""
    own.keep(actor, scope, lambda mine: replace(mine, talks=()))


def set_supervision(actor: Actor, scope: Scope, weeks: int) -> None:
    """Be reminded every so many weeks, from today on. :raises Invalid: no such choice. :raises NotFound: not of the team."""
    if weeks not in WEEKS:
        raise Invalid(_("Choose how often."), "weeks")
    day = care.now_in(scope).day

    def chosen(mine: Own) -> Own:
        same = weeks == mine.supervision_weeks
        on = mine.supervision_on if same else day + 7 * weeks if weeks else 0
        return replace(mine, supervision_weeks=weeks, supervision_on=on)

    own.keep(actor, scope, chosen)


def had_supervision(actor: Actor, scope: Scope) -> None:
    """It took place: the next one is so many weeks from today. :raises NotFound: not of the team."""
    day = care.now_in(scope).day
    own.keep(actor, scope, lambda mine: replace(mine, supervision_on=_next(mine, day)))


def _next(mine: Own, day: int) -> int:
    return day + 7 * mine.supervision_weeks if mine.supervision_weeks else 0


def supervision_day(mine: Own) -> date | None:
    """The day of the next talk with whoever supervises."""
    return date.min + timedelta(days=mine.supervision_on - 1) if mine.supervision_on else None
