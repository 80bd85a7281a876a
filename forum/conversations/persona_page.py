"""What somebody chose to say of themselves in one group. Opened from any post under their name, changed by them alone."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, select

from forum.base import tagged
from forum.base.characters import normalise
from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.pools import render_pool
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _, lazy
from forum.conversations import kept_rules, queries, restrictions
from forum.groups.newcomers import is_new
from forum.models import Group, Hold, Persona, PersonaPage, PutAway, Standing
from forum.policy import gate, terms
from forum.policy.actor import Actor, Membership
from forum.policy.gate import Situation
from forum.policy.holding import chosen_by_team, held_under
from forum.policy.members import NOT_IN, actor_in
from forum.policy.permissions import may_hold_name, may_see_author, may_tell_of_self, require
from forum.policy.terms import Terms

#: What fits on a phone's screen without scrolling; a life story belongs into a post, where people can answer it.
MOST_LETTERS = {"offers": 500, "would_like": 500, "languages": 100, "lived": 200}

#: Times of the day when somebody is often awake; the n-th stands for the bit 1 << n. New ones go to the end.
TIMES = (
    lazy("early in the morning"),
    lazy("in the daytime"),
    lazy("in the evening"),
    lazy("late in the evening"),
    lazy("in the middle of the night"),
)


@dataclass(frozen=True)
class About:
    """What is said on one page.

    :param lived: a facilitator's line about their own experience. :param awake: a bit for each of TIMES.
    :param shows_new: everybody may see that they are new here, and not the team alone.
    """

    offers: str = ""
    would_like: str = ""
    languages: str = ""
    lived: str = ""
    awake: int = 0
    shows_new: bool = False

    @property
    def text(self) -> str:
        """All its words, for readers who muted some."""
        return "\n".join(getattr(self, name) for name in MOST_LETTERS)

    @property
    def times(self) -> list[str]:
        """When they are often awake, in words."""
        return [str(words) for n, words in enumerate(TIMES) if self.awake & 1 << n]


#: Who says nothing of themselves: nearly everybody.
NOTHING = About()


@dataclass(frozen=True)
class Author:
    """Who wrote a post, as far as a reader may see it. :param name: empty for a hidden one."""

    persona_id: bytes
    name: str
    about: About
    new_here: bool


def find_mine(actor: Actor, group_id: bytes) -> About:
    """What the actor says of themselves.

    :raises NotFound: not a member.
    """
    require(may_hold_name, actor, group_id)
    return _find(actor.memberships[group_id].persona_id)


def find_author(actor: Actor, post_id: int) -> Author | None:
    """Who wrote a post, in their own words; None for a hidden name, whoever wears it.

    :raises NotFound: no such post for this actor. :raises NotAllowed: the words are gone, and what leads from them.
    """
    found, place, own = queries.get_row(actor, post_id)
    require(may_see_author, actor, queries.facts_of(found, place, own))
    if found.mask_id is not None:
        return None
    who = row(select(Persona.joined_on, Persona.role, Persona.standing).where(Persona.id == found.persona_id))
    about = _find(found.persona_id) if who and who.standing not in NOT_IN else NOTHING
    to_all = about.shows_new or actor.memberships[place.group_id].on_team
    # The mark goes with its day and not with its bearer: that somebody left is theirs to say.
    new_here = bool(who and to_all and is_new(who.joined_on, who.role))
    return Author(found.persona_id, found.author, about, new_here)


@retrying
def save(actor: Actor, scope: Scope, said: About) -> None:
    """Say this of oneself from now on; with nothing said there is no page any more.

    :raises NotFound: not a member. :raises NotAllowed: the ground rules in force are not agreed.
    :raises Invalid: too long, or words that the team reads first in a post: a way to be reached, a word on its list.
    """
    require(may_hold_name, actor, scope.group_id)
    membership = actor.memberships[scope.group_id]
    clean = _clean(said, membership)
    if clean != NOTHING:
        require(may_tell_of_self, actor, scope.group_id)
        _check(clean, membership)
    with transaction():
        now = actor_in(actor, scope)
        require(may_hold_name, now, scope.group_id)
        persona_id = now.memberships[scope.group_id].persona_id
        forget(persona_id)
        if clean != NOTHING:
            here().execute(insert(PersonaPage).values(persona_id=persona_id, **asdict(clean)))


def forget(persona_id: bytes) -> None:
    """Step: nothing is said any more (words taken back, a persona that goes)."""
    gone = delete(PersonaPage).where(PersonaPage.persona_id == persona_id)
    here().execute(gone.execution_options(synchronize_session=False))


#: What is put by, sealed: room for all that can be said, so that the size tells nothing.
PUT_BY, SIZE = "persona_page", 8_192


def put_by(scope: Scope, persona_id: bytes, until_on: date) -> None:
    """Step: nothing is said any more, and what was said can come back.

    :param until_on: the last day for that.
    """
    about = _find(persona_id)
    if about == NOTHING:
        return
    forget(persona_id)
    said = json.dumps(asdict(about), ensure_ascii=False).encode("utf-8", "surrogatepass")
    kept = tagged.sealed_row(PutAway, scope, PUT_BY, (persona_id,), said.ljust(SIZE))
    drop_put_by(scope, persona_id)
    here().execute(insert(PutAway).values(**kept, until_on=until_on))


def bring_back(scope: Scope, persona_id: bytes) -> None:
    """Step: the inverse of `put_by`, unless they say something else by now."""
    value = tagged.find(PutAway, scope, PUT_BY, (persona_id,), lock=True)
    if value is not None and _find(persona_id) == NOTHING:
        here().execute(insert(PersonaPage).values(persona_id=persona_id, **json.loads(value)))
    drop_put_by(scope, persona_id)


def drop_put_by(scope: Scope, persona_id: bytes) -> None:
    """Step: what was put by is gone for good."""
    tagged.drop(PutAway, scope, PUT_BY, (persona_id,))


def held(_scope: Scope, persona_id: bytes) -> dict[str, Any]:
    """The same for its owner's copy of what is held about them."""
    about = _find(persona_id)
    words = {name: getattr(about, name) for name in MOST_LETTERS}
    return words | {"often_awake": about.times, "others_see_that_you_are_new": about.shows_new}


