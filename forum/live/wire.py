"""What may come over a line: small text messages, well formed. Everything else is one and the same malformed event."""

from collections.abc import Callable
from typing import Any

from socketio.packet import ACK, BINARY_ACK, BINARY_EVENT, CONNECT_ERROR, EVENT, Packet

from forum.base.broadcast import NAMESPACE

#: The longest thing a page says is an event with an id; a room's message of 2,000 characters will fit too.
MOST_BYTES = 16 * 1024
#: The name of whatever could not be read. No handler has it, so it is answered like any unknown event.
MALFORMED = "malformed"
RESERVED = {"connect", "disconnect"}


class TextPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet that never raises over what somebody sent, and takes no attachments."""

    def decode(self, encoded_packet: Any) -> int:
        """Read a packet; a malformed one becomes an event that nobody handles. Gives the number of attachments: none."""
        try:
            super().decode(encoded_packet)
        except Exception:  # noqa: BLE001 - whatever a stranger's bytes can do to a parser, the answer is the same
            self._give_up()
            return 0
        if self.packet_type in (ACK, BINARY_EVENT, BINARY_ACK, CONNECT_ERROR) or not self._can_be_handled():
            self._give_up()
        return 0

    def _can_be_handled(self) -> bool:
        if self.packet_type != EVENT:
            return self.packet_type < EVENT
        named = isinstance(self.data, list) and bool(self.data) and isinstance(self.data[0], str)
        return named and self.data[0] not in RESERVED

    def _give_up(self) -> None:
        self.packet_type, self.namespace, self.data = EVENT, NAMESPACE, [MALFORMED]


def bounded(driver: Callable[..., Any]) -> Callable[..., Any]:
    """The same WebSocket driver, refusing a message over `MOST_BYTES` while it arrives and not when it is all there.

    :param driver: python-engineio's; it passes on no such setting of its own (pinned, with a contract test).
    """

    def make(handler: Callable[..., Any], server: Any) -> Any:
        made = driver(handler, server)
        made.server_args["max_message_size"] = MOST_BYTES
        return made

    return make
