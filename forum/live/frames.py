"""Frames of WebSockets (RFC 6455): what is sent is framed once for everybody, what comes is taken apart as it arrives.

Text alone, and no extensions: whatever else a stranger's bytes say ends the line with the code that the protocol has for it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_MORE, _BINARY = 0x0, 0x2
_FIN, _RESERVED, _MASKED = 0x80, 0x70, 0x80
#: Why a line is ended, as the protocol counts.
GONE, PROTOCOL, NOT_TEXT, UTF8, TOO_LONG = 1001, 1002, 1003, 1007, 1009
#: A control frame may not be longer, nor come in pieces.
MOST_CONTROL = 125
#: Codes that a browser may close with; others stand for what no one may send.
_CLOSES = frozenset((*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)))


class Broken(Exception):
    """What came is not the protocol. :param code: to close with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole message, or a control frame that came between its pieces. :param kind: TEXT, CLOSE, PING or PONG."""

    kind: int
    data: bytes


def framed(data: bytes, kind: int = TEXT) -> bytes:
    """One frame for any number of readers: a server masks nothing, so it is the same for all.

    :param data: of any length; at most MOST_CONTROL bytes for control frames.
    """
    length = len(data)
    if length < 126:
        return bytes((_FIN | kind, length)) + data
    if length < 1 << 16:
        return struct.pack("!BBH", _FIN | kind, 126, length) + data
    return struct.pack("!BBQ", _FIN | kind, 127, length) + data


def farewell(code: int) -> bytes:
    """A close frame. :param code: one of those above."""
    return framed(struct.pack("!H", code), CLOSE)


class Reader:
    """Puts frames together as their bytes arrive, and keeps no more than one message.

    :param most: bytes of a whole message.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = bytearray()
        self._pieces: bytearray | None = None

    def take(self, data: bytes) -> Iterator[Heard]:
        """What is whole now. :raises Broken: at the first byte that cannot be right; nothing after it is read."""
        self._bytes += data
        while (found := self._next()) is not None:
            final, kind, payload = found
            if kind & 0x8:
                yield Heard(kind, _control(kind, payload))
            elif (whole := self._join(final, kind, payload)) is not None:
                yield Heard(TEXT, whole)

    def _next(self) -> tuple[bool, int, bytes] | None:
        """The next frame if all of it is here."""
        came = self._bytes
        if len(came) < 2:
            return None
        kind, length, at = came[0] & 0x0F, came[1] & 0x7F, 2
        self._check_head(came[0], came[1], kind, length)
        if length > MOST_CONTROL:
            at = 4 if length == 126 else 10
            if len(came) < at:
                return None
            length = int.from_bytes(came[2:at])
        if length + len(self._pieces or b"") > self._most and not kind & 0x8:
            raise Broken(TOO_LONG)
        end = at + 4 + length
        if len(came) < end:
            return None
        payload = unmasked(came[at + 4 : end], came[at : at + 4])
        final = bool(came[0] & _FIN)
        del came[:end]
        return final, kind, payload

    def _check_head(self, first: int, second: int, kind: int, length: int) -> None:
        control = bool(kind & 0x8)
        known = kind in (_MORE, TEXT, _BINARY, CLOSE, PING, PONG)
        whole = bool(first & _FIN) and length <= MOST_CONTROL
        if first & _RESERVED or not second & _MASKED or not known or (control and not whole):
            raise Broken(PROTOCOL)
        if kind == _BINARY:
            raise Broken(NOT_TEXT)
        if not control and (kind == _MORE) != (self._pieces is not None):
            raise Broken(PROTOCOL)  # a piece of nothing, or a new message inside another

    def _join(self, final: bool, kind: int, payload: bytes) -> bytes | None:
        """The whole message, once its last piece came."""
        if kind == TEXT and final:
            return payload
        if kind == TEXT:
            self._pieces = bytearray(payload)
            return None
        assert self._pieces is not None
        self._pieces += payload
        if not final:
            return None
        whole, self._pieces = bytes(self._pieces), None
        return whole


def unmasked(data: bytes | bytearray, mask: bytes | bytearray) -> bytes:
    """What a browser said, which it scrambles so that no proxy takes it for a page."""
    length = len(data)
    if not length:
        return b""
    key = (bytes(mask) * (length // 4 + 1))[:length]
    return (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(length)


def _control(kind: int, payload: bytes) -> bytes:
    if kind == CLOSE and payload:
        if len(payload) == 1 or int.from_bytes(payload[:2]) not in _CLOSES:
            raise Broken(PROTOCOL)
        text_of(payload[2:])
    return payload


def text_of(data: bytes) -> str:
    """What a message says. :raises Broken: it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Broken(UTF8) from None
