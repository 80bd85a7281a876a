"""The closing table: what this test run really reached, by the servers' own counts.

A suite can go green because everything with a database was skipped. So PostgreSQL, Redis and the mail
receiver are asked how many connections and messages they saw, and a zero fails the run where all of
them must be there (``CI=true`` or ``--require-all``). ``--require-none`` is for running a part.

Loaded by tests/conftest.py: ``pytest_plugins = ["tests.exercised"]``. Tests that open a page in the
browser call ``exercised.count("browser pages")``.

Fixtures: postgres_server, redis_server, nginx_server, smtp_server, chromium_path, threads_file. Each skips
its tests by name where the thing is missing.

PYTEST_DONT_REWRITE: conftest.py takes ``need`` from here, which is before pytest could rewrite this module.
"""

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests import services

_counts: Counter[str] = Counter()
_discount: Counter[str] = Counter()

#: Fixtures that the run's tests ask for.
_asked: set[str] = set()

#: Rows that must not be zero when everything is required.
ALWAYS = ("tests on sqlite", "tests on postgres", "PostgreSQL sessions", "Redis connections", "browser pages")
#: Rows that must not be zero as soon as a test of the run asks for the fixture.
WHEN_ASKED = {"smtp_server": "SMTP messages", "nginx_server": "nginx requests"}


def count(row: str, number: int = 1) -> None:
    """Add to a row of the closing table."""
    _counts[row] += number


def readings() -> Counter[str]:
    """What has been reached so far, by row."""
    rows = Counter(_counts)
    for row, service, served in _SERVERS:
        # A test may have left its server dead: that is a zero for this row, and no reason to lose the others.
        with contextlib.suppress(OSError, psycopg.Error, redis.RedisError, services.ServiceFailed):
            rows[row] += served() if services.started(service) else 0
    return rows


def discount(reached: Counter[str]) -> None:
    """Take this off at the end: tests of the test servers themselves must not count as exercise of the program."""
    _discount.update(reached)


def _postgres_sessions() -> int:
    server = services.postgres()
    return server.connections_served() if server else 0


def _redis_connections() -> int:
    server = services.redis_server()
    return server.connections_served() if server else 0


def _nginx_requests() -> int:
    server = services.nginx()
    return server.requests() if server else 0


_SERVERS: tuple[tuple[str, Callable[[], object], Callable[[], int]], ...] = (
    ("PostgreSQL sessions", services.postgres, _postgres_sessions),
    ("Redis connections", services.redis_server, _redis_connections),
    ("SMTP messages", services.smtp, lambda: services.smtp().received),
    ("nginx requests", services.nginx, _nginx_requests),
)


# --- Fixtures ----------------------------------------------------------------------------------------------------


def everything_required(config: pytest.Config) -> bool:
    """True where a missing program is a failure and not a skip."""
    if config.getoption("--require-none"):
        return False
    return bool(config.getoption("--require-all")) or os.environ.get("CI") == "true"


def need(config: pytest.Config, service: object, name: str) -> None:
    """Skip the test by name if the program is missing; fail where everything is required."""
    if service is not None:
        return
    reason = f"not exercised: {name} ({services.missing[name]})"
    if everything_required(config):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> services.Postgres:
    need(pytestconfig, server := services.postgres(), "PostgreSQL")
    assert server
    return server


@pytest.fixture(scope="session")
def redis_server(pytestconfig: pytest.Config) -> services.Redis:
    need(pytestconfig, server := services.redis_server(), "Redis")
    assert server
    return server


@pytest.fixture(scope="session")
def nginx_server(pytestconfig: pytest.Config) -> services.Nginx:
    need(pytestconfig, server := services.nginx(), "nginx")
    assert server
    return server


@pytest.fixture
def smtp_server() -> Iterator[services.Smtp]:
    """The mail receiver, with an empty letter box."""
    services.smtp().clear()
    yield services.smtp()
    services.smtp().clear()


@pytest.fixture(scope="session")
def chromium_path(pytestconfig: pytest.Config) -> str:
    need(pytestconfig, path := services.chromium(), "Chromium")
    assert path
    return path


#: Real conversations (MIT licence), beside the checkout and not in it: real distress stands in them.
THREADS = Path(__file__).parents[2] / "shared" / "data" / "threads.jsonl"


@pytest.fixture(scope="session")
def threads_file(pytestconfig: pytest.Config) -> Path:
    if not THREADS.exists():
        services.missing["threads.jsonl"] = f"no {THREADS}"
    need(pytestconfig, THREADS if THREADS.exists() else None, "threads.jsonl")
    return THREADS


# --- Hooks -------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("exercised")
    group.addoption("--require-all", action="store_true", help="fail if a server is missing or was never reached")
    group.addoption(
        "--require-none", action="store_true", help="only report, even where CI=true (for part of the suite)"
    )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.outcome == "passed" and (database := _databases.get(report.nodeid)):
        count(f"tests on {database}")


_databases: dict[str, str] = {}


def pytest_collection_finish(session: pytest.Session) -> None:
    for item in session.items:
        if "tooling" not in item.path.parts:  # tests of the servers themselves are taken off again
            _asked.update(getattr(item, "fixturenames", ()))
        if callspec := getattr(item, "callspec", None):
            _databases[item.nodeid] = callspec.params.get("database", "")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Read the counts while the servers still run, then stop them; a worker tells them to the process that began it."""
    config = session.config
    if config.getoption("collectonly", default=False):
        return
    table = readings()
    table.subtract(_discount)
    services.stop_all()
    if (told := getattr(config, "workeroutput", None)) is not None:
        told["exercised"] = {"table": dict(table), "asked": sorted(_asked), "missing": dict(services.missing)}
        return
    config.stash[_TABLE] = table
    if everything_required(config) and (zeros := _zeros(table)):
        config.stash[_ZEROS] = zeros
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker is done: add what it reached. One that crashed has told nothing, and pytest-xdist says so."""
    told = getattr(node, "workeroutput", {}).get("exercised")
    if told:
        _counts.update(told["table"])
        _asked.update(told["asked"])
        services.missing.update(told["missing"])


_TABLE = pytest.StashKey[Counter[str]]()
_ZEROS = pytest.StashKey[list[str]]()


def _zeros(table: Counter[str]) -> list[str]:
    wanted = [*ALWAYS, *(row for fixture, row in WHEN_ASKED.items() if fixture in _asked)]
    return [row for row in wanted if table[row] <= 0]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    table = config.stash.get(_TABLE, Counter())
    terminalreporter.section("really exercised")
    for row in dict.fromkeys([*ALWAYS, *WHEN_ASKED.values(), *table]):
        terminalreporter.write_line(f"{row:<24}{table[row]:>8}")
    for name, reason in services.missing.items():
        terminalreporter.write_line(f"not exercised: {name} ({reason})", yellow=True)
    for row in config.stash.get(_ZEROS, []):
        terminalreporter.write_line(f"FAILED: {row} is 0, and everything is required here", red=True)
