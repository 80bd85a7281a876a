"""How far somebody read in a conversation: under a tag and sealed, so that it leads nobody to a persona."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import bindparam, delete, insert, select

from forum.base import tagged
from forum.base.hot import Hot
from forum.base.keyring import Scope, the_keyring
from forum.base.transaction import here
from forum.conversations.board_queries import TOPICS
from forum.models import ReadMarker
from forum.policy.actor import Membership

#: Opened markers kept in memory: a reader comes back to the same board again and again. Some 5 MB.
MARKERS_KEPT = 20_000
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


#: A page of topics, each with the tag of the key before during a rotation.
_PLACES = [f"tag_{n}" for n in range(2 * TOPICS)]
_MARKERS = Hot(
    select(ReadMarker.tag, ReadMarker.sealed).where(ReadMarker.tag.in_([bindparam(name) for name in _PLACES]))
)


def list_markers(membership: Membership, conversation_ids: Sequence[bytes]) -> dict[bytes, int]:
    """How far the member read in each of these conversations, in one query.

    :param conversation_ids: at most TOPICS of them.
    """
    wanted = {tag: one for one in conversation_ids for tag in marker_tags(membership.scope, membership.persona_id, one)}
    tags = list(wanted) or [b""]
    found = _MARKERS.rows({name: tags[min(n, len(tags) - 1)] for n, name in enumerate(_PLACES)})
    return {wanted[r.tag]: open_marker(membership.scope, r.tag, r.sealed) for r in found}


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
