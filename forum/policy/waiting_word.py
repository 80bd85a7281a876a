"""That something was written to somebody which they have not had on a page: one row, so that home can say so without asking more.

The row stands among those of vouching, under a tag of the persona, and is as long as each of them: a thief of the tables
learns neither whose it is nor what it means.
"""

from forum.base import tagged
from forum.base.keyring import Scope
from forum.models import Vouch

KIND = "waiting_word"
#: As long as `forum.groups.vouching.Vouched` is when it is sealed.
SIZE = 58


def put(scope: Scope, persona_id: bytes) -> None:
    """Step: from now on home says that something is new."""
    tagged.keep(Vouch, scope, KIND, (persona_id,), bytes(SIZE))


def drop(scope: Scope, persona_id: bytes) -> None:
    """Step: it was read, or is over."""
    tagged.drop(Vouch, scope, KIND, (persona_id,))


def waits(scope: Scope, persona_id: bytes) -> bool:
    """Whether home says so."""
    return tagged.find(Vouch, scope, KIND, (persona_id,)) is not None
