"""How each table of the forum gets new tags and seals (see forum.base.rotation)."""

from typing import Any

from sqlalchemy import select, update

from forum.base import rotation, tagged
from forum.base.db import rows
from forum.base.keyring import HOUSE, Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here
from forum.conversations import masks, put_away
from forum.ground_rules import ballots
from forum.help import usecases as feedback
from forum.models import (
    Arrival,
    Bookmark,
    CheckIn,
    Copy,
    Debrief,
    DeviceCode,
    Draft,
    Farewell,
    Follow,
    GivenUpName,
    Group,
    HeldInvitation,
    Invitation,
    MailAddress,
    OneTimeLink,
    OutsideReport,
    Persona,
    PollAnswer,
    Proof,
    ProposedRemoval,
    PutAway,
    Reaction,
    ReaderChoice,
    ReadMarker,
    Restriction,
    RoomGuest,
    Seat,
    SecondFactor,
    SignUp,
    TeamLine,
    Vouch,
)
from forum.policy.members import read_seat

_renew_seat_row = rotation.renew_tagged(Seat, lambda: [HOUSE])


def all_scopes() -> list[Scope]:
    """Every group there is."""
    return [Scope(r.organisation_id, r.id) for r in rows(select(Group.organisation_id, Group.id))]


def _renew_seat(row: Any) -> None:
    """A seat knows account and group: the one place from which a persona's tag can be made anew.

    The persona is found by its present tag, for another one may hold it since a way back was vouched for.
    """
    _kind, value, ids = tagged.open_whole(Seat, HOUSE, row.tag, row.sealed)
    _persona_id, scope = read_seat(value)
    _renew_seat_row(row)
    ring = the_keyring()
    here().execute(
        update(Persona)
        .where(Persona.holder_tag.in_(ring.tags(scope, "holder", ids[0])))
        .values(holder_tag=ring.tag(scope, "holder", ids[0]), key_id=ring.writing_id)
        .execution_options(synchronize_session=False)
    )


def _renew_persona(row: Any) -> None:
    """Renewed through its seat. One that nobody holds (imported voices) has no tag made with a key."""
    ring = the_keyring()
    here().execute(
        update(Persona)
        .where(Persona.id == row.id)
        .values(key_id=ring.writing_id)
        .execution_options(synchronize_session=False)
    )


def register() -> None:
    """Name every table of the forum that holds tags or seals."""
    rotation.register(Pass(Seat, Seat.tag, _renew_seat))
    rotation.register(Pass(Persona, Persona.id, _renew_persona))
    rotation.register(masks.renewal())
    rotation.register(feedback.renewal())
    rotation.register(put_away.renewal())
    rotation.register(ballots.renewal())
    rotation.register(Pass(Farewell, Farewell.tag, rotation.renew_tagged(Farewell, lambda: [HOUSE, *all_scopes()])))
    for late in (PutAway, Copy):
        rotation.register(Pass(late, late.tag, rotation.renew_tagged(late, all_scopes)))
    for house in (Arrival, DeviceCode, HeldInvitation, Invitation, OneTimeLink, Proof, SecondFactor):
        rotation.register(Pass(house, house.tag, rotation.renew_tagged(house, lambda: [HOUSE])))
    chosen = (ReadMarker, ReaderChoice, Draft, Follow, Bookmark, MailAddress)
    for model in (
        *chosen,
        Restriction,
        GivenUpName,
        ProposedRemoval,
        TeamLine,
        OutsideReport,
        Vouch,
        Reaction,
        PollAnswer,
        RoomGuest,
        SignUp,
        Debrief,
        CheckIn,
    ):
        rotation.register(Pass(model, model.tag, rotation.renew_tagged(model, all_scopes)))
