"""Whatever stands in the table, the sentence says what a clock on the wall, watched minute by minute, finds."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum.groups import duty
from forum.groups.duty import OtherDay, Slot

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)
#: The nights in which clocks go forward and back, and a plain one.
NIGHTS = (date(2027, 3, 28), date(2026, 10, 25), date(2026, 11, 23))


def watched(slots: list[Slot], others: list[OtherDay], first: date, last: date) -> dict[datetime, bool]:
    """Each minute of these dates and whether somebody is here: found by watching a clock on the wall, and not by sums.

    Somebody comes in the first minute in which the clock shows their time or more, and goes in the first minute in which
    it shows their end or more.
    """
    here: dict[datetime, bool] = {}
    at = datetime.combine(first, time(), LONDON).astimezone(UTC)
    until = datetime.combine(last, time(), LONDON).astimezone(UTC)
    stays = [turn for n in range(-1, (last - first).days) for turn in planned(slots, others, first + timedelta(days=n))]
    came: set[int] = set()
    gone: set[int] = set()
    while at < until:
        wall = at.astimezone(LONDON).replace(tzinfo=None)
        for n, (comes, goes) in enumerate(stays):
            if wall >= comes:
                came.add(n)
            if wall >= goes:
                gone.add(n)
        here[at] = bool(came - gone)
        at += MINUTE
    return here


def planned(slots: list[Slot], others: list[OtherDay], day: date) -> list[tuple[datetime, datetime]]:
    """The turns that begin on a date, as times on the wall."""
    different = [o for o in others if o.day == day]
    if different:
        hours = [(o.starts, o.ends) for o in different if o.starts and o.ends and o.held]
    else:
        of_day = [s for s in slots if s.weekday == day.weekday()]
        hours = [(s.starts, s.ends) for s in of_day if next((h for d, h in s.swaps if d == day), s.held)]
    return [(datetime.combine(day, a), datetime.combine(day + timedelta(days=1 if b <= a else 0), b)) for a, b in hours]


#: Most of them around the hours in which clocks change.
TIMES = st.one_of(
    st.sampled_from([time(0), time(0, 30), time(1), time(1, 30), time(1, 45), time(2), time(2, 30), time(3), time(23)]),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 30, 59])),
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[date, list[Slot], list[OtherDay], datetime]:
    night = draw(st.sampled_from(NIGHTS))
    near = st.integers(-1, 2).map(lambda n: night + timedelta(days=n))
    swaps = st.lists(st.tuples(near, st.booleans()), max_size=2, unique_by=lambda one: one[0]).map(tuple)
    weekdays = st.integers(-1, 2).map(lambda n: (night + timedelta(days=n)).weekday())
    slots = draw(st.lists(st.builds(Slot, weekdays, TIMES, TIMES, st.booleans(), swaps), max_size=4))
    hours = st.one_of(st.just((None, None)), st.tuples(TIMES, TIMES))
    differs = st.tuples(near, hours, st.booleans()).map(lambda t: OtherDay(t[0], *t[1], t[2]))
    others = draw(st.lists(differs, max_size=2))
    begins = datetime.combine(night - timedelta(days=1), time(12), LONDON).astimezone(UTC)
    now = begins + draw(st.integers(0, 36 * 60)) * MINUTE
    return night, slots, others, now


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables())
def test_the_sentence_promises_what_watching_the_clock_finds(
    plain_app: Flask, table: tuple[date, list[Slot], list[OtherDay], datetime]
) -> None:
    night, slots, others, now = table
    found = watched(slots, others, night - timedelta(days=2), night + timedelta(days=3))
    with plain_app.app_context():
        said = duty.sentence(duty.turns(slots, others, LONDON, now), now, LONDON)
    check(said, now, found, max(found))


def check(said: str, now: datetime, found: dict[datetime, bool], last: datetime) -> None:
    """What the sentence claims, against the minutes that were watched; what lies beyond them is not judged."""
    assert said.startswith("Someone from the team is here") is found[now], said
    change = next((at for at in sorted(found) if at > now and found[at] is not found[now]), None)
    wall = change.astimezone(LONDON) if change else None
    if found[now]:
        until = re.search(r"until (\d\d:\d\d)", said)
        assert until
        assert wall is None or until[1] == f"{wall:%H:%M}", said
        return
    looks = re.search(r"looks (today|tomorrow|on \w+ (\d+) (\w+)) at (\d\d:\d\d)", said)
    if wall is None:
        assert looks is None or looks[1] not in ("today", "tomorrow") or now + timedelta(days=1) > last, said
        return
    assert looks, said
    assert looks[4] == f"{wall:%H:%M}", said
    days = (wall.date() - now.astimezone(LONDON).date()).days
    expected = {0: "today", 1: "tomorrow"}.get(days, f"on {wall:%A} {wall.day} {wall:%B}")
    assert looks[1] == expected, said


@pytest.fixture
def plain_app(app: Flask) -> Flask:
    return app


@pytest.mark.parametrize(
    ("night", "starts", "ends", "comes", "goes"),
    [
        ("2027-03-28", "01:00", "03:00", "01:00", "02:00"),  # one hour: the other one does not exist
        ("2027-03-28", "01:30", "01:45", None, None),  # the clock jumps over all of it
        ("2027-03-27", "23:00", "01:30", "23:00", "01:00"),
        ("2027-03-28", "01:30", "05:00", "01:00", "04:00"),
        ("2026-10-25", "01:00", "03:00", "00:00", "03:00"),  # three hours: one of them comes twice
        ("2026-10-25", "01:00", "01:30", "00:00", "00:30"),  # the first half past one, and not the second
        ("2026-10-24", "23:00", "01:30", "22:00", "00:30"),
        ("2026-10-25", "01:30", "05:00", "00:30", "05:00"),
    ],
)
def test_the_nights_in_which_clocks_change(
    night: str, starts: str, ends: str, comes: str | None, goes: str | None
) -> None:
    """Times on the left by the wall in London, on the right in UTC."""
    turn = duty.turn_on(date.fromisoformat(night), time.fromisoformat(starts), time.fromisoformat(ends), LONDON)
    if comes is None:
        assert turn.starts == turn.ends
    else:
        assert (f"{turn.starts:%H:%M}", f"{turn.ends:%H:%M}") == (comes, goes)


def test_the_watch_notices_a_wrong_hour() -> None:
    """Twin: a table read an hour late does not pass."""
    slots, now = [Slot(0, time(19), time(21))], datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
    found = watched(slots, [], date(2026, 11, 21), date(2026, 11, 26))
    check("Someone from the team is here until 21:00.", now, found, max(found))
    with pytest.raises(AssertionError):
        check("Someone from the team is here until 22:00.", now, found, max(found))
    with pytest.raises(AssertionError):
        check("No one from the team is here now. The next person looks today at 20:00.", now, found, max(found))
