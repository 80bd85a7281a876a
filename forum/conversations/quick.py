"""What of conversations can be answered before Flask: nothing new, and pages that memory has (docs/decisions/0039)."""

import re

import orjson

from forum.base.idents import read_ident
from forum.conversations import board_entrance, board_page, entrance, places, topic_page
from forum.conversations.entrance import Door
from forum.groups import reading
from forum.models import ConversationKind
from forum.policy.holding import BEFORE_WRITING
from forum.web.quick import Quick
from forum.web.shells import Reader


def _look(reader: Reader, ident: str) -> Door | None:
    """The conversation's door, unless a sent post is due: publishing it is work for Flask."""
    conversation_id = read_ident(ident)
    door = entrance.look(reader.session.cookie_sha256, conversation_id) if conversation_id else None
    if door is None:
        return None
    reader.session.know(door.found)
    reader.session.opened = door
    reader.session.nation, reader.session.team = door.found.nation, door.found.group_address
    return None if door.found.due else door


def show_changes(reader: Reader, ident: str, after: str) -> bytes | None:
    """That nothing changed since the reader's feed number."""
    door = _look(reader, ident)
    if door is None or int(after) < door.found.feed_no:
        return None
    return orjson.dumps({"changes": [], "to": door.found.feed_no})


def show_conversation(reader: Reader, ident: str, asked: str | None) -> bytes | None:
    """A topic's page, where no post waits to be read first and no brake is on: how long changes from minute to minute."""
    door = _look(reader, ident)
    found = entrance.read(door) if door else None
    if found is None or found.place.holds & BEFORE_WRITING or found.place.brake:
        return None
    if found.place.kind is not ConversationKind.TOPIC:
        return None  # a room has a page of its own
    if reading.note(reader.session.cookie_sha256 or b"", found.place.group_id, found.place.id):
        return None  # far too many within the hour: Flask says when to come back
    page = min(int(asked or 0) or found.marker // places.PAGE + 1, found.place.pages)
    return topic_page.kept(found, page, reader)


def show_board(reader: Reader, ident: str) -> bytes | None:
    """A board's latest topics."""
    board_id = read_ident(ident)
    found = board_entrance.enter(reader.session.cookie_sha256, board_id) if board_id else None
    if found is None:
        return None
    topics = board_page.list_topics(found, None)
    reader.session.know(found.sign_in)
    reader.session.opened = found, topics
    reader.session.nation, reader.session.team = found.board.nation, found.board.group_address
    return board_page.kept(found, topics, reader)


PAGES = (
    Quick(
        "/c/<ident:conversation_id>/changes",
        re.compile(r"/c/([a-z2-7]{26})/changes\?after=(\d{1,9})", re.ASCII),
        show_changes,
        "application/json",
    ),
    Quick(
        "/c/<ident:conversation_id>",
        re.compile(r"/c/([a-z2-7]{26})\?(?:page=(\d{1,9}))?", re.ASCII),
        show_conversation,
    ),
    Quick("/b/<ident:board_id>", re.compile(r"/b/([a-z2-7]{26})\?", re.ASCII), show_board),
)
