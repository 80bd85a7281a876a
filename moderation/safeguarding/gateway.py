"""Asking a gateway to send a text or ring a telephone: one signed request, to a place outside this network.

Whoever sets a gateway's address chooses where this server connects to. So it goes to public addresses alone, to the very one
that was looked at, follows nothing, and reads no answer but its number. What an operator runs inside is named by setting.
"""

import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from forum.base import clock
from forum.base.config import the_settings

#: A gateway that says nothing for this long is tried again later, and the other channel goes meanwhile.
TIMEOUT_S = 8.0
SIGNATURE, ONCE = "Forum-Signature", "Idempotency-Key"
#: Public addresses that carry a private one inside.
_WRAPPED = tuple(ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


@dataclass(frozen=True)
class Request:
    """What a gateway is asked. :param id: the same for a call that is tried again. :param to: whom, as the gateway knows them."""

    id: str
    to: str
    text: str
    urgent: bool
    drill: bool


def is_allowed(url: str) -> bool:
    """Whether a request may go there, as far as its letters tell; where its name leads is looked at with each request."""
    parts = _split(url)
    if parts is None:
        return False
    return _origin(parts) in the_settings().call_gateways or (parts.scheme == "https" and "." in (parts.hostname or ""))


def _split(url: str) -> SplitResult | None:
    if not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return None if not fine or parts.username or parts.password or parts.fragment else parts


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def ask(url: str, secret: str, wanted: Request) -> None:
    """Have somebody called.

    :raises OSError: it was not taken, or the address is none that may be asked.
    """
    parts = _split(url)
    if parts is None or not is_allowed(url):
        raise OSError("not an address that may be asked")
    body = json.dumps(asdict(wanted), separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: sign(secret, body, int(clock.now().timestamp())),
        ONCE: wanted.id,
        "User-Agent": "forum",
    }
    line = _connect(parts)
    try:
        line.request("POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, headers)
        status = line.getresponse().status
    except HTTPException as error:
        raise OSError("the gateway's answer was none") from error
    finally:
        line.close()
    if not 200 <= status < 300:
        raise OSError("the gateway did not take it")


def sign(secret: str, body: bytes, at: int) -> str:
    """What proves to a gateway that it was us, and when: it refuses what is older than some minutes."""
    return f"t={at},v1={hmac.digest(secret.encode(), b'%d.' % at + body, hashlib.sha256).hex()}"


def _connect(parts: SplitResult) -> HTTPConnection:
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    address = _address_of(host, port, is_ours=_origin(parts) in the_settings().call_gateways)
    made = _Secure(host, port, timeout=TIMEOUT_S) if parts.scheme == "https" else _Plain(host, port, timeout=TIMEOUT_S)
    made.address = address
    return made


def _address_of(host: str, port: int, *, is_ours: bool) -> str:
    """The address that is looked at and then used: a name must not lead elsewhere the second time."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not (is_ours or all(is_public(one) for one in found)):
        raise OSError("the name leads into a network that is not public")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an address is on the open network, and does not carry one that is not."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        if one.ipv4_mapped is not None:
            return is_public(str(one.ipv4_mapped))
        if any(one in wrapped for wrapped in _WRAPPED):
            return False
    return one.is_global and not one.is_multicast


class _Plain(HTTPConnection):
    """To an address that was looked at."""

    address = ""

    def connect(self) -> None:
        """Open the line to that address, whatever the name means by now."""
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class _Secure(HTTPSConnection):
    """The same, and the name must stand in the certificate."""

    address = ""

    def connect(self) -> None:
        """Open the line to that address, whatever the name means by now."""
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
