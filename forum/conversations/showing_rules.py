"""Showing one of the group's rules in a conversation, word by word as the group agreed it: an ordinary post of a member."""

from forum.base.errors import NotFound
from forum.base.words import _
from forum.conversations import usecases
from forum.conversations.lifecycle import Written
from forum.conversations.places import Place
from forum.conversations.prepare import Words
from forum.ground_rules.queries import find_rules
from forum.policy.actor import Actor
from forum.policy.permissions import Denial


def show_rule(actor: Actor, place: Place, uid: str, lang: str, token: str) -> Written:
    """Post a card with a rule that is in force. It is a post like any other: its author can take it back.

    :param uid: of a clause. :param lang: of whoever posts, for the words around it.
    :raises NotFound: no such rule, or no member. :raises NotAllowed, Invalid: as for every post.
    """
    rules = find_rules(place.group_id)
    clauses = rules.clauses if rules else []
    found = next(((n, one) for n, one in enumerate(clauses, start=1) if one.uid == uid), None)
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    n, clause = found
    name = " ".join(clause.heading.split())
    quoted = "\n".join(f"> {line}".rstrip() for line in clause.body.strip().splitlines())
    body = "\n\n".join((f"**{_('Our rule %(n)s: %(name)s', n=n, name=name)}**", quoted))
    return usecases.submit_post(actor, place.id, Words(body, lang), token)
