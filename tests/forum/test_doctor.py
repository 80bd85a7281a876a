"""`flask doctor` says what is not in order, in words, and its exit status tells a script."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from forum.accounts import staff
from forum.base import clock, jobs, keyring
from forum.base.config import Settings
from forum.base.transaction import here, transaction
from forum.commands import upkeep
from forum.models import Job
from forum.policy.actor import Actor


@pytest.fixture
def in_order(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A program as an operator should have it. Which role it runs as is for tests/moderation/test_audit.py."""
    monkeypatch.setitem(upkeep._also, "audit chain", lambda: (True, "only grows"))
    ring = keyring.marked_exported(keyring.fresh(demonstration=False))
    keyring.save(ring, tmp_path / "ring.json")
    contacts = tmp_path / "crisis.toml"
    shipped = Path("forum/content/crisis.toml").read_text()
    contacts.write_text(shipped.replace('verified_on = "unverified"', "verified_on = 2026-11-01"))
    use(
        app,
        monkeypatch,
        keyring_file=tmp_path / "ring.json",
        crisis_file=contacts,
        trusted_hosts=("forum.example.org",),
    )
    return app


def use(app: Flask, monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    settings: Settings = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", dataclasses.replace(settings, **changed))  # type: ignore[arg-type]


def examine(app: Flask) -> Result:
    with app.app_context():  # the flask command brings its own
        return app.test_cli_runner().invoke(args=["doctor"])


def red(result: Result) -> list[str]:
    return [line.removeprefix("RED ").split(":")[0] for line in result.output.splitlines() if line.startswith("RED")]


def test_sec_s18_an_admin_without_a_second_step_is_red(in_order: Flask) -> None:
    assert red(examine(in_order)) == []
    with in_order.app_context():
        staff.accept(Actor(), staff.invite(), "far window", "a long enough one")
    assert red(examine(in_order)) == ["admins"]


def test_all_in_order_is_green(in_order: Flask) -> None:
    result = examine(in_order)
    assert red(result) == []
    assert result.exit_code == 0, result.output
    assert "forum.example.org" in result.output


def test_sec_s20_a_keyring_that_was_never_copied_is_red(
    in_order: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.save(keyring.fresh(demonstration=False), tmp_path / "new.json")
    use(in_order, monkeypatch, keyring_file=tmp_path / "new.json")
    result = examine(in_order)
    assert red(result) == ["keyring copy"]
    assert "flask keys export" in result.output
    assert result.exit_code == 1


def test_the_demonstrations_keyring_is_red(in_order: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.save(keyring.marked_exported(keyring.fresh(demonstration=True)), tmp_path / "demo.json")
    use(in_order, monkeypatch, keyring_file=tmp_path / "demo.json")
    assert red(examine(in_order)) == ["keyring kind"]


def test_sec_s10_answering_any_host_name_is_red(in_order: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    use(in_order, monkeypatch, trusted_hosts=())
    assert red(examine(in_order)) == ["host names"]


def test_crisis_contacts_nobody_checked_are_red(in_order: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    use(in_order, monkeypatch, crisis_file=None)
    assert red(examine(in_order)) == ["crisis contacts"]


def test_a_job_that_gave_up_is_red(in_order: Flask) -> None:
    with in_order.app_context(), transaction():
        jobs.enqueue("publish_post", {"post": "none"}, clock.now() + timedelta(days=1))
        here().execute(update(Job).values(dead=True))
    result = examine(in_order)
    assert red(result) == ["jobs"]
    assert "1 gave up" in result.output


def test_the_doctor_shows_no_key(in_order: Flask) -> None:
    ring = keyring.load(in_order.extensions["settings"].keyring_file)
    said = examine(in_order).output
    for purpose in (keyring.Purpose.COOKIE, keyring.Purpose.TAG, keyring.Purpose.SEAL, keyring.Purpose.AUDIT):
        for key in ring.readable(purpose):
            assert key.secret.hex() not in said
