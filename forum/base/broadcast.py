"""The only emit(), and the only hanging up. What is said may be lost; the truth is asked over HTTP (decisions.md §3).

A hint says which conversation has something new and the numbers to ask for: nobody's name, no words, nothing about who
is there (security.md L18). Words are told to pages of this process alone, and never go through Redis.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from flask_socketio import SocketIO

from forum.base.errors import origin
from forum.base.idents import write_ident

log = logging.getLogger(__name__)

#: WebSocket alone: no sticky sessions needed, and none of the polling code (stack.md).
socketio = SocketIO()
NAMESPACE = "/live"
#: Where a connection's environ keeps the line that can be cut.
LINE = "forum.live.line"
#: A hint this small is one packet to any reader (docs/decisions/0007-websocket-driver.md).
MOST_HINT_BYTES = 1000
#: Never sent to a page: each process moves the reader's pages to those who fetch their own.
ALONE = "alone"
#: A kind browser closes the line itself when told to; one that does not is cut off after this.
FAREWELL_S = 0.2


def hint(room: str, event: str, values: Mapping[str, int]) -> None:
    """Tell those in `room` that there is something to ask for. Never waits and never raises.

    :param room: goes along, so that a browser knows which of its conversations it is.
    :param values: numbers only, never words.
    """
    if socketio.server is None:
        return
    try:
        socketio.emit(event, _little({"room": room, **values}), to=room, namespace=NAMESPACE)
    except Exception as error:  # noqa: BLE001 - a hint may be lost
        log.error("a live hint was lost; readers catch up over HTTP. %s", origin(error))


def tell(audiences: list[str], event: str, values: Mapping[str, Any]) -> None:
    """Tell those in `audiences`, of this process, what changed; all get the same bytes. Never raises.

    :param audiences: rooms of readers who may see all of it (forum.live.audiences).
    """
    if socketio.server is None:
        return
    try:
        socketio.emit(event, dict(values), to=audiences, namespace=NAMESPACE, ignore_queue=True)
    except Exception as error:  # noqa: BLE001 - it may be lost
        log.error("a live message was lost; readers catch up over HTTP. %s", origin(error))


def changed_state(conversation_id: bytes, number: int) -> None:
    """Everybody who has a live room open: what goes on in it has this number now. For `after_commit`."""
    hint(f"c:{write_ident(conversation_id)}", "state", {"no": number})


def changed_desk(conversation_id: bytes, number: int) -> None:
    """The same for those alone who hold a seat: no byte of anybody else's stream says that something happened."""
    hint(f"c:{write_ident(conversation_id)}", "desk", {"no": number})


def fetch_alone(persona_id: bytes) -> None:
    """This reader chose how to read: from now on their pages hear only that there is something to ask for."""
    hint(f"persona:{persona_id.hex()}", ALONE, {})


def _little(said: dict[str, Any]) -> dict[str, Any]:
    if not all(isinstance(value, int) for key, value in said.items() if key != "room"):
        raise ValueError("A hint carries numbers only.")
    if len(json.dumps(said)) > MOST_HINT_BYTES:
        raise ValueError("A hint is at most a kilobyte.")
    return said


def hang_up(room: str) -> None:
    """Close every socket in `room`: here at once, in other processes as soon as they hear. Never waits, never raises."""
    if socketio.server is None:
        return
    try:
        hang_up_here(room)
        socketio.close_room(room, namespace=NAMESPACE)
    except Exception as error:  # noqa: BLE001 - the next look at what ended does it
        log.error("a room was not hung up at once; the next look at what ended does it. %s", origin(error))


def hang_up_here(room: str) -> None:
    """Close every socket of this process in `room`. They get no further hint, whether they close politely or not.

    Leaving the room alone would not do: whoever left could join again, and their other rooms would still reach them.
    """
    server = socketio.server
    if server is None:
        return
    lines = []
    for sid, _connection in list(server.manager.get_participants(NAMESPACE, room)):
        lines.append((server.get_environ(sid, NAMESPACE) or {}).get(LINE))
        server.disconnect(sid, namespace=NAMESPACE, ignore_queue=True)
    if any(lines):
        socketio.start_background_task(_cut, lines)


def _cut(lines: list[Any]) -> None:
    socketio.sleep(FAREWELL_S)
    for line in filter(None, lines):
        line.cut()


def count_here(room: str) -> int:
    """How many lines of this process are in it."""
    server = socketio.server
    return 0 if server is None else sum(1 for _line in server.manager.get_participants(NAMESPACE, room))


def rooms_here(prefix: str) -> list[str]:
    """The rooms of this process that somebody is in and whose name begins so."""
    if socketio.server is None:
        return []
    return [room for room in list(socketio.server.manager.rooms.get(NAMESPACE, ())) if room and room.startswith(prefix)]
