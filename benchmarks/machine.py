"""What the figures were measured on."""

import importlib.metadata
import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import load
from tests import services


def describe() -> dict[str, str | int | float | None]:
    """Processor, cores, versions, and how busy the machine was with other things."""
    return {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load_average_before": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgres": _postgres(),
        "load_client": load.client(),
        **{name: importlib.metadata.version(name) for name in ("flask", "sqlalchemy", "gunicorn", "gevent")},
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _postgres() -> str | None:
    server = services.postgres()
    if server is None:
        return None
    with server.admin() as admin:
        row = admin.execute("SHOW server_version").fetchone()
    return str(row[0]).split()[0] if row else None
