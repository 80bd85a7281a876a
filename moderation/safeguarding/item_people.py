"""Whom a call about an item of a group's queue may reach at one moment: never whom the item is kept from, never a volunteer
outside of their hours who has no turn."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from forum.base.db import rows
from forum.base.keyring import Scope
from forum.conversations import choices, news_times
from forum.groups import rota
from forum.leaving.usecases import who_before
from forum.models import Officer
from forum.policy.actor import Actor
from forum.policy.members import get_membership_of
from moderation import hints, impartial, own, sight
from moderation.safeguarding import channels, responders
from moderation.safeguarding.people_models import ChannelKind
from moderation.safeguarding.responders import Responder, ResponderRole

#: Whoever is from outside holds what nobody else may; a list that is late is nothing for them.
OWNERS = (ResponderRole.LEAD, ResponderRole.DEPUTY)


class People:
    """The facilitators of a group and the officers of its organisation, as they can be called now."""

    def __init__(self, scope: Scope, zone: str, now: datetime) -> None:
        self.scope, self.now, self.hour = scope, now, now.astimezone(ZoneInfo(zone)).hour
        self._turns = rota.holders_now(scope, zone, now)
        self._zone = zone
        self._for_long = frozenset(hints.team_for_long(scope))
        self._all_team, officers = responders.of_group(scope), responders.of_organisation(scope.organisation_id)
        first = [one for one in responders.on_duty_tier(scope.organisation_id, now) if one.role in OWNERS]
        self._all_officers = officers
        self._owners = list({one.id: one for one in [*first, *officers] if one.role in OWNERS}.values())
        self._team = [one for one in self._all_team if channels.kinds_of(one.id) and self._is_in_hours(one)]
        self._may_know: dict[tuple[bytes, bytes], bool] = {}

    @property
    def reachable(self) -> bool:
        """Whether anybody can be called at all."""
        return bool(self._team) or any(channels.kinds_of(one.id) for one in self._owners)

    def on_duty(self, item: Row) -> list[Responder]:
        """Those of the team whose turn it is. A turn of anybody is nobody's own."""
        return [one for one in self._team if one.id in self._turns and self.ways(item, one)]

    def others(self, item: Row) -> list[Responder]:
        """The rest of the team, in their hours."""
        return [one for one in self._team if one.id not in self._turns and self.ways(item, one)]

    def officers(self, item: Row) -> list[Responder]:
        """Whoever answers for the group in its organisation: first whose turn it is, or the lead; then the others."""
        return [one for one in self._owners if self.ways(item, one)]

    def ways(self, item: Row, one: Responder) -> list[ChannelKind]:
        """How somebody can be called about an item, but for channels that ring where somebody is called who must not know."""
        if not self._knows(item, one):
            return []
        mine, all_of_them = responders.same_person(self.scope, one.id), [*self._all_team, *self._all_officers]
        apart = [other.id for other in all_of_them if other.id not in mine and not self._knows(item, other)]
        return channels.kinds_apart(one.id, apart)

    def _is_in_hours(self, one: Responder) -> bool:
        chosen = choices.find(get_membership_of(self.scope, one.id))
        return news_times.team_may_reach(chosen, self._zone, self.now, on_duty=one.id in self._turns)

    def _knows(self, item: Row, one: Responder) -> bool:
        if (one.id, item.id) not in self._may_know:
            able = self._officer_may(item, one) if one.is_tier else self._facilitator_may(item, one)
            self._may_know[one.id, item.id] = able
        return self._may_know[one.id, item.id]

    def _facilitator_may(self, item: Row, one: Responder) -> bool:
        """Whether they can see it and decide about it, and did not leave it to others.

        Whoever came lately may be somebody whom it names, under a new name: nobody can tell, so they are not called.
        """
        membership = get_membership_of(self.scope, one.id)
        if membership is None or one.id not in self._for_long:
            return False
        if sight.hidden_from(self.scope, [one.id], [item]) or own.find(membership).has_passed(item.id):
            return False
        return impartial.may_judge(Actor(memberships={self.scope.group_id: membership}), item) is None

    def _officer_may(self, item: Row, one: Responder) -> bool:
        """Whether it names none of the personas that they have or lately had in the group."""
        return not sight.hidden_from(self.scope, self._personas(one), [item])

    def _personas(self, one: Responder) -> list[bytes]:
        held = rows(select(Officer.account_id).where(Officer.id == one.id, Officer.account_id.is_not(None)))
        before = [persona for r in held for persona in who_before(r.account_id, self.scope)]
        return [*responders.same_person(self.scope, one.id), *before]
