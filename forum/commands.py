"""The flask command: keys, groups, imports, jobs, the doctor."""

import json
import shutil
import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from forum.base import jobs, keyring, rotation
from forum.base.config import Settings
from forum.base.errors import ForumError
from forum.base.keyring import KeyringError, Purpose
from forum.content import crisis
from forum.conversations import imports, upkeep
from forum.ground_rules import making
from forum.groups import queries as groups

keys = AppGroup("keys", help="The keys that live outside the database.")
group = AppGroup("group", help="Groups.")
bring_in = AppGroup("import", help="Bring in conversations from elsewhere.")
keeping = AppGroup("upkeep", help="What is done every night.")


def makes_keys() -> bool:
    """Whether this process was started to make the keyring, or only to print help or migrate: it may be missing then."""
    words = [w for w in sys.argv[1:] if not w.startswith("-")]
    return words[:2] == ["keys", "init"] or words[:1] == ["db"] or not words


def register(app: Flask) -> None:
    """Add the commands."""
    for commands in (keys, group, bring_in, keeping):
        app.cli.add_command(commands)
    app.cli.add_command(run_jobs)
    app.cli.add_command(doctor)


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings


@keys.command("init")
@click.option("--demonstration", is_flag=True, help="For demonstration mode only.")
def init_keys(demonstration: bool) -> None:
    """Make a keyring where none is."""
    path = _settings().keyring_file
    try:
        keyring.init(path, demonstration=demonstration)
    except KeyringError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Made {path}. Copy it to the safe with `flask keys export FILE`: without it sealed words are lost.")


@keys.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_keys(file: Path) -> None:
    """Copy the keyring to FILE, for the safe."""
    if file.exists():
        raise click.ClickException(f"{file} exists already; give another name.")
    settings = _settings()
    keyring.save(keyring.marked_exported(keyring.load(settings.keyring_file)), settings.keyring_file)
    shutil.copy2(settings.keyring_file, file)
    click.echo(f"Copied to {file}. Keep it apart from the database's backups.")


@keys.command("rotate")
@click.argument("purpose", type=click.Choice([Purpose.TAG.value, Purpose.SEAL.value]))
def rotate_keys(purpose: str) -> None:
    """Begin to use a new key; the old one is still read. Restart the server, then run `flask keys renew`."""
    path = _settings().keyring_file
    keyring.save(keyring.load(path).rotated(Purpose(purpose)), path)
    click.echo("A new key is in use after the next start. Then run `flask keys renew`.")


@keys.command("renew")
def renew() -> None:
    """Bring every row to the active keys, while people read and write."""
    with click.progressbar(length=rotation.count_old(), label="Renewing") as bar:
        for done in rotation.renew_old():
            bar.update(done)
    click.echo("Every row is under the active keys. After two days run `flask keys retire`.")


@keys.command("retire")
def retire() -> None:
    """Stop reading the older keys. Two days after renewing, so that a form sent twice is still one post."""
    if left := rotation.count_old():
        raise click.ClickException(f"{left} rows are still under an older key. Run `flask keys renew` first.")
    path = _settings().keyring_file
    keyring.save(keyring.load(path).finished(), path)
    click.echo("The older keys are retired after the next start.")


@group.command("create")
@click.option("--organisation", required=True)
@click.option("--address", required=True, help="Two neutral words, such as quiet-harbour.")
@click.option("--name", required=True)
@click.option("--benefits", required=True, help="What people get out of it; one a line.")
@click.option("--who-for", required=True)
@click.option("--board", "boards", multiple=True, required=True)
def create_group(
    organisation: str, address: str, name: str, benefits: str, who_for: str, boards: tuple[str, ...]
) -> None:
    """Make a group with its boards and the starter ground rules."""
    try:
        card = making.Card(address=address, name=name, benefits=benefits, who_for=who_for)
        making.make_group(organisation, card, [making.NewBoard(b) for b in boards])
    except ForumError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Made {name} at /g/{address}.")


@bring_in.command("threads")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--group", "address", required=True, help="The group's short address.")
@click.option("--hold", is_flag=True, help="Let the gate hold what it would hold from a member.")
def import_threads(file: Path, address: str, hold: bool) -> None:
    """Import JSON Lines of {"board", "title", "body", "replies": [...]}. Running it again adds nothing twice."""
    card = groups.find_card(address)
    if card is None:
        raise click.ClickException(f"There is no group at {address}.")
    report = imports.Report()
    with file.open("rb") as lines, click.progressbar(length=file.stat().st_size, label="Importing") as bar:
        for line in lines:
            imports.import_line(groups.scope_of(card), line, report, hold=hold)
            bar.update(len(line))
    for problem in report.problems:
        click.echo(f"line {problem.line}: {problem.reason}", err=True)
    click.echo(report.summary())
    if report.problems:
        sys.exit(1)


@keeping.command("nightly")
def run_nightly() -> None:
    """Make ready for the backup. Run it right before each backup, while people read and write."""
    sealed = upkeep.prepare_for_backup()
    click.echo(f"{sealed} rows sealed afresh, tables laid in order. Make the backup now.")


@click.command("jobs")
@click.option("--run", is_flag=True, help="Do what is due now.")
def run_jobs(run: bool) -> None:
    """List what waits to be done, and what failed."""
    if run:
        click.echo(f"Tried {jobs.run_due()}.")
    for job in jobs.list_waiting():
        click.echo(json.dumps(job))


@click.command("doctor")
def doctor() -> None:
    """Say what is not in order. Exits with 1 if anything is red."""
    red = False
    for name, fine, words in _examined():
        click.echo(f"{'ok ' if fine else 'RED'} {name}: {words}")
        red = red or not fine
    sys.exit(1 if red else 0)


def _examined() -> list[tuple[str, bool, str]]:
    settings = _settings()
    ring = keyring.load(settings.keyring_file)
    unverified = crisis.unverified(settings.crisis_file)
    dead = [j for j in jobs.list_waiting() if j["dead"]]
    return [
        ("keyring copy", ring.exported_on is not None, ring.exported_on or "run `flask keys export FILE`"),
        ("keyring kind", settings.demo or not ring.demonstration, "demonstration" if ring.demonstration else "own"),
        ("host names", settings.demo or bool(settings.trusted_hosts), ", ".join(settings.trusted_hosts) or "any"),
        ("jobs", not dead, f"{len(dead)} gave up; see `flask jobs`" if dead else "none gave up"),
        ("crisis contacts", not unverified, f"{len(unverified)} to be checked by somebody competent"),
    ]
