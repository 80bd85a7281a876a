"""Many pages of one live room, as lean as can be: raw sockets and one epoll loop, so that what is measured is the server.

A message carries its number; when it was sent and when each page got it is read on one clock.
"""

import base64
import json
import os
import re
import select
import socket
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

#: Numbers of messages, as they stand in the words of ours and of the reference.
NUMBER = re.compile(rb"cg(\d{8})gc")
PATIENCE_S = 30.0
#: Engine.IO's, as a frame and as a message.
PING, PONG = b"\x81\x012", "3"


def numbered(n: int, size: int) -> str:
    """The words of one message, of so many letters."""
    return f"cg{n:08d}gc".ljust(size, "x")


def framed(text: str) -> bytes:
    """A browser's frame; the mask may be zeros."""
    data = text.encode()
    head = bytes((0x81, 0x80 | len(data))) if len(data) < 126 else b"\x81\xfe" + len(data).to_bytes(2)
    return head + b"\0\0\0\0" + data


class Line:
    """One page's socket."""

    def __init__(self, url: str, path: str, cookie: str = "") -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", f"Origin: {url}", "Upgrade: websocket"]
        lines += ["Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
        lines += [f"Cookie: {cookie}"] if cookie else []
        self.socket.sendall("\r\n".join((*lines, "", "")).encode())
        self.kept = b""
        head = self.until(b"\r\n\r\n")
        if b" 101 " not in head:
            raise RuntimeError(f"No line was opened: {head[:80]!r}")

    def until(self, mark: bytes) -> bytes:
        """Everything up to `mark`; what follows waits. :raises RuntimeError: it does not come."""
        while mark not in self.kept:
            more = self.socket.recv(65536)
            if not more:
                raise RuntimeError(f"The line was closed before {mark!r}: {self.kept[-200:]!r}")
            self.kept += more
        found, _mark, self.kept = self.kept.partition(mark)
        return found

    def close(self) -> None:
        """The page is closed."""
        self.socket.close()

    def say(self, text: str) -> None:
        """Send one message."""
        self.socket.sendall(framed(text))


def join(url: str, cookie: str, token: str, conversation: str) -> Line:
    """A page of ours that has a room open."""
    line = Line(url, "/socket.io/?EIO=4&transport=websocket", cookie)
    line.until(b'"sid"')
    line.say("40/live," + json.dumps({"token": token}))
    line.until(b"40/live,")
    line.say("42/live,0" + json.dumps(["join", {"conversation": conversation}]))
    line.until(b'"feed"')
    return line


@dataclass
class Heard:
    """What a crowd got. :param late: for each message and page, seconds from its sending. :param answers: from sending to being told that it is kept."""

    late: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    bytes: int = 0


class Crowd:
    """Pages that listen together."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = {line.socket.fileno(): line for line in lines}
        self._poll = select.epoll()
        for line in lines:
            line.socket.setblocking(False)
            line.kept = b""
            self._poll.register(line.socket, select.EPOLLIN)
        self._n = 0

    def run(self, speakers: Sequence[Line], message: Callable[[int], str], a_second: float, seconds: float) -> Heard:
        """Have `a_second` messages said, one by each speaker in turn, and wait until everybody has all of them.

        :raises RuntimeError: a message did not reach everybody.
        """
        sent: dict[int, float] = {}
        heard, expected = Heard(), 0
        begin, count = time.perf_counter(), round(a_second * seconds)
        for n in range(count):
            while (wait := begin + n / a_second - time.perf_counter()) > 0:
                self._listen(wait, sent, heard)
            self._n += 1
            sent[self._n] = time.perf_counter()
            speakers[self._n % len(speakers)].say(message(self._n))
            expected += len(self.lines)
        end = time.perf_counter() + PATIENCE_S
        while len(heard.late) < expected and time.perf_counter() < end:
            self._listen(0.05, sent, heard)
        if len(heard.late) != expected:
            raise RuntimeError(f"{expected - len(heard.late)} of {expected} deliveries did not come.")
        return heard

    def _listen(self, wait: float, sent: dict[int, float], heard: Heard) -> None:
        for number, _event in self._poll.poll(max(wait, 0)):
            line = self.lines[number]
            data = line.socket.recv(262144)
            if not data:
                raise RuntimeError("A line was closed while it was measured.")
            now = time.perf_counter()
            heard.bytes += len(data)
            self._note(line, line.kept + data, now, sent, heard)

    def _note(self, line: Line, data: bytes, now: float, sent: dict[int, float], heard: Heard) -> None:
        last = 0
        for found in NUMBER.finditer(data):
            if (at := sent.get(int(found[1]))) is not None:
                heard.late.append(now - at)
            last = found.end()
        line.kept = data[last:][-16:]  # a number may be cut in two
        if PING in data:
            line.say(PONG)
        if b"43/live,7" in data:
            self._answer(data, now, sent, heard)

    def _answer(self, data: bytes, now: float, sent: dict[int, float], heard: Heard) -> None:
        for found in re.finditer(rb'43/live,7(\d{8})(\[\{"post")?', data):
            if not found[2]:
                raise RuntimeError(f"A message was refused: {data[found.start() : found.start() + 200]!r}")
            heard.answers.append(now - sent[int(found[1])])


def p99(values: Sequence[float]) -> float:
    """The 99th of a hundred."""
    return statistics.quantiles(values, n=100)[98]


def processor_seconds(process_id: int) -> float:
    """What a process and its children used so far."""
    with open(f"/proc/{process_id}/task/{process_id}/children") as children:
        below = [int(child) for child in children.read().split()]
    with open(f"/proc/{process_id}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(child) for child in below)


def resident_kb(process_id: int) -> int:
    """What a process and its children hold of the memory."""
    with open(f"/proc/{process_id}/task/{process_id}/children") as children:
        below = [int(child) for child in children.read().split()]
    with open(f"/proc/{process_id}/status") as status:
        own = next(line for line in status if line.startswith("VmRSS"))
    return int(own.split()[1]) + sum(resident_kb(child) for child in below)
