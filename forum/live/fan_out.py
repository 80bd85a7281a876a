"""Saying one thing to many pages: framed once, and handed to each line as it is."""

import threading
from collections.abc import Callable
from typing import Any

from engineio import packet as engine
from socketio import Manager
from socketio.packet import EVENT

from forum.base.broadcast import ALONE
from forum.live import audiences
from forum.live.frames import framed

#: After so many readers everything else gets a turn: pages are served between two hundreds of a large room.
AT_ONCE = 100
#: Whom of a conversation an event is for; any other is for all who have it open.
WHOM = {"change": audiences.hinted, "desk": audiences.desk_of}


class FanOut(Manager):  # type: ignore[misc]
    """Who is in which room of this process. What is said to a room reaches each page in the order in which it was said."""

    #: Told of each change in a conversation, here or in another process, as its room, from and to.
    heard: Callable[[str, int, int], None] | None = None

    def __init__(self) -> None:
        super().__init__()
        self._turn = threading.Lock()

    def emit(self, event: str, data: Any, namespace: str, room: Any = None, to: Any = None, **_more: Any) -> None:
        """Say one thing to everybody in a room. No answer is asked for."""
        room = to or room
        if event == ALONE:
            self._set_apart(namespace, room)
            return
        rooms = self._rooms_for(event, data, room)
        if not self._is_anybody_in(namespace, rooms):
            return
        said = [event, *(data if isinstance(data, tuple) else () if data is None else (data,))]
        text = self.server.packet_class(EVENT, namespace=namespace, data=said).encode()
        frame = framed(engine.Packet(engine.MESSAGE, text).encode().encode())
        with self._turn:
            self._say(frame, namespace, rooms)

    def _is_anybody_in(self, namespace: str, rooms: Any) -> bool:
        """Most hints are for readers who fetch their own words, and most live rooms have none."""
        here = self.rooms.get(namespace, {})
        return any(one in here for one in (rooms if isinstance(rooms, list) else [rooms]))

    def _rooms_for(self, event: str, data: Any, room: Any) -> Any:
        """Who of a conversation an event is for; of any other room it is everybody."""
        if not isinstance(room, str) or audiences.conversation_of(room) is None:
            return room
        if event == "change" and self.heard:
            self.heard(room, data["from"], data["to"])
        return WHOM.get(event, audiences.everybody)(room)

    def _say(self, frame: bytes, namespace: str, room: Any) -> None:
        pages = self.server.eio.sockets
        for n, (_sid, connection) in enumerate(self.get_participants(namespace, room), 1):
            page = pages.get(connection)
            if page is not None and not page.closed:
                page.queue.send(frame)
            if n % AT_ONCE == 0:
                self.server.sleep(0)

    def _set_apart(self, namespace: str, room: str) -> None:
        """Whoever is in this room of one reader hears hints from now on, and words no more."""
        for sid, _connection in list(self.get_participants(namespace, room)):
            for part in self.get_rooms(sid, namespace):
                if (hinted := audiences.hinted_beside(part)) is not None:
                    self.basic_enter_room(sid, namespace, hinted)
                    self.basic_leave_room(sid, namespace, part)

    def has(self, namespace: str, room: str) -> bool:
        """Whether somebody of this process is in it."""
        return room in self.rooms.get(namespace, ())
