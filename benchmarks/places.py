"""Where the program runs while it is measured: databases of its own, and the server that `make run` starts."""

import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
from flask import Flask

import wsgi
from forum.base import keyring
from forum.base.config import Settings
from forum.base.db import db
from tests import services

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60
#: As scripts/run.py starts it, and the bare page with the same.
SERVER_FLAGS = (
    "-k gevent -w 1 --worker-connections 4000 --timeout 60 --graceful-timeout 5 --keep-alive 5 "
    "--no-control-socket --log-level warning"
)


@dataclass(frozen=True)
class Place:
    """One migrated database, with the program over it in this process."""

    name: str
    url: str
    folder: Path
    app: Flask

    @property
    def environment(self) -> dict[str, str]:
        """What a server over the same database needs to be told."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FORUM_") and k not in ("REDIS_URL",)}
        return kept | {
            "DATABASE_URL": self.url,
            "FORUM_VAR": str(self.folder),
            "FORUM_KEYRING_FILE": str(self.folder.parent / "keyring.json"),
            "FORUM_TRUSTED_HOSTS": "127.0.0.1",
        }


def sqlite(folder: Path, name: str) -> Place:
    """A new database file."""
    return _place(folder, name, f"sqlite:///{folder / name / 'forum.db'}")


def postgres(folder: Path, name: str) -> Place | None:
    """A new database on a server of our own, or None where PostgreSQL is not installed."""
    server = services.postgres()
    return _place(folder, name, server.create_database(f"forum_{name}")) if server else None


def _place(folder: Path, name: str, url: str) -> Place:
    here, keys = folder / name, folder / "keyring.json"
    here.mkdir()
    if not keys.exists():
        keyring.init(keys)
    app = wsgi.create_app(Settings(database_url=url, keyring_file=keys, var=here, testing=True, ticker=False))
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        dispose()
    return Place(name, url, here, app)


def dispose() -> None:
    """Close what this process holds open. Needs an application context."""
    for engine in db.engines.values():
        engine.dispose()


@contextmanager
def serving(program: str, environment: dict[str, str]) -> Iterator[str]:
    """A gunicorn of one process; gives its address once it answers. Parameters as for `running`."""
    with running(program, environment) as (url, _process_id):
        yield url


@contextmanager
def running(program: str, environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """The same, with the process to be measured.

    :param program: what to serve, such as "benchmarks.ours:create_app()".
    :raises RuntimeError: it did not start.
    """
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    url = f"http://127.0.0.1:{services.free_port()}"
    gunicorn = Path(sys.executable).parent / "gunicorn"
    command = [str(gunicorn), *SERVER_FLAGS.split(), "-b", url.removeprefix("http://"), program]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log, start_new_session=True)
    try:
        _wait(server, f"{url}/healthz")
        yield url, server.pid
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(15)
        server.kill()


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()  # it answers: the bare page has no /healthz
        except OSError:
            time.sleep(0.1)
            continue
        return
    raise RuntimeError(f"The server did not start within {START_SECONDS} seconds.")
