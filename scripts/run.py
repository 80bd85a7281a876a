"""What `make run` does once everything is installed: a demonstration that survives being stopped.

The first start makes keys, the database and three made-up groups in ``FORUM_VAR`` (default ``var``).
Later starts keep what is there. Ctrl-C stops the server; nothing else is left running.
"""

import hashlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
START_SECONDS = 60
"""The first start on a slow machine compiles templates and opens a new database; a minute is ten times what we saw."""


def main() -> int:
    settings = demonstration(dict(os.environ))
    port = int(settings["PORT"])
    if reason := why_not(port):
        return complain(reason)
    prepare(settings)
    return serve(settings, port)


def demonstration(environ: dict[str, str]) -> dict[str, str]:
    """The environment of a demonstration; whatever is already set there wins."""
    var = Path(environ.get("FORUM_VAR") or ROOT / "var").absolute()
    defaults = {
        "FORUM_DEMO": "1",
        "FORUM_VAR": str(var),
        "FORUM_KEYRING_FILE": str(var / "keyring.json"),
        "DATABASE_URL": f"sqlite:///{var / 'forum.db'}",
        "FLASK_APP": "wsgi:create_app",
        "PORT": "8000",
    }
    return defaults | {key: value for key, value in environ.items() if value} | {"FORUM_VAR": str(var)}


def why_not(port: int) -> str | None:
    """Why the server could not listen on this port, in a sentence a person can act on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return f"Port {port} is not free ({error.strerror}). Choose another: make run PORT={port + 1}"
    return None


def prepare(settings: dict[str, str]) -> None:
    """Keys, tables and people, each only where they are not there yet."""
    var = Path(settings["FORUM_VAR"])
    var.mkdir(parents=True, exist_ok=True)
    if not Path(settings["FORUM_KEYRING_FILE"]).exists():
        flask(settings, "keys", "init", *(["--demonstration"] if settings["FORUM_DEMO"] == "1" else []))
    flask(settings, "db", "upgrade")
    database = hashlib.sha256(settings["DATABASE_URL"].encode()).hexdigest()[:8]
    loaded = var / f".demo-loaded-{database}"
    if settings["FORUM_DEMO"] == "1" and not loaded.exists():
        flask(settings, "demo", "load")
        loaded.touch()


def flask(settings: dict[str, str], *command: str, quiet: bool = True) -> None:
    """Run one `flask` command; what it says is shown only when it fails, or when that is the point."""
    done = subprocess.run(
        [BIN / "flask", *command], cwd=ROOT, env=settings, text=True, capture_output=quiet, check=False
    )
    if done.returncode:
        sys.exit(complain(f"`flask {' '.join(command)}` did not work.\n{done.stdout or ''}{done.stderr or ''}"))


def serve(settings: dict[str, str], port: int) -> int:
    """Start the server, say where it is, and wait until somebody stops it."""
    allow_many_sockets()
    server = subprocess.Popen(gunicorn(port), cwd=ROOT, env=settings, start_new_session=True)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.terminate()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # Ctrl-C, a polite stop, a closed terminal
        signal.signal(number, stop)
    if reason := wait_until_ready(server, f"http://127.0.0.1:{port}/readyz"):
        server.terminate()
        server.wait()
        return complain(reason)
    welcome(settings, port)
    code = server.wait()
    return 0 if code in (0, -signal.SIGTERM) else code


def gunicorn(port: int) -> list[str]:
    """One process with greenlets: SQLite has one writer, and the live rooms share its memory (docs/decisions)."""
    flags = "-k gevent -w 1 --worker-connections 4000 --timeout 60 --graceful-timeout 15 --keep-alive 5"
    quiet = "--no-control-socket --log-level warning"
    return [str(BIN / "gunicorn"), *flags.split(), *quiet.split(), "-b", f"127.0.0.1:{port}", "wsgi:create_app()"]


def allow_many_sockets() -> None:
    """Each open page of a live room holds a socket; the usual soft limit of 1,024 is soon reached."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def wait_until_ready(server: "subprocess.Popen[bytes]", url: str) -> str | None:
    """None as soon as the server answers that it is ready, otherwise why not."""
    end, last = time.monotonic() + START_SECONDS, "no answer"
    while time.monotonic() < end:
        if server.poll() is not None:
            return "The server stopped while starting; the lines above say why."
        try:
            with urllib.request.urlopen(url, timeout=5):
                return None
        except urllib.error.HTTPError as error:
            with error:
                last = f"{error.code} {error.read(500).decode(errors='replace')}"
        except OSError as error:
            last = str(error)
        time.sleep(0.1)
    return f"The server was not ready after {START_SECONDS} seconds. {url} says: {last}"


def welcome(settings: dict[str, str], port: int) -> None:
    print(f"\nCommon Ground is running: http://127.0.0.1:{port}/\n")
    if settings["FORUM_DEMO"] == "1":
        sys.stdout.flush()
        flask(settings, "demo", "seats", quiet=False)
    print("\nCtrl-C stops it. Your data stays in", settings["FORUM_VAR"], flush=True)


def complain(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
