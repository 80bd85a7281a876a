"""How long a record is kept, by what came of it: first figures, and what an organisation chose instead with its adviser.

Nothing is ever deleted because its time is over: that only lets two people decide about it (moderation.safeguarding.deletion).
"""

from collections.abc import Mapping
from datetime import date

from forum.base.errors import Invalid
from forum.base.words import _
from moderation.safeguarding import policy
from moderation.safeguarding.models import Kind

#: Years from the close; None: until an officer names a day.
YEARS: dict[str, int | None] = {
    "no_risk_found": 1,
    "signposted": 1,
    "withdrawn_no_risk": 1,
    "duplicate": 1,
    "support_given": 3,
    "welfare_plan": 3,
    "attended_safe": 3,
    "unable_to_contact": 3,
    "emergency_called": 7,
    "adult_referred_s42": 7,
    "adult_below_threshold": 7,
    "police": 7,
    "health_team": 7,
    "raised_to_harm": 7,
    "child_referred": 25,
    "staff_allegation_referred": None,  # to pension age, or ten years if that is longer: a person knows which
    "died": None,  # an inquest or a review may ask for it years later
}
#: Nobody asks for a birthday here, so a child's record is kept for as long as takes a newborn to their 25th.
YEARS_OF_A_CHILD = 25
#: Longer than anything above: for an outcome that a later program knows and this one does not.
YEARS_OTHERWISE = 25
YEARS_OF_STAFF = 10
#: What an organisation can choose: the others wait for a day that a person names.
CHOOSABLE = tuple(name for name, years in YEARS.items() if years is not None)
#: The fewest years, by ours. A claim is usually possible for six years, and who asks for the record then must find it; the
#: year and the two of the mild ones are for a complaint. A child's is never shorter. For a competent person to check.
_LEAST = {1: 1, 3: 2, 7: 6, 25: 25}
#: A long life: after it nobody is left who could ask for the record.
MOST = 75
#: Where an organisation's choice stands among its numbers.
PART = "keep"


def least(outcome: str) -> int:
    """The fewest years that an organisation may choose. :param outcome: of CHOOSABLE."""
    return _LEAST[YEARS[outcome] or YEARS_OTHERWISE]


def require_bounds(outcome: str, years: int) -> None:
    """Go on only if an organisation may choose this. :raises Invalid: not one of CHOOSABLE, or out of bounds."""
    if outcome not in CHOOSABLE:
        raise Invalid(_("There is no such time."), outcome)
    if not least(outcome) <= years <= MOST:
        raise Invalid(_("Choose between %(least)s and %(most)s years.", least=least(outcome), most=MOST), outcome)


def years_of(organisation_id: bytes) -> dict[str, int | None]:
    """The years that hold for an organisation: ours, or what it chose; None: until an officer names a day."""
    chosen = policy.chosen_by(organisation_id).get(PART, {})
    return YEARS | {name: years for name, years in chosen.items() if name in CHOOSABLE}


def until(outcome: str | None, kind: Kind, closed_on: date, chosen: Mapping[str, int | None] = YEARS) -> date | None:
    """The first day on which two people may delete a record; None: an officer has to name one.

    :param kind: a child's record and one about somebody of the team are kept longer, whatever came of it.
    :param chosen: `years_of` the organisation.
    """
    years = chosen.get(outcome or "", YEARS_OTHERWISE)
    if years is None or kind is Kind.DEATH:
        return None
    if kind is Kind.CHILD:
        years = max(years, YEARS_OF_A_CHILD)
    if kind is Kind.STAFF:
        years = max(years, YEARS_OF_STAFF)
    return years_after(closed_on, years)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; the 29th of February becomes the 1st of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
