"""What a message in a live room takes until it is kept, what a second process changes, and what thirty small rooms cost.

Each against something of the same run: the bare insert of the same rows; one process instead of two; an idle server's pages.
"""

import statistics
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack

from sqlalchemy import insert, update

from benchmarks import crowd
from benchmarks.crowd import Crowd, Line
from benchmarks.places import Place, running
from benchmarks.rooms import LETTERS, SERVER, RealTime, join, message_of, told
from forum.base import clock
from forum.base.db import db
from forum.base.idents import new_ident, new_post_id
from forum.conversations.prepare import Prepared, prepare
from forum.models import Conversation, ConversationKind, Post, PostEvent, PostState, Resend
from tests import services
from tests.meeting import gather
from tests.world import World

ROUNDS = 5
#: One message after the other, by people who each write once in two seconds.
WRITERS, WRITES_A_SECOND, WRITE_S = 20, 10.0, 4.0
APART, APART_A_SECOND, APART_S = 200, 20.0, 4.0
#: Until each process listens to Redis.
LISTENING_S, LEAST_ROUNDS = 3.0, 3
ROOMS, MEMBERS, ROOMS_S = 30, 12, 8.0
#: In one round 140 pages are asked for: its p99 is the second slowest, and one hiccup of the machine is all of it.
PAGE_ROUNDS = 3
PAGE_EVERY_S = 0.05


def measure(place: Place) -> dict[str, float | None]:
    """send_ack_vs_insert, send_ack_vs_tight_insert, two_process_p99_ratio, rooms_30x12_core, and rooms_30x12_pages: p99
    of a page beside an idle server's."""
    world = World(place.app, RealTime())  # type: ignore[arg-type]
    return {**_acks(place, world), **_two_processes(place, world), **_small_rooms(place, world)}


# --- Until it is kept ---


def _acks(place: Place, world: World) -> dict[str, float | None]:
    room = gather(world, members=WRITERS)
    ratios, tight_ratios = [], []
    with running(SERVER, place.environment) as (url, _process):
        conversation, people = told(place, room)
        lines = [join(url, person, conversation) for person in (room.host, room.support, *people)]
        pages = Crowd(lines)
        pages.run(lines, message_of(conversation), WRITES_A_SECOND, 1.0)
        with place.app.app_context():
            conversation_id, author_id = room.seen.conversation_id, room.host.persona_id
            words = prepare(crowd.numbered(0, LETTERS), "en", ConversationKind.ROOM, frozenset())
            for _ in range(ROUNDS):
                tight = statistics.median(_insert(conversation_id, author_id, words) for _ in range(40))
                said = statistics.median(pages.run(lines, message_of(conversation), WRITES_A_SECOND, WRITE_S).answers)
                bare = statistics.median(_insert_paced(conversation_id, author_id, words) for _ in range(40))
                ratios.append(said / bare)
                tight_ratios.append(said / tight)
                _note(
                    f"send to answer {said * 1000:.2f} ms, insert {bare * 1000:.2f} ms, without a pause {tight * 1000:.2f} ms"
                )
    return {
        "send_ack_vs_insert": statistics.median(ratios),
        "send_ack_vs_tight_insert": statistics.median(tight_ratios),
    }


def _insert_paced(conversation_id: bytes, author_id: bytes, words: Prepared) -> float:
    """An insert as far from the one before as messages are: like is held against like, since what stands in the processor's
    caches has made room for something else meanwhile, for both."""
    time.sleep(1 / WRITES_A_SECOND)
    return _insert(conversation_id, author_id, words)


def _insert(conversation_id: bytes, author_id: bytes, words: Prepared) -> float:
    """Seconds for the rows of one message and nothing else: its place, itself, its key, its event, one commit."""
    began = time.perf_counter()
    with db.engine.begin() as connection:
        here = Conversation.id == conversation_id
        moved = {"next_seq": Conversation.next_seq + 1, "feed_no": Conversation.feed_no + 1}
        taken = update(Conversation).where(here).values(**moved)
        place = connection.execute(taken.returning(Conversation.next_seq, Conversation.feed_no, Conversation.id)).one()
        post_id = new_post_id()
        connection.execute(
            insert(Post).values(
                id=post_id,
                conversation_id=place.id,
                seq=place.next_seq - 1,
                changed_in=place.feed_no,
                persona_id=author_id,
                state=PostState.VISIBLE,
                body=words.body,
                html=words.html,
                renderer=words.renderer,
                lang=words.lang,
                written_at=clock.now(),
            )
        )
        connection.execute(insert(Resend).values(tag=new_ident(), post_id=post_id, day=clock.today()))
        event = {"conversation_id": place.id, "feed_no": place.feed_no, "post_id": post_id, "kind": "add"}
        connection.execute(insert(PostEvent).values(**event, hour=clock.this_hour()))
    return time.perf_counter() - began


# --- Two processes ---


