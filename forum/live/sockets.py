"""Live hints over WebSockets: a page says which conversation it shows and hears when there is something to ask for.

Nothing is decided or told here. Every event reads the sign-in anew, because what was true at the handshake may not be
true now; what there is to read is asked over HTTP.
"""

import functools
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import join_room, leave_room
from gevent import monkey

from forum.base import broadcast
from forum.base.broadcast import NAMESPACE, socketio
from forum.base.config import Settings
from forum.base.errors import origin
from forum.base.idents import read_ident, write_ident
from forum.conversations import entrance
from forum.live import watching
from forum.live.handshake import Handshake
from forum.live.meeting import Meeting
from forum.live.wire import MOST_BYTES, TextPacket, bounded
from forum.web import csrf, sign_ins
from forum.web.csrf import current

log = logging.getLogger(__name__)

#: A page of ours never sends anything malformed; a line that does so this often is not one.
MOST_FAULTS = 20
FAULTS = "forum.live.faults"

Answer = dict[str, str | int]

#: What was refused since the start, by kind, for whoever looks after the server.
refused: Counter[str] = Counter()


def init(app: Flask, settings: Settings) -> None:
    """Serve sockets from this process; several processes meet in Redis."""
    socketio.init_app(
        app,
        async_mode="gevent" if monkey.is_module_patched("socket") else "threading",
        transports=["websocket"],
        namespaces=[NAMESPACE],
        manage_session=False,
        cors_allowed_origins=[],  # the Handshake decides who may knock; no other site is ever told that it may
        client_manager=Meeting(settings.redis_url) if settings.redis_url else None,
        max_http_buffer_size=MOST_BYTES,
        serializer=TextPacket,
        async_handlers=False,  # one event after the other: whoever floods waits for themselves
    )
    driver = socketio.server.eio._async
    socketio.server.eio._async = {**driver, "websocket": bounded(driver["websocket"])}
    app.wsgi_app = Handshake(app.wsgi_app, settings)  # type: ignore[method-assign]


@socketio.on("connect", namespace=NAMESPACE)
def connect(auth: object = None) -> None:
    """Open a line for a page of ours, shown with its form token, whose sign-in lives."""
    try:
        welcome = _has_token(auth) and _is_signed_in()
    except Exception as error:  # noqa: BLE001 - an error that opened the line would be the worst
        log.warning("a live line was not opened %s", origin(error))
        welcome = False
    if not welcome:
        refused["connect"] += 1
        raise Refused("refused")


def _has_token(auth: object) -> bool:
    typed = auth.get("token") if isinstance(auth, dict) else None
    return isinstance(typed, str) and csrf.is_valid(typed, current().csrf_secret())


def _is_signed_in() -> bool:
    """Whether the sign-in lives. The room is entered before asking: an end that comes in between finds the line in it."""
    cookie = current().cookie_sha256
    if cookie is None:
        return False
    join_room(_sign_in_room(cookie))
    return _lives(cookie)


def _lives(cookie_sha256: bytes) -> bool:
    found = sign_ins.find(cookie_sha256)
    return found is not None and found.account_id is not None


def _sign_in_room(cookie_sha256: bytes) -> str:
    return f"sign-in:{cookie_sha256.hex()}"


def _event(what: str) -> Callable[[Callable[[bytes, bytes], Answer]], Callable[..., Answer]]:
    """An event about one thing from somebody signed in. It answers and never raises.

    :param what: "conversation" or "group", as the event calls the thing.
    """

    def of(handle: Callable[[bytes, bytes], Answer]) -> Callable[..., Answer]:
        @functools.wraps(handle)
        def answer(*said: object) -> Answer:
            try:
                ident, cookie = _ident_of(said, what), current().cookie_sha256
                if ident is None or cookie is None:
                    return malformed()
                if not _lives(cookie):
                    broadcast.hang_up_here(_sign_in_room(cookie))
                    return {"error": "ended"}
                return handle(cookie, ident)
            except Exception as error:  # noqa: BLE001 - answered; the reader catches up over HTTP
                log.warning("a live event failed event=%s %s", handle.__name__, origin(error))
                return {"error": "busy"}

        return answer

    return of


def _ident_of(said: tuple[object, ...], what: str) -> bytes | None:
    """The thing in `{what: …}`, said alone."""
    asked = said[0] if len(said) == 1 else None
    written = asked.get(what) if isinstance(asked, dict) and len(asked) == 1 else None
    return read_ident(written) if isinstance(written, str) else None


@socketio.on("join", namespace=NAMESPACE)
@_event("conversation")
def join(cookie: bytes, conversation_id: bytes) -> Answer:
    """Hear of changes from now on. The answer's feed number is read after joining, so no change falls in between."""
    found = entrance.enter(cookie, conversation_id)
    if found is None:
        return _unknown()
    room = _room(conversation_id)
    join_room(f"persona:{found.membership.persona_id.hex()}")
    join_room(room)
    still = entrance.enter(cookie, conversation_id)  # a removal after this line finds us in the persona's room
    if still is None:
        leave_room(room)
        return _unknown()
    return {"feed": still.place.feed_no}


def _unknown() -> Answer:
    """The same whether there is no such conversation or it is not theirs."""
    refused["join"] += 1
    return {"error": "not-found"}


@socketio.on("watch", namespace=NAMESPACE)
@_event("group")
def watch(cookie: bytes, group_id: bytes) -> Answer:
    """Hear that something changed in what waits for a group's team."""
    membership = watching.find_membership(cookie, group_id)
    if membership is None:
        return _unknown()
    join_room(f"persona:{membership.persona_id.hex()}")
    room = watching.room_of(membership.scope, membership.persona_id)
    join_room(room)
    if watching.find_membership(cookie, group_id) is None:  # a removal after this line finds us in the persona's room
        leave_room(room)
        return _unknown()
    return {"room": room}


@socketio.on("leave", namespace=NAMESPACE)
@_event("conversation")
def leave(_cookie: bytes, conversation_id: bytes) -> Answer:
    """Hear no more of a conversation."""
    leave_room(_room(conversation_id))
    return {}


def _room(conversation_id: bytes) -> str:
    return f"c:{write_ident(conversation_id)}"


@socketio.on("*", namespace=NAMESPACE)
def malformed(*_said: Any) -> Answer:
    """Answer what cannot be understood; a line that keeps saying such things is hung up."""
    refused["malformed"] += 1
    request.environ[FAULTS] = request.environ.get(FAULTS, 0) + 1
    if request.environ[FAULTS] >= MOST_FAULTS:
        broadcast.hang_up_here(request.sid)  # type: ignore[attr-defined]
    return {"error": "malformed"}
