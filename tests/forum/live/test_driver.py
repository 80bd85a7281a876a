"""The contract of the WebSocket driver (docs/decisions/0007-websocket-driver.md): whichever it is, it passes these.

Through real connections to the real server; nothing of the driver's inside is looked at.
"""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket
from websocket import ABNF

from forum.live.wire import MOST_BYTES
from tests.forum.live.driver_app import CONTRACT
from tests.forum.live.served import Served, gunicorn, soon

Connect = Callable[..., websocket.WebSocket]
Gone = (OSError, websocket.WebSocketException)


@pytest.fixture(scope="module")
def driver() -> Iterator[Served]:
    with gunicorn("tests.forum.live.driver_app:create_app()", dict(os.environ)) as found:
        yield found


@pytest.fixture
def connect(driver: Served) -> Iterator[Callable[..., websocket.WebSocket]]:
    """Bare clients in the contract's namespace, past Engine.IO's and Socket.IO's greetings; closed after the test."""
    opened: list[websocket.WebSocket] = []

    def one(**options: Any) -> websocket.WebSocket:
        line = websocket.create_connection(driver.address, timeout=10, **options)
        opened.append(line)
        line.recv()
        line.send(f"40{CONTRACT},")
        assert line.recv().startswith(f"40{CONTRACT},")
        return line

    yield one
    for line in opened:
        line.shutdown()


def ask_for(line: websocket.WebSocket, frames: int, characters: int) -> None:
    line.send(f'42{CONTRACT},["send",{frames},{characters}]')


def frame(message: str) -> dict[str, Any]:
    """What an event of ours says."""
    event, values = json.loads(message.removeprefix(f"42{CONTRACT},"))
    assert event == "frame"
    return dict(values)


def frames(line: websocket.WebSocket, count: int) -> list[dict[str, Any]]:
    """The next `count` events; pings in between are left out."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = line.recv()
        if message != "2":
            found.append(frame(message))
    return found


@pytest.mark.parametrize(
    ("characters", "pause_s"),
    [(900, 2.0), pytest.param(210_000, 3.0, id="what live rooms will ask")],
)
def test_a_slow_reader_gets_100_of_100_intact(connect: Connect, characters: int, pause_s: float):
    line = connect(sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),))
    ask_for(line, 100, characters)
    time.sleep(pause_s)
    found = frames(line, 100)
    assert [f["n"] for f in found] == list(range(100))
    assert {f["text"] for f in found} == {"x" * characters}


def test_a_slow_reader_keeps_nobody_else_waiting(connect: Connect):
    slow = connect(sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),))
    ask_for(slow, 100, 210_000)
    quick = connect()
    began = time.monotonic()
    ask_for(quick, 1, 10)
    assert soon(lambda: len(frames(quick, 1)[0]["text"]) == 10)
    assert time.monotonic() - began < 5


def test_a_reader_who_takes_nothing_is_bounded_and_cut_off_and_harms_nobody(driver: Served, connect: Connect):
    """Forty megabytes for somebody who does not read: half of it is kept, then the line is over."""
    slow, quick = connect(sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),)), connect()
    before = memory_kb(driver.process.pid)
    for _ in range(4):  # to everybody in the namespace; the quick one reads along
        ask_for(quick, 50, 200_000)
        assert [f["n"] for f in frames(quick, 50)] == list(range(50))
    assert memory_kb(driver.process.pid) - before < 60_000
    with pytest.raises(Gone):
        frames(slow, 200)
    ask_for(quick, 1, 10)
    assert frames(quick, 1)[0]["text"] == "x" * 10


def test_a_closed_line_takes_nobodys_place(driver: Served, connect: Connect):
    """Else whoever opens and closes quickly, signed in or not, keeps everybody out for half a minute."""

    def lines() -> int:
        return int(requests.get(f"{driver.url}/lines", timeout=5).text)

    def settled() -> bool:
        return lines() == 0

    assert soon(settled)
    opened = [connect() for _n in range(10)]
    assert lines() == 10
    for line in opened:
        line.shutdown()
    assert soon(settled, 2)


@pytest.mark.parametrize(
    "offer", ["permessage-deflate", "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"]
)
def test_compression_is_not_negotiated(knocks, driver: Served, offer: str):
    line = knocks(driver.address, Sec_WebSocket_Extensions=offer)
    assert "sec-websocket-extensions" not in line.getheaders()
    assert line.recv().startswith("0{")


def closes(line: websocket.WebSocket) -> bool:
    """Whether the other side ends the connection, however it says so."""
    try:
        opcode, _data = line.recv_data(control_frame=True)
    except Gone:
        return True
    return opcode == ABNF.OPCODE_CLOSE


def test_sec_s9_a_message_over_16_kb_closes_the_line(connect: Connect):
    line = connect()
    line.send(f'42{CONTRACT},["x","{"y" * MOST_BYTES}"]')
    assert soon(lambda: closes(line))


def test_a_message_of_almost_16_kb_is_taken(connect: Connect):
    line = connect()
    line.send(f'42{CONTRACT},["nobody listens","{"y" * (MOST_BYTES - 100)}"]')
    ask_for(line, 1, 10)
    assert frames(line, 1)[0]["text"] == "x" * 10


def test_sec_s9_a_message_in_pieces_is_refused_before_it_is_whole(connect: Connect):
    """Each piece is small and the last one never comes: without a bound the server would keep them all."""
    line = connect()
    line.send_frame(ABNF.create_frame("4" * 1000, ABNF.OPCODE_TEXT, fin=0))
    with pytest.raises(Gone):  # noqa: PT012 - the server may hang up at any of the pieces
        for _ in range(400):
            line.send_frame(ABNF.create_frame("x" * 1000, ABNF.OPCODE_CONT, fin=0))
            time.sleep(0.002)


def memory_kb(process_id: int) -> int:
    """What the process and its children hold, in kB."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    own = next(x for x in Path(f"/proc/{process_id}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(own.split()[1]) + sum(memory_kb(int(child)) for child in children)


