"""A question to everybody in a topic. Nobody sees how it goes while it is open, and nobody who chose what, ever.

An answer stands under a tag of persona and poll, sealed in one size. A running tally would tell who just answered to
anybody who looks twice, so there is none (docs/decisions/0053).
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from forum.base import clock, tagged
from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident, write_ident
from forum.base.keyring import Scope
from forum.base.pools import render_pool
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import kept_rules, places, queries, restrictions, steps
from forum.conversations.places import Place
from forum.models import Conversation, ConversationKind, Poll, PollAnswer, Post, PostState
from forum.policy import gate
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, PollFacts, may_answer_poll, may_start_poll, require

KIND = "poll_answer"
LEAST_OPTIONS, MOST_OPTIONS = 2, 6
MOST_QUESTION, MOST_OPTION = 200, 80
#: For how many days a question can be open: overnight for whoever is awake, or until all who come weekly were here.
DAYS = (1, 3, 7, 14)
#: With two answers each of the two knows the other's.
LEAST_SHOWN = 3
#: Bytes of a sealed answer, whatever it is.
SIZE = 4


@dataclass(frozen=True)
class Shown:
    """A poll for one reader.

    :param mine: the number of the option they chose, from 0; None: none yet.
    :param outcome: how many chose each option; None while it is open, and where too few answered.
    """

    id: bytes
    question: str
    options: tuple[str, ...]
    closes_on: date
    is_open: bool
    mine: int | None
    outcome: tuple[int, ...] | None


def may_start(actor: Actor, place: Place) -> bool:
    """Whether the actor may ask everybody something in this topic: whoever began it, and the team; once."""
    return may_start_poll(actor, _facts(actor, place, _opener(place.id))) is None


def find_poll(actor: Actor, conversation_id: bytes) -> tuple[Place, Shown | None]:
    """The question of a topic as this reader may see it now, while the words that began the topic stand there.

    :raises NotFound: no such topic for this actor.
    """
    place = _topic(actor, conversation_id)
    found, opener = _find(conversation_id), _opener(conversation_id)
    if found is None or opener is None or opener.state is not PostState.VISIBLE:
        return place, None
    return place, _shown(found, place.scope, actor.memberships[place.group_id])


def _shown(found: Any, scope: Scope, membership: Membership) -> Shown:
    options, is_open = tuple(json.loads(found.options)), clock.today() <= found.closes_on
    mine = tagged.find(PollAnswer, scope, KIND, (membership.persona_id, found.id))
    outcome = None if is_open else _count(scope, found.id, len(options))
    chosen = int.from_bytes(mine) if mine is not None else None
    return Shown(found.id, found.question, options, found.closes_on, is_open, chosen, outcome)


def _count(scope: Scope, poll_id: bytes, options: int) -> tuple[int, ...] | None:
    found = rows(select(PollAnswer.tag, PollAnswer.sealed).where(PollAnswer.poll_id == poll_id))
    if len(found) < LEAST_SHOWN:
        return None
    chosen = Counter(int.from_bytes(tagged.open_value(PollAnswer, scope, r.tag, r.sealed)) for r in found)
    return tuple(chosen[n] for n in range(options))


@retrying
def start_poll(actor: Actor, conversation_id: bytes, question: str, options: Sequence[str], days: int) -> None:
    """Ask everybody in a topic something, once.

    :param options: two to six answers; empty ones are left out. :param days: one of DAYS.
    :raises NotFound: no such topic for this actor. :raises NotAllowed: they did not begin it, or it was asked already.
    :raises Invalid: what to change; also what the team would read first in a post.
    """
    place = _topic(actor, conversation_id)
    opener = _opener(conversation_id)
    require(may_start_poll, actor, _facts(actor, place, opener))
    asked, answers = _clean(question, options)
    if days not in DAYS:
        raise Invalid(_("Choose one of the answers."), "days")
    face = (opener.mask_id or opener.persona_id) if opener else b""
    me = actor.memberships[place.group_id]
    steps.require_not_paused(me)
    situation = replace(
        steps.situation_at(place),
        held_author=restrictions.holds_posts(place.scope, face),
        by_team=me.on_team and not (opener and opener.mask_id),  # else a link would tell whose the alias is
    )
    findings = render_pool.run(gate.screen, "\n\n".join((asked, *answers)), place.group_words)
    verdict = gate.decide(findings, situation)
    kept_rules.require_no_link(verdict, place.terms, "question")
    gate.require_no_wait(verdict)
    with transaction():
        now = actor_in(actor, place.scope)
        steps.lock(conversation_id)
        place = places.find_place(conversation_id) or place
        require(may_start_poll, now, _facts(now, place, _opener(conversation_id)))
        closes_on = clock.today() + timedelta(days=days)
        values = {"id": new_ident(), "conversation_id": conversation_id, "question": asked, "closes_on": closes_on}
        here().execute(insert(Poll).values(options=json.dumps(answers, ensure_ascii=False), **values))
        asks = update(Conversation).where(Conversation.id == conversation_id).values(polled=True)
        here().execute(asks.execution_options(synchronize_session=False))


@retrying
def answer(actor: Actor, conversation_id: bytes, option: int | None) -> None:
    """Choose an answer, another one, or none any more (None), until the last day is over.

    :raises NotFound: no such question for this actor. :raises NotAllowed: it is closed. :raises Invalid: no such option.
    """
    place, poll = find_poll(actor, conversation_id)
    if poll is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    if option is not None and not 0 <= option < len(poll.options):
        raise Invalid(_("Choose one of the answers."), "option")
    with transaction():
        now = actor_in(actor, place.scope)
        require(may_answer_poll, now, PollFacts(places.facts_here(place), is_open=clock.today() <= poll.closes_on))
        _keep(place.scope, now.memberships[place.group_id].persona_id, poll.id, option)


def _keep(scope: Scope, persona_id: bytes, poll_id: bytes, option: int | None) -> None:
    ids = (persona_id, poll_id)
    if option is None:
        tagged.drop(PollAnswer, scope, KIND, ids)
        return
    values = tagged.sealed_row(PollAnswer, scope, KIND, ids, option.to_bytes(SIZE))
    there = update(PollAnswer).where(PollAnswer.tag.in_(tagged.tags(scope, KIND, *ids))).values(**values)
    if here().execute(there.returning(PollAnswer.poll_id).execution_options(synchronize_session=False)).first() is None:
        here().execute(insert(PollAnswer).values(poll_id=poll_id, **values))


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: nothing of what a persona answered leads to them any more (a persona that goes).

    Where the outcome is out their answer counts on as nobody's: an outcome that changed on the day on which somebody's
    three weeks are over would tell everybody what they chose.
    """
    for poll in _list_in(scope):
        chosen = tagged.find(PollAnswer, scope, KIND, (persona_id, poll.id))
        _keep(scope, persona_id, poll.id, None)
        if chosen is not None and poll.closes_on < clock.today():
            _keep(scope, new_ident(), poll.id, int.from_bytes(chosen))


