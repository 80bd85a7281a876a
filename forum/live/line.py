"""A connected socket that is never waited for: what its reader does not take at once is kept for a while, and not for ever.

Whoever speaks to a thousand readers hands each the same bytes. One who is slow holds up nobody, and is cut off when too much
waits: their page asks over HTTP what it missed (docs/decisions/0087-a-driver-of-our-own.md).
"""

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from gevent.monkey import get_original

from forum.base.pace import Pace, seconds

#: Python's own lock: gevent's takes a microsecond, as often as there are readers. Inside it nobody may wait or start a thread.
_lock = get_original("_thread", "allocate_lock")

#: Longer than a ping and its answer: a reader who takes nothing, or says nothing, for so long is gone.
SILENCE_S = 60.0
#: A hundred of the longest messages, and far more than any room says in that minute. All who wait for the same bytes share
#: them, so this is not what each slow reader costs; whoever is further behind is quicker served by asking what is new.
MOST_WAITING = 24 * 1024 * 1024
#: A person's page says less than this in a minute. What comes faster waits in the sender's own network buffer.
BYTES_A_SECOND = 4096
BURST_BYTES = 4 * 16 * 1024


class Line:
    """Both ways of one connection.

    :param connected: the web server's socket, without TLS (nginx ends that); used by nothing else from now on.
    """

    __slots__ = ("_bytes_waiting", "_hearing", "_send", "_socket", "_turn", "_waiting", "ended", "named")

    def __init__(self, connected: socket.socket) -> None:
        connected.settimeout(SILENCE_S)
        with contextlib.suppress(OSError):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        raw: Any = getattr(connected, "_sock", connected)  # gevent's own would wait where we go on
        self._send: Callable[[bytes, int], int] = raw.send
        self._turn = _lock()
        self._waiting: deque[bytes] | None = None
        self._bytes_waiting = 0
        self._hearing = Pace(BYTES_A_SECOND, BURST_BYTES)
        self.ended = False
        #: Whether it has shown whose it is (`forum.live.newcomers`).
        self.named = False

    def write(self, data: bytes) -> None:
        """Send all of `data`, after what was written before; never waits, never raises. Two writers never mix their bytes."""
        with self._turn:
            if self.ended:
                return
            falls_behind = self._waiting is None
            if falls_behind:
                # A full room does this a thousand times for each message: no further call where all goes out at once.
                try:
                    sent = self._send(data, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    sent = 0
                except OSError:
                    self.ended = True
                    return
                if sent == len(data):
                    return
                data = data[sent:]
                self._waiting = deque()
            assert self._waiting is not None
            self._waiting.append(data)
            self._bytes_waiting += len(data)
            too_much = self._bytes_waiting > MOST_WAITING
        if falls_behind:
            threading.Thread(target=self._send_waiting, daemon=True, name="slow reader").start()
        if too_much:
            self.cut()

    def _send_waiting(self) -> None:
        """Send the rest as its reader takes it; one who takes nothing for `SILENCE_S` is cut off."""
        while True:
            with self._turn:
                if not self._waiting or self.ended:
                    self._waiting = None
                    self._bytes_waiting = 0
                    return
                data = self._waiting[0]
            try:
                self._socket.sendall(data)
            except OSError:
                self.cut()
                continue
            with self._turn:
                self._waiting.popleft()
                self._bytes_waiting -= len(data)

    def read(self, most: int) -> bytes:
        """At most `most` bytes, no faster than people write; none when the other side is gone."""
        try:
            data = self._socket.recv(most)
        except OSError:
            return b""
        wait = self._hearing.take(len(data))
        if wait:
            time.sleep(wait)
        return data

    def finish(self) -> None:
        """Wait until what was written is sent, no longer than a reader may be silent."""
        end = seconds() + SILENCE_S
        while self._waiting is not None and not self.ended and seconds() < end:
            time.sleep(0.01)

    def cut(self) -> None:
        """End the connection now, whatever the other side thinks of it."""
        self.ended = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
