"""A group's own classes of content notes: what its people want to be warned of and ours do not name."""

from collections.abc import Sequence

from sqlalchemy import select, update

from forum.base.characters import normalise
from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.content.notes import MOST_LETTERS, MOST_OWN, STARTERS
from forum.models import Group
from forum.policy.actor import Actor
from forum.policy.permissions import may_facilitate, require


def own_notes_of(group_id: bytes) -> str:
    """The group's own classes as `forum.content.notes` reads them; for whoever was let in to the group."""
    found = row(select(Group.own_notes).where(Group.id == group_id))
    return str(found.own_notes) if found else ""


def find_own_notes(actor: Actor, scope: Scope) -> list[str]:
    """The places of the group's own classes, free ones empty.

    :raises NotFound, NotAllowed: no facilitator of this group.
    """
    require(may_facilitate, actor, scope.group_id)
    lines = own_notes_of(scope.group_id).split("\n")[:MOST_OWN]
    return lines + [""] * (MOST_OWN - len(lines))


def save_own_notes(actor: Actor, scope: Scope, typed: Sequence[str]) -> None:
    """Keep what each place says. A place keeps its posts: other words there stand in front of them from now on.

    :param typed: one text for each place, in order.
    :raises NotFound, NotAllowed: no facilitator of this group. :raises Invalid: too long, or twice the same.
    """
    require(may_facilitate, actor, scope.group_id)
    names = [" ".join(normalise(one).split()) for one in typed[:MOST_OWN]]
    for place, name in enumerate(names):
        if len(name) > MOST_LETTERS:
            raise Invalid(_("Use at most %(n)s letters here.", n=MOST_LETTERS), f"place-{place}")
        if name and name.casefold() in {one.casefold() for one in (*names[:place], *_ours())}:
            raise Invalid(_("There is a note with these words already."), f"place-{place}")
    with transaction():
        require(may_facilitate, actor, scope.group_id)
        here().execute(
            update(Group)
            .where(Group.id == scope.group_id)
            .values(own_notes="\n".join(names).rstrip("\n"))
            .execution_options(synchronize_session=False)
        )


def _ours() -> list[str]:
    return [str(one.name) for one in STARTERS]