def test_a_flood_waits_in_the_senders_own_buffer(driver: Served, connect: Connect):
    """Two hundred megabytes a minute from one member must not become the server's memory."""
    line = connect()
    line.settimeout(0.5)
    before, sent = memory_kb(driver.process.pid), 0
    piece = f'42{CONTRACT},["nobody listens","{"y" * 8000}"]'
    end = time.monotonic() + 4
    while time.monotonic() < end:
        try:
            line.send(piece)
        except Gone:
            break
        sent += len(piece)
    assert memory_kb(driver.process.pid) - before < 8_000
    assert sent < 20_000_000
    quick = connect()
    ask_for(quick, 1, 5)
    assert frames(quick, 1)


def test_control_frames_are_answered_between_pieces(connect: Connect):
    """RFC 6455, 5.4: a ping may come in the middle of a message."""
    line = connect()
    whole = f'42{CONTRACT},["send",1,7]'
    line.send_frame(ABNF.create_frame(whole[:10], ABNF.OPCODE_TEXT, fin=0))
    line.ping("here?")
    line.send_frame(ABNF.create_frame(whole[10:], ABNF.OPCODE_CONT, fin=1))
    opcode, data = line.recv_data(control_frame=True)
    assert (opcode, bytes(data)) == (ABNF.OPCODE_PONG, b"here?")
    assert frames(line, 1)[0]["text"] == "x" * 7


def test_a_letter_may_come_in_two_pieces(connect: Connect):
    """RFC 6455, 5.6: only the whole message has to be UTF-8. The server answers, so it understood."""
    line, said = connect(), f'42{CONTRACT},["send",1,5,"\u0633\u0644\u0627\u0645 \U0001f642"]'.encode()
    middle = len(said) - 4
    line.send_frame(ABNF.create_frame(said[:middle], ABNF.OPCODE_TEXT, fin=0))
    line.send_frame(ABNF.create_frame(said[middle:], ABNF.OPCODE_CONT, fin=1))
    ask_for(line, 1, 3)
    assert frames(line, 1)[0]["text"] == "x" * 3


def test_a_close_is_answered(connect: Connect):
    line = connect()
    line.send_close(1000, b"bye")
    opcode, data = line.recv_data(control_frame=True)
    assert (opcode, bytes(data)) == (ABNF.OPCODE_CLOSE, b"\x03\xe8")


@pytest.mark.parametrize(
    "data",
    [
        b"\xc1\x80\x00\x00\x00\x00",
        b"\x83\x80\x00\x00\x00\x00",
        b"\x81\x01x",
        b"\x81\x82\x00\x00\x00\x00\xff\xfe",
        b"\x80\x80\x00\x00\x00\x00",
        b"\x09\x80\x00\x00\x00\x00",
        b"\x89\xfe\x00\x7e\x00\x00\x00\x00",
        b"\x88\x81\x00\x00\x00\x00\x03",
    ],
    ids=[
        "reserved bit",
        "unknown opcode",
        "unmasked",
        "not UTF-8",
        "a piece of nothing",
        "a ping in pieces",
        "a long ping",
        "half a code",
    ],
)
def test_frames_against_the_protocol_close_the_line(connect: Connect, data: bytes):
    line = connect()
    line.sock.sendall(data)
    assert soon(lambda: closes(line))
