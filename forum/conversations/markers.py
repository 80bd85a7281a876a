"""How far somebody read in a conversation: under a tag and sealed, so that it leads nobody to a persona."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Row, bindparam, delete, insert, select

from forum.base import tagged
from forum.base.hot import Hot
from forum.base.keyring import Purpose, Scope, the_keyring
from forum.base.transaction import here
from forum.conversations.board_queries import TOPICS
from forum.models import ReadMarker
from forum.policy.actor import Membership

#: Opened markers kept in memory: a reader comes back to the same board again and again. Some 5 MB.
MARKERS_KEPT = 20_000
#: The same for whole pages of topics, with what finds them again; some 15 kB each.
PAGES_KEPT = 500
KIND = "read_marker"


def marker_tags(scope: Scope, persona_id: bytes, conversation_id: bytes) -> list[bytes]:
    """Where a persona's place in a conversation is kept."""
    return the_keyring().tags(scope, KIND, persona_id, conversation_id)


@lru_cache(maxsize=MARKERS_KEPT)
def open_marker(scope: Scope, tag: bytes, sealed: bytes) -> int:
    """The place up to which somebody read."""
    return int.from_bytes(tagged.open_value(ReadMarker, scope, tag, sealed))


def find_marker(membership: Membership, conversation_id: bytes) -> int:
    """How far this member read, 0 if never."""
    value = tagged.find(ReadMarker, membership.scope, KIND, (membership.persona_id, conversation_id))
    return int.from_bytes(value or b"")


_FOUND = select(ReadMarker.tag, ReadMarker.sealed)
#: A page of topics, and the same with the tag of the key before, too, during a rotation.
_MARKERS = {
    n: Hot(_FOUND.where(ReadMarker.tag.in_([bindparam(f"tag_{one}") for one in range(n)])))
    for n in (TOPICS, 2 * TOPICS)
}


def list_markers(membership: Membership, conversation_ids: Sequence[bytes]) -> Mapping[bytes, int]:
    """How far the member read in each of these conversations, in one query.

    :param conversation_ids: at most TOPICS of them.
    """
    keys = tuple(key.id for key in the_keyring().readable(Purpose.TAG))
    return _page(keys, membership.scope, membership.persona_id, tuple(conversation_ids)).find()


@lru_cache(maxsize=PAGES_KEPT)
def _page(_keys: tuple[str, ...], scope: Scope, persona_id: bytes, conversation_ids: tuple[bytes, ...]) -> "_Page":
    """The same while the keys that make tags are the same."""
    return _Page(scope, persona_id, conversation_ids)


class _Page:
    """How far one reader read in each topic of a page: asked each time, and opened anew only where something changed."""

    def __init__(self, scope: Scope, persona_id: bytes, conversation_ids: Sequence[bytes]) -> None:
        self._scope = scope
        self._wanted = {tag: one for one in conversation_ids for tag in marker_tags(scope, persona_id, one)}
        tags = list(self._wanted) or [b""]
        size = TOPICS if len(tags) <= TOPICS else 2 * TOPICS
        self._asked = _MARKERS[size].asked({f"tag_{n}": tags[min(n, len(tags) - 1)] for n in range(size)})
        self._last: tuple[Sequence[Row], Mapping[bytes, int]] = ((), {})

    def find(self) -> Mapping[bytes, int]:
        """By conversation; those that the reader never opened are left out."""
        found = self._asked.rows()
        last, read = self._last
        if found is not last:
            read = {self._wanted[r.tag]: open_marker(self._scope, r.tag, r.sealed) for r in found}
            self._last = (found, read)
        return read


def keep_marker(membership: Membership, conversation_id: bytes, seq: int) -> None:
    """Step: seal how far somebody read, unless another page of theirs went further meanwhile."""
    ids = (membership.persona_id, conversation_id)
    before = tagged.find(ReadMarker, membership.scope, KIND, ids, lock=True)
    if seq <= int.from_bytes(before or b""):
        return
    tagged.keep(ReadMarker, membership.scope, KIND, ids, seq.to_bytes(8))


def put_markers(membership: Membership, seqs: Mapping[bytes, int]) -> None:
    """Step: set how far somebody read in each of these conversations, also back. Its use case is `retrying`.

    Written in the order of their tags: a dump keeps the order of writing, and that of a board would say which row is of
    which topic.
    """
    scope, persona_id = membership.scope, membership.persona_id
    gone = [tag for one in seqs for tag in marker_tags(scope, persona_id, one)]
    here().execute(delete(ReadMarker).where(ReadMarker.tag.in_(gone)).execution_options(synchronize_session=False))
    kept = [
        tagged.sealed_row(ReadMarker, scope, KIND, (persona_id, one), seq.to_bytes(8))
        for one, seq in seqs.items()
        if seq
    ]
    if kept:
        here().execute(insert(ReadMarker), sorted(kept, key=lambda one: one["tag"]))
