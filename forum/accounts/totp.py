"""The arithmetic of codes: six digits that an app on a phone makes from a secret and the time (TOTP, RFC 6238), and spares."""

import base64
import hashlib
import hmac
from datetime import datetime

import pyotp

from forum.base import clock

#: RFC 6238's own: a code lives for 30 seconds, and one step to either side bears a phone whose clock is off.
STEP_S = 30
DRIFT = 1
SECRET_BYTES = 20
#: Of each spare code a hash of this size is kept.
SPARE_HASH_BYTES = 8


def written(secret: bytes) -> str:
    """A secret as people type it into an app."""
    return pyotp.TOTP(_base32(secret)).secret


def link_of(secret: bytes, site: str) -> str:
    """The address that an app on the same phone opens. It names the site and nobody."""
    return pyotp.TOTP(_base32(secret)).provisioning_uri(name="team", issuer_name=site)


def code_at(secret: bytes, moment: datetime) -> str:
    """The six digits of a moment."""
    return _code(secret, _step_of(moment))


def fitting(secret: bytes, code: str, after: int) -> int | None:
    """The step whose code this is, if it is later than the last one that was used."""
    typed = "".join(code.split())
    now = _step_of(clock.now())
    fits = [s for s in range(now - DRIFT, now + DRIFT + 1) if hmac.compare_digest(_code(secret, s), _ascii(typed))]
    return next((s for s in fits if s > after), None)


def _ascii(typed: str) -> str:
    """Compare in constant time takes nothing else; digits of other scripts are taken as what they mean."""
    return "".join(str(int(c)) if c.isdecimal() else "x" for c in typed)


def _step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_S


def _code(secret: bytes, step: int) -> str:
    return pyotp.TOTP(_base32(secret)).generate_otp(step)


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode()


def spare_hash(secret: bytes, typed: str) -> bytes:
    """What is kept of a spare code."""
    return hmac.digest(secret, b"spare" + typed.encode("utf-8", "surrogatepass"), hashlib.sha256)[:SPARE_HASH_BYTES]
