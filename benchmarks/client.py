"""A small load client for machines without wrk: greenlets on kept connections, reading just enough of HTTP.

python -m benchmarks.client URL SECONDS CONNECTIONS ["Name: value" …]
"""

import sys
import time
from urllib.parse import urlsplit

import gevent
from gevent import socket


def main(url: str, seconds: str, connections: str, *headers: str) -> None:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    asked = "".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", *headers, ""))
    start = time.monotonic()
    end = start + float(seconds)
    workers = [gevent.spawn(_ask, parts.hostname, parts.port, asked.encode(), end) for _ in range(int(connections))]
    answers = sum(worker.get() for worker in gevent.joinall(workers, raise_error=True))
    print(answers / (time.monotonic() - start))


def _ask(host: str, port: int, asked: bytes, end: float) -> int:
    answers = 0
    with socket.create_connection((host, port)) as line:
        while time.monotonic() < end:
            line.sendall(asked)
            _read_answer(line)
            answers += 1
    return answers


def _read_answer(line: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(line)
    head, _, body = received.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    if status.split(" ")[1] != "200":
        raise SystemExit(f"not a page: {status}")
    length = next(int(f.split(":")[1]) for f in fields if f.lower().startswith("content-length:"))
    missing = length - len(body)
    while missing > 0:
        missing -= len(_more(line))


def _more(line: socket.socket) -> bytes:
    received = line.recv(65536)
    if not received:
        raise SystemExit("the server closed the line")
    return received


if __name__ == "__main__":
    main(*sys.argv[1:])
