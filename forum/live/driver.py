"""The WebSocket driver under Engine.IO: one greenlet for each page, and none of it for what is said to the page.

python-engineio, pinned, takes its driver, its queues and its threads from one table. Ours are put there: a queue whose
packets are on their way as soon as they are put in, and pings that one thread sends for everybody. What this saves for
each page, and why no maintained driver will do: docs/decisions/0087-a-driver-of-our-own.md. Its contract is
tests/forum/live/test_driver.py.
"""

import base64
import binascii
import hashlib
import logging
import queue
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engineio import exceptions, packet
from engineio.socket import Socket

from forum.base.broadcast import LINE
from forum.base.errors import origin
from forum.live import frames
from forum.live.line import Line
from forum.live.pulse import Pulse
from forum.live.wire import MOST_BYTES, WELL_BEGUN

log = logging.getLogger(__name__)

#: What the protocol has both sides mix into the key, so that no other kind of server answers by chance.
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PIECE = 4096


def installed(table: Mapping[str, Any]) -> dict[str, Any]:
    """Engine.IO's table with our driver in it. :param table: its own for greenlets, or for threads."""
    pulse = Pulse(table["thread"])

    def thread(target: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        """A thread, but for the one that would only wait to send a page its ping."""
        if getattr(target, "__func__", None) is Socket._send_ping:
            return pulse.of(target.__self__)  # type: ignore[attr-defined]
        return table["thread"](target=target, args=args, kwargs=kwargs or {})

    return {**table, "thread": thread, "queue": Outgoing, "queue_empty": queue.Empty, "websocket": Driver}


class Outgoing:
    """What Engine.IO takes for the queue of one page: what is put in goes straight to the line.

    `send` sends what is framed already: the line's own way to write, so that there is nothing between.
    """

    __slots__ = ("_early", "send")

    def __init__(self) -> None:
        self._early: list[bytes] = []
        self.send: Callable[[bytes], None] = self._early.append

    def attach(self, line: Line) -> None:
        """From now on everything goes over `line`, first what was put in before."""
        for frame in self._early:
            line.write(frame)
        self.send, self._early = line.write, []

    def put(self, item: packet.Packet | None) -> None:
        """Send a packet; None says that none will follow."""
        self.send(frames.farewell(frames.GONE) if item is None else frames.framed(item.encode().encode()))

    def get(self, **_patience: Any) -> packet.Packet:
        """Nothing ever waits here. :raises queue.Empty: always."""
        raise queue.Empty

    def task_done(self) -> None:
        """Nothing to count."""

    def join(self) -> None:
        """Nothing to wait for."""


class Driver:
    """One WebSocket, as a WSGI application that answers when it is over.

    :param handler: Engine.IO's own loop, whose socket this speaks for. :param _server: it.
    """

    def __init__(self, handler: Any, _server: Any) -> None:
        self._page: Socket = handler.__self__

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        line: Line | None = environ.get(LINE)
        accepted = _accepted(environ)
        if line is None or accepted is None:
            self._page.close(wait=False, abort=True)
            start_response("400 BAD REQUEST", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []
        line.write(accepted)
        page = self._page
        page.connected = page.upgraded = True
        page.queue.attach(line)
        try:
            self._listen(line)
        finally:
            page.close(wait=False, abort=True, reason=page.server.reason.TRANSPORT_CLOSE)
            page.server.sockets.pop(page.sid, None)  # else it counts among the open ones until Engine.IO's next round
            line.finish()
            line.cut()
        raise StopIteration if "gunicorn.socket" in environ else ConnectionError  # each server's way to say no more

    def _listen(self, line: Line) -> None:
        """Hand on what comes until the line is over."""
        reader = frames.Reader(MOST_BYTES)
        while not self._page.closed and (data := line.read(PIECE)):
            try:
                if not all(self._take(line, heard) for heard in reader.take(data)):
                    return
            except frames.Broken as broken:
                line.write(frames.farewell(broken.code))
                return

    def _take(self, line: Line, heard: frames.Heard) -> bool:
        """Answer a control frame, or hand a message on. False: the line is over."""
        if heard.kind == frames.TEXT:
            return self._receive(frames.text_of(heard.data))
        if heard.kind == frames.PING:
            line.write(frames.framed(heard.data, frames.PONG))
        if heard.kind == frames.CLOSE:
            line.write(frames.framed(heard.data[:2], frames.CLOSE))
        return heard.kind != frames.CLOSE

    def _receive(self, said: str) -> bool:
        """False hangs up: on one that says what no page says, and when the line was closed meanwhile."""
        if not WELL_BEGUN.match(said):
            return False
        try:
            self._page.receive(packet.Packet(encoded_packet=said))
        except exceptions.SocketIsClosedError:
            return False
        except Exception as error:  # noqa: BLE001 - one page's message must not end the server's thread
            log.error("a live message was not handled %s", origin(error))
            return False
        return not self._page.closed


def _accepted(environ: Mapping[str, Any]) -> bytes | None:
    """The answer that opens the line; None for what is no handshake of this protocol."""
    key = str(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""))
    try:
        whole = len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        whole = False
    if not whole or environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        return None
    proof = base64.b64encode(hashlib.sha1(key.encode() + MAGIC, usedforsecurity=False).digest())
    head = (b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade")
    return b"\r\n".join((*head, b"Sec-WebSocket-Accept: " + proof, b"", b""))
