"""The very bytes of a database's files, read by another process.

Closing a file of SQLite's in the process that has it open drops that process's locks on it, and the next connection
takes the shared memory apart ("disk I/O error").
"""

import subprocess
from pathlib import Path


def raw_bytes(path: Path) -> bytes:
    """What the file holds now."""
    return subprocess.run(["cat", "--", str(path)], check=True, capture_output=True).stdout
