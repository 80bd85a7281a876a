"""Real servers for the tests: PostgreSQL, Redis, nginx, an SMTP receiver, and the path of Chromium.

Each server is started when first asked for, on a free port of the loopback address, with its files in
a temporary folder, and stopped at the end of the run. Servers of the machine itself are never touched.
A child asks the kernel to be stopped with its parent, so a pytest that is killed leaves nothing running.

    pg = services.postgres()      # None when the program is missing; services.missing says why
"""

import functools
import shutil
from collections.abc import Callable

from tests.services.child import ServiceFailed, free_port, missing, stop_all, without
from tests.services.mail import Smtp, smtp
from tests.services.postgresql import Postgres, postgres
from tests.services.proxy import Nginx, nginx
from tests.services.redis_server import Redis, redis_server
from tests.services.reset import PostgresTemplate, postgres_template, reset_postgres, reset_sqlite

__all__ = [
    "Nginx",
    "Postgres",
    "PostgresTemplate",
    "Redis",
    "ServiceFailed",
    "Smtp",
    "chromium",
    "free_port",
    "missing",
    "nginx",
    "postgres",
    "postgres_template",
    "redis_server",
    "reset_postgres",
    "reset_sqlite",
    "smtp",
    "started",
    "stop_all",
]


@functools.cache
def chromium() -> str | None:
    """The path of the browser for Playwright's ``executable_path``, or None with the reason in ``missing``."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    without("Chromium", "no chromium program; scripts/services.sh installs it")
    return None


def started(service: Callable[[], object]) -> bool:
    """True if this service was asked for in this run; asking does not start it."""
    return bool(service.cache_info().currsize) and service() is not None  # type: ignore[attr-defined]