def held(scope: Scope, persona_id: bytes) -> list[dict[str, Any]]:
    """What a persona answered, for its owner's copy of what is held about them; the words of a question are others'."""
    polls = {poll.id: poll.conversation_id for poll in _list_in(scope)}
    mine = tagged.find_many(PollAnswer, scope, KIND, {poll: (persona_id, poll) for poll in polls})
    return [
        {"topic": write_ident(polls[poll]), "answer_number": int.from_bytes(value) + 1} for poll, value in mine.items()
    ]


def _list_in(scope: Scope) -> Sequence[Any]:
    wanted = select(Poll.id, Poll.conversation_id, Poll.closes_on).join(
        Conversation, Conversation.id == Poll.conversation_id
    )
    return rows(wanted.where(Conversation.group_id == scope.group_id).order_by(Poll.id))


def _topic(actor: Actor, conversation_id: bytes) -> Place:
    place = places.get_place(actor, conversation_id)
    if place.kind is not ConversationKind.TOPIC:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return place


def _find(conversation_id: bytes) -> Any:
    return row(
        select(Poll.id, Poll.question, Poll.options, Poll.closes_on).where(Poll.conversation_id == conversation_id)
    )


def _opener(conversation_id: bytes) -> Any:
    wanted = select(Post.id, Post.state, Post.persona_id, Post.mask_id)
    return row(wanted.where(Post.conversation_id == conversation_id, Post.seq == 1))


def _facts(actor: Actor, place: Place, opener: Any) -> PollFacts:
    membership = actor.membership_in(place.group_id)
    stands = opener is not None and opener.state is PostState.VISIBLE
    own = membership is not None and stands and _is_mine(membership, place.id, opener.id)
    return PollFacts(places.facts_here(place), began=own, stands=stands, polled=place.polled)


def _is_mine(membership: Membership, conversation_id: bytes, post_id: int) -> bool:
    return row(select(Post.id).where(Post.id == post_id, queries.mine(membership, conversation_id))) is not None


def _clean(question: str, options: Sequence[str]) -> tuple[str, list[str]]:
    asked = " ".join(normalise(question).split())
    answers = [text for text in (" ".join(normalise(one).split()) for one in options[:MOST_OPTIONS]) if text]
    if not 1 <= len(asked) <= MOST_QUESTION:
        raise Invalid(_("Write a question of at most %(n)s letters.", n=MOST_QUESTION), "question")
    if len({one.casefold() for one in answers}) < max(LEAST_OPTIONS, len(answers)):
        raise Invalid(_("Give two answers or more, and each of them once."), "option-0")
    if max(map(len, answers)) > MOST_OPTION:
        raise Invalid(_("Make each answer shorter: at most %(n)s letters.", n=MOST_OPTION), "option-0")
    return asked, answers
