"""What stands between a WebSocket driver and the socket: everything is sent whole, one message after the other.

simple-websocket 1.1.0 ignores how much of a message the socket took, so a reader who pauses gets a torn stream; it reads
without bound, so a writer who floods fills the memory (docs/decisions/0007-websocket-driver.md).
"""

import contextlib
import socket
import threading
import time

from forum.base.pace import Pace

#: Longer than a ping and its answer: a reader who takes nothing, or says nothing, for so long is gone.
SILENCE_S = 60.0
#: A person's page says less than this in a minute. What comes faster waits in the sender's own network buffer.
BYTES_A_SECOND = 4096
BURST_BYTES = 4 * 16 * 1024


class Line:
    """A connected socket as the WebSocket driver needs it.

    :param connected: the web server's socket; used by nothing else from now on.
    """

    def __init__(self, connected: socket.socket) -> None:
        connected.settimeout(SILENCE_S)
        self._socket = connected
        self._sending = threading.Lock()
        self._hearing = Pace(BYTES_A_SECOND, BURST_BYTES)

    def send(self, data: bytes) -> int:
        """Send all of `data`; two senders never mix their bytes.

        :raises OSError: the reader is gone, or took nothing for `SILENCE_S`; the line is cut then, for half a message
            cannot be taken back.
        """
        with self._sending:
            try:
                self._socket.sendall(data)
            except OSError:
                self.cut()
                raise
        return len(data)

    def recv(self, most: int) -> bytes:
        """Receive at most `most` bytes, no faster than people write."""
        data = self._socket.recv(most)
        wait = self._hearing.take(len(data))
        if wait:
            time.sleep(wait)
        return data

    def cut(self) -> None:
        """End the connection now, whatever the other side thinks of it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()
