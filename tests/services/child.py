"""One server process of a test run: started on a free port, ended with this process however that ends."""

import atexit
import contextlib
import ctypes
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

#: Why a service could not be started, by its name. Shown in the closing lines of the test run.
missing: dict[str, str] = {}

START_SECONDS = 30
"""A two-core machine under load can take many seconds for initdb; thirty leaves room and still ends."""

_PR_SET_PDEATHSIG = 1


class Stoppable(Protocol):
    def stop(self) -> None: ...


_running: list[Stoppable] = []


class ServiceFailed(RuntimeError):
    """A server did not start or stopped unasked; carries the end of its log."""


def running(service: Stoppable) -> None:
    """Remember a started service for ``stop_all``."""
    _running.append(service)


def stop_all() -> None:
    """Stop everything that was started, last first. Harmless twice."""
    while _running:
        _running.pop().stop()


atexit.register(stop_all)


def without(name: str, reason: str) -> None:
    """Note that a service cannot be had here."""
    missing[name] = reason


def free_port() -> int:
    """A port of the loopback address that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@functools.cache
def unprivileged_user() -> str | None:
    """Whom to run servers as: PostgreSQL refuses root, and the others do not need it."""
    return "nobody" if os.geteuid() == 0 else None


def run_as() -> dict[str, Any]:
    user = unprivileged_user()
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


@functools.cache
def _root_folder() -> Path:
    """This run's folder; folders of earlier runs whose process is gone are removed on the way."""
    for old in Path(tempfile.gettempdir()).glob("cg-services-*"):
        if not Path(f"/proc/{old.name.split('-')[2]}").exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"cg-services-{os.getpid()}-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_folder(name: str) -> Path:
    folder = _root_folder() / name
    folder.mkdir()
    if user := unprivileged_user():
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    folder.chmod(0o700)
    return folder


def processes_in(folder: Path) -> list[int]:
    """The processes whose working folder this is, as PostgreSQL's all have their data folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found


class Child:
    """One server process that ends with this one, however this one ends."""

    def __init__(self, name: str, argv: list[str], log: Path, stop_signal: signal.Signals) -> None:
        self.name, self.argv, self.log, self.stop_signal = name, argv, log, stop_signal
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, is_ready: Callable[[], object]) -> None:
        libc, stop_signal = ctypes.CDLL(None), int(self.stop_signal)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
                start_new_session=True,  # Ctrl-C reaches pytest first, which then stops us in order
                preexec_fn=lambda: libc.prctl(_PR_SET_PDEATHSIG, stop_signal),
                **run_as(),
            )
        self.wait_until(is_ready)

    def wait_until(self, is_ready: Callable[[], object]) -> None:
        """Return as soon as ``is_ready`` stops raising.

        :raises ServiceFailed: the process ended, or START_SECONDS passed.
        """
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                is_ready()
            except Exception as error:
                ended = self.process is None or self.process.poll() is not None
                if ended or time.monotonic() > end:
                    raise ServiceFailed(f"{self.name}: {error}\n{self.log_tail()}") from error
                time.sleep(0.02)
            else:
                return

    def log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def send(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def kill9(self) -> None:
        self.send(signal.SIGKILL)
        if self.process:
            self.process.wait(START_SECONDS)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.send(signal.SIGCONT)  # a paused server cannot hear the polite signal
        self.send(self.stop_signal)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill9()
