"""The reference: a bare gevent WebSocket broadcaster. What anybody says is sent to all, and nothing else is done.

python -m benchmarks.broadcaster PORT BYTES: each message goes out padded to BYTES, as large as ours are.
"""

import base64
import hashlib
import re
import sys

import gevent
from gevent import socket
from gevent.server import StreamServer

from forum.live.frames import Reader, framed

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MOST = 64 * 1024
_pages: set[socket.socket] = set()


def main(port: str, size: str) -> None:
    StreamServer(("127.0.0.1", int(port)), lambda page, _address: _serve(page, int(size)), backlog=1024).serve_forever()


def _serve(page: socket.socket, size: int) -> None:
    page.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = page.recv(4096)
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", head)
    if key is None:
        return page.close()
    proof = base64.b64encode(hashlib.sha1(key[1] + MAGIC, usedforsecurity=False).digest())
    lines = (b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade")
    page.sendall(b"\r\n".join((*lines, b"Sec-WebSocket-Accept: " + proof, b"", b"")))
    _pages.add(page)
    reader = Reader(MOST)
    while data := page.recv(4096):
        for heard in reader.take(data):
            _tell(framed(heard.data.ljust(size)))
    _pages.discard(page)
    return None


def _tell(frame: bytes) -> None:
    for n, page in enumerate(list(_pages), 1):
        try:
            if page._sock.send(frame) != len(frame):
                raise RuntimeError("A reader of the reference is too slow: the machine cannot be measured.")
        except BlockingIOError:
            raise RuntimeError("A reader of the reference is too slow: the machine cannot be measured.") from None
        if n % 100 == 0:
            gevent.sleep(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
