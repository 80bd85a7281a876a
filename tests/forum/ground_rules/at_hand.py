"""Proposals in each state at once: times are set back instead of waiting for them, so that nothing else grows old."""

from datetime import timedelta

from sqlalchemy import update

from forum.base import clock
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.conversations import contracting
from forum.conversations.contracting import Saying
from forum.conversations.prepare import Words
from forum.ground_rules import proposals, votes
from forum.ground_rules.patches import EDIT, Change, Patch
from forum.ground_rules.proposals import Wish
from forum.models import CharterProposal, CharterVote, VoteMode
from tests.world import Person

KINDER = (Change("be-kind", EDIT, {"body": "Write gently. We are all tired here."}),)


def form() -> str:
    """The token of a form."""
    return write_ident(new_ident())


def draft(author: Person, summary: str = "We write more gently.", patch: Patch = KINDER) -> bytes:
    """Somebody wishes for something."""
    assert author.group
    wish = Wish(patch, summary, "Hard words stay for days.")
    return proposals.begin(author.actor, author.group.scope, wish)


def talked_about(author: Person, second: Person, **said: str) -> bytes:
    """The group talks about it, since four days."""
    made = draft(author, **said)
    contracting.second(second.actor, made, Words("I want us to talk about this."), form())
    talked_enough(made)
    return made


def talked_enough(proposal: bytes) -> None:
    """Three days are over."""
    change = update(CharterProposal).where(CharterProposal.id == proposal)
    with transaction():
        here().execute(change.values(discussed_from=clock.now() - timedelta(days=4)))


def decided_about(
    author: Person, second: Person, lead: Person, mode: VoteMode = VoteMode.CONSENT, **said: str
) -> bytes:
    """The group decides about it now."""
    made = talked_about(author, second, **said)
    votes.call(lead.actor, made, mode)
    return made


def object_to(proposal: bytes, who: Person, body: str = "I forget things.\n\nKeep it short.") -> int:
    """Somebody gives a reason under a hidden name."""
    saying = Saying("be-kind", Words(body, masked=True), objects=True)
    return contracting.say(who.actor, proposal, saying, form()).id


def close(proposal: bytes, *people: Person, choice: str = "agree") -> None:
    """These people chose, they are enough, and the last moment is over."""
    for person in people:
        votes.choose(person.actor, proposal, choice)
    vote = votes.find_open(proposal)
    assert vote
    assert people[0].group
    with transaction():
        over = {"closes_at": clock.now(), "quorum": len(people)}
        here().execute(update(CharterVote).where(CharterVote.id == vote.id).values(**over))
        votes.close(people[0].group.scope, vote.id)
