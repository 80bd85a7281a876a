"""Titles that a reader chose not to see: for a word in them, or for the post that they open, wherever topics are listed."""

from collections.abc import Mapping

from forum.conversations import filtering, queries
from forum.conversations.choices import Choices
from forum.policy.actor import Membership


def put_away(membership: Membership, chosen: Choices, titles: Mapping[bytes, str]) -> set[bytes]:
    """Which of these topics show no title to this reader; one question for who chose, none for anybody else.

    :param titles: by conversation, for those whom the actor may read.
    """
    if not chosen.any_for_reading:
        return set()
    openers = {r.conversation_id: r for r in queries.list_openers(list(titles))}
    away = set()
    for conversation_id, title in titles.items():
        opener = openers.get(conversation_id)
        by, noted = (opener.by, opener.notes) if opener else (None, 0)
        if by != membership.persona_id and filtering.away(chosen.treat(by, noted, title)):
            away.add(conversation_id)
    return away
