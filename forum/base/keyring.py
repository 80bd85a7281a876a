"""The keys that live outside the database, and the two things done with them: tags and seals.

A *tag* finds a row without naming whose it is; a *seal* hides a value from whoever steals the database. Both begin with
the organisation and the group, so that no tag or seal of one group fits a row of another (decisions.md §1).
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError

from forum.base import clock

log = logging.getLogger(__name__)

TAG_BYTES = 16
KEY_BYTES = 32
#: Tags kept in memory: a board asks for 25 and a topic for four, the same ones each time. Some 8 MB.
TAGS_KEPT = 20_000
NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES


class Purpose(StrEnum):
    """What a key is for; no key serves two."""

    COOKIE = "cookie"
    TAG = "tag"
    SEAL = "seal"
    AUDIT = "audit"
    BALLOT = "ballot"
    BACKUP_PUBLIC = "backup-public"


class State(StrEnum):
    """next: read already, and makes from the next step of a rotation; active: makes and reads; read: reads what it made
    before; retired: kept only to say so.
    """

    NEXT = "next"
    ACTIVE = "active"
    READ = "read"
    RETIRED = "retired"


#: Made by `init`. The backup key is a pair whose private half never stays on this host, so it is not among them.
OWN_PURPOSES = (Purpose.COOKIE, Purpose.TAG, Purpose.SEAL, Purpose.AUDIT, Purpose.BALLOT)


#: Beside the active key; at most one for each purpose that is rotated, for look-ups try two keys.
ALSO_READ = (State.NEXT, State.READ)
#: Every row they made is renewed under the new key, and then the old one ends.
ROTATED = (Purpose.TAG, Purpose.SEAL)


class KeyringError(Exception):
    """The keyring is missing, readable by others, or does not hold what is needed. The message says what to do."""


@dataclass(frozen=True)
class Key:
    """One entry of the keyring."""

    id: str
    purpose: Purpose
    state: State
    secret: bytes

    def as_entry(self) -> dict[str, str]:
        """The entry as written to the file."""
        return {
            "id": self.id,
            "purpose": self.purpose.value,
            "state": self.state.value,
            "key": base64.b64encode(self.secret).decode(),
        }


def new_key(purpose: Purpose) -> Key:
    """A fresh active key."""
    return Key(secrets.token_hex(4), purpose, State.ACTIVE, secrets.token_bytes(KEY_BYTES))


def _message(parts: tuple[bytes | str | int, ...]) -> bytes:
    """`parts` one after another, each with its length, so that no two lists give the same bytes."""
    pieces = []
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        pieces.append(len(data).to_bytes(4) + data)
    return b"".join(pieces)


@lru_cache(maxsize=4096)
def _beginning(organisation_id: bytes, group_id: bytes, kind: str) -> bytes:
    """What all tags of one kind in one group begin with."""
    return _message((organisation_id, group_id, kind))


@lru_cache(maxsize=TAGS_KEPT)
def _tags(ring: "Keyring", organisation_id: bytes, group_id: bytes, kind: str, *ids: bytes | str | int) -> list[bytes]:
    data = _beginning(organisation_id, group_id, kind) + _message(ids)
    return [hmac.digest(key.secret, data, hashlib.sha256)[:TAG_BYTES] for key in ring.readable(Purpose.TAG)]


@dataclass(frozen=True)
class Keyring:
    """All keys of one installation.

    :param demonstration: made for demonstration mode; refused outside it.
    :param exported_on: the day the copy for the safe was made, or None (`flask doctor` is red until then).
    """

    keys: tuple[Key, ...]
    demonstration: bool = False
    exported_on: str | None = None

    def active(self, purpose: Purpose) -> Key:
        """The key that makes new tags or seals for `purpose`."""
        return self._in_use[purpose][0]

    def readable(self, purpose: Purpose) -> tuple[Key, ...]:
        """The active key first, then the one that a rotation comes from or goes to."""
        return self._in_use[purpose]

    @cached_property
    def _in_use(self) -> dict[Purpose, tuple[Key, ...]]:
        """Sorted out once: a page of a board asks for fifty tags and seals."""
        return {
            active.purpose: (active, *(k for k in self.keys if k.purpose is active.purpose and k.state in ALSO_READ))
            for active in reversed(self.keys)
            if active.state is State.ACTIVE
        }

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.writing_id)

    def tag(self, scope: "Scope", kind: str, *ids: bytes | str | int, key: Key | None = None) -> bytes:
        """Name a row without naming whose it is: HMAC-SHA256 cut to 16 bytes.

        :param scope: the organisation and group the row belongs to.
        :param kind: what the row is ("holder", "mask", "read_marker" …).
        :param key: another tag key than the active one, for look-ups during a rotation.
        """
        chosen = key or self.active(Purpose.TAG)
        data = _beginning(scope.organisation_id, scope.group_id, kind) + _message(ids)
        return hmac.digest(chosen.secret, data, hashlib.sha256)[:TAG_BYTES]

    def tags(self, scope: "Scope", kind: str, *ids: bytes | str | int) -> list[bytes]:
        """The tag under every key that may have made it, the active one first."""
        return _tags(self, scope.organisation_id, scope.group_id, kind, *ids).copy()

    def seal(self, scope: "Scope", place: str, row: bytes, value: bytes) -> bytes:
        """Hide `value` from whoever reads the database without the keyring.

        :param place: table and column; `row`: the row's key. Moved anywhere else the seal does not open.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = self.active(Purpose.SEAL)
        aad = _message((scope.organisation_id, scope.group_id, place, row))
        return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(value, aad, nonce, key.secret)

    def unseal(self, scope: "Scope", place: str, row: bytes, sealed: bytes) -> bytes:
        """What `seal` hid.

        :raises KeyringError: no key of this ring opens it, or it was moved or changed.
        """
        aad = _message((scope.organisation_id, scope.group_id, place, row))
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for key in self.readable(Purpose.SEAL):
            try:
                return crypto_aead_xchacha20poly1305_ietf_decrypt(text, aad, nonce, key.secret)
            except CryptoError:
                continue
        raise KeyringError(f"A sealed value of {place} does not open with this keyring. Was the right one restored?")

    @property
    def writing_id(self) -> str:
        """Which tag and seal keys make new rows; stored beside them so that a rotation knows what is left to do."""
        return f"{self.active(Purpose.TAG).id}{self.active(Purpose.SEAL).id}"

    def announced(self, purpose: Purpose) -> "Keyring":
        """The ring with the next key for `purpose`, which is read from now on and makes nothing yet.

        Every process has to know it before one makes rows with it: to one that does not, somebody's alias would not be
        there, and they would be given a second one. The copy in the safe lacks the new key.

        :raises KeyringError: the last rotation is not finished; look-ups try two keys, so rows under a third would be lost.
        """
        if self._has(purpose, State.NEXT):
            return self  # a rotation that was stopped half-way goes on
        if purpose in ROTATED and self._has(purpose, State.READ):
            raise KeyringError("The last rotation is not finished. Run `flask keys renew`, then `flask keys retire`.")
        return replace(self, keys=(*self.keys, replace(new_key(purpose), state=State.NEXT)), exported_on=None)

    def activated(self, purpose: Purpose) -> "Keyring":
        """The ring with the announced key active, and the one before it only read."""
        if not self._has(purpose, State.NEXT):
            return self
        later = {State.ACTIVE: State.READ, State.NEXT: State.ACTIVE}
        return replace(
            self,
            keys=tuple(replace(k, state=later.get(k.state, k.state)) if k.purpose is purpose else k for k in self.keys),
        )

    def rotated(self, purpose: Purpose) -> "Keyring":
        """Both steps at once, for a ring that no other process uses.

        :raises KeyringError: as for `announced`.
        """
        return self.announced(purpose).activated(purpose)

    def _has(self, purpose: Purpose, state: State) -> bool:
        return any(k.purpose is purpose and k.state is state for k in self.keys)

    def finished(self) -> "Keyring":
        """The ring after a rotation: tag and seal keys that were only read are retired.

        Cookie keys never are: return phrases were stretched with them, and only their owners could stretch them anew.
        """
        keys = (
            replace(k, state=State.RETIRED) if k.state is State.READ and k.purpose in ROTATED else k for k in self.keys
        )
        return replace(self, keys=tuple(keys))


