"""The closing table fails a run that reached nothing, and only where it should."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PASSES = (
    "import pytest\n\n@pytest.mark.parametrize('database', ['sqlite', 'postgres'])\ndef test_a(database):\n    pass\n"
)
REACHES_ALL = """
import psycopg, pytest, redis
from tests import exercised

@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a(database, postgres_server, redis_server):
    psycopg.connect(postgres_server.url.replace("+psycopg", "")).close()
    redis.Redis(port=redis_server.port).ping()
    exercised.count("browser pages")
    if database == "postgres":
        import time; time.sleep(1)  # the server counts a session a moment after it ended
"""
ASKS_FOR_MAIL = "def test_a(smtp_server):\n    pass\n"


def run(folder: Path, source: str, *options: str, ci: bool = False) -> "subprocess.CompletedProcess[str]":
    (folder / "test_made_up.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.exercised", "-p", "no:cacheprovider", *options]
    environment = (
        {k: v for k, v in os.environ.items() if k != "CI"} | {"PYTHONPATH": str(ROOT)} | ({"CI": "true"} if ci else {})
    )
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_by_oneself_zeros_are_only_reported(tmp_path):
    done = run(tmp_path, PASSES)
    assert done.returncode == 0, done.stdout
    assert "tests on postgres              1" in done.stdout
    assert "Redis connections              0" in done.stdout


@pytest.mark.parametrize(("options", "ci"), [(["--require-all"], False), ([], True)])
def test_where_everything_is_required_a_zero_fails(tmp_path, options, ci):
    done = run(tmp_path, PASSES, *options, ci=ci)
    assert done.returncode == 1, done.stdout
    for row in ("PostgreSQL sessions", "Redis connections", "browser pages"):
        assert f"FAILED: {row} is 0" in done.stdout
    assert "FAILED: tests on postgres" not in done.stdout


def test_where_everything_was_reached_it_passes(tmp_path):
    done = run(tmp_path, REACHES_ALL, ci=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PostgreSQL sessions            2" in done.stdout


def test_what_workers_reached_is_added_up(tmp_path):
    both = REACHES_ALL.replace('if database == "postgres":', "if True:")
    done = run(tmp_path, both, "--numprocesses", "2", ci=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PostgreSQL sessions            2" in done.stdout
    assert "tests on sqlite                1" in done.stdout
    assert "browser pages                  2" in done.stdout
    zeros = run(tmp_path, ASKS_FOR_MAIL, "--numprocesses", "2", ci=True)
    assert zeros.returncode == 1
    assert "FAILED: SMTP messages is 0" in zeros.stdout


def test_a_server_asked_for_and_not_reached_fails(tmp_path):
    assert "FAILED: SMTP messages is 0" in run(tmp_path, ASKS_FOR_MAIL, ci=True).stdout
    assert run(tmp_path, ASKS_FOR_MAIL, "--require-none", ci=True).returncode == 0


def test_a_missing_program_is_named_here_and_fails_there(tmp_path):
    nowhere = "import pytest\nfrom tests import services\nservices.redis_server.cache_clear()\n"
    source = nowhere + "import os\nos.environ['PATH'] = ''\ndef test_a(redis_server):\n    pass\n"
    alone, ci = run(tmp_path, source), run(tmp_path, source, ci=True)
    assert (alone.returncode, ci.returncode) == (0, 1)
    assert "not exercised: Redis (no redis-server program; scripts/services.sh installs it)" in alone.stdout
    assert "1 skipped" in alone.stdout
