"""Pings for every open page, sent by one thread: a thread for each page would only wait, and cost it 16 kB."""

import threading
import time
from collections import deque
from typing import Any

from engineio import packet

from forum.base.pace import seconds

#: The pings of one second go out together.
LOOK_S = 1.0


class Pulse:
    """Sends each page a ping every so often, for as long as it is open.

    :param thread: makes the one thread, as Engine.IO does.
    """

    def __init__(self, thread: Any) -> None:
        self._thread = thread
        self._due: deque[tuple[float, Any]] = deque()
        self._starting = threading.Lock()
        self._running = False

    def of(self, page: Any) -> "Beat":
        """What stands for the thread of one page's ping. :param page: Engine.IO's socket."""
        return Beat(self, page)

    def add(self, page: Any) -> None:
        """Ping this page from now on."""
        self._due.append((seconds() + page.server.ping_interval, page))
        with self._starting:
            if not self._running:
                self._running = True
                self._thread(target=self._beat).start()

    def _beat(self) -> None:
        while True:
            time.sleep(LOOK_S)
            self._ping_due()

    def _ping_due(self) -> None:
        now = seconds()
        while self._due and self._due[0][0] <= now:
            _at, page = self._due.popleft()
            if page.closed or page.closing:
                continue
            page.queue.put(packet.Packet(packet.PING))  # who does not answer is silent, and their line gives up on them
            self._due.append((now + page.server.ping_interval, page))


class Beat:
    """Looks like a thread that is about to start."""

    def __init__(self, pulse: Pulse, page: Any) -> None:
        self._pulse, self._page = pulse, page

    def start(self) -> None:
        """From now on."""
        self._pulse.add(self._page)
