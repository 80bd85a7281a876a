"""A caching reverse proxy for the tests."""

import functools
import os
import shutil
import signal
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.services.child import Child, free_port, new_folder, running, without

_TEMPLATE = Path(__file__).with_name("nginx.conf.in")


@dataclass
class Nginx:
    """A caching reverse proxy of our own. ``url`` is where a browser goes; ``point_at`` says what stands behind."""

    url: str
    port: int
    folder: Path
    child: Child
    _carried: int = 0
    _own_requests: int = 0

    def point_at(self, *upstream_ports: int) -> None:
        """Send requests to these ports of the loopback address in turn from now on, with an empty cache.

        A restart and not a reload: after a reload the old worker answers a few more requests.
        """
        self._carried = self.requests()
        self.child.stop()
        self._start(*upstream_ports)

    def requests(self) -> int:
        """Requests the proxy counted, those of this class left out."""
        return self._carried + self._requests_now()

    def access_log(self) -> str:
        return (self.folder / "access.log").read_text(errors="replace")

    def _requests_now(self) -> int:
        with urllib.request.urlopen(f"{self.url}/-/status", timeout=5) as answer:
            self._own_requests += 1
            lines = answer.read().decode().splitlines()
        return int(lines[2].split()[2]) - self._own_requests

    def _start(self, *upstream_ports: int) -> None:
        shutil.rmtree(self.folder / "cache", ignore_errors=True)
        text = _TEMPLATE.read_text()
        behind = " ".join(f"server 127.0.0.1:{port};" for port in upstream_ports)
        for key, value in {"FOLDER": self.folder, "PORT": self.port, "UPSTREAM": behind}.items():
            text = text.replace(f"@{key}@", str(value))
        (self.folder / "nginx.conf").write_text(text)
        self._own_requests = 0
        self.child.start(self._requests_now)


@functools.cache
def nginx() -> Nginx | None:
    """The run's caching proxy, or None with the reason in ``missing["nginx"]``."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        without("nginx", "no nginx program; scripts/services.sh installs it")
        return None
    folder, port = new_folder("nginx"), free_port()
    argv = [program, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    server = Nginx(f"http://127.0.0.1:{port}", port, folder, Child("nginx", argv, folder / "log", signal.SIGTERM))
    server._start(free_port())
    running(server.child)
    return server