def _two_processes(place: Place, world: World) -> dict[str, float | None]:
    redis = services.redis_server()
    if redis is None:
        return {"two_process_p99_ratio": None}
    together = {**place.environment, "REDIS_URL": redis.url}
    with ExitStack() as stack:
        alone = stack.enter_context(running(SERVER, place.environment))[0]
        here, there = (stack.enter_context(running(SERVER, together))[0] for _ in range(2))
        one, two = _open(place, world, (alone,)), _open(place, world, (here, there))
        time.sleep(LISTENING_S)
        ratios = []
        for n in range(ROUNDS + 1):
            try:
                late = [_p99(*one), _p99(*two)]
            except RuntimeError as error:  # a hint may be lost; pages would have asked, these only listen
                _note(f"a round does not count: {error}")
                continue
            _note(f"two processes: p99 {late[1] * 1000:.1f} ms, one {late[0] * 1000:.1f} ms")
            if n:  # the first round finds nothing in memory
                ratios.append(late[1] / late[0])
    if len(ratios) < LEAST_ROUNDS:
        raise RuntimeError("Too many hints between two processes were lost.")
    return {"two_process_p99_ratio": statistics.median(ratios)}


def _open(place: Place, world: World, urls: tuple[str, ...]) -> tuple[Crowd, list[Line], str]:
    """A room of its own, its pages spread over these processes."""
    room = gather(world, members=APART)
    conversation, people = told(place, room)
    everybody = (room.host, room.support, *people)
    lines = [join(urls[n % len(urls)], person, conversation) for n, person in enumerate(everybody)]
    return Crowd(lines), lines, conversation


def _p99(pages: Crowd, lines: list[Line], conversation: str) -> float:
    return crowd.p99(pages.run(lines, message_of(conversation), APART_A_SECOND, APART_S).late)


# --- Thirty rooms ---


def _small_rooms(place: Place, world: World) -> dict[str, float | None]:
    group, another = world.group(), world.group()  # a group has at most twenty rooms
    rooms = [gather(world, members=MEMBERS - 2, group=(group, another)[n % 2], name=f"Room {n}") for n in range(ROOMS)]
    reader = world.person(group)
    with running(SERVER, place.environment) as (url, process):
        page = urllib.request.Request(f"{url}/g/{group.address}", headers={"Cookie": f"__Host-s={reader.cookie}"})
        lines, messages = [], []
        for room in rooms:
            conversation, people = told(place, room)
            joined = [join(url, person, conversation) for person in (room.host, room.support, *people)]
            lines.append(joined)
            messages.append(message_of(conversation))
        _ask(page, 1.0)
        quiet = _share(process, lambda: time.sleep(2.0))
        pages = ManyRooms(lines, messages)
        core = _share(process, lambda: pages.run_rooms(ROOMS_S))
        _note(f"30 rooms: {core:.2f} of a core, idle {quiet:.3f}")
        slower = statistics.median(_pages_beside(page, pages) for _ in range(PAGE_ROUNDS))
    return {"rooms_30x12_core": core, "rooms_30x12_pages": slower}


def _pages_beside(page: urllib.request.Request, rooms: "ManyRooms") -> float:
    """p99 of a page beside thirty rooms, to that of a page while nobody says anything."""
    idle, asked = crowd.p99(_ask(page, ROOMS_S)), []
    beside = threading.Thread(target=lambda: asked.extend(_ask(page, ROOMS_S)))
    beside.start()
    rooms.run_rooms(ROOMS_S)
    beside.join()
    busy = crowd.p99(asked)
    _note(f"pages p99 {busy * 1000:.1f} ms beside 30 rooms, {idle * 1000:.1f} without")
    return busy / idle


class ManyRooms(Crowd):
    """Several rooms; each message is for its own."""

    def __init__(self, rooms: list[list[Line]], messages: list[Callable[[int], str]]) -> None:
        super().__init__([line for room in rooms for line in room])
        self._rooms, self._messages = rooms, messages

    def run_rooms(self, seconds: float) -> None:
        """One message a second in each room. :raises RuntimeError: one did not reach everybody in it."""
        sent: dict[int, float] = {}
        heard, expected = crowd.Heard(), 0
        begin, count = time.perf_counter(), round(len(self._rooms) * seconds)
        for n in range(count):
            while (wait := begin + n / len(self._rooms) - time.perf_counter()) > 0:
                self._listen(wait, sent, heard)
            self._n += 1
            sent[self._n] = time.perf_counter()
            room = self._rooms[n % len(self._rooms)]
            room[self._n // len(self._rooms) % len(room)].say(self._messages[n % len(self._rooms)](self._n))
            expected += len(room)
        end = time.perf_counter() + crowd.PATIENCE_S
        while len(heard.late) < expected and time.perf_counter() < end:
            self._listen(0.05, sent, heard)
        if len(heard.late) != expected:
            raise RuntimeError(f"{expected - len(heard.late)} of {expected} deliveries did not come.")


def _share(process: int, work: Callable[[], object]) -> float:
    """How much of one core a server used while something was done."""
    began, used = time.perf_counter(), crowd.processor_seconds(process)
    work()
    return (crowd.processor_seconds(process) - used) / (time.perf_counter() - began)


def _ask(page: urllib.request.Request, seconds: float) -> list[float]:
    """How long each of some pages took."""
    found, end = [], time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        with urllib.request.urlopen(page, timeout=30) as answer:
            answer.read()
        found.append(time.perf_counter() - began)
        time.sleep(PAGE_EVERY_S)
    return found


def _note(line: str) -> None:
    print(f"  {line}", file=sys.stderr)


if __name__ == "__main__":
    import tempfile
    from pathlib import Path

    from benchmarks import places

    with tempfile.TemporaryDirectory(prefix="cg-bench-") as name:
        print(measure(places.sqlite(Path(name), "rooms")))
