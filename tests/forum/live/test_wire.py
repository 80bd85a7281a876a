"""Whatever comes over a line, nothing raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import CONNECT, DISCONNECT, EVENT
from websocket import ABNF

from forum.base.broadcast import NAMESPACE
from forum.live.wire import MALFORMED, TextPacket
from tests.forum.live.served import Served, Talk, cannot_be_sent, hears, soon

BEGINNINGS = st.sampled_from(["", "0", "1", "2", "20/live,", "2/live,7", "51-", "3/live,1", "4", "6", "²", "2/live,²"])
JSON = st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))


@given(beginning=BEGINNINGS, rest=st.text() | JSON.map(json.dumps))
def test_any_text_is_an_event_or_malformed(beginning: str, rest: str):
    packet = TextPacket(encoded_packet=beginning + rest)
    assert packet.packet_type in (CONNECT, DISCONNECT, EVENT)
    if packet.packet_type == EVENT:
        assert isinstance(packet.data[0], str)
    assert packet.attachment_count == 0


@pytest.mark.parametrize("said", ["", b"2", {"a": 1}, [2], 2.5, "2", "2[]", "2{}", "2[7]", "2" + "[" * 16_000])
def test_what_is_no_event_is_malformed(said: object):
    packet = TextPacket(encoded_packet=said)
    assert (packet.packet_type, packet.namespace, packet.data) == (EVENT, NAMESPACE, [MALFORMED])


@pytest.mark.parametrize(
    "said", ['51-/live,["join",{"_placeholder":true,"num":0}]', "61-/live,1[]", "3/live,1[]", "4/live,{}"]
)
def test_attachments_and_answers_are_not_taken(said: str):
    assert TextPacket(encoded_packet=said).data == [MALFORMED]


@pytest.mark.parametrize("event", ["connect", "disconnect"])
def test_sec_s9_nobody_says_connect_as_an_event(event: str):
    """It would run the handshake's own handler again, or pretend that a line had closed."""
    assert TextPacket(encoded_packet=f'2/live,["{event}"]').data == [MALFORMED]


def test_a_well_formed_event_keeps_its_id_and_words():
    packet = TextPacket(encoded_packet='2/live,12["join",{"conversation":"x"}]')
    assert (packet.namespace, packet.id, packet.data) == (NAMESPACE, 12, ["join", {"conversation": "x"}])


def test_what_we_say_ourselves_is_written_as_before():
    assert TextPacket(EVENT, data=["change", {"to": 2}], namespace=NAMESPACE).encode() == '2/live,["change",{"to":2}]'


@pytest.mark.parametrize("said", ['42/live,["join"', '42/live,1["disconnect"]', "42" * 2500, "43/live,9[]", "42{}"])
def test_malformed_packets_raise_nothing_and_the_line_stays(knocks, served: Served, talk: Talk, said: str):
    line = knocks(served.address, talk.reader)
    line.send("40/live," + json.dumps({"token": talk.reader.form_token()}))
    assert hears(line, "40/live,")
    line.send(said)
    line.send('42/live,5["join",{}]')
    assert hears(line, '43/live,5[{"error":"malformed"}]')
    assert "Traceback" not in served.log()


@pytest.mark.parametrize("said", ["x", "", "9", "4", "4[", "4" + "[" * 16_000, "b4AAAA", "0{}", b"42/live"])
def test_what_is_no_packet_at_all_hangs_up_without_a_trace(knocks, served: Served, said: str | bytes):
    line = knocks(served.address)
    line.send(said, ABNF.OPCODE_BINARY if isinstance(said, bytes) else ABNF.OPCODE_TEXT)
    assert soon(lambda: cannot_be_sent(line, "3"))
    assert "Traceback" not in served.log()
