"""What waits for a person where somebody writes, and which brake is on there now: of the group and of the board together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forum.base import clock
from forum.models import Board, Brake, Charter, Group, Hold, Organisation, Room
from forum.policy import terms
from forum.policy.terms import Terms

#: What holds posts whatever their words are, so that it can be said before somebody writes.
BEFORE_WRITING = Hold.EVERYTHING | Hold.UNSTAFFED | Hold.NEWCOMERS
#: What ground rules decide, and what waits under each value. Where they say nothing, the team's choice counts.
DECIDED = {
    "links": (
        Hold.LINKS,
        {"known-safe list": Hold.LINKS, "facilitator posts": Hold.LINKS, "none": Hold.LINKS},
    ),
    "premod": (
        Hold.EVERYTHING | Hold.NEWCOMERS,
        {"newcomers": Hold.NEWCOMERS, "named topics": Hold.NEWCOMERS, "all": Hold.EVERYTHING},
    ),
    "mod.premod_hours": (Hold.UNSTAFFED, {"always": Hold.UNSTAFFED}),
}


@dataclass(frozen=True)
class BrakeOn:
    """A brake that is on now.

    :param words: of the team, to members; may be empty.
    """

    kind: Brake
    until: datetime
    words: str

    @property
    def stops(self) -> bool:
        """Whether nobody writes new posts meanwhile."""
        return self.kind is Brake.STOP


def holding_columns() -> tuple[Any, ...]:
    """The columns that `terms_of`, `holds_of` and `brake_of` read, where Group, Organisation and Charter are joined and
    Board may be."""
    holds = (Group.holds.label("group_holds"), Board.holds.label("board_holds"))
    settings = (Group.hold_newcomers, Group.organisation_id, Organisation.floor_id)
    charter = (Charter.version_id.label("rules"), Charter.grace_until)
    return (*settings, *charter, *holds, *brakes_of(Group, Board))


Place = type[Group | Board | Room]


def brake_columns(model: Place) -> tuple[Any, ...]:
    """What `brake_on` takes, of the group, a board or a room itself."""
    return (model.brake, model.brake_until, model.brake_words)


def brakes_of(*models: Place) -> tuple[Any, ...]:
    """The columns that `brake_of` reads, of each model that is joined."""
    return tuple(
        column.label(f"{model.__tablename__}_{column.key}") for model in models for column in brake_columns(model)
    )


def terms_of(found: Any) -> Terms:
    """What the group's rules in force and its organisation ask for."""
    return terms.find(found.rules, found.organisation_id, found.floor_id)


def holds_of(found: Any) -> Hold:
    """What waits there: what the rules or the team of the group chose, and what was chosen for the board besides."""
    chosen = chosen_by_team(found.group_holds, newcomers=found.hold_newcomers)
    return held_under(terms_of(found), chosen) | Hold(found.board_holds or 0)


def chosen_by_team(holds: int, *, newcomers: bool) -> Hold:
    """What the team of a group chose, of `Group.holds` and `Group.hold_newcomers`."""
    return Hold(holds) | (Hold.NEWCOMERS if newcomers else Hold(0))


def held_under(here: Terms, chosen: Hold) -> Hold:
    """What waits in a group: what its rules decide, and besides what its team chose where they say nothing.

    A rule that members agreed is not changed by a tick of the team, neither way: a board can be stricter, and a brake is
    there for a bad day.

    :param chosen: by the team.
    """
    for key, (may, values) in DECIDED.items():
        if here.says(key):
            chosen &= ~may
        asked = here.values[key] if here.says(key) else here.floor.get(key, "")
        chosen |= values.get(asked, Hold(0))
    return chosen


def decided_under(here: Terms) -> dict[Hold, str]:
    """What the team does not choose, and the setting that decides it: no page offers what a rule says already."""
    decided = {bit: key for key, (may, _values) in DECIDED.items() if here.says(key) for bit in Hold if bit in may}
    asked = {key: values.get(here.floor.get(key, ""), Hold(0)) for key, (_may, values) in DECIDED.items()}
    return {bit: key for key, hold in asked.items() for bit in Hold if bit in hold} | decided


def brake_of(found: Any, *models: Place) -> BrakeOn | None:
    """The brake that is on there now. Of two the one that stops more counts, then the one that lasts longer.

    :param found: with `brakes_of` these models. :param models: the group and its board, unless given.
    """
    names = [model.__tablename__ for model in models] or ("group", "board")
    pulled = (
        brake_on(*(getattr(found, f"{name}_{part}") for part in ("brake", "brake_until", "brake_words")))
        for name in names
    )
    return max(filter(None, pulled), key=lambda one: (one.stops, one.until), default=None)


def brake_on(kind: Brake | None, until: datetime | None, words: str | None) -> BrakeOn | None:
    """A brake, if it was pulled and has not ended by itself."""
    return BrakeOn(kind, until, words or "") if kind and until and clock.now() < until else None
