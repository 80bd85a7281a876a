"""When news come to one member: never in their quiet hours, and if they like once a day. Pure: by the group's clock."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from forum.base.errors import Invalid
from forum.base.words import _
from forum.conversations import choices
from forum.conversations.choices import Choices
from forum.policy.actor import Actor

HOURS = range(24)


def quiet_until(chosen: Choices, zone: str, now: datetime) -> int | None:
    """The hour at which somebody's quiet time ends, if it is quiet for them now."""
    first, last = chosen.quiet_from, chosen.quiet_until
    if first is None or last is None or first == last:
        return None
    return last if _is_between(first, last, zone, now) else None


def _is_between(first: int, last: int, zone: str, now: datetime) -> bool:
    """Whether it is between two hours by the group's clock; midnight may lie between them."""
    hour = now.astimezone(ZoneInfo(zone)).hour
    return first <= hour < last if first < last else hour >= first or hour < last


def as_of(chosen: Choices, zone: str, now: datetime) -> datetime | None:
    """Up to when news are told today to somebody who wants them once a day; None: up to now."""
    if chosen.daily_hour is None:
        return None
    local = now.astimezone(ZoneInfo(zone))
    hour = local.replace(hour=chosen.daily_hour, minute=0, second=0, microsecond=0)
    return (hour if hour <= local else hour - timedelta(days=1)).astimezone(now.tzinfo)


def keep(actor: Actor, group_id: bytes, first: int | None, last: int | None, daily: int | None) -> None:
    """Choose when news come.

    :param first: the hour at which quiet time begins, `last`: at which it ends; both or neither.
    :param daily: the hour for all news of a day at once. :raises Invalid: no such hours. :raises NotFound: no member.
    """
    _require_hours("quiet_from", _("Choose when your quiet time begins and when it ends."), first, last, daily)
    choices.keep(
        actor,
        group_id,
        lambda chosen: replace(chosen, quiet_from=first, quiet_until=last, daily_hour=daily),
    )


def keep_team_hours(actor: Actor, group_id: bytes, first: int | None, last: int | None) -> None:
    """Choose the hours in which the team's work may reach somebody who has no turn then.

    :param first: the hour from which, `last`: until which; both, or neither for any hour.
    :raises Invalid: no such hours. :raises NotFound: no member.
    """
    _require_hours("team_from", _("Choose from when and until when, or leave both open."), first, last)
    choices.keep(actor, group_id, lambda chosen: replace(chosen, team_from=first, team_until=last))


def _require_hours(field: str, said: str, first: int | None, last: int | None, daily: int | None = None) -> None:
    """:param said: where only one end was chosen, or no time lies between them. :raises Invalid: for `field`."""
    if (first is None) != (last is None) or (first is not None and first == last):
        raise Invalid(said, field)
    if any(hour is not None and hour not in HOURS for hour in (first, last, daily)):
        raise Invalid(_("Choose an hour of the day."), field)


def team_may_reach(chosen: Choices, zone: str, now: datetime, *, on_duty: bool) -> bool:
    """Whether the team's work may show itself to somebody now: in their turns, and in the hours they chose."""
    first, last = chosen.team_from, chosen.team_until
    return on_duty or first is None or last is None or _is_between(first, last, zone, now)
