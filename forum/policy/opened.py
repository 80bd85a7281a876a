"""The port for what a member has to know of their sealed contact details: that somebody opened them.

The forum's page of messages asks; whoever keeps the details answers.
"""

from collections.abc import Callable

from forum.base.keyring import Scope
from forum.policy.actor import Membership

HasNews = Callable[[Scope, bytes], bool]


def _nothing(_scope: Scope, _persona_id: bytes) -> bool:
    return False


_has_news: HasNews = _nothing


def plug(has_news: HasNews) -> None:
    """Ask `has_news` with a group and a persona from now on."""
    global _has_news
    _has_news = has_news


def has_news(membership: Membership | None) -> bool:
    """Whether this member has not read yet that their contact details were opened."""
    return membership is not None and _has_news(membership.scope, membership.persona_id)
