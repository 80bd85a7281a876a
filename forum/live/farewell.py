"""Going in peace: a server that is told to stop closes its lines at once, so that pages come back to the next one.

Gunicorn waits for open connections as long as it may; a line is open for hours. Pages come back by themselves, each after a
moment of its own, so that they do not all knock together (security.md R9).
"""

import signal
import threading
from types import FrameType

from forum.base.broadcast import socketio

#: Requests that are being answered, such as a message that is just kept, get this long before the lines go.
GRACE_S = 0.3


def prepare() -> None:
    """Close every line when this process is told to stop, before whoever else listens for that goes on."""
    if threading.current_thread() is not threading.main_thread():
        return
    before = signal.getsignal(signal.SIGTERM)
    if not callable(before):
        return

    def stop(number: int, frame: FrameType | None) -> None:
        socketio.start_background_task(close_all)  # nothing may wait in a signal's handler
        before(number, frame)

    signal.signal(signal.SIGTERM, stop)


def close_all() -> None:
    """Close the lines of this process; their pages ask what they missed, and come back."""
    socketio.sleep(GRACE_S)
    for page in list(socketio.server.eio.sockets.values()):
        page.close(wait=False)