def _find(persona_id: bytes) -> About:
    found = row(select(*_COLUMNS).where(PersonaPage.persona_id == persona_id))
    return About(**found._mapping) if found else NOTHING


_COLUMNS = [getattr(PersonaPage, name) for name in (*MOST_LETTERS, "awake", "shows_new")]


def _clean(said: About, membership: Membership) -> About:
    """The words as they are kept. A line about lived experience is for the team: from others it would be a claim to help.

    :raises Invalid: too long.
    """
    words: dict[str, Any] = {name: normalise(getattr(said, name)).strip() for name in MOST_LETTERS}
    for name in ("languages", "lived"):
        words[name] = " ".join(words[name].split())
    for name, most in MOST_LETTERS.items():
        if len(words[name]) > most:
            raise Invalid(_("Make this shorter: at most %(n)s letters.", n=most), name)
    if not membership.on_team:
        words["lived"] = ""
    return replace(said, awake=said.awake & (1 << len(TIMES)) - 1, **words)


def _check(said: About, membership: Membership) -> None:
    """Nobody reads these words first, so what would wait in a post is refused here."""
    group = row(select(Group.words, Group.hold_newcomers).where(Group.id == membership.scope.group_id))
    assert group is not None
    agreed = terms.of_group(membership.scope.group_id)
    situation = _situation(group, agreed, membership)
    for name in MOST_LETTERS:
        if text := getattr(said, name):
            findings = render_pool.run(gate.screen, text, gate.group_words(group.words))
            verdict = gate.decide(findings, situation)
            kept_rules.require_no_link(verdict, agreed, name)
            if verdict.hold:
                raise Invalid(_why_not(verdict.reasons), name)


def _situation(group: Row, agreed: Terms, membership: Membership) -> Situation:
    first = membership.standing is Standing.NEWCOMER
    held = held_under(agreed, chosen_by_team(0, newcomers=group.hold_newcomers))
    return Situation(
        group_id=membership.scope.group_id,
        newcomer=first,
        holds_newcomers=Hold.NEWCOMERS in held and first,
        held_author=restrictions.holds_posts(membership.scope, membership.persona_id)
        or restrictions.find(membership.scope, membership.persona_id) is not None,
        terms=agreed,
    )


def _why_not(reasons: tuple[str, ...]) -> str:
    if {"link", "phone"} & set(reasons):
        return _("Please leave out links, phone numbers and mail addresses here. People could use them against you.")
    if "word" in reasons:
        return _("The team reads one of these words first in this group. Please say it another way.")
    if "newcomer" in reasons:
        return _("Please write a first post before this. The team reads that one first.")
    return _("This cannot be kept now. Please try again tomorrow. Your words are still here.")
