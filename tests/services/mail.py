"""A mail receiver for the tests."""

import asyncio
import functools
import smtplib
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller

from tests.services.child import START_SECONDS, free_port, running


@dataclass
class Smtp:
    """A mail receiver in a thread of this process. ``messages`` holds all it accepted, oldest first.

    Set ``delay_s`` to make it slow, ``refusing`` to make it say "try later",
    ``cut_after_data`` to make it accept a message and close the line without saying so.
    """

    host: str
    port: int
    messages: list[Message] = field(default_factory=list)
    delay_s: float = 0
    refusing: bool = False
    cut_after_data: bool = False
    received: int = 0

    def clear(self) -> None:
        """Forget the messages and behave well again; the count for the closing table stays."""
        self.messages.clear()
        self.delay_s, self.refusing, self.cut_after_data = 0, False, False

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        await asyncio.sleep(self.delay_s)
        if self.refusing:
            return "451 4.3.0 try again later"
        self.messages.append(message_from_bytes(envelope.content))  # type: ignore[attr-defined]
        self.received += 1
        if self.cut_after_data:
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 2.0.0 kept"


@functools.cache
def smtp() -> Smtp:
    """The run's mail receiver; it is a Python package, so it is always there."""
    handler = Smtp("127.0.0.1", free_port())
    controller = Controller(handler, hostname=handler.host, port=handler.port, ready_timeout=START_SECONDS)
    controller.start()
    with smtplib.SMTP(handler.host, handler.port, timeout=START_SECONDS) as client:
        client.noop()
    running(controller)
    return handler
