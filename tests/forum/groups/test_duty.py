"""The sentence about somebody being here comes from the duty times alone, and never promises what they do not hold."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from forum.groups import duty
from forum.groups.duty import OtherDay, Slot

LONDON = ZoneInfo("Europe/London")
EVENINGS = [Slot(0, time(19), time(21)), Slot(3, time(19), time(21))]  # Mondays and Thursdays


def said(app: Flask, slots: list[Slot], others: list[OtherDay], at: datetime) -> str:
    with app.app_context():
        return duty.sentence(duty.turns(slots, others, LONDON, at), at, LONDON)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (at(23, 19, 30), "Someone from the team is here until 21:00."),
        (at(23, 10), "The next person looks today at 19:00."),
        (at(25, 10), "The next person looks tomorrow at 19:00."),
        (at(23, 21), "The next person looks on Thursday 26 November at 19:00."),
        (at(23, 19), "Someone from the team is here until 21:00."),
    ],
)
def test_the_sentence_is_true_at_any_hour(app: Flask, moment: datetime, sentence: str) -> None:
    assert said(app, EVENINGS, [], moment).endswith(sentence)


def test_an_empty_table_says_that_nobody_is_due(app: Flask) -> None:
    assert said(app, [], [], at(23, 19)) == "No one from the team is due here at the moment."


def test_a_date_without_hours_promises_nobody(app: Flask) -> None:
    away = [OtherDay(date(2026, 11, 23))]
    assert "looks on Thursday 26 November" in said(app, EVENINGS, away, at(23, 19, 30))


def test_other_hours_on_one_date_replace_the_weeks(app: Flask) -> None:
    shorter = [OtherDay(date(2026, 11, 23), time(20), time(20, 30))]
    assert "today at 20:00" in said(app, EVENINGS, shorter, at(23, 19, 30))
    assert "until 20:30" in said(app, EVENINGS, shorter, at(23, 20, 10))


def test_a_turn_over_midnight_is_one_turn(app: Flask) -> None:
    night = [Slot(0, time(22), time(6))]
    assert "until 06:00" in said(app, night, [], at(24, 2))
    joined = [Slot(0, time(22), time(0)), Slot(1, time(0), time(6))]
    assert "until 06:00" in said(app, joined, [], at(23, 23))


def test_the_hour_change_moves_no_promise(app: Flask) -> None:
    """Clocks go back on 25 October 2026: seven in the evening stays seven in the evening."""
    sundays = [Slot(6, time(19), time(21))]
    assert "today at 19:00" in said(app, sundays, [], at(25, 9, month=10))
    assert "until 21:00" in said(app, sundays, [], at(25, 20, month=10))
    turn = duty.turns(sundays, [], LONDON, at(25, 9, month=10))[0]
    assert turn.starts.astimezone(UTC).hour == 19


def test_nobody_is_promised_beyond_the_horizon(app: Flask) -> None:
    away = [OtherDay(date(2026, 11, 23 + n)) for n in range(8)]
    away += [OtherDay(date(2026, 12, n)) for n in range(1, 10)]
    assert said(app, EVENINGS, away, at(23, 10)) == "No one from the team is due here at the moment."
