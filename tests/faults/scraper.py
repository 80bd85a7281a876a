"""As many connections as asked, each asking for the same page again at once, for some seconds: ten times an evening's crowd.

    python -m tests.faults.scraper HOST PORT PATH COOKIE CONNECTIONS SECONDS

Prints how often each status came, as JSON. A process of its own, so that it does not slow who measures.
"""

import asyncio
import json
import sys
import time
from collections import Counter


async def _go_on(host: str, port: int, asked: bytes, ends: float, seen: Counter[str]) -> None:
    while time.monotonic() < ends:
        try:
            reader, writer = await asyncio.open_connection(host, port)
            while time.monotonic() < ends:
                writer.write(asked)
                head = await reader.readuntil(b"\r\n\r\n")
                size = next(
                    int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
                )
                await reader.readexactly(size)
                seen[head.split(b" ", 2)[1].decode()] += 1
            writer.close()
        except (OSError, asyncio.IncompleteReadError, StopIteration):
            seen["lost"] += 1


async def main(host: str, port: str, path: str, cookie: str, connections: str, seconds: str) -> None:
    """Ask, and print what came."""
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}:{port}", f"Cookie: {cookie}", "Connection: keep-alive", "", "")
    seen: Counter[str] = Counter()
    ends, asked = time.monotonic() + float(seconds), "\r\n".join(lines).encode()
    await asyncio.gather(*(_go_on(host, int(port), asked, ends, seen) for _n in range(int(connections))))
    print(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
