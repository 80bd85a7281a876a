"""WebSockets of our pages: a page says which conversation it shows, and hears what changes in it.

Nothing is decided here. Every event reads the sign-in anew, because what was true at the handshake may not be true now;
whoever misses something asks over HTTP.
"""

import functools
import logging
import math
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import join_room, leave_room
from gevent import monkey

from forum.base import broadcast
from forum.base.broadcast import NAMESPACE, socketio
from forum.base.config import Settings
from forum.base.errors import ForumError, NotFound, origin
from forum.base.idents import read_ident, write_post_id
from forum.base.words import _
from forum.conversations import asking, entrance, usecases
from forum.conversations.entrance import Entrance
from forum.conversations.prepare import Words
from forum.live import audiences, driver, farewell, newcomers, pacing, seated, watching
from forum.live.fan_out import FanOut
from forum.live.handshake import Handshake
from forum.live.meeting import Meeting
from forum.live.speaker import Speaker
from forum.live.wire import MOST_BYTES, TextPacket
from forum.models import ConversationKind
from forum.policy import room_rules
from forum.web import csrf, sign_ins
from forum.web.csrf import current
from forum.web.language import spoken

log = logging.getLogger(__name__)

#: Open pages of one browser. More are a program, which could take everybody's places.
MOST_OF_ONE = 30
#: A page of ours never sends anything malformed; a line that does so this often is not one.
MOST_FAULTS = 20
FAULTS = "forum.live.faults"

Answer = dict[str, str | int]

#: What was refused since the start, by kind, for whoever looks after the server.
refused: Counter[str] = Counter()
_noted: Counter[str] = Counter()


def init(app: Flask, settings: Settings) -> None:
    """Serve sockets from this process; several processes meet in Redis."""
    manager = Meeting(settings.redis_url) if settings.redis_url else FanOut()
    manager.heard = Speaker(app, partial(manager.has, NAMESPACE)).hear
    socketio.init_app(
        app,
        async_mode="gevent" if monkey.is_module_patched("socket") else "threading",
        transports=["websocket"],
        namespaces=[NAMESPACE],
        manage_session=False,
        cors_allowed_origins=[],  # the Handshake decides who may knock; no other site is ever told that it may
        client_manager=manager,
        max_http_buffer_size=MOST_BYTES,
        serializer=TextPacket,
        async_handlers=False,  # one event after the other: whoever floods waits for themselves
    )
    socketio.server.eio._async = driver.installed(socketio.server.eio._async)
    app.wsgi_app = Handshake(app.wsgi_app, settings, _lines_open)  # type: ignore[method-assign]
    farewell.prepare()


def note_refused() -> None:
    """Write into the log what was refused since the last time, in numbers by kind: a page of ours sends none of it."""
    new = refused - _noted
    if new:
        log.warning("refused over lines: %s", ", ".join(f"{kind} {n}" for kind, n in sorted(new.items())))
        _noted.update(new)


def _lines_open() -> int:
    return len(socketio.server.eio.sockets)


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
    if (line := request.environ.get(broadcast.LINE)) is not None:
        line.named = True


def _has_token(auth: object) -> bool:
    typed = auth.get("token") if isinstance(auth, dict) else None
    return isinstance(typed, str) and csrf.is_valid(typed, current().csrf_secret())


def _is_signed_in() -> bool:
    """Whether the sign-in lives. The room is entered before asking: an end that comes in between finds the line in it."""
    cookie = current().cookie_sha256
    if cookie is None:
        return False
    room = _sign_in_room(cookie)
    join_room(room)
    return _lives(cookie) and broadcast.count_here(room) <= MOST_OF_ONE


def _lives(cookie_sha256: bytes) -> bool:
    found = sign_ins.find(cookie_sha256)
    return found is not None and found.account_id is not None


def _sign_in_room(cookie_sha256: bytes) -> str:
    return f"sign-in:{cookie_sha256.hex()}"


