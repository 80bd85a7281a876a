"""Random names of things, and how they are written in an address.

No sequence is ever shown: an integer sequence brackets a masked post between its named neighbours (decisions.md §2).
"""

import os
import re
import secrets
from datetime import UTC, datetime

from forum.base import clock

IDENT_BYTES = 16
#: Post ids count hours from here, so that 20 bits of hours last until 2143 and the whole id fits 53 bits.
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
RANDOM_BITS = 33
POST_ID_BYTES = 7


#: Asked of the system at once: each asking takes longer than what is done with the answer.
_DRAWN_AT_ONCE = 4096
_drawn: list[bytes] = []
os.register_at_fork(after_in_child=_drawn.clear)  # two processes must never give the same name


def random_bytes(n: int) -> bytes:
    """Random bytes for names, masks and marks; never for keys, which draw their own.

    :param n: 1 to 16.
    """
    try:
        return _drawn.pop()[:n]
    except IndexError:
        fresh = secrets.token_bytes(_DRAWN_AT_ONCE)
        _drawn.extend(fresh[at : at + IDENT_BYTES] for at in range(IDENT_BYTES, _DRAWN_AT_ONCE, IDENT_BYTES))
        return fresh[:n]


def new_ident() -> bytes:
    """128 random bits."""
    return random_bytes(IDENT_BYTES)


def new_post_id() -> int:
    """Hours since 2024, then 33 random bits: sortable by hour for the index, silent about the minute."""
    return first_of_hour(post_hour(clock.now())) | secrets.randbits(RANDOM_BITS)


def post_hour(at: datetime) -> int:
    """The hour that ids of posts written then begin with."""
    return int((at - EPOCH).total_seconds() // 3600)


def first_of_hour(hour: int) -> int:
    """The smallest id that a post of this hour can have."""
    return hour << RANDOM_BITS


def write_ident(ident: bytes) -> str:
    """`ident` as 26 letters and digits of base32."""
    return _spelt(int.from_bytes(ident), IDENT_BYTES)


def read_ident(text: str) -> bytes | None:
    """The ident that `text` spells, or None. Only the one canonical spelling is taken."""
    number = _number(text, IDENT_BYTES)
    return number.to_bytes(IDENT_BYTES) if number is not None else None


def write_post_id(post_id: int) -> str:
    """`post_id` as 12 letters and digits of base32."""
    return _spelt(post_id, POST_ID_BYTES)


def read_post_id(text: str) -> int | None:
    """The post id that `text` spells, or None."""
    return _number(text, POST_ID_BYTES)


_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]


def _spelt(number: int, size: int) -> str:
    """`number`, of `size` bytes, in base32; both our sizes fill an even number of letters.

    base64.b32encode took six times as long, and a page has dozens of addresses.
    """
    letters = -(-8 * size // 5)
    number <<= 5 * letters - 8 * size
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(5 * letters - 10, -1, -10)])


#: Base32's digits, and those that int() reads.
_DIGITS = str.maketrans(_LETTERS, "0123456789abcdefghijklmnopqrstuv")
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
