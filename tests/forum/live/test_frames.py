"""Frames, whole or in pieces, however the network cuts them; and against somebody else's reading of the protocol."""

import contextlib
import itertools
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websocket import ABNF
from websocket._abnf import frame_buffer

from forum.live import frames
from forum.live.frames import Broken, Heard, Reader

MOST = 16 * 1024


def from_a_browser(data: bytes, opcode: int = ABNF.OPCODE_TEXT, fin: int = 1) -> bytes:
    """As another implementation masks and frames it."""
    return bytes(ABNF(fin, 0, 0, 0, opcode, 1, data).format())


def read(came: bytes, cuts: list[int]) -> list[Heard]:
    """What a reader hears when the bytes arrive in pieces cut at these places."""
    reader, places = Reader(MOST), [0, *sorted(c % (len(came) + 1) for c in cuts), len(came)]
    return [heard for a, b in itertools.pairwise(places) for heard in reader.take(came[a:b])]


@given(st.lists(st.binary(max_size=700), min_size=1, max_size=4), st.lists(st.integers(0, 9999), max_size=8))
def test_messages_arrive_whole_however_they_are_cut(messages: list[bytes], cuts: list[int]):
    came = b"".join(from_a_browser(m) for m in messages)
    assert read(came, cuts) == [Heard(frames.TEXT, m) for m in messages]


@given(st.lists(st.binary(max_size=200), min_size=2, max_size=5), st.lists(st.integers(0, 9999), max_size=8))
def test_pieces_are_joined_and_pings_between_them_are_heard_first(pieces: list[bytes], cuts: list[int]):
    first, *more = pieces
    came = from_a_browser(first, fin=0)
    for n, piece in enumerate(more, 1):
        came += from_a_browser(b"here?", ABNF.OPCODE_PING)
        came += from_a_browser(piece, ABNF.OPCODE_CONT, fin=int(n == len(more)))
    heard = read(came, cuts)
    assert heard == [*[Heard(frames.PING, b"here?")] * len(more), Heard(frames.TEXT, b"".join(pieces))]


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 70_000])
def test_what_we_send_is_read_by_others(length: int):
    data = os.urandom(length)
    came = frames.framed(data)
    at = 0

    def receive(most: int) -> bytes:
        nonlocal at
        at += most
        return came[at - most : at]

    found = frame_buffer(receive, skip_utf8_validation=True).recv_frame()
    assert (found.opcode, found.fin, found.data, at) == (ABNF.OPCODE_TEXT, 1, data, len(came))


@given(st.binary(max_size=300))
def test_whatever_comes_is_heard_or_broken(came: bytes):
    with contextlib.suppress(Broken):
        list(Reader(MOST).take(came))


@pytest.mark.parametrize("cuts", [1, 40])
def test_sec_s9_more_than_one_message_is_never_kept(cuts: int):
    reader, piece = Reader(MOST), b"x" * (MOST // cuts)
    pieces = [from_a_browser(piece, fin=0), *[from_a_browser(piece, ABNF.OPCODE_CONT, fin=0)] * (cuts + 1)]
    with pytest.raises(Broken) as broken:
        [list(reader.take(came)) for came in pieces]
    assert broken.value.code == frames.TOO_LONG


def test_a_length_is_refused_before_its_bytes_come():
    with pytest.raises(Broken):
        list(Reader(MOST).take(b"\x81\xff" + (1 << 40).to_bytes(8)))
