"""A board's page: one shell for all readers, filled with the topics as each of them has read."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from markupsafe import Markup
from sqlalchemy import Row

from forum.base import clock
from forum.base.idents import write_ident
from forum.conversations import board_queries, markers, titles, welcoming
from forum.conversations.board_entrance import BoardEntrance
from forum.conversations.board_queries import Before
from forum.groups import brakes
from forum.web import shells
from forum.web.language import spoken
from forum.web.shells import Reader

TEMPLATE = "conversations/board.html"

#: A board's page of cards in two forms for 200 boards; about half a kilobyte each.
CARDS_KEPT = 10_000

#: A topic, whether something in it is new to the reader, and whether they put its title away.
Marked = tuple[Row, bool, bool]

_cards: OrderedDict[tuple[str, datetime, Row, bool, bool], bytes] = OrderedDict()


@dataclass(frozen=True)
class Topics:
    """A page of topics as this reader sees them; and whether there are older ones."""

    shown: Sequence[Marked]
    more: bool


def list_topics(found: BoardEntrance, before: Before | None) -> Topics:
    """What a page shows to this reader."""
    topics = board_queries.list_topics(found.actor, found.board.id, before)
    shown = topics[: board_queries.TOPICS]
    read = markers.list_markers(found.membership, [topic.id for topic in shown])
    away = titles.put_away(found.membership, found.choices, {topic.id: topic.title for topic in shown})
    marked = [(topic, topic.last_shown_seq > read.get(topic.id, 0), topic.id in away) for topic in shown]
    return Topics(marked, len(topics) > board_queries.TOPICS)


def show(found: BoardEntrance, topics: Topics, before: Before | None) -> str:
    """The page as this reader may see it now.

    :param topics: of `list_topics`. :param before: where it begins; None for the latest topics.
    """
    locale, hour = spoken(), clock.this_hour()
    cards = b"\n".join([_card(locale, hour, *one) for one in topics.shown]).decode()
    holes = {"topics": Markup(cards), "older": _older(topics)}  # noqa: S704 - Jinja made them
    alone = welcoming.find_alone(found.membership, found.board.zone, found.choices)
    facts = _facts(found, topics, before, alone)

    def values(hole: Mapping[str, str]) -> dict[str, Any]:
        topics_here = Markup(hole["topics"])  # noqa: S704 - cards, or the mark that stands for them
        return {**facts, "topics": topics_here, "older": hole["older"] if topics.more else None}

    return shells.page(TEMPLATE, tuple(facts.values()), holes, values)


def kept(found: BoardEntrance, topics: Topics, reader: Reader) -> bytes | None:
    """The same page, at its beginning, from memory; None if memory has it not, somebody new may wait at night, or
    a brake is on, whose end changes from minute to minute."""
    if found.board.brake or not welcoming.is_quiet(found.membership.scope.group_id):
        return None
    hour = clock.this_hour()
    try:
        cards = [_cards[reader.spoken, hour, *one] for one in topics.shown]
    except KeyError:
        return None
    holes: dict[str, str | bytes] = {"topics": b"\n".join(cards), "older": _older(topics)}
    return shells.kept(TEMPLATE, tuple(_facts(found, topics, None).values()), holes, reader)


def _older(topics: Topics) -> str:
    return _place_after(topics.shown[-1][0]) if topics.more else ""


def _facts(found: BoardEntrance, topics: Topics, before: Before | None, alone: bytes | None = None) -> dict[str, Any]:
    return {
        "alone": alone,
        "more": topics.more,
        "board": found.board,
        "any_topics": bool(topics.shown),
        "first_page": before is None,
        "braked": tuple(brakes.sentences(found.board.brake, found.board.zone)),
    }


def _place_after(topic: Row) -> str:
    """Where the next page begins, for its address."""
    return f"{int(topic.last_activity_hour.timestamp()) // 3600}.{write_ident(topic.id)}"


def forget() -> None:
    """Begin anew (another database)."""
    _cards.clear()


def _card(locale: str, hour: datetime, topic: Row, unread: bool, away: bool) -> bytes:
    """One topic's card as it is sent, from memory until it changes or the hour does."""
    key = (locale, hour, topic, unread, away)
    kept = _cards.get(key)
    if kept is None:
        template = current_app.jinja_env.get_template("conversations/topic_card.html")
        kept = _cards[key] = template.render(topic=topic, unread=unread, away=away, now=hour).encode()
        if len(_cards) > CARDS_KEPT:
            _cards.popitem(last=False)
    return kept
