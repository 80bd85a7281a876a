"""A board's page: one shell for all readers, filled with the topics as each of them has read."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app
from markupsafe import Markup
from sqlalchemy import Row

from forum.base import clock
from forum.base.idents import write_ident
from forum.conversations import queries
from forum.conversations.entrance import BoardEntrance
from forum.conversations.queries import Before
from forum.web import shells
from forum.web.language import spoken

#: A board's page of cards in two forms for 200 boards; about half a kilobyte each.
CARDS_KEPT = 10_000

_cards: OrderedDict[tuple[str, datetime, Row, bool], Markup] = OrderedDict()


def show(found: BoardEntrance, before: Before | None) -> str:
    """The page as this reader may see it now.

    :param before: where it begins; None for the latest topics.
    """
    topics = queries.list_topics(found.actor, found.board.id, before)
    shown, more = topics[: queries.TOPICS], len(topics) > queries.TOPICS
    markers = queries.list_markers(found.membership, [topic.id for topic in shown])
    locale, hour = spoken(), clock.this_hour()
    cards = [_card(locale, hour, topic, topic.last_shown_seq > markers.get(topic.id, 0)) for topic in shown]
    holes = {
        "topics": Markup("\n".join(cards)),  # noqa: S704 - Markup each
        "older": _place_after(shown[-1]) if more else "",
    }
    facts = {"board": found.board, "any_topics": bool(shown), "first_page": before is None}

    def values(hole: Mapping[str, str]) -> dict[str, Any]:
        topics_here = Markup(hole["topics"])  # noqa: S704 - cards, or the mark that stands for them
        return {**facts, "topics": topics_here, "older": hole["older"] if more else None}

    return shells.page("conversations/board.html", (more, *facts.values()), holes, values)


def _place_after(topic: Row) -> str:
    """Where the next page begins, for its address."""
    return f"{int(topic.last_activity_hour.timestamp()) // 3600}.{write_ident(topic.id)}"


def forget() -> None:
    """Begin anew (another database)."""
    _cards.clear()


def _card(locale: str, hour: datetime, topic: Row, unread: bool) -> Markup:
    """One topic's card, from memory until it changes or the hour does."""
    key = (locale, hour, topic, unread)
    kept = _cards.get(key)
    if kept is None:
        template = current_app.jinja_env.get_template("conversations/topic_card.html")
        kept = _cards[key] = Markup(template.render(topic=topic, unread=unread, now=hour))  # noqa: S704 - escaped there
        if len(_cards) > CARDS_KEPT:
            _cards.popitem(last=False)
    return kept
