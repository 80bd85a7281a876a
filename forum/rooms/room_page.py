"""What a meeting's pages show: its last messages, who looks after it, how long words stay, and what there is to know before."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import format_date, format_time
from markupsafe import Markup

from forum.base import clock
from forum.base.words import _
from forum.conversations import filtering, fragments
from forum.conversations.entrance import Entrance
from forum.ground_rules import queries as rules_queries
from forum.models import RoomKind
from forum.policy.actor import Actor, Membership
from forum.policy.permissions import may_facilitate
from forum.rooms import check_ins, keeping, queries, seats, sign_up
from forum.rooms.queries import MeetingSeen
from forum.web.language import spoken

#: Lines of the ground rules at the door: more nobody reads before coming in.
RULES_SHOWN = 3


def messages(found: Entrance, page: int) -> Markup:
    """The messages of two pages as this reader may see them, the later one last. :param page: the later one, from 1."""
    ready = [_page(found, n) for n in (page - 1, page) if n >= 1]
    return Markup(b"\n".join(ready).decode())  # noqa: S704 - Jinja made it


def _page(found: Entrance, page: int) -> bytes:
    return fragments.joined(filtering.see(found, fragments.page_of(found, page)).posts, 0, spoken())


def leaders(meeting: MeetingSeen) -> Sequence[seats.SeatSeen]:
    """Who looks after it now."""
    return seats.list_here(meeting.id)


def rules_of(meeting: MeetingSeen) -> list[str]:
    """The first ground rules of the group, by their headings."""
    found = rules_queries.find_rules(meeting.scope.group_id)
    return [clause.heading for clause in found.clauses[:RULES_SHOWN]] if found else []


def kept_for(meeting: MeetingSeen) -> str:
    """How long words stay, with the rule that says so; what held while people wrote counts where it is shorter."""
    value = keeping.strictest(meeting.retention, keeping.wanted(meeting.kind, meeting.terms))
    return f"{keeping.sentence(value)} {meeting.terms.cite(keeping.RETENTION)}".strip()


def when(meeting: MeetingSeen) -> str:
    """When it is, by the group's clock."""
    if meeting.is_live:
        return _("It is on now.")
    if meeting.planned_at is None:
        return ""
    there = meeting.planned_at.astimezone(ZoneInfo(meeting.zone))
    at = format_time(there, "HH:mm", rebase=False)
    if there.date() == clock.now().astimezone(ZoneInfo(meeting.zone)).date():
        return _("Today at %(time)s.", time=at)
    return _("%(day)s at %(time)s.", day=format_date(there.date(), "EEEE d MMMM"), time=at)


def next_on_card(actor: Actor, group_id: bytes) -> Markup:
    """The next meeting as it stands on the group's page. Where there are no rooms only facilitators read of them."""
    coming = queries.list_coming(actor, group_id)
    meeting = next((one for one in coming if one.kind is not RoomKind.PRACTICE), None)
    me = actor.memberships[group_id]
    return Markup(  # noqa: S704 - escaped there
        render_template(
            "rooms/next.html",
            address=queries.address_of(group_id),
            meeting=meeting,
            when=when(meeting) if meeting else "",
            coming=sign_up.sentence(meeting) if meeting else "",
            own_answer=sign_up.find_own(meeting, me) if meeting and meeting.sign_up else "",
            ask_how=check_ins.list_due(me),
            any_rooms=may_facilitate(actor, group_id) is None or bool(coming or queries.list_rooms(actor, group_id)),
        )
    )


def at_the_door(meeting: MeetingSeen, member: Membership) -> dict[str, Any]:
    """What somebody reads before they come in."""
    return {
        "when": when(meeting),
        "rules": rules_of(meeting),
        "leaders": leaders(meeting),
        "kept_for": kept_for(meeting),
        "coming": sign_up.sentence(meeting),
        "own_answer": sign_up.find_own(meeting, member) if meeting.sign_up else "",
        "late_rule": meeting.terms.values["chat.late_entry"] != "open",
    }
