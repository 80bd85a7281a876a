"""One-way stretching of what people sign in with. Nothing here is stored, logged or shown; only halves of a result are.

Argon2id with 19 MiB, two passes and one lane (OWASP's second recommended setting): 26 to 46 ms here. The 64 MiB
setting of RFC 9106 took 205 to 271 ms, which lets four people a second sign in, so a handful of strangers could
keep everyone out.
"""

import hmac
import unicodedata
from dataclasses import dataclass, field

from argon2.low_level import Type, hash_secret_raw

from forum.base.characters import fold, normalise
from forum.base.pools import hash_pool

_HALF = 16  # bytes; 128 bits, more than any secret here has


@dataclass(frozen=True)
class Cost:
    """What one stretch costs whoever makes it: `passes` over `memory_kib` KiB in `lanes` lanes."""

    passes: int
    memory_kib: int
    lanes: int = 1


#: What every stretch costs unless told otherwise. Read at each call, so that one fixture can make many tries cheap.
COST = Cost(passes=2, memory_kib=19_456)


@dataclass(frozen=True)
class Halves:
    """The two halves of one stretch. Left out of `repr`, so that no log or error page can show them.

    :param lookup: 16 bytes; finds the row, and is its key.
    :param verifier: 16 bytes; compared with the row's by `same`.
    """

    lookup: bytes = field(repr=False)
    verifier: bytes = field(repr=False)


def stretch(secret: str, salt: bytes, cost: Cost | None = None) -> Halves:
    """Stretch a return phrase, as `phrases.read_phrase` returned it, off the event loop.

    One call gives both halves, so no fast hash of the phrase exists anywhere. The salt is the server's, not the
    row's, or the row could not be found by it; it comes from the keyring, so a stolen database alone can be tried
    against nothing.

    :param salt: 8 bytes or more, a tag made with a key of the keyring.
    :raises Busy: too many people are signing in at this moment.
    """
    return hash_pool.run(_stretch, unicodedata.normalize("NFC", secret).encode("utf-8", "replace"), salt, cost or COST)


def stretch_pair(name: str, password: str, salt: bytes, cost: Cost | None = None) -> Halves:
    """Stretch a private sign-in name together with its password: one call, one look-up, for every outcome.

    Name and password are one secret. A wrong password for a real name and a name nobody has both end as "no such
    row", after the same work: there is nothing to time, to count or to word differently. The name alone leaves no
    trace, so a thief cannot first find the names and then try passwords on each.

    What follows from it: two people may choose the same name without ever hearing "taken", which would tell that it
    exists; a new pair must be refused when its look-up half is there already ("choose a longer password"); and a
    change of either needs both, since nobody can look an account up by its name.

    :param name: compared without case, accents and doubled spaces.
    :param password: as typed; only its Unicode spelling is made one.
    :param salt: as for `stretch`.
    :raises Busy: too many people are signing in at this moment.
    """
    # A line feed cannot be in the name after this, so no other pair spells the same secret; no phrase has one either.
    return stretch(" ".join(fold(normalise(name)).split()) + "\n" + password, salt, cost)


def same(one: bytes, other: bytes) -> bool:
    """Compare two halves in a time that does not depend on where they differ."""
    return hmac.compare_digest(one, other)


def _stretch(secret: bytes, salt: bytes, cost: Cost) -> Halves:
    raw = hash_secret_raw(secret, salt, cost.passes, cost.memory_kib, cost.lanes, 2 * _HALF, Type.ID)
    return Halves(raw[:_HALF], raw[_HALF:])
