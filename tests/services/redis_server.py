"""A Redis server for the tests."""

import functools
import shutil
import signal
from dataclasses import dataclass, field
from typing import Any

import redis

from tests.services.child import Child, free_port, new_folder, running, without


@dataclass
class Redis:
    """A Redis server of our own, without persistence."""

    url: str
    port: int
    child: Child
    _carried: dict[str, int] = field(default_factory=dict)
    _own_connections: int = 0

    def kill9(self) -> None:
        for name in ("total_connections_received", "total_commands_processed"):
            self._carried[name] = self._total(name)
        self.child.kill9()

    def restart(self) -> None:
        """Start it again, empty, on the same port."""
        self.child.stop()
        self.child.start(lambda: self._ask("ping"))

    def pause(self) -> None:
        """Make it hang: connections are accepted by the kernel, nothing answers."""
        self.child.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.child.send(signal.SIGCONT)

    def flush(self) -> None:
        self._ask("flushall")

    def commands_served(self) -> int:
        return self._total("total_commands_processed")

    def connections_served(self) -> int:
        """Connections the server counted, those of this class left out."""
        return self._total("total_connections_received") - self._own_connections

    def _total(self, name: str) -> int:
        return int(self._ask("info", "stats")[name]) + self._carried.get(name, 0)

    def _ask(self, command: str, *arguments: str) -> Any:
        with redis.Redis(port=self.port, socket_timeout=5) as client:
            answer = getattr(client, command)(*arguments)
        self._own_connections += 1
        return answer


@functools.cache
def redis_server() -> Redis | None:
    """The run's Redis server, or None with the reason in ``missing["Redis"]``."""
    program = shutil.which("redis-server")
    if program is None:
        without("Redis", "no redis-server program; scripts/services.sh installs it")
        return None
    folder, port = new_folder("redis"), free_port()
    argv = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    argv += ["--dir", str(folder), "--databases", "16"]
    server = Redis(f"redis://127.0.0.1:{port}/0", port, Child("Redis", argv, folder / "log", signal.SIGTERM))
    server.child.start(lambda: server._ask("ping"))
    running(server.child)
    return server
