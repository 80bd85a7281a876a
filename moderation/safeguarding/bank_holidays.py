"""Bank holidays of the nations of the United Kingdom, by rule. One-off ones are set as dates that differ.

Source of the rules: gov.uk/bank-holidays and the Banking and Financial Dealings Act 1971, schedule 1, read in November 2026.
"""

from datetime import date, timedelta
from functools import lru_cache

MONDAY, SUNDAY = 0, 6
#: Whose holidays a table of duty times can follow.
NATIONS = ("england", "wales", "scotland", "northern-ireland")


def is_holiday(nation: str, day: date) -> bool:
    """Whether it is a bank holiday. :param nation: one of NATIONS; any other has none."""
    return day in holidays(nation, day.year)


@lru_cache(maxsize=32)
def holidays(nation: str, year: int) -> frozenset[date]:
    """All of one year."""
    if nation not in NATIONS:
        return frozenset()
    easter = easter_sunday(year)
    found = {
        easter - timedelta(days=2),
        _monday_from(date(year, 5, 1)),
        _monday_from(date(year, 5, 25)),
        *_christmas(year),
    }
    if nation == "scotland":
        new_year = _put_off(date(year, 1, 1), frozenset())
        found |= {new_year, _put_off(date(year, 1, 2), frozenset({new_year}))}
        found |= {_monday_from(date(year, 8, 1)), _put_off(date(year, 11, 30), frozenset())}
        return frozenset(found)
    found |= {_put_off(date(year, 1, 1), frozenset()), easter + timedelta(days=1), _monday_from(date(year, 8, 25))}
    if nation == "northern-ireland":
        found |= {_put_off(date(year, 3, 17), frozenset()), _put_off(date(year, 7, 12), frozenset())}
    return frozenset(found)


def _christmas(year: int) -> set[date]:
    first = _put_off(date(year, 12, 25), frozenset({date(year, 12, 26)}))
    return {first, _put_off(date(year, 12, 26), frozenset({first}))}


def _put_off(day: date, taken: frozenset[date]) -> date:
    """The day itself, or the next weekday that is free if it falls on a weekend."""
    if day.weekday() < 5 and day not in taken:
        return day
    while day.weekday() >= 5 or day in taken:
        day += timedelta(days=1)
    return day


def _monday_from(day: date) -> date:
    """The first Monday at or after a day."""
    return day + timedelta(days=(MONDAY - day.weekday()) % 7)


def easter_sunday(year: int) -> date:
    """By the rule of the Gregorian calendar, as Meeus writes it down."""
    golden, century = year % 19, year // 100
    moved = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = moved - (moved // 28) * (1 - (moved // 28) * (29 // (moved + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    shift = moon - weekday
    month = 3 + (shift + 40) // 44
    return date(year, month, shift + 28 - 31 * (month // 4))
