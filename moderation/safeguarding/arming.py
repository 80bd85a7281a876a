"""The check before calls go live: three different people who can be reached and whose sign-ins are safe. No exception to it."""

from dataclasses import dataclass

from forum.base.errors import NotAllowed
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.models import OfficerRole, OfficerStanding
from forum.policy import record
from forum.policy.actor import Actor
from moderation.safeguarding import channels, officers, settings
from moderation.safeguarding.officers import NEEDED, Seat


@dataclass(frozen=True)
class Need:
    """One thing that has to be so. :param key: "person", "steps", "channel" or "apart". :param role: whose; None: of all."""

    key: str
    role: OfficerRole | None
    done: bool


def is_armed(organisation_id: bytes) -> bool:
    """Whether people are called. Before, doors work as without officers, and pages say that nobody is called."""
    return settings.is_armed(organisation_id)


def needs(organisation_id: bytes) -> list[Need]:
    """What calls wait for, in the order that makes sense. Also true of an organisation whose calls are on."""
    seats = [seat for seat in officers.list_seats(organisation_id) if seat.standing is OfficerStanding.ACTIVE]
    found = []
    for role in NEEDED:
        theirs = [seat for seat in seats if seat.role is role]
        found.append(Need("person", role, bool(theirs)))
        found.append(Need("steps", role, any(seat.has_both for seat in theirs)))
        found.append(Need("channel", role, any(seat.is_tested and seat.has_both for seat in theirs)))
    return [*found, Need("apart", None, _are_apart(seats))]


def _are_apart(seats: list[Seat]) -> bool:
    """No two of them are called at the same place: three names with one telephone are one person."""
    of_role = [[seat for seat in seats if seat.role is role and seat.is_tested] for role in NEEDED]
    places = [frozenset().union(*(_places(seat.id) for seat in seats_)) for seats_ in of_role]
    return all(places) and all(a.isdisjoint(b) for n, a in enumerate(places) for b in places[:n])


def _places(officer_id: bytes) -> frozenset[str]:
    ways = channels.of(officer_id)
    return frozenset(f"{kind}|{way.address}|{way.to}".casefold() for kind, way in ways.items() if way.counts)


@retrying
def arm(actor: Actor, organisation_id: bytes) -> None:
    """Have people called from now on. An admin does it, who then still reads nothing.

    :raises NotAllowed: something is still to do. :raises NotFound, StepUpNeeded: no admin, or no code lately.
    """
    officers.require_admin(actor, organisation_id)
    with transaction():
        if not all(need.done for need in needs(organisation_id)):
            raise NotAllowed(_("Something on the list is still to do. Calls can begin after it."))
        if not settings.is_armed(organisation_id):
            settings.turn_on(organisation_id, actor.account_id or record.OPERATOR)
