"""News for you: what is new in my groups where I follow, am named or asked the team. Nothing of it stands in a title."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Row, select
from werkzeug.wrappers import Response as AnyResponse

from forum.base import clock
from forum.base.db import rows
from forum.base.errors import Invalid
from forum.base.idents import write_ident
from forum.conversations import choices, news_times, notices, team
from forum.conversations.lines import Line
from forum.conversations.notices import News
from forum.groups.views import card_for_member
from forum.models import Group
from forum.policy import help_door, opened
from forum.policy.actor import Membership
from forum.policy.members import actor_in, list_scopes
from forum.web import forms
from forum.web.actors import current_actor

bp = Blueprint("notices", __name__)


@dataclass(frozen=True)
class OfGroup:
    """One group on the page. :param quiet_until: the hour at which its reader's quiet time ends, if it is quiet now.
    :param answers: lines to the team with what they are called. :param talks: with whoever looks after them, if new.
    :param opened: their contact details were opened, and they have not read of it."""

    group: Row
    news: News
    answers: list[tuple[Line, str]]
    quiet_until: int | None
    talks: tuple[help_door.Talk, ...] = ()
    opened: bool = False


@bp.get("/news")
def show_news() -> str:
    """What is new for me, group by group."""
    actor = current_actor()
    scopes = list_scopes(actor.account_id) if actor.account_id else []
    members = [m for scope in scopes if (m := actor_in(actor, scope).membership_in(scope.group_id))]
    ids = [m.scope.group_id for m in members]
    groups = {r.id: r for r in rows(select(Group.id, Group.name, Group.address, Group.zone).where(Group.id.in_(ids)))}
    found = [_of_group(groups[m.scope.group_id], m) for m in members]
    return render_template("notices/news.html", groups=sorted(found, key=lambda one: one.group.name))


def _of_group(group: Row, membership: Membership) -> OfGroup:
    chosen = choices.find(membership)
    news = notices.find(membership, chosen, group.zone)
    names = team.names_of(news.answers) if news.answers else {}
    until = news_times.quiet_until(chosen, group.zone, clock.now())
    talks = tuple(one for one in help_door.list_talks(membership) if one.news)
    return OfGroup(
        group, news, [(line, names[line.face.id]) for line in news.answers], until, talks, opened.has_news(membership)
    )


@bp.post("/g/<address>/news/read")
def mark_read(address: str) -> str:
    """All of a group's news count as read; the page after takes it back."""
    _card, actor, membership = card_for_member(address)
    was = notices.mark_read(membership, actor)
    return render_template(
        "conversations/all_read.html",
        was=" ".join(f"{write_ident(one)}.{seq}" for one, seq in was.items()),
        topics=len(was),
        whole=True,
        back=url_for("notices.show_news"),
        undo=url_for("notices.mark_unread", address=address),
    )


@bp.post("/g/<address>/news/unread")
def mark_unread(address: str) -> AnyResponse:
    """No, they are as they were."""
    _card, actor, membership = card_for_member(address)
    notices.put_back(membership, actor, forms.sent_places("was", 2 * notices.MENTIONS + 100))
    return redirect(url_for("notices.show_news"), 303)


@bp.get("/g/<address>/news-times")
def show_times(address: str) -> str:
    """When news of this group come to me."""
    card, _actor, membership = card_for_member(address)
    chosen = choices.find(membership)
    return _times(card, (chosen.quiet_from, chosen.quiet_until, chosen.daily_hour), [])


def _times(card: Row, hours: tuple[int | None, ...], errors: list[forms.Error]) -> str:
    said: dict[str, Any] = dict(zip(("quiet_from", "quiet_until", "daily"), hours, strict=True))
    done = request.method == "GET" and request.args.get("done") == "kept"
    return render_template("notices/times.html", card=card, said=said, hours=news_times.HOURS, done=done, errors=errors)


@bp.post("/g/<address>/news-times")
def set_times(address: str) -> AnyResponse | tuple[str, int]:
    """Choose it."""
    card, actor, _membership = card_for_member(address)
    first, last, daily = (_hour(name) for name in ("quiet_from", "quiet_until", "daily"))
    try:
        news_times.keep(actor, card.id, first, last, daily)
    except Invalid as error:
        return _times(card, (first, last, daily), forms.errors_of(error)), error.status
    return redirect(url_for("notices.show_times", address=address, done="kept"), 303)


def _hour(name: str) -> int | None:
    hour = forms.sent_number(name, -1)
    return hour if hour >= 0 else None
