"""The words around a quarter's numbers, the same on the page and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import format_date

from forum.base.words import _, lazy
from moderation.safeguarding.models import Level
from moderation.safeguarding.quarters import COLUMNS, Numbers
from moderation.small_numbers import LEAST


@dataclass(frozen=True)
class Sheet:
    """One table."""

    heading: str
    head: Sequence[str]
    lines: Sequence[Sequence[str]]


LOOKS = {
    "in_ten_minutes": lazy("Within ten minutes"),
    "in_an_hour": lazy("Within an hour"),
    "in_a_day": lazy("Within a day"),
    "later": lazy("Later"),
    "nobody": lazy("Nobody yet"),
}
MISSED = {
    "no_one": lazy("Nobody was there to be called"),
    "lapsed": lazy("Whoever had it did nothing in time"),
    "overdue": lazy("A step was late"),
    "not_reached": lazy("A call reached nobody"),
}


def introduction(numbers: Numbers) -> list[str]:
    """What stands above the tables."""
    raised = (
        _("%(n)s concerns were raised.", n=numbers.raised)
        if numbers.raised is not None
        else _("Fewer than %(n)s concerns were raised.", n=LEAST)
    )
    return [
        _("Three months from %(day)s.", day=format_date(numbers.first, "d MMMM y")),
        raised,
        _("We do not say numbers under five, nor one that gives such a number away."),
        _("We count for each officer what they may see. So two of you may read two numbers."),
    ]


def sheets(numbers: Numbers) -> list[Sheet]:
    """The tables."""
    looks = [
        [_word("level", Level(level)), *(_said(line[c]) for c in COLUMNS)] for level, line in numbers.looks.items()
    ]
    ends = [[_word("outcome", code), _said(line["n"])] for code, line in numbers.outcomes.items()]
    missed = [[str(MISSED[code]), _said(line["n"])] for code, line in numbers.missed.items()]
    return [
        Sheet(_("How soon a person looked"), [_("How serious"), *(str(LOOKS[c]) for c in COLUMNS)], looks),
        Sheet(_("What was promised and missed"), [_("What"), _("Concerns")], missed),
        Sheet(_("How they ended"), [_("Outcome"), _("Concerns")], ends),
    ]


def _word(what: str, code: Level | str) -> str:
    """What the pages of a concern call it."""
    words = current_app.jinja_env.get_template("components/concerns.html").module
    return str(getattr(words, f"{what}_name")(code).striptags())


def _said(number: int | None) -> str:
    return _("under 5") if number is None else str(number)
