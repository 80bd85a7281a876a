"""A live room beside a bare gevent WebSocket broadcaster: how late messages are, and what each costs the server.

Both say messages of the same size to the same pages, in turn, in one run, to the same lean client. Ours goes the whole way:
`send` over the socket, permission, gate, commit with synchronous=FULL, event and outbox, rendering once, framing once. The
reference sends on what it hears and does nothing else. Median of the rounds.
"""

import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import update

from benchmarks import crowd
from benchmarks.crowd import Crowd, Line
from benchmarks.places import ROOT, Place, running
from forum.base.db import db
from forum.base.idents import new_ident, write_ident
from forum.models import Persona, Standing
from tests import services
from tests.meeting import Gathering, gather
from tests.world import Person, World

SERVER = "benchmarks.ours:create_app()"
SIZES = (200, 500, 1000)
#: Of fewer than a hundred messages p99 is the slowest one: whatever the machine did beside it.
A_SECOND, SECONDS, ROUNDS = 20.0, 10.0, 3
#: Letters of a message.
LETTERS = 300
#: Pages that are open before a server is weighed: the first ones also load what all share.
WARM = 2
#: Until a server is weighed after the last page came.
SETTLE_S = 1.0


class RealTime:
    """The server has its own clock; these people live in the same time."""

    def go(self, **_delta: float) -> None:
        """Time passes by itself."""


def measure(place: Place) -> dict[str, float]:
    """broadcast_p99_vs_bare_200, _500, _1000; broadcast_cpu_vs_bare_1000; socket_kb, and the same after all was said."""
    room = gather(World(place.app, RealTime()), members=SIZES[-1])  # type: ignore[arg-type]
    conversation, people = told(place, room)
    everybody = [room.host, room.support, *people]
    return _weigh(place, conversation, everybody) | _talk(place, conversation, everybody)


def _weigh(place: Place, conversation: str, everybody: list[Person]) -> dict[str, float]:
    """What each open page takes of a new server's memory. What was said before stays in the heap and is no page's."""
    with running(SERVER, place.environment) as (url, process):
        lines = [join(url, person, conversation) for person in everybody[:WARM]]
        before = crowd.resident_kb(process)
        lines += [join(url, person, conversation) for person in everybody[WARM : SIZES[-1]]]
        time.sleep(SETTLE_S)
        return {"socket_kb": _kb_each(process, before, len(lines))}


def _talk(place: Place, conversation: str, everybody: list[Person]) -> dict[str, float]:
    found: dict[str, float] = {}
    with running(SERVER, place.environment) as (url, process):
        lines: list[Line] = [join(url, person, conversation) for person in everybody[:WARM]]
        before = crowd.resident_kb(process)
        for size in SIZES:
            lines += [join(url, person, conversation) for person in everybody[len(lines) : size]]
            found |= _compare(url, process, lines, conversation, size)
        found["socket_kb_after_talk"] = _kb_each(process, before, len(lines))
    return found


def _kb_each(process: int, before: int, lines: int) -> float:
    """What each line takes that was joined since the server was weighed."""
    return (crowd.resident_kb(process) - before) / (lines - WARM)


def told(place: Place, room: Gathering) -> tuple[str, list[Person]]:
    """The room's conversation as pages name it, and its members, who have all written in their group before.

    Somebody's first words also open an item for a welcome, for the team to see: once in a life, and in a room of a thousand
    pages it would be each message that is measured.
    """
    with place.app.app_context():
        with db.engine.begin() as connection:
            there = Persona.group_id == room.group.scope.group_id
            connection.execute(update(Persona).where(there).values(standing=Standing.SETTLED))
        return write_ident(room.seen.conversation_id), list(room.members)


def join(url: str, person: Person, conversation: str) -> Line:
    """Somebody's open page."""
    return crowd.join(url, f"__Host-s={person.cookie}", person.form_token(), conversation)


def message_of(conversation: str, letters: int = LETTERS) -> Callable[[int], str]:
    """What a page of ours says to send one message; its answer is told apart by its number."""

    def message(n: int) -> str:
        said = {"conversation": conversation, "body": crowd.numbered(n, letters), "token": write_ident(new_ident())}
        said["masked"] = "no"  # the page says under which face its reader sees themselves
        return f"42/live,7{n:08d}" + json.dumps(["send", said])

    return message


def _compare(url: str, process: int, lines: list[Line], conversation: str, size: int) -> dict[str, float]:
    ours = Crowd(lines)
    warm = ours.run(lines, message_of(conversation), A_SECOND, 1.0)
    frame = warm.bytes // len(warm.late)
    late, cost = [], []
    with bare(frame) as (other_url, other):
        theirs_lines = [Line(other_url, "/") for _ in range(size)]
        theirs = Crowd(theirs_lines)
        theirs.run(theirs_lines, lambda n: crowd.numbered(n, LETTERS), A_SECOND, 1.0)
        for _ in range(ROUNDS):
            our_late, our_cost = _round(ours, lines, message_of(conversation), process)
            their_late, their_cost = _round(theirs, theirs_lines, lambda n: crowd.numbered(n, LETTERS), other)
            late.append(our_late / their_late)
            cost.append(our_cost / their_cost)
            print(f"  {size} pages, {frame} bytes: p99 {our_late * 1000:.1f} ms beside {their_late * 1000:.1f}, "
                  f"{our_cost * 1e6:.1f} µs a message beside {their_cost * 1e6:.1f}", file=sys.stderr)  # fmt: skip
        for line in theirs_lines:
            line.close()
    found = {f"broadcast_p99_vs_bare_{size}": statistics.median(late)}
    return found | ({"broadcast_cpu_vs_bare_1000": statistics.median(cost)} if size == SIZES[-1] else {})


def _round(pages: Crowd, speakers: list[Line], message: Callable[[int], str], process: int) -> tuple[float, float]:
    """p99 from sending to any page, and processor time for each message delivered."""
    before = crowd.processor_seconds(process)
    heard = pages.run(speakers, message, A_SECOND, SECONDS)
    return crowd.p99(heard.late), (crowd.processor_seconds(process) - before) / len(heard.late)


@contextmanager
def bare(size: int) -> Iterator[tuple[str, int]]:
    """The reference, saying messages of so many bytes."""
    port = services.free_port()
    command = [sys.executable, "-m", "benchmarks.broadcaster", str(port), str(size)]
    server = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.kill()
        server.wait()


def _wait(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The reference did not start.")


if __name__ == "__main__":
    import tempfile

    from benchmarks import places

    with tempfile.TemporaryDirectory(prefix="cg-bench-") as name:
        print(measure(places.sqlite(Path(name), "rooms")))
