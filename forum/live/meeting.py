"""Where several processes meet: Redis. It makes things sooner and is never waited for."""

import threading
from collections import deque
from typing import Any

from socketio import RedisManager

from forum.base import broadcast
from forum.live.fan_out import FanOut

#: How long the publishing thread waits for Redis. Left to itself a hung one took ten seconds (experience.md, finding 6).
PATIENCE = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}
#: Hints kept while Redis is away; the oldest go first, and readers catch up over HTTP.
MOST_WAITING = 1000


class Meeting(RedisManager, FanOut):  # type: ignore[misc]
    """Fan-out to sockets of other processes. Publishing is left to a thread of its own, so no request waits for it.

    :param url: of Redis.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, channel="common-ground", redis_options=dict(PATIENCE))  # type: ignore[call-arg]
        self._waiting: deque[dict[str, Any]] = deque(maxlen=MOST_WAITING)
        self._wake = threading.Event()
        self._starting = threading.Lock()
        self._publisher: threading.Thread | None = None

    def _publish(self, data: dict[str, Any]) -> None:
        self._waiting.append(data)
        self._wake.set()
        with self._starting:
            if self._publisher is None:
                self._publisher = threading.Thread(target=self._publish_waiting, daemon=True, name="hints")
                self._publisher.start()

    def _publish_waiting(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._waiting:
                super()._publish(self._waiting.popleft())

    def _handle_close_room(self, message: dict[str, Any]) -> None:
        """A room that another process closed is hung up here too."""
        broadcast.hang_up_here(str(message.get("room")))
