"""What `make check` does: every check that needs no server, each to its end, then one line for each."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
BIN = Path(PYTHON).parent


def main() -> int:
    results = {name: timed(check) for name, check in CHECKS.items()}
    print()
    for name, (passed, seconds) in results.items():
        print(f"{'ok    ' if passed else 'FAILED'} {name:<14} {seconds:5.1f} s")
    return 0 if all(passed for passed, _ in results.values()) else 1


def timed(check: Callable[[], bool]) -> tuple[bool, float]:
    start = time.monotonic()
    passed = check()
    return passed, time.monotonic() - start


def run(*command: str | Path) -> bool:
    """True if the command succeeds; what it prints is shown only otherwise."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"$ {' '.join(map(str, command))}\n{done.stdout}{done.stderr}", file=sys.stderr, flush=True)
    return done.returncode == 0


def scripts_parse() -> bool:
    """Every script of the pages is valid for the browsers' own grammar (Node's parser, as a module)."""
    files = [*sorted((ROOT / "static" / "js").rglob("*.js")), *sorted((ROOT / "static").glob("*.mjs"))]
    results = [
        run("static/node.sh", "node", "--check", path) for path in files
    ]  # a list: one bad file must not hide the next
    return all(results)


def shell_parses() -> bool:
    files = [*sorted((ROOT / "scripts").glob("*.sh")), *sorted((ROOT / "static").glob("*.sh")), ROOT / ".ci" / "run"]
    results = [run("bash", "-n", path) for path in files]  # a list: one bad file must not hide the next
    return all(results)


CHECKS: dict[str, Callable[[], bool]] = {
    "format": lambda: run(BIN / "ruff", "format", "--check", "--quiet", "."),
    "lint": lambda: run(BIN / "ruff", "check", "--quiet", "."),
    "types": lambda: run(BIN / "mypy"),
    "templates": lambda: run(BIN / "djlint", "--lint", "--quiet", "templates"),
    "words": lambda: run(PYTHON, "scripts/words.py", "--check"),
    "page scripts": scripts_parse,
    "shell": shell_parses,
    "architecture": lambda: run(PYTHON, "-m", "pytest", "-q", "--require-none", "tests/architecture"),
    "licences": lambda: run(PYTHON, "scripts/licences.py"),
    "coverage page": lambda: run(PYTHON, "scripts/coverage.py"),
}


if __name__ == "__main__":
    sys.exit(main())
