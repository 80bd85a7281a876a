"""The live layer alone, as wsgi.py wires it, with an event that sends as much as a test wants. Served by gunicorn."""

from pathlib import Path

from flask import Flask

from forum.base.broadcast import socketio
from forum.base.config import Settings
from forum.live import sockets

CONTRACT = "/contract"


@socketio.on("connect", namespace=CONTRACT)
def connect(_auth: object = None) -> None:
    """Anybody: this app holds nothing of anybody's."""


@socketio.on("send", namespace=CONTRACT)
def send(frames: int, characters: int) -> int:
    """Send so many numbered frames of so many characters."""
    for n in range(frames):
        socketio.emit("frame", {"n": n, "text": "x" * characters}, namespace=CONTRACT)
    return frames


def create_app() -> Flask:
    """A Flask app with sockets and a page to ask whether it runs."""
    app = Flask(__name__)
    app.add_url_rule("/readyz", view_func=lambda: "ready", endpoint="readyz")
    app.add_url_rule("/lines", view_func=lambda: str(len(socketio.server.eio.sockets)), endpoint="lines")
    nowhere = Path("/nonexistent")
    sockets.init(app, Settings(database_url="sqlite://", keyring_file=nowhere, var=nowhere, testing=True))
    return app
