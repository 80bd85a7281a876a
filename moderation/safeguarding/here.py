"""The true sentence at every door about somebody being here, and about who is called when nobody is."""

from collections.abc import Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from forum.base.db import row
from forum.base.keyring import Scope
from forum.base.words import _
from forum.groups import duty
from forum.groups.queries import list_turns
from forum.models import Group
from moderation.safeguarding import channels, exclusions, responders, settings
from moderation.safeguarding.cases import NO_GROUP, Case
from moderation.safeguarding.responders import Responder, ResponderRole


def after(scope: Scope, now: datetime, named: Collection[bytes], *, outside: bool = False) -> str:
    """The same once somebody told of a worry.

    :param named: whom of the team they named: those are not called, nor promised. :param outside: they are in no group, and
        are not told when anybody is there.
    """
    in_group = scope.group_id != NO_GROUP and not outside
    hats = {each for one in named for each in responders.same_person(scope, one)}
    if not hats or not settings.is_armed(scope.organisation_id):
        return sentence(scope, now) if in_group else of_organisation(scope.organisation_id, now)
    if in_group and any(one.id not in hats for one in responders.on_duty(scope, now)):
        return sentence(scope, now)
    left = [one for one in responders.all_of(scope) if one.id not in hats and one.role is not ResponderRole.INTERIM]
    if any(channels.kinds_of(one.id) for one in left if one.may_own):
        return _("Your message is kept. The people you named are not called. We call others of the team.")
    return _body_words(one for one in left if not one.may_own)


def is_body_called(case: Case) -> bool:
    """Whether a call reaches somebody from outside who may decide about a concern."""
    return any(channels.kinds_of(one.id) for one in exclusions.outside_body(case))


def of_body(case: Case) -> str:
    """Whether somebody outside decides about a concern, in words for whoever may see it."""
    return _body_words(exclusions.outside_body(case))


def _body_words(body: Iterable[Responder]) -> str:
    if any(channels.kinds_of(one.id) for one in body):
        return _("It is kept, and we call a person from outside. They find somebody else who can help.")
    return _("It is kept, but nobody can be called about it just now. In danger, call 999.")


def sentence(scope: Scope, now: datetime) -> str:
    """What may be said before and after somebody asks for help in a group. Never that somebody comes when nobody can."""
    found = row(select(Group.zone).where(Group.id == scope.group_id))
    zone = str(found.zone) if found else "UTC"
    turns = list_turns(scope.group_id, zone, now)
    said = duty.sentence(turns, now, ZoneInfo(zone))
    return said if duty.current_turn(turns, now) else f"{said} {of_organisation(scope.organisation_id, now)}".strip()


def of_organisation(organisation_id: bytes, now: datetime) -> str:
    """The same about the organisation's officers alone; empty where none is called."""
    if not settings.is_armed(organisation_id):
        return _("Nobody is called. Your message is kept for the team.")
    if not any(channels.kinds_of(one.id) for one in responders.of_organisation(organisation_id) if one.may_own):
        return _("Your message is kept for the team. Nobody can be called just now.")
    if not any(channels.kinds_of(one.id) for one in responders.on_duty_tier(organisation_id, now)):
        return _("Your message is kept, and we call the people who answer for safety here.")
    return _("Your message is kept, and we call the person on duty for safety now.")
