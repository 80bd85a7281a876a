"""Home: my groups, what is new in them and what comes next. One shell for all, filled with everybody's own cards."""

import re
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, render_template
from flask_babel import format_date, format_time
from markupsafe import Markup

from forum.base import clock
from forum.base.words import _
from forum.groups import duty, news, vouching
from forum.groups.mine import Mine
from forum.groups.news import Home, open_home
from forum.groups.vouching import Vouched
from forum.models import MeetingState, Role, Standing
from forum.web import shells
from forum.web.language import spoken
from forum.web.quick import Quick
from forum.web.shells import Reader

TEMPLATE = "groups/home.html"
#: A card is half a kilobyte; each of a thousand readers has three.
CARDS_KEPT = 5_000
#: Sentences about duty times, remembered for the minute they are true in.
SENTENCES_KEPT = 500

_cards: OrderedDict[Hashable, Markup] = OrderedDict()
_sentences: OrderedDict[Hashable, str] = OrderedDict()


def forget() -> None:
    """Begin anew (another database)."""
    _cards.clear()
    _sentences.clear()
    news.forget()


def show(home: Home) -> str:
    """The page for its reader."""
    minute = _this_minute()
    cards = [_card(spoken(), minute, one) for one in home.groups]
    holes = {"cards": Markup("\n".join(cards))}  # noqa: S704 - Markup each
    facts = _facts(home)

    def values(hole: Mapping[str, str]) -> dict[str, Any]:
        return {**facts, "cards": Markup(hole["cards"])}  # noqa: S704 - cards, or the mark that stands for them

    return shells.page(TEMPLATE, tuple(facts.values()), holes, values)


def kept(reader: Reader) -> bytes | None:
    """The same page from memory; None if memory has it not, or its reader has something to decide first."""
    home = open_home(reader.session.cookie_sha256)
    if home is None:
        return None
    reader.session.know(home.sign_in)
    minute = _this_minute()
    cards = [_kept_card(reader.spoken, minute, one) for one in home.groups]
    if None in cards:
        return None
    holes = {"cards": Markup("\n".join(filter(None, cards)))}  # noqa: S704 - Markup each
    return shells.kept(TEMPLATE, tuple(_facts(home).values()), holes, reader)


def _facts(home: Home) -> dict[str, Any]:
    return {"has_way_back": home.has_way_back, "any_groups": bool(home.groups), "out_of_some": home.out_of_some}


def _kept_card(locale: str, minute: datetime, one: Mine) -> Markup | None:
    """A card from memory; None if memory has it not, or it has something for its reader alone."""
    if one.vouched or one.asked or one.copied:
        return None
    said = _when(locale, minute, one)
    return _cards.get(_key(locale, one, said)) if said else None


def _key(locale: str, one: Mine, duty_words: str) -> Hashable:
    """All that a card says."""
    stands = (
        one.standing,
        one.agreed,
        one.role,
        one.unread.posts,
        one.unread.more,
        one.answers,
        one.written,
        one.decides,
    )
    today = clock.now().astimezone(ZoneInfo(one.zone)).date() if one.meets else None
    return (locale, one.group_name, one.address, one.name, *stands, duty_words, one.meets, today)


def _card(locale: str, minute: datetime, one: Mine) -> Markup:
    said = _when(locale, minute, one) or _say_when(locale, minute, one)
    if one.vouched or one.asked or one.copied:
        return _render(one, said, _notices(one))
    key = _key(locale, one, said)
    kept_card = _cards.get(key)
    if kept_card is None:
        kept_card = _cards[key] = _render(one, said, "")
        if len(_cards) > CARDS_KEPT:
            _cards.popitem(last=False)
    return kept_card


def _render(one: Mine, duty_words: str, notices: str) -> Markup:
    template = current_app.jinja_env.get_template("groups/home_card.html")
    said: dict[str, Any] = {
        "waiting": one.standing is Standing.WAITING,
        "on_team": one.role is not Role.MEMBER,
        "notices": notices,
    }
    said["meets"], said["theme"] = _meets(one)
    return Markup(template.render(one=one, duty=duty_words, **said))  # noqa: S704 - escaped there


def _meets(one: Mine) -> tuple[str, str]:
    """When people of the group meet live, by its own clock, and what about; empty if no meeting is planned."""
    if not one.meets:
        return "", ""
    state, at, theme = one.meets.split("|", 2)
    if state != MeetingState.PLANNED.value:
        return _("People are in a live room now."), theme
    moment = datetime.fromisoformat(at)
    there = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(ZoneInfo(one.zone))
    said = format_time(there, "HH:mm", rebase=False)
    if there.date() == clock.now().astimezone(there.tzinfo).date():
        return _("You can meet live today at %(time)s.", time=said), theme
    return _(
        "You can meet live on %(day)s at %(time)s.", day=format_date(there.date(), "EEEE d MMMM"), time=said
    ), theme


def _notices(one: Mine) -> Markup:
    """What the team is about to do with this name, with the form that stops it: its reader's own, and never kept."""
    said = (vouching.read(value) if value else None for value in (one.vouched, one.asked, one.copied))
    return notices_about(one.address, one.group_name, one.name, *said)


def notices_about(
    address: str,
    group_name: str,
    name: str,
    vouched: Vouched | None,
    asked: Vouched | None = None,
    copied: Vouched | None = None,
) -> Markup:
    """The same for the group's own page."""
    facts = {"address": address, "group_name": group_name, "name": name, "vouched": vouched, "asked": asked}
    return Markup(render_template("groups/vouched.html", copied=copied, **facts))  # noqa: S704 - escaped there


def objections(cookie_sha256: bytes | None) -> Markup:
    """What is about to happen to my names and words in all my groups, for a page that is about my sign-in."""
    found = open_home(cookie_sha256)
    return Markup("").join(_notices(replace(one, asked=None)) for one in (found.groups if found else ()))


def _this_minute() -> datetime:
    return clock.now().replace(second=0, microsecond=0)


def _when(locale: str, minute: datetime, one: Mine) -> str | None:
    """Who looks next, if it was said in this minute already: it changes with the minute at most."""
    return _sentences.get((locale, minute, one.zone, one.slots, one.others))


def _say_when(locale: str, minute: datetime, one: Mine) -> str:
    """Who looks next, kept in memory. Needs a request, which knows the words of its language."""
    zone, now = ZoneInfo(one.zone), clock.now()
    slots = [
        duty.Slot(weekday, _time(starts), _time(ends), holds, tuple((date.fromisoformat(day), h) for day, h in swaps))
        for weekday, starts, ends, holds, swaps in one.slots
    ]
    others = [
        duty.OtherDay(date.fromisoformat(day), _time(starts) if starts else None, _time(ends) if ends else None, holds)
        for day, starts, ends, holds in one.others
    ]
    said = duty.sentence(duty.turns(slots, others, zone, now), now, zone)
    _sentences[locale, minute, one.zone, one.slots, one.others] = said
    if len(_sentences) > SENTENCES_KEPT:
        _sentences.popitem(last=False)
    return said


_time = time.fromisoformat

PAGES = (Quick("/", re.compile(r"/\?"), kept),)
