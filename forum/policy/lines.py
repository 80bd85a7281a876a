"""Where lines to the team are kept and what their seals hold, for every layer that asks whether one's own has news."""

from dataclasses import dataclass
from functools import lru_cache

from forum.base import tagged
from forum.base.keyring import Scope
from forum.models import TeamLine

KIND = "team_line"
#: Lines of one persona: the first under its name, the others under aliases. Always all are asked for, so the number
#: tells nothing.
PLACES = 16
NAMED = 0
#: Opened seals kept in memory: home asks for them on each visit. Some 5 MB.
SEALS_KEPT = 20_000


@dataclass(frozen=True)
class Face:
    """Under whose face a line writes.

    :param id: of the persona, or of the mask that was born in a topic.
    """

    id: bytes
    masked: bool


def line_tags(scope: Scope, persona_id: bytes) -> list[bytes]:
    """Where every line of a persona may be, taken or free."""
    return [tag for n in range(PLACES) for tag in tagged.tags(scope, KIND, persona_id, n)]


@lru_cache(maxsize=SEALS_KEPT)
def open_line(scope: Scope, tag: bytes, sealed: bytes) -> tuple[Face, int]:
    """The face, and how far the line's owner read."""
    value = tagged.open_value(TeamLine, scope, tag, sealed)
    return Face(value[1:17], masked=bool(value[0])), int.from_bytes(value[17:])


def pack(face: Face, read_seq: int) -> bytes:
    """What `open_line` opens: always 25 bytes, so the size tells nothing."""
    return bytes([face.masked]) + face.id + read_seq.to_bytes(8)
