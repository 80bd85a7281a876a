"""Before somebody is restricted: whether a concern about them is open, told only to those who may know of it.

Whoever proposes learns nothing, and nor does a second person whom the concern must not reach: for them it begins as in a
world without it. Then the concern's own record says so at once, and its officers are called.
"""

from forum.base import clock
from forum.base.keyring import Scope
from forum.base.words import _
from forum.conversations import masks
from forum.policy.actor import Membership
from moderation.safeguarding import cases, chronology, exclusions, queries, responders, settings, ticking
from moderation.safeguarding.cases import Case
from moderation.safeguarding.models import EventKind
from moderation.safeguarding.responders import Responder, ResponderRole

#: Of the organisation's people, those who decide whether somebody can bear to be restricted now.
DECIDING = (ResponderRole.LEAD, ResponderRole.DEPUTY)


class Guard:
    """The forum's port, filled."""

    def may_agree(self, scope: Scope, me: Membership | None) -> bool | None:
        """A lead or deputy who is of the group's team decides; where none is, the group's own rule holds."""
        if not settings.is_armed(scope.organisation_id):
            return None
        of_team = {one.id for one in responders.of_group(scope)}
        deciding = {each for one in _officers(scope) for each in responders.same_person(scope, one.id)} & of_team
        return (me is not None and me.persona_id in deciding) if deciding else None

    def refusal(self, scope: Scope, persona_id: bytes, me: Membership | None) -> str:
        """Words for somebody who may see an open concern about this person; "" for everybody else."""
        reader = _responder(scope, me)
        if reader is None or not queries.visible(reader, _open_about(scope, persona_id)):
            return ""
        return _(
            "Not now: somebody looks after this person's safety. Talk with them first. Find them on the list of concerns."
        )

    def begun(self, scope: Scope, persona_id: bytes) -> None:
        """Step: it begins although a concern is open: its record says so, and its officers are called now."""
        for case in _open_about(scope, persona_id):
            locked = cases.lock(case.id)
            chronology.note(locked, EventKind.RESTRICTED, None)
            officers = [one for one in exclusions.insiders(locked) if one.is_tier or one.id == locked.owner_id]
            ticking.call(locked, officers, clock.now())


def _officers(scope: Scope) -> list[Responder]:
    return [one for one in responders.of_organisation(scope.organisation_id) if one.role in DECIDING]


def _responder(scope: Scope, me: Membership | None) -> Responder | None:
    if me is None:
        return None
    return next((one for one in responders.of_group(scope) if one.id == me.persona_id), None)


def _open_about(scope: Scope, persona_id: bytes) -> list[Case]:
    """Open concerns about somebody under their name or any of their aliases."""
    faces = [persona_id, *(worn.id for worn in masks.list_worn(scope, persona_id))]
    return queries.list_open_about(scope, faces)
