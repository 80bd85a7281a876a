"""`make run` as a visitor meets it: it starts, keeps what was written, moves to another port, and stops cleanly."""

import os
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.services import free_port

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


@contextmanager
def running(var: Path, port: int) -> Iterator[str]:
    """The demonstration, from its welcome to its end; gives what it said until then."""
    ours = ("DATABASE_URL", "REDIS_URL", "CI")
    environment = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith("FORUM_")}
    environment |= {"FORUM_VAR": str(var), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "scripts/run.py"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout
        said = ""
        for line in server.stdout:
            said += line
            if "Ctrl-C stops it" in line:
                break
        else:
            pytest.fail(f"it ended before it was ready:\n{said}")
        try:
            yield said
        finally:
            server.send_signal(signal.SIGINT)
            rest = server.stdout.read()
            assert server.wait(30) == 0, said + rest


def get(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def rows(database: Path, table: str) -> int:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def test_it_starts_stops_and_keeps_its_data_on_another_port(tmp_path):
    var, first, second = tmp_path / "var", free_port(), free_port()
    with running(var, first) as said:
        assert f"http://127.0.0.1:{first}/" in said
        for seat in ("newcomer", "member", "facilitator", "moderator"):
            assert seat in said.lower(), said
        assert (get(first, "/"), get(first, "/readyz"), get(first, "/help")) == (200, 200, 200)
        posts, keyring = rows(var / "forum.db", "post"), (var / "keyring.json").read_bytes()
    assert posts > 0
    assert (var / "keyring.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(urllib.error.URLError):
        get(first, "/")
    with running(var, second) as said:
        assert f"http://127.0.0.1:{second}/" in said
        assert get(second, "/readyz") == 200
    assert rows(var / "forum.db", "post") == posts
    assert (var / "keyring.json").read_bytes() == keyring
