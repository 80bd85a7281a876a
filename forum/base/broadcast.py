"""The only emit(). A hint may be lost; the truth is asked over HTTP (decisions.md §3)."""

import logging

from flask_socketio import SocketIO

log = logging.getLogger(__name__)

#: WebSocket alone: no sticky sessions needed, and none of the polling code (stack.md).
socketio = SocketIO()
NAMESPACE = "/live"


def hint(room: str, event: str, values: dict[str, str | int]) -> None:
    """Tell those in `room` that there is something to ask for. Ids and numbers only, never words."""
    if socketio.server is None:
        return
    try:
        socketio.emit(event, values, to=room, namespace=NAMESPACE)
    except Exception:
        log.exception("a live hint was lost; readers catch up over HTTP")


def hang_up(room: str) -> None:
    """Close every socket in `room`."""
    if socketio.server is not None:
        socketio.close_room(room, namespace=NAMESPACE)
