"""Leases are compared with the earlier of two clocks, so that a fast one takes over nothing that is still held."""

from datetime import timedelta

import pytest
from flask import Flask

from forum.base import clock, offset
from forum.base.db import db


@pytest.fixture(autouse=True)
def machine_time(inside: Flask) -> None:
    """These tests are about real clocks."""
    clock.use(clock._machine)
    offset.forget()


def test_the_databases_clock_is_measured_on_postgresql_only() -> None:
    before = clock.now()
    reading = offset.for_leases()
    assert reading <= clock.now()
    measured = offset._measured_at is not None
    assert measured is (db.engine.dialect.name == "postgresql")
    assert reading - before > timedelta(seconds=-5), "one machine: both clocks agree within seconds"


@pytest.mark.parametrize(("ahead", "earlier"), [(-90, 90), (90, 0)])
def test_the_earlier_reading_counts(monkeypatch: pytest.MonkeyPatch, ahead: int, earlier: int) -> None:
    monkeypatch.setattr(offset, "measure", lambda: None)
    monkeypatch.setattr(offset, "_offset", timedelta(seconds=ahead))
    behind = clock.now() - offset.for_leases()
    wanted = earlier if db.engine.dialect.name == "postgresql" else 0
    assert abs(behind.total_seconds() - wanted) < 5


def test_a_clock_that_a_test_holds_is_the_only_one() -> None:
    held = clock.now() + timedelta(days=400)
    clock.use(lambda: held)
    assert offset.for_leases() == held
