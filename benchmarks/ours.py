"""The program as it is served, without the guard that would tell a load client to wait (docs/decisions/0069)."""

import math
from typing import Any

import wsgi
from forum.web import overload


def create_app() -> Any:
    """All pages to one browser, however fast it asks."""
    overload.LATE_S = math.inf
    return wsgi.create_app()
