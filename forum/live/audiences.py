"""Who in a room of ours hears what: words in one language and one role class, or hints for readers who chose for themselves.

`c:<conversation>` alone are the boards' pages. A live room's pages sit in `c:<conversation>:<role class>:<language>`, and get
words; or in `c:<conversation>:<role class>:hint`, and fetch their own.
"""

from collections.abc import Iterator
from typing import NamedTuple

from forum.base.idents import read_ident, write_ident
from forum.web.language import LANGUAGES

HINTED = "hint"
#: As `Membership.role_class` says them.
MEMBERS, TEAM = "member", "team"
SPOKEN = tuple(LANGUAGES)
_OF_CONVERSATION = "c:"


class Audience(NamedTuple):
    """Those who get the same bytes."""

    room: str
    role_class: str
    locale: str


def room_of(conversation_id: bytes) -> str:
    """The room of a conversation, under whose name hints come."""
    return f"{_OF_CONVERSATION}{write_ident(conversation_id)}"


def conversation_of(room: str) -> bytes | None:
    """The conversation of such a room; None for any other, and for a part of one."""
    return read_ident(room[len(_OF_CONVERSATION) :]) if room.startswith(_OF_CONVERSATION) else None


def part_of(room: str, role_class: str, locale: str) -> str:
    """Where one page sits. :param locale: HINTED for a reader who fetches their own."""
    return f"{room}:{role_class}:{locale}"


def spoken_to(room: str) -> Iterator[Audience]:
    """Those who are told words."""
    for role_class in (MEMBERS, TEAM):
        for locale in SPOKEN:
            yield Audience(part_of(room, role_class, locale), role_class, locale)


def everybody(room: str) -> list[str]:
    """All who have the conversation open."""
    return [room, *(part_of(room, role, form) for role in (MEMBERS, TEAM) for form in (*SPOKEN, HINTED))]


def hinted(room: str) -> list[str]:
    """Those who are told that there is something to ask for."""
    return [room, part_of(room, MEMBERS, HINTED), part_of(room, TEAM, HINTED)]


def desk_of(room: str) -> str:
    """Those who hold a seat in a live room, beside the part in which they hear words."""
    return f"{room}:desk"


def hinted_beside(part: str) -> str | None:
    """Where a reader of this part goes who fetches their own from now on; None if it is no part with words."""
    room, _, rest = part.rpartition(":")
    conversation = room.rpartition(":")[0]
    return f"{room}:{HINTED}" if rest in SPOKEN and conversation_of(conversation) is not None else None
