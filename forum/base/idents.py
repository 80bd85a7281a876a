"""Random names of things, and how they are written in an address.

No sequence is ever shown: an integer sequence brackets a masked post between its named neighbours (decisions.md §2).
"""

import base64
import re
import secrets
from datetime import UTC, datetime

from forum.base import clock

IDENT_BYTES = 16
#: Post ids count hours from here, so that 20 bits of hours last until 2143 and the whole id fits 53 bits.
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
RANDOM_BITS = 33
POST_ID_BYTES = 7


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
    number = _number(text, IDENT_BYTES)
    return number.to_bytes(IDENT_BYTES) if number is not None else None


def write_post_id(post_id: int) -> str:
    """`post_id` as 12 letters and digits of base32."""
    return base64.b32encode(post_id.to_bytes(POST_ID_BYTES)).decode().rstrip("=").lower()


def read_post_id(text: str) -> int | None:
    """The post id that `text` spells, or None."""
    return _number(text, POST_ID_BYTES)


#: Base32's digits, and those that int() reads.
_DIGITS = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")
_SPELT = re.compile(r"[a-z2-7]+")


def _number(text: str, size: int) -> int | None:
    """What `text` says in base32: exactly `size` bytes, and zeros in the bits that fill up its last letter.

    Every address has one of these; base64.b32decode took eight times as long.
    """
    letters, spare = -(-8 * size // 5), -8 * size % 5
    if len(text) != letters or not _SPELT.fullmatch(text):
        return None
    number = int(text.translate(_DIGITS), 32)
    return number >> spare if number & ((1 << spare) - 1) == 0 else None
