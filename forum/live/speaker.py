"""Saying in each room of this process what changed in it: read once, rendered once for each audience, sent to all.

Between processes only the hint travels. Each asks the database itself, so that no words lie in Redis, and renders only for
those whom it has. Whoever misses something asks over HTTP: a page knows its feed number (decisions.md §3).
"""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask_babel import force_locale

from forum.base import broadcast
from forum.base.errors import origin
from forum.conversations import for_everyone, places
from forum.live.audiences import TEAM, Audience, conversation_of, spoken_to

log = logging.getLogger(__name__)

#: Rooms whose last word is remembered. Of a forgotten one the next hint says from where to tell.
REMEMBERED = 1000


class Speaker:
    """Tells what changed, one change after the other, beside whoever wrote it: no writer waits for a thousand readers.

    :param has: whether somebody of this process sits in a room.
    """

    def __init__(self, app: Flask, has: Callable[[str], bool]) -> None:
        self._app, self._has = app, has
        self._waiting: deque[tuple[str, int, int]] = deque()
        self._wake = threading.Event()
        self._starting = threading.Lock()
        self._running = False
        self._said: OrderedDict[str, int] = OrderedDict()

    def hear(self, room: str, came_from: int, to: int) -> None:
        """Something changed: tell it soon. Never waits."""
        self._waiting.append((room, came_from, to))
        with self._starting:
            if not self._running:
                self._running = True
                threading.Thread(target=self._speak, daemon=True, name="speaker").start()
        self._wake.set()

    def _speak(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._waiting:
                self.speak_next()

    def speak_next(self) -> None:
        """Tell the change that waits longest, with what came after it in the same room."""
        room, came_from, to = self._waiting.popleft()
        conversation_id, here = conversation_of(room), [one for one in spoken_to(room) if self._has(one.room)]
        if conversation_id is None or not here:
            self._said.pop(room, None)
            return
        after = self._said.get(room, came_from)
        if to <= after:
            return
        try:
            with self._app.app_context():
                self._tell(room, conversation_id, after, here)
        except Exception as error:  # noqa: BLE001 - their pages ask for themselves
            log.error("a change was not told in a room; its pages ask over HTTP. %s", origin(error))
            broadcast.tell([one.room for one in here], "change", {"room": room, "from": after, "to": to})

    def _tell(self, room: str, conversation_id: bytes, after: int, here: list[Audience]) -> None:
        place = places.find_place(conversation_id)
        if place is None:
            return
        told = for_everyone.Told(place, after)
        said = {"room": room, "from": after, "to": place.feed_no}
        for changes, audiences in _alike(told, here):
            _tell_all(changes, said, audiences)
        self._said[room] = place.feed_no
        self._said.move_to_end(room)
        while len(self._said) > REMEMBERED:
            self._said.popitem(last=False)


Changes = list[dict[str, Any]] | None


def _alike(told: for_everyone.Told, here: list[Audience]) -> list[tuple[Changes, list[str]]]:
    """What changed, with those who see it so: mostly the team sees what all see, and then it is framed once for both."""
    found: list[tuple[Changes, list[str]]] = []
    for one in here:
        with force_locale(one.locale):
            changes = told.changes(one.locale, to_team=one.role_class == TEAM)
        for same, audiences in found:
            if same == changes:
                audiences.append(one.room)
                break
        else:
            found.append((changes, [one.room]))
    return found


def _tell_all(changes: Changes, said: Mapping[str, Any], audiences: list[str]) -> None:
    """Of too much at once they are told that there is something to ask for."""
    if changes is None:
        broadcast.tell(audiences, "change", said)
    else:
        broadcast.tell(audiences, "posts", {**said, "changes": changes})
