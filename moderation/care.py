"""Steps and rules that spare the people who moderate: counting what they take, offering a lighter one, "not me"."""

from dataclasses import replace

from sqlalchemy import Row, bindparam, select, update

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed
from forum.base.hot import Hot
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _, lazy
from forum.content.notes import offered
from forum.models import Group, Post
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from moderation import exposure, hints, own, sight
from moderation.exposure import At, Room
from moderation.models import CaseItem, CaseKind
from moderation.own import Own

#: Days that wait to be talked about; whoever has more has talked about the first ones or will not.
MOST_TALKS = 12

WORDS = {
    Room.ROW: lazy(
        "You took three heavy ones in a row. Please take something lighter first, or a pause of half an hour."
    ),
    Room.DAY: lazy("You took six heavy ones today. Please stop with those for today, if you can."),
    Room.OVER: lazy("You took ten heavy ones today. That is enough for anybody."),
}


class Enough(NotAllowed):
    """It is time for something lighter, or for a pause.

    :param room: which limit it is. :param urgent: somebody may be at risk, so it can always be taken all the same.
    """

    def __init__(self, room: Room, *, urgent: bool) -> None:
        super().__init__(str(WORDS[room]))
        self.room, self.urgent = room, urgent

    @property
    def firm(self) -> bool:
        """Whether it cannot be taken all the same."""
        return self.room is Room.OVER and not self.urgent


def now_in(scope: Scope) -> At:
    """This moment by the group's clock."""
    found = _ZONE.row({"group": scope.group_id})
    return exposure.at(clock.now(), found.zone if found else "UTC")


_ZONE = Hot(select(Group.zone).where(Group.id == bindparam("group")))


def topics_of(item_id: bytes) -> tuple[int, int]:
    """What an item is about, as a mask of note classes, and how heavy it is."""
    found = _SAID.row({"item": item_id})
    if found is None:
        return 0, 0
    post_id = sight.post_of(found)
    post = _NOTES.row({"post": post_id}) if post_id is not None else None
    topics = found.topics | (post.notes if post else 0)
    return topics, exposure.weight(found.kind, found.intensity, topics)


_ABOUT = (CaseItem.post_id, CaseItem.target, CaseItem.about)
_SAID = Hot(select(CaseItem.kind, CaseItem.intensity, CaseItem.topics, *_ABOUT).where(CaseItem.id == bindparam("item")))
_NOTES = Hot(select(Post.notes).where(Post.id == bindparam("post")))


def note_taken(membership: Membership, item_id: bytes, kind: CaseKind, *, anyway: bool) -> None:
    """Step: somebody begins to look at an item; it counts for them, and the item was looked at.

    :param anyway: they read that it is time for a pause, and go on.
    :raises Enough: they had enough. Where somebody may be at risk it is never more than advice.
    """
    _topics, heaviness = topics_of(item_id)
    now = now_in(membership.scope)

    def taking(mine: Own) -> Own:
        after = exposure.after_taking(mine, item_id, heaviness, now)
        room = exposure.room(mine, now)
        if heaviness >= exposure.HEAVY and after is not mine and room is not Room.ENOUGH:
            enough = Enough(room, urgent=kind is CaseKind.WELFARE)
            if enough.firm or not anyway:
                raise enough
        return after

    own.keep_here(membership, taking)
    first = update(CaseItem).where(CaseItem.id == item_id, CaseItem.looked_at.is_(None))
    here().execute(first.values(looked_at=clock.now()).execution_options(synchronize_session=False))


def note_ended(membership: Membership, item_id: bytes) -> None:
    """Step: they decided about an item; it counts as read. A heavy one asks to be talked about."""
    _topics, heaviness = topics_of(item_id)
    now = now_in(membership.scope)

    def ended(mine: Own) -> Own:
        after = exposure.after_taking(mine, item_id, heaviness, now)
        heavy = heaviness >= exposure.HEAVY
        return replace(after, talks=(*after.talks, now.day)[-MOST_TALKS:]) if heavy else after

    own.keep_here(membership, ended)


def note_read(membership: Membership, item_id: bytes) -> None:
    """Step: they read something without deciding about it; it counts for them."""
    _topics, heaviness = topics_of(item_id)
    now = now_in(membership.scope)
    own.keep_here(membership, lambda mine: exposure.after_taking(mine, item_id, heaviness, now))


def pass_on(actor: Actor, item_id: bytes) -> Scope:
    """ "Not me": leave an item to others. Nobody is told, and no reason is asked.

    :raises NotFound: none such for this person.
    """
    with transaction():
        membership, item = _mine(actor, item_id)
        if item.claimed_by == membership.persona_id:
            free = update(CaseItem).where(CaseItem.id == item_id, CaseItem.claim_gen == item.claim_gen)
            left = {"claimed_by": None, "claimed_at": None, "lease_until": None}
            here().execute(free.values(**left).execution_options(synchronize_session=False))
            hints.note_changed(item_id)
        own.keep_here(membership, lambda mine: replace(mine, passed=mine.with_passed(item_id)))
    return membership.scope


def say_weight(actor: Actor, item_id: bytes, intensity: int, topics: int) -> Scope:
    """Say for those who come after how heavy an item is to read, and what it is about.

    :param intensity: 1 light to 3 heavy. :param topics: mask of note classes; those that the group has not are left out.
    :raises Invalid: no such weight. :raises NotFound: none such for this person.
    """
    _mine(actor, item_id)  # before anything is said of the form: a stranger learns nothing from it
    if intensity not in (exposure.LIGHT, exposure.MIDDLING, exposure.HEAVY):
        raise Invalid(_("Choose how heavy it is to read."), "intensity")
    with transaction():
        membership, _item = _mine(actor, item_id)
        group = row(select(Group.own_notes).where(Group.id == membership.scope.group_id))
        known = offered(topics, group.own_notes if group else "")
        said = update(CaseItem).where(CaseItem.id == item_id).values(intensity=intensity, topics=known)
        here().execute(said.execution_options(synchronize_session=False))
    return membership.scope


def _mine(actor: Actor, item_id: bytes) -> tuple[Membership, Row]:
    scope = sight.find_scope(item_id) or sight.require_item(actor, item_id)[1]
    now = actor_in(actor, scope)
    item, scope = sight.require_item(now, item_id)
    return now.memberships[scope.group_id], item
