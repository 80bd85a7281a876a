"""What is sealed to people and not to this server: boxes that only a private key opens, and keys behind a passphrase.

Pure: no database, no clock. A box is libsodium's sealed box; a private key lies behind six words, stretched by Argon2id.
"""

import secrets
from dataclasses import dataclass, field, replace

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from forum.base import hashing
from forum.base.hashing import Cost

KEY_BYTES = 32
SALT_BYTES = 16
#: Given in a year as often as a sign-in in a week, and it guards the addresses of a whole organisation.
TIMES_A_SIGN_IN = 4


class Unopened(Exception):
    """A box that this key does not open: another key's, or changed."""


@dataclass(frozen=True)
class Pair:
    """A public key, to which anybody can seal, and the private one that opens what was sealed.

    :param private: never stored as it is, and left out of `repr`.
    """

    public: bytes
    private: bytes = field(repr=False)


@dataclass(frozen=True)
class Wrapped:
    """A private key behind a passphrase, with what it takes to try one.

    :param passes: and memory_kib: the price of a try when it was made; a later program may ask more of new ones.
    """

    sealed: bytes
    salt: bytes
    passes: int
    memory_kib: int


def new_pair() -> Pair:
    """A fresh pair."""
    return pair_of(bytes(PrivateKey.generate()))


def pair_of(private: bytes) -> Pair:
    """The pair that a private key belongs to."""
    return Pair(bytes(PrivateKey(private).public_key), private)


def seal(public: bytes, value: bytes) -> bytes:
    """Seal `value` so that only the private key of `public` opens it. Whoever seals cannot open it again."""
    return SealedBox(PublicKey(public)).encrypt(value)


def unseal(private: bytes, sealed: bytes) -> bytes:
    """What was sealed. :raises Unopened: not with this key."""
    try:
        return SealedBox(PrivateKey(private)).decrypt(sealed)
    except CryptoError as error:
        raise Unopened from error


def wrap(private: bytes, passphrase: str) -> Wrapped:
    """Put a private key behind a passphrase. Waits for the stretch: never inside a transaction.

    :param passphrase: as `phrases.read_phrase` spelt it.
    :raises Busy: too many are being stretched at this moment.
    """
    cost, salt = _cost(), secrets.token_bytes(SALT_BYTES)
    sealed = SecretBox(_stretched(passphrase, salt, cost)).encrypt(private)
    return Wrapped(bytes(sealed), salt, cost.passes, cost.memory_kib)


def unwrap(wrapped: Wrapped, passphrase: str) -> bytes:
    """The private key. Waits as `wrap` does.

    :raises Unopened: it is another passphrase. :raises Busy: as for `wrap`.
    """
    key = _stretched(passphrase, wrapped.salt, Cost(wrapped.passes, wrapped.memory_kib))
    try:
        return SecretBox(key).decrypt(wrapped.sealed)
    except CryptoError as error:
        raise Unopened from error


def _cost() -> Cost:
    return replace(hashing.COST, passes=TIMES_A_SIGN_IN * hashing.COST.passes)


def _stretched(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    halves = hashing.stretch(passphrase, salt, cost)
    return halves.lookup + halves.verifier


def split(private: bytes) -> tuple[bytes, bytes]:
    """Two halves of a private key. Each alone is random, and says nothing about it."""
    one = secrets.token_bytes(KEY_BYTES)
    return one, join(one, private)


def join(one: bytes, other: bytes) -> bytes:
    """What two halves make together."""
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
