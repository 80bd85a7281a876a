"""Making organisations and groups: for the pages of admins, the command line and demonstrations."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy import insert, select

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Conflict, Invalid
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.ground_rules.usecases import start_charter
from forum.models import Board, Door, Group, Listing, Organisation

#: Two neutral words: it stands in histories and on shared screens, so it says nothing about the topic.
ADDRESS = re.compile(r"[a-z]{3,12}-[a-z]{3,12}")


#: What the columns and a small screen hold.
MOST_NAME, MOST_TEXT = 60, 2000


@dataclass(frozen=True)
class Card:
    """What a group says of itself, its clock, its door, and who learns of it."""

    address: str
    name: str
    benefits: str
    who_for: str
    expect: str = ""
    hours: str = ""
    facilitators: str = ""
    zone: str = "Europe/London"
    door: Door = Door.OPEN
    listing: Listing = Listing.LISTED


@dataclass(frozen=True)
class NewBoard:
    """A board to begin with."""

    name: str
    purpose: str = ""


def make_group(
    organisation: str, card: Card, boards: Sequence[NewBoard], nation: str = "england", *, opened: bool = False
) -> Scope:
    """Make a group, its organisation if there is none of that name, its boards and its starter ground rules.

    :param opened: at once, for demonstrations and imports; else it is unknown to outsiders until its team opens it.
    :raises Invalid: the address is not two neutral words. :raises Conflict: it is taken.
    """
    with transaction():
        return add_group(organisation, card, boards, nation, opened=opened)


def add_group(organisation: str, card: Card, boards: Sequence[NewBoard], nation: str, *, opened: bool = False) -> Scope:
    """Step: the same inside an open transaction."""
    check_card(card)
    if row(select(Group.id).where(Group.address == card.address)):
        raise Conflict(_("That address is taken. Choose two other words."))
    scope = Scope(_organisation(organisation, nation), new_ident())
    columns = {name: getattr(card, name) for name in card.__dataclass_fields__}
    columns["opened_at"] = clock.now() if opened else None
    here().execute(insert(Group).values(id=scope.group_id, organisation_id=scope.organisation_id, **columns))
    for ord_, board in enumerate(boards):
        values = {"group_id": scope.group_id, "ord": ord_, "name": board.name, "purpose": board.purpose}
        here().execute(insert(Board).values(id=new_ident(), **values))
    start_charter(scope.group_id)
    return scope


def check_card(card: Card) -> None:
    """Whether a card can be kept as it is.

    :raises Invalid: which field, and what to change.
    """
    if not ADDRESS.fullmatch(card.address):
        raise Invalid(_("An address is two neutral words with a hyphen, such as quiet-harbour."), "address")
    for name, most in (("name", MOST_NAME), ("benefits", MOST_TEXT), ("who_for", MOST_TEXT)):
        if not 1 <= len(getattr(card, name).strip()) <= most:
            raise Invalid(_("Write something here, in at most %(n)s letters.", n=most), name)
    if not known_zone(card.zone):
        raise Invalid(_("Choose a time zone such as Europe/London."), "zone")


def known_zone(name: str) -> bool:
    """Whether there is such a time zone."""
    return name in _zones()


@cache
def _zones() -> frozenset[str]:
    """Looked up once: it reads six hundred files (22 ms), and no zone is added while the program runs."""
    return frozenset(available_timezones())


def _organisation(name: str, nation: str) -> bytes:
    found = row(select(Organisation.id).where(Organisation.name == name))
    if found:
        return bytes(found.id)
    organisation_id = new_ident()
    here().execute(insert(Organisation).values(id=organisation_id, name=name, nation=nation))
    return organisation_id