@dataclass(frozen=True)
class Scope:
    """Where a tag or seal belongs: it never fits anywhere else."""

    organisation_id: bytes
    group_id: bytes


#: For rows that belong to the whole installation (sign-ins, seats): an account is of no group.
HOUSE = Scope(b"", b"")


def fresh(*, demonstration: bool = False) -> Keyring:
    """A ring of new keys."""
    return Keyring(tuple(new_key(p) for p in OWN_PURPOSES), demonstration)


def save(ring: Keyring, path: Path) -> None:
    """Write `ring` to `path` (mode 0600) whole or not at all."""
    body = {
        "demonstration": ring.demonstration,
        "exported_on": ring.exported_on,
        "entries": [k.as_entry() for k in ring.keys],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".new")
    with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(body, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def init(path: Path, *, demonstration: bool = False) -> Keyring:
    """Make a keyring where none is.

    :raises KeyringError: there is one already; it is never overwritten, for without it masks and drafts are lost.
    """
    if path.exists():
        raise KeyringError(f"{path} exists already. It is never overwritten: without it sealed rows cannot be read.")
    ring = fresh(demonstration=demonstration)
    save(ring, path)
    return ring


def load(path: Path) -> Keyring:
    """The keyring in `path`.

    :raises KeyringError: missing, readable by others than its owner, or broken.
    """
    if not path.exists():
        raise KeyringError(f"No keyring at {path}. Run `flask keys init`, or set FORUM_KEYRING_FILE.")
    if path.stat().st_mode & 0o077:
        raise KeyringError(f"{path} can be read by others. Run `chmod 600 {path}`.")
    try:
        body = json.loads(path.read_text())
        keys = tuple(_key_of(entry) for entry in body["entries"])
    except (ValueError, KeyError, TypeError) as error:
        raise KeyringError(f"{path} is damaged ({error}). Restore it from the copy in the safe.") from error
    ring = Keyring(keys, bool(body["demonstration"]), body["exported_on"])
    for purpose in OWN_PURPOSES:
        active = sum(k.purpose is purpose and k.state is State.ACTIVE for k in keys)
        if active != 1:
            raise KeyringError(f"{path} has {active} active keys for {purpose}. Restore it from the copy in the safe.")
    return ring


def _key_of(entry: dict[str, str]) -> Key:
    """A key of the file. One cut short would still make tags, and anyone could guess them.

    :raises ValueError: it is not whole.
    """
    key = Key(
        entry["id"],
        Purpose(entry["purpose"]),
        State(entry["state"]),
        base64.b64decode(entry["key"], validate=True),
    )
    if key.purpose in OWN_PURPOSES and len(key.secret) != KEY_BYTES:
        raise ValueError(f"the {key.purpose} key {key.id} is not whole")
    return key


def find_backup_key(ring: Keyring) -> str | None:
    """The public key that backups are made for; its other half was never on this machine for long."""
    found = [k for k in ring.keys if k.purpose is Purpose.BACKUP_PUBLIC and k.state is State.ACTIVE]
    return found[0].secret.decode() if found else None


def with_backup_key(ring: Keyring, public_key: str) -> Keyring:
    """The ring with another public key for backups. What older backups need is kept by whoever has their private key."""
    others = [replace(k, state=State.RETIRED) if k.purpose is Purpose.BACKUP_PUBLIC else k for k in ring.keys]
    added = Key(secrets.token_hex(4), Purpose.BACKUP_PUBLIC, State.ACTIVE, public_key.encode())
    return replace(ring, keys=(*others, added), exported_on=None)


def marked_exported(ring: Keyring) -> Keyring:
    """The ring with today noted as the day its copy for the safe was made."""
    return replace(ring, exported_on=clock.today().isoformat())


_ring: Keyring | None = None


def use(ring: Keyring) -> None:
    """Take tags and seals from `ring` from now on (start-up, rotation)."""
    global _ring
    _ring = ring
    _tags.cache_clear()  # what the old ring made is of no more use, and nor is the ring


def the_keyring() -> Keyring:
    """The ring in use.

    :raises KeyringError: none was loaded at start-up.
    """
    if _ring is None:
        raise KeyringError("The keyring was not loaded. Start the program through wsgi.py or the flask command.")
    return _ring


@dataclass
class _Watched:
    """The file that the ring in use came from, and how it looked then."""

    path: Path
    look: tuple[int, ...] | None


_watched: _Watched | None = None


def use_file(path: Path) -> Keyring:
    """Use the keyring in `path` from now on, and whatever a rotation makes of it.

    :raises KeyringError: as for `load`.
    """
    global _watched
    look = _look_of(path)  # before it is read: a change meanwhile is noticed by the next `refresh`
    ring = load(path)
    use(ring)
    _watched = _Watched(path, look)
    return ring


def refresh() -> None:
    """Read the file anew if it changed. Asked by each transaction and each second: costs one `stat`.

    A file that went missing or is damaged changes nothing here: people go on with the keys they have, and
    `flask doctor` says what is wrong.
    """
    if _watched is None or (look := _look_of(_watched.path)) == _watched.look:
        return
    _watched.look = look
    try:
        use(load(_watched.path))
    except (KeyringError, OSError) as error:
        log.error("the keyring file changed and cannot be used; the keys in memory stay. %s", type(error).__name__)


def _look_of(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_mode