def _event(
    what: str, *words: str, may: tuple[str, ...] = (), enters: bool = False
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """An event about one thing from somebody signed in. It answers and never raises.

    :param what: "conversation" or "group", as the event calls the thing. :param words: texts that it says with it.
    :param may: texts that it says or leaves out, as a page of an earlier version does.
    :param enters: the handler asks whether the sign-in lives, in the one question that opens the conversation.
    """

    def of(handle: Callable[..., Answer]) -> Callable[..., Answer]:
        @functools.wraps(handle)
        def answer(*said: object) -> Answer:
            try:
                understood, cookie = _understood(said, what, words, may), current().cookie_sha256
                if understood is None or cookie is None:
                    return malformed()
                if not (enters or _lives(cookie)):
                    return _ended(cookie)
                return handle(cookie, *understood)
            except Exception as error:  # noqa: BLE001 - answered; the reader catches up over HTTP
                log.warning("a live event failed event=%s %s", handle.__name__, origin(error))
                return {"error": "busy"}

        return answer

    return of


def _ended(cookie_sha256: bytes) -> Answer:
    """The sign-in is over: every line that was opened with it is hung up."""
    broadcast.hang_up_here(_sign_in_room(cookie_sha256))
    return {"error": "ended"}


def _understood(
    said: tuple[object, ...], what: str, words: tuple[str, ...], may: tuple[str, ...]
) -> tuple[bytes | str, ...] | None:
    """The thing and the texts in `{what: …, word: …}`, said alone and all of it."""
    asked = said[0] if len(said) == 1 else None
    if not isinstance(asked, dict) or asked.keys() - set(may) != {what, *words}:
        return None
    words += tuple(word for word in may if word in asked)
    ident = read_ident(asked[what]) if isinstance(asked[what], str) else None
    texts = [asked[word] for word in words if isinstance(asked[word], str)]
    return (ident, *texts) if ident is not None and len(texts) == len(words) else None


@socketio.on("join", namespace=NAMESPACE)
@_event("conversation")
def join(cookie: bytes, conversation_id: bytes) -> Answer:
    """Hear of changes from now on. The answer's feed number is read after joining, so no change falls in between."""
    found = entrance.enter(cookie, conversation_id)
    if found is None:
        return _unknown()
    join_room(f"persona:{found.membership.persona_id.hex()}")
    part = _part_of(found)
    join_room(part)
    if found.place.kind is ConversationKind.ROOM:
        for own in seated.lines_of(conversation_id, found.membership):
            join_room(own)
    still = entrance.enter(cookie, conversation_id)  # a removal after this line finds us in the persona's room
    if still is None or _part_of(still) != part:
        leave_room(part)
        return _unknown() if still is None else {"error": "busy"}
    if still.place.kind is ConversationKind.ROOM:
        seated.come(request.sid, conversation_id, still.membership)  # type: ignore[attr-defined]
    return {"feed": still.place.feed_no}


def _part_of(found: Entrance) -> str:
    """Where a page sits: in a live room with those who get the same words, or with those who fetch their own."""
    room = audiences.room_of(found.place.id)
    if found.place.kind is not ConversationKind.ROOM:
        return room
    alike = not found.choices.any_for_reading and spoken() in audiences.SPOKEN
    return audiences.part_of(room, found.membership.role_class, spoken() if alike else audiences.HINTED)


@socketio.on("send", namespace=NAMESPACE)
@_event("conversation", "body", "token", may=("masked",), enters=True)
def send(cookie: bytes, conversation_id: bytes, body: str, token: str, shown: str = "") -> Answer:
    """A message in a live room. The answer means that it is kept; the same token again gives the same answer.

    :param shown: "yes" if the page shows its reader an alias, "no" for their name; they may have another face since.
    """
    found = entrance.enter(cookie, conversation_id)
    if found is None or found.place.kind is not ConversationKind.ROOM:
        return _unknown() if found is not None or _lives(cookie) else _ended(cookie)
    if wait := pacing.seconds_to_wait(found.membership.persona_id):
        refused["send"] += 1
        return {"error": "wait", "seconds": math.ceil(wait), "words": _("Please wait a moment. Your words stay here.")}
    masked = shown == "yes" if shown else room_rules.is_masked(found.membership, conversation_id)
    words = Words(body, spoken(), masked=masked)
    if asking.find_question_of(words, found.place.group_words):
        return {"error": "ask"}  # the page sends its form instead, and gets the question
    try:
        written = usecases.submit_inside(found.actor, found.place, words, token)
    except NotFound:
        return _unknown()
    except ForumError as error:
        return {"error": "refused", "words": error.message}
    return {"post": write_post_id(written.id), "seq": written.seq, "state": written.state.value}


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
    seated.leave(request.sid, conversation_id)  # type: ignore[attr-defined]
    room = audiences.room_of(conversation_id)
    for part in (*audiences.everybody(room), audiences.desk_of(room)):
        leave_room(part)
    return {}


@socketio.on("disconnect", namespace=NAMESPACE)
def gone(*_reason: object) -> None:
    """A page was closed, or its line broke. One that stays open after this goodbye belongs to nobody."""
    if (line := request.environ.get(broadcast.LINE)) is not None:
        newcomers.add(line)
    try:
        seated.lose(request.sid)  # type: ignore[attr-defined]
    except Exception as error:  # noqa: BLE001 - a seat runs out by itself, and a silent person is missed by the clock
        log.warning("a broken line was not noted %s", origin(error))


@socketio.on("*", namespace=NAMESPACE)
def malformed(*_said: Any) -> Answer:
    """Answer what cannot be understood; a line that keeps saying such things is hung up."""
    refused["malformed"] += 1
    request.environ[FAULTS] = request.environ.get(FAULTS, 0) + 1
    if request.environ[FAULTS] >= MOST_FAULTS:
        broadcast.hang_up_here(request.sid)  # type: ignore[attr-defined]
    return {"error": "malformed"}
