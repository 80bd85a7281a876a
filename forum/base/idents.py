"""Random names of things, and how they are written in an address.

No sequence is ever shown: an integer sequence brackets a masked post between its named neighbours (decisions.md §2).
"""

import base64
import secrets
from datetime import UTC, datetime

from forum.base import clock

IDENT_BYTES = 16
#: Post ids count hours from here, so that 20 bits of hours last until 2143 and the whole id fits 53 bits.
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
RANDOM_BITS = 33


def new_ident() -> bytes:
    """128 random bits."""
    return secrets.token_bytes(IDENT_BYTES)


def new_post_id() -> int:
    """Hours since 2024, then 33 random bits: sortable by hour for the index, silent about the minute."""
    hours = int((clock.now() - EPOCH).total_seconds() // 3600)
    return hours << RANDOM_BITS | secrets.randbits(RANDOM_BITS)


def write_ident(ident: bytes) -> str:
    """`ident` as 26 letters and digits of base32."""
    return base64.b32encode(ident).decode().rstrip("=").lower()


def read_ident(text: str) -> bytes | None:
    """The ident that `text` spells, or None. Only the one canonical spelling is taken."""
    try:
        ident = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    return ident if len(ident) == IDENT_BYTES and write_ident(ident) == text else None


def write_post_id(post_id: int) -> str:
    """`post_id` as 12 letters and digits of base32."""
    return base64.b32encode(post_id.to_bytes(7)).decode().rstrip("=").lower()


def read_post_id(text: str) -> int | None:
    """The post id that `text` spells, or None."""
    try:
        post_id = int.from_bytes(base64.b32decode(text.upper() + "=" * (-len(text) % 8)))
    except ValueError:
        return None
    return post_id if len(text) == 12 and write_post_id(post_id) == text else None
