"""Many connections at once: wrk where it is installed, else a client of our own that says so in the results."""

import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

CONNECTIONS = 32


@dataclass(frozen=True)
class Target:
    """One page to ask for.

    :param must_say: stands in every right answer, so that an error page is never measured.
    """

    url: str
    headers: Mapping[str, str]
    must_say: str = ""

    def check(self) -> None:
        """Ask once, and refuse anything but the page that is meant.

        :raises RuntimeError: another page came.
        """
        request = urllib.request.Request(self.url, headers=dict(self.headers))
        with urllib.request.urlopen(request, timeout=30) as answer:
            page = answer.read().decode()
        if self.must_say not in page:
            raise RuntimeError(f"{self.url} does not say {self.must_say!r}: another page would be measured.")


def client() -> str:
    """Which client loads the server."""
    return "wrk" if shutil.which("wrk") else "own"


def requests_per_second(target: Target, seconds: float) -> float:
    """How many whole answers came in each second.

    :raises RuntimeError: one of them was an error.
    """
    return (_wrk if client() == "wrk" else _own)(target, seconds)


def _wrk(target: Target, seconds: float) -> float:
    headers = [part for name, value in target.headers.items() for part in ("-H", f"{name}: {value}")]
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{max(1, round(seconds))}s",
        "--timeout",
        "10s",
        *headers,
        target.url,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"Errors while loading {target.url}:\n{said}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


def _own(target: Target, seconds: float) -> float:
    headers = [f"{name}: {value}" for name, value in target.headers.items()]
    command = [sys.executable, "-m", "benchmarks.client", target.url, str(seconds), str(CONNECTIONS), *headers]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def compare(ours: list[Target], bare: Target, *, rounds: int, seconds: float) -> list[tuple[float, float]]:
    """Each of `ours` against the bare page, in turn: bare, ours, bare, ours … so that a slow moment hits both.

    :returns: for each the median of the ratios, and how far its rounds lay apart (largest less smallest).
    """
    for target in (*ours, bare):
        target.check()
        requests_per_second(target, 1)
    ratios: list[list[float]] = [[] for _ in ours]
    for _ in range(rounds):
        before = requests_per_second(bare, seconds)
        for n, target in enumerate(ours):
            speed = requests_per_second(target, seconds)
            after = requests_per_second(bare, seconds)
            ratios[n].append(2 * speed / (before + after))
            before = after
            time.sleep(0.2)
    return [(statistics.median(found), max(found) - min(found)) for found in ratios]
