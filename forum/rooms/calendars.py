"""A meeting for a calendar that others may look into: a time, and nothing that says where, with whom or what about."""

from datetime import UTC, datetime, timedelta

from forum.base import clock
from forum.base.keyring import the_keyring
from forum.base.words import _
from forum.rooms.queries import MeetingSeen

TYPE = "text/calendar; charset=utf-8"
NAME = "date.ics"


def write(meeting: MeetingSeen, planned_at: datetime) -> bytes:
    """One date as a calendar file (RFC 5545). Fetched again it changes the same date.

    :param planned_at: when it begins.
    """
    own = the_keyring().tags(meeting.scope, "calendar", meeting.id)[0].hex()
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//date//EN",
        "BEGIN:VEVENT",
        f"UID:{own}",
        f"DTSTAMP:{_utc(clock.this_hour())}",
        f"DTSTART:{_utc(planned_at)}",
        f"DTEND:{_utc(planned_at + timedelta(minutes=meeting.minutes))}",
        f"SUMMARY:{_escaped(_('Date'))}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines).encode()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
