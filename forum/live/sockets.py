"""Live hints over WebSockets."""

from flask import Flask

from forum.base.broadcast import socketio
from forum.base.config import Settings


def init(app: Flask, settings: Settings) -> None:
    """Serve sockets from this process; several processes meet in Redis."""
    socketio.init_app(
        app,
        async_mode="threading" if settings.testing else None,
        transports=["websocket"],
        manage_session=False,
        message_queue=settings.redis_url or None,
    )
