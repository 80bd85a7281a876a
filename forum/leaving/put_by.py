"""Which groups somebody left lately: for the page of their sign-in, which is theirs alone."""

from sqlalchemy import Row, select

from forum.accounts.usecases import account_of
from forum.base.db import row
from forum.leaving import farewells
from forum.leaving.farewells import Going, Kind
from forum.models import Group
from forum.policy.actor import Actor
from forum.policy.members import list_scopes


def list_left(actor: Actor) -> list[tuple[Row, Going]]:
    """Groups to which they can still come back: address and name, and until when."""
    account_id = account_of(actor)
    found = []
    for scope in list_scopes(account_id):
        going = farewells.find(scope, account_id, Kind.LEFT)
        card = row(select(Group.address, Group.name).where(Group.id == scope.group_id)) if going else None
        if going and card:
            found.append((card, going))
    return sorted(found, key=lambda pair: str(pair[0].name))
