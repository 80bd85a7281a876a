"""What may come over a line: small text messages, well formed. Whatever else comes is one and the same malformed event."""

import re
from typing import Any

from socketio.packet import CONNECT, DISCONNECT, EVENT, Packet

from forum.base.broadcast import NAMESPACE

#: The longest thing a page says is an event with an id; a room's message of 2,000 characters will fit too.
MOST_BYTES = 16 * 1024
#: The name of whatever could not be read. No handler has it, so it is answered like any unknown event.
MALFORMED = "malformed"
RESERVED = {"connect", "disconnect"}
#: Engine.IO's "close", "pong" and "message", the last with a Socket.IO packet in it. A page says nothing else.
WELL_BEGUN = re.compile("[13]|4[0-6]")


class TextPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet that never raises over what somebody sent, and takes no attachments."""

    def __init__(
        self,
        packet_type: int = EVENT,
        data: Any = None,
        namespace: str | None = None,
        id: int | None = None,  # noqa: A002 - python-socketio's name
        binary: bool | None = None,
        encoded_packet: Any = None,
    ) -> None:
        super().__init__(packet_type, data, namespace, id, binary)
        if encoded_packet is not None:
            self.decode(encoded_packet)

    def decode(self, encoded_packet: Any) -> int:
        """Read a packet; a malformed one becomes an event that nobody handles. Gives the number of attachments: none."""
        try:
            super().decode(encoded_packet)
            readable = self._can_be_handled()
        except Exception:  # noqa: BLE001 - whatever a stranger's bytes can do to a parser, the answer is the same
            readable = False
        if not readable:
            self.packet_type, self.namespace, self.data = EVENT, NAMESPACE, [MALFORMED]
        return 0

    def _can_be_handled(self) -> bool:
        if self.packet_type in (CONNECT, DISCONNECT):
            return True
        said = self.data if self.packet_type == EVENT and isinstance(self.data, list) else []
        return bool(said) and isinstance(said[0], str) and said[0] not in RESERVED
